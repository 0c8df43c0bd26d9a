/**
 * The pane of the builder: the real page in a frame, drawn again while somebody types.
 *
 * `[data-pane]` holds the frame in `[data-pane-stage]` and what is chosen in `[data-pane-choices]`; `form[data-typed]` is
 * what is typed. Each drawing is a new frame that takes the place of the old one once it is there: nothing flickers, the
 * place one has scrolled to stays, and nothing is added to the history. One is drawn at a time, at once; what was typed
 * meanwhile is drawn next, so that the last letter is seen soon however fast somebody types. Without script the choices
 * are a form.
 */
const WIDE = 1280;
/** After so long a drawing is not waited for any more. */
const LOST_MS = 5000;
/** For so long a page that goes on by itself, such as into its call, may take to stand as it is to be shown. */
const SETTLES_MS = 1500;

export function startBuilder(): void {
  const rail = document.querySelector<HTMLElement>(".builder__rail ol");
  const here = rail?.querySelector<HTMLElement>("[aria-current]");
  if (rail && here) rail.scrollLeft += here.getBoundingClientRect().left - rail.getBoundingClientRect().left - 16;
  const pane = document.querySelector<HTMLElement>("[data-pane]");
  if (pane) new Pane(pane).start();
}

class Pane {
  private readonly stage: HTMLElement;
  private readonly choices: HTMLFormElement;
  private readonly typed = document.querySelector<HTMLFormElement>("form[data-typed]");
  private readonly note: HTMLElement | null;
  private readonly said: string;
  private frame: HTMLIFrameElement;
  private coming: HTMLIFrameElement | null = null;
  private began = 0;
  private stale = false;
  private drawn = 0;
  private shown: string;
  private kept: string;
  private dirty = false;

  constructor(private readonly pane: HTMLElement) {
    this.stage = pane.querySelector<HTMLElement>("[data-pane-stage]")!;
    this.choices = pane.querySelector<HTMLFormElement>("[data-pane-choices]")!;
    this.frame = this.stage.querySelector("iframe")!;
    this.note = pane.querySelector("[data-pane-note]");
    this.said = this.note?.textContent ?? "";
    this.shown = this.choice("show");
    this.kept = this.values();
  }

  start(): void {
    this.pane.querySelector("[data-pane-by-hand]")?.setAttribute("hidden", "");
    this.choices.addEventListener("change", () => this.chosen());
    this.choices.addEventListener("submit", (event) => event.preventDefault());
    this.typed?.addEventListener("input", () => this.changed());
    this.typed?.addEventListener("change", () => this.changed());
    new ResizeObserver(() => this.fit()).observe(this.stage);
    this.fit();
  }

  private choice(name: string): string {
    return String(new FormData(this.choices).get(name) ?? "");
  }

  private values(): string {
    const texts = this.typed ? [...new FormData(this.typed)].filter(([, value]) => typeof value === "string") : [];
    return JSON.stringify(texts);
  }

  private chosen(): void {
    this.stage.dataset["size"] = this.choice("size");
    this.fit();
    this.draw();
  }

  private changed(): void {
    const values = this.values();
    if (values === this.kept) return; // as when somebody leaves a field
    this.kept = values;
    this.dirty = true;
    this.stale = true;
    if (!this.coming || performance.now() - this.began > LOST_MS) this.draw();
  }

  /** A page for a wide screen is drawn as wide as it is, and then made small. */
  private fit(): void {
    const wide = this.stage.dataset["size"] === "desktop";
    this.stage.style.setProperty("--scale", wide ? String(this.stage.clientWidth / WIDE) : "1");
  }

  private draw(): void {
    this.coming?.remove();
    const next = this.frame.cloneNode() as HTMLIFrameElement;
    next.removeAttribute("src");
    next.loading = "eager";
    next.name = `pane-${String(++this.drawn)}`;
    next.classList.add("is-coming");
    next.addEventListener("load", () => this.loaded(next));
    this.coming = next;
    this.began = performance.now();
    this.stale = false;
    const address = `${this.pane.dataset["base"] ?? ""}${this.choice("show")}`;
    const asked = { in: this.choice("in"), theme: this.choice("theme") };
    if (this.dirty && this.typed) {
      this.stage.append(next);
      post(new FormData(this.typed), asked, address, next.name);
    } else {
      next.src = `${address}?${new URLSearchParams(asked).toString()}`;
      this.stage.append(next);
    }
  }

  private loaded(next: HTMLIFrameElement): void {
    const page = next.contentDocument;
    if (page?.URL === "about:blank") return; // before what was asked for
    if (!page || page.documentElement.dataset["settled"] !== "no") return this.arrived(next);
    const late = window.setTimeout(() => this.arrived(next), SETTLES_MS);
    next.addEventListener("settled", () => {
      window.clearTimeout(late);
      this.arrived(next);
    });
  }

  private arrived(next: HTMLIFrameElement): void {
    if (next !== this.coming) return;
    this.coming = null;
    const page = next.contentDocument;
    const half = page?.querySelector("[data-half-typed]");
    this.tell(page ? half?.textContent : (this.note?.dataset["lost"] ?? ""));
    // Half typed, or nobody there: the last whole page stays. What cannot be shown at all says so itself.
    if (!page || (half && this.dirty)) next.remove();
    else this.put(next);
    if (this.stale) this.draw();
  }

  private put(next: HTMLIFrameElement): void {
    const state = this.choice("show");
    const at = state === this.shown && this.frame.contentDocument ? this.frame.contentWindow?.scrollY : 0;
    next.contentWindow?.scrollTo({ top: at ?? 0, behavior: "instant" });
    next.classList.remove("is-coming");
    this.frame.remove();
    this.frame = next;
    this.shown = state;
    this.offer(next.contentDocument);
  }

  /** What is missing in the page, such as a message nobody sends, is chosen on a page that it names. */
  private offer(page: Document | null): void {
    const link = this.pane.querySelector<HTMLAnchorElement>("[data-pane-mend] a");
    const { mend = "", action = "" } = page?.querySelector<HTMLElement>("[data-mend]")?.dataset ?? {};
    if (!link) return;
    const leadsOn = mend.startsWith("/manage/") && mend !== location.pathname;
    link.parentElement!.hidden = !leadsOn;
    link.href = leadsOn ? mend : "";
    link.textContent = action;
  }

  private tell(words: string | null | undefined): void {
    const said = (words ?? "").trim() || this.said;
    if (this.note && this.note.textContent !== said) this.note.textContent = said;
  }
}

/** Post what is typed into a frame, by a form of its own: one that is sent cannot be sent again at once. */
function post(values: FormData, asked: Record<string, string>, action: string, target: string): void {
  const twin = document.createElement("form");
  twin.method = "post";
  twin.action = action;
  twin.target = target;
  twin.hidden = true;
  const add = (name: string, value: string) => {
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    twin.append(field);
  };
  for (const [name, value] of values) if (typeof value === "string") add(name, value);
  for (const [name, value] of Object.entries(asked)) add(name, value);
  document.body.append(twin);
  twin.submit();
  twin.remove();
}
