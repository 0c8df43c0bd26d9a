/** The panel beside the calendar: the form of the appointment's own page, with steps, and what each change would meet. */
import { type Done, type Office, Unreachable } from "./office";
import { clamp, clock, DAY } from "./sheet";

const PAUSE_MS = 250;
const STEP = 15;
type Fields = Record<string, string>;

export class Panel {
  private readonly dialog = document.querySelector<HTMLDialogElement>("#calendar-panel");
  private timer: number | undefined;
  private latest: AbortController | undefined;

  constructor(
    private readonly office: Office,
    private readonly save: (ref: string, fields: Fields) => Promise<Done | undefined>,
    private readonly offline: () => void,
  ) {}

  async open(ref: string): Promise<void> {
    const dialog = this.dialog;
    if (!dialog) return window.location.assign(`/manage/appointments/${encodeURIComponent(ref)}`);
    try {
      dialog.innerHTML = await this.office.panel(ref);
    } catch (failure) {
      if (failure instanceof Unreachable) this.offline();
      return;
    }
    dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
    const form = dialog.querySelector<HTMLFormElement>("form[data-panel]");
    if (form) this.attend(ref, form);
    const block = `.block[data-ref="${CSS.escape(ref)}"]`;
    dialog.addEventListener("close", () => document.querySelector<HTMLElement>(block)?.focus(), { once: true });
    dialog.showModal();
  }

  private attend(ref: string, form: HTMLFormElement): void {
    form.addEventListener("input", () => this.soon(ref, form));
    form.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-nudge], [data-take]") : null;
      if (button?.dataset["nudge"]) this.nudge(form, button.dataset["nudge"]);
      else if (button?.dataset["take"]) this.take(form, button.dataset["take"]);
      else return;
      this.soon(ref, form);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit(ref, form);
    });
  }

  private nudge(form: HTMLFormElement, how: string): void {
    const at = form.elements.namedItem("at");
    const length = form.elements.namedItem("length");
    if (!(at instanceof HTMLInputElement) || !(length instanceof HTMLInputElement)) return;
    const [hours = 0, minutes = 0] = at.value.split(":").map(Number);
    const by = how === "earlier" || how === "shorter" ? -1 : 1;
    if (how === "earlier" || how === "later") at.value = clock(clamp(hours * 60 + minutes + by * STEP, 0, DAY - 5));
    else length.value = String(clamp(Number(length.value) + by * 5, 5, DAY));
  }

  private take(form: HTMLFormElement, when: string): void {
    const [on = "", time = ""] = when.split(" ");
    for (const [name, value] of Object.entries({ on, at: time })) {
      const input = form.elements.namedItem(name);
      if (input instanceof HTMLInputElement) input.value = value;
    }
  }

  private fields(form: HTMLFormElement): Fields {
    const found: Fields = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string") found[name] = value;
    delete found["csrfmiddlewaretoken"];
    return found;
  }

  private soon(ref: string, form: HTMLFormElement): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.check(ref, form), PAUSE_MS);
  }

  private async check(ref: string, form: HTMLFormElement): Promise<void> {
    this.latest?.abort();
    this.latest = new AbortController();
    try {
      const verdict = await this.office.checkFields({ ref, ...this.fields(form) }, this.latest.signal);
      this.tell(form, verdict);
    } catch {
      // Said again when it is saved.
    }
  }

  private tell(form: HTMLFormElement, verdict: Pick<Done, "ok" | "said" | "nearest">): void {
    const line = form.querySelector<HTMLElement>("[data-verdict]");
    const list = form.querySelector<HTMLElement>("[data-nearest-here]");
    if (!line || !list) return;
    line.classList.toggle("is-refused", !verdict.ok);
    line.textContent = verdict.said;
    list.replaceChildren(
      ...verdict.nearest.map((one) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button button--secondary button--small";
        button.dataset["take"] = `${one.on} ${one.at}`;
        button.textContent = one.words;
        item.append(button);
        return item;
      }),
    );
  }

  private async submit(ref: string, form: HTMLFormElement): Promise<void> {
    window.clearTimeout(this.timer);
    const done = await this.save(ref, this.fields(form));
    if (done?.ok) this.dialog?.close();
    else if (done) this.tell(form, done);
  }
}
