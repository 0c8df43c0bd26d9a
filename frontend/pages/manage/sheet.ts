/**
 * Where things stand on the calendar's sheet: columns, minutes and pixels. No requests, no state.
 *
 * A block says where it stands by data attributes in steps of five minutes, as `{% block_place %}` writes them;
 * minutes are wall-clock minutes since midnight of the column's date.
 */

/** A wish for where an appointment is to be: wall-clock minutes on a local date, with a provider (slug). */
export interface Place {
  on: string;
  minute: number;
  length: number;
  provider: string;
}

export const DAY = 1440;
const FIVE = 5;

export const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** "09:05" for 545 minutes since midnight. */
export function clock(minute: number): string {
  const of = ((minute % DAY) + DAY) % DAY;
  return `${String(Math.floor(of / 60)).padStart(2, "0")}:${String(of % 60).padStart(2, "0")}`;
}

/** Put an element of the sheet at a minute of its column, for so long. */
export function put(element: HTMLElement, start: number, length: number): void {
  const begins = Math.floor(clamp(start, 0, DAY - FIVE) / FIVE) * FIVE;
  const lasts = Math.ceil(clamp(length, FIVE, DAY) / FIVE) * FIVE;
  const marks = { h: begins / 60, m: begins % 60, lh: lasts / 60, lm: lasts % 60, lane: 0, lanes: 1 };
  for (const [name, value] of Object.entries(marks)) element.dataset[name] = String(Math.floor(value));
}

export class Sheet {
  constructor(readonly root: HTMLElement) {}

  get columns(): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>(".week__day")];
  }

  get scroller(): HTMLElement {
    return this.root.querySelector<HTMLElement>(".week__scroll") ?? this.root;
  }

  /** The first minute drawn. */
  get from(): number {
    return Number(this.root.dataset["from"] ?? "0") * 60;
  }

  /** The minute after the last drawn. */
  get until(): number {
    return Number(this.root.dataset["until"] ?? "24") * 60;
  }

  /** The column below a point, or the nearest to it. */
  columnAt(x: number): HTMLElement | undefined {
    let best: HTMLElement | undefined;
    let distance = Infinity;
    for (const column of this.columns) {
      const box = column.getBoundingClientRect();
      const away = x < box.left ? box.left - x : x > box.right ? x - box.right : 0;
      if (away < distance) [best, distance] = [column, away];
    }
    return best;
  }

  /** The minute at height `y` of the window, not rounded. */
  minuteAt(column: HTMLElement, y: number): number {
    const box = column.getBoundingClientRect();
    return this.from + ((y - box.top) / box.height) * (this.until - this.from);
  }

  /** The column that stands for a place, if it is in sight. */
  columnOf(place: Place): HTMLElement | undefined {
    const ofDay = this.columns.filter((column) => column.dataset["on"] === place.on);
    return ofDay.find((column) => column.dataset["provider"] === place.provider) ?? ofDay.find((one) => !one.dataset["provider"]);
  }

  /** The place that `block` has now. */
  placeOf(block: HTMLElement): Place {
    const column = block.closest<HTMLElement>(".week__day");
    return {
      on: column?.dataset["on"] ?? "",
      minute: Number(block.dataset["start"] ?? "0"),
      length: Number(block.dataset["length"] ?? "30"),
      provider: block.dataset["with"] ?? "",
    };
  }

  /** The same place in another column: its date, and its provider where columns are providers. */
  inColumn(place: Place, column: HTMLElement): Place {
    return { ...place, on: column.dataset["on"] ?? place.on, provider: column.dataset["provider"] || place.provider };
  }

  blockOf(ref: string): HTMLElement | null {
    return this.root.querySelector<HTMLElement>(`.block[data-ref="${CSS.escape(ref)}"]`);
  }
}
