/** The picture of where an appointment would be, with what the server says about it, while nothing is saved yet. */
import { type Office, type Starts, type Verdict } from "./office";
import { clock, put, type Place, type Sheet } from "./sheet";

const PAUSE_MS = 140;

export class Ghost {
  readonly before: Place;
  place: Place;
  private readonly element: HTMLElement;
  private readonly says: HTMLElement;
  private starts: Starts | undefined;
  private timer: number | undefined;
  private latest: AbortController | undefined;

  constructor(
    private readonly sheet: Sheet,
    private readonly office: Office,
    readonly block: HTMLElement,
    private readonly announce: (words: string) => void,
  ) {
    this.before = sheet.placeOf(block);
    this.place = this.before;
    this.element = document.createElement("div");
    this.element.className = "block ghost";
    const name = document.createElement("strong");
    name.textContent = block.querySelector("strong")?.textContent ?? "";
    this.says = document.createElement("span");
    this.says.className = "ghost__says";
    this.element.append(name, this.says);
    block.classList.add("is-away");
    this.draw();
    void this.lookUp();
  }

  get ref(): string {
    return this.block.dataset["ref"] ?? "";
  }

  get hasMoved(): boolean {
    const [one, other] = [this.before, this.place];
    return one.on !== other.on || one.minute !== other.minute || one.length !== other.length || one.provider !== other.provider;
  }

  /** The service's step in minutes. */
  get step(): number {
    return this.starts?.step ?? Number(this.block.dataset["step"] ?? "15");
  }

  /** Bring it into sight, for whoever moves it without seeing where. */
  reveal(): void {
    this.element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Show it elsewhere; `snaps` takes it to the nearest free start, or to the service's steps where none is near. */
  show(wanted: Place, snaps: boolean): void {
    const place = snaps ? this.snapped(wanted) : wanted;
    const { on, minute, length, provider } = this.place;
    if (place.on === on && place.minute === minute && place.length === length && place.provider === provider) return;
    this.place = place;
    this.draw();
    window.clearTimeout(this.timer);
    this.latest?.abort();
    if (this.hasMoved) this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  remove(): void {
    window.clearTimeout(this.timer);
    this.latest?.abort();
    this.element.remove();
    this.block.classList.remove("is-away");
    for (const mark of this.sheet.root.querySelectorAll(".week__start")) mark.remove();
  }

  private snapped(wanted: Place): Place {
    const free = this.starts?.free[wanted.provider]?.[wanted.on] ?? [];
    let best: number | undefined;
    for (const minute of free) {
      if (best === undefined || Math.abs(minute - wanted.minute) < Math.abs(best - wanted.minute)) best = minute;
    }
    if (best !== undefined && Math.abs(best - wanted.minute) <= this.step / 2) return { ...wanted, minute: best };
    const anchor = (best ?? this.before.minute) % this.step;
    const minute = Math.round((wanted.minute - anchor) / this.step) * this.step + anchor;
    return { ...wanted, minute: Math.max(0, minute) };
  }

  private async lookUp(): Promise<void> {
    const shown = this.sheet.columns.map((column) => column.dataset["provider"] ?? "").filter(Boolean);
    const first = this.sheet.columns[0]?.dataset["on"] ?? this.before.on;
    try {
      this.starts = await this.office.starts(this.ref, first, [...new Set([this.before.provider, ...shown])]);
      if (this.element.isConnected) this.marks();
    } catch {
      // Without the picture of what is free, each place is still asked about by itself.
    }
  }

  private marks(): void {
    for (const column of this.sheet.columns) {
      const place = this.sheet.inColumn(this.before, column);
      for (const minute of this.starts?.free[place.provider]?.[place.on] ?? []) {
        const mark = document.createElement("div");
        mark.className = "week__start";
        put(mark, minute, 5);
        column.append(mark);
      }
    }
  }

  private draw(): void {
    const column = this.sheet.columnOf(this.place);
    if (column && this.element.parentElement !== column) column.append(this.element);
    put(this.element, this.place.minute, this.place.length);
    this.element.classList.remove("is-free", "is-refused");
    this.says.textContent = `${clock(this.place.minute)} – ${clock(this.place.minute + this.place.length)}`;
  }

  private async ask(): Promise<void> {
    this.latest = new AbortController();
    try {
      this.tell(await this.office.check(this.ref, this.place, this.latest.signal));
    } catch {
      // Asked again on the next move, and before anything is saved.
    }
  }

  private tell(verdict: Verdict): void {
    this.element.classList.toggle("is-free", verdict.ok);
    this.element.classList.toggle("is-refused", !verdict.ok);
    const when = `${clock(this.place.minute)} – ${clock(this.place.minute + this.place.length)}`;
    this.says.textContent = verdict.ok ? when : `${when}: ${verdict.said}`;
    this.announce(verdict.said);
  }
}
