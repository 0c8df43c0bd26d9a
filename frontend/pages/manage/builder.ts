/**
 * The pane of the builder: the real page in a frame, drawn again while somebody types.
 *
 * `[data-pane]` holds the frame in `[data-pane-stage]` and what is chosen in `[data-pane-choices]`; `form[data-typed]` is
 * what is typed. Each drawing is a new frame that takes the place of the old one once it is there: nothing flickers, the
 * place one has scrolled to stays, and nothing is added to the history. Without script the choices are a form.
 */
const PAUSE_MS = 200;
const WIDE = 1280;

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
  private timer: number | undefined;
  private drawn = 0;
  private dirty = false;

  constructor(private readonly pane: HTMLElement) {
    this.stage = pane.querySelector<HTMLElement>("[data-pane-stage]")!;
    this.choices = pane.querySelector<HTMLFormElement>("[data-pane-choices]")!;
    this.frame = this.stage.querySelector("iframe")!;
    this.note = pane.querySelector("[data-pane-note]");
    this.said = this.note?.textContent ?? "";
  }

  start(): void {
    this.pane.querySelector("[data-pane-by-hand]")?.setAttribute("hidden", "");
    this.choices.addEventListener("change", () => this.chosen());
    this.choices.addEventListener("submit", (event) => event.preventDefault());
    this.typed?.addEventListener("input", () => this.later());
    this.typed?.addEventListener("change", () => this.later());
    new ResizeObserver(() => this.fit()).observe(this.stage);
    this.fit();
  }

  private choice(name: string): string {
    return String(new FormData(this.choices).get(name) ?? "");
  }

  private chosen(): void {
    this.stage.dataset["size"] = this.choice("size");
    this.fit();
    this.draw();
  }

  private later(): void {
    this.dirty = true;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.draw(), PAUSE_MS);
  }

  /** A page for a wide screen is drawn as wide as it is, and then made small. */
  private fit(): void {
    const wide = this.stage.dataset["size"] === "desktop";
    this.stage.style.setProperty("--scale", wide ? String(this.stage.clientWidth / WIDE) : "1");
  }

  private draw(): void {
    for (const late of this.stage.querySelectorAll("iframe.is-coming")) late.remove();
    const next = this.frame.cloneNode() as HTMLIFrameElement;
    next.removeAttribute("src");
    next.loading = "eager";
    next.name = `pane-${String(++this.drawn)}`;
    next.classList.add("is-coming");
    next.addEventListener("load", () => this.arrived(next));
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

  private arrived(next: HTMLIFrameElement): void {
    if (!next.isConnected || next === this.frame) return;
    const page = next.contentDocument;
    const half = page?.querySelector("[data-half-typed]");
    if (this.note) this.note.textContent = half ? (half.textContent ?? this.note.dataset["words"] ?? "") : this.said;
    // Half typed: the last whole page stays. What cannot be shown at all says so itself.
    if (half && this.dirty) return next.remove();
    next.contentWindow?.scrollTo(0, this.frame.contentWindow?.scrollY ?? 0);
    next.classList.remove("is-coming");
    this.frame.remove();
    this.frame = next;
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
