/**
 * A long list that changes a little at a time: each item keeps its element, only what changed is drawn again,
 * and items far down are not made before somebody scrolls there.
 */
import { render, type TemplateResult } from "lit";

const STEP = 40;

export interface ListOptions<Item> {
  readonly keyOf: (item: Item) => string;
  /** What the drawing depends on; an item whose marks are the same is left alone. */
  readonly marks: (item: Item) => readonly unknown[];
  readonly draw: (item: Item) => TemplateResult;
  /** Sets what the element itself carries. */
  readonly dress?: (element: HTMLElement, item: Item) => void;
  /** Words of the button at the end while items are left out. */
  readonly more: (count: number) => string;
  readonly empty?: () => TemplateResult | null;
}

interface Shown {
  readonly element: HTMLLIElement;
  marks: readonly unknown[];
}

export class KeyedList<Item> {
  private readonly shown = new Map<string, Shown>();
  private readonly rest = document.createElement("li");
  private readonly nothing = document.createElement("li");
  private items: readonly Item[] = [];
  private limit = STEP;

  constructor(
    private readonly list: HTMLElement,
    private readonly options: ListOptions<Item>,
  ) {
    // What the server rendered makes place for what is live, once.
    list.replaceChildren();
    list.dataset["live"] = "";
    this.nothing.className = "empty";
    this.rest.className = "queue__more";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--secondary";
    button.addEventListener("click", () => this.grow(true));
    this.rest.append(button);
    if (typeof IntersectionObserver !== "undefined") {
      const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.grow(false), { rootMargin: "600px" });
      near.observe(this.rest);
    }
  }

  show(items: readonly Item[]): void {
    this.items = items;
    const wanted = items.slice(0, this.limit);
    const focused = this.leave(new Set(wanted.map((item) => this.options.keyOf(item))));
    let place = this.list.firstElementChild;
    for (const item of wanted) {
      const one = this.shown.get(this.options.keyOf(item)) ?? this.make(item);
      this.refresh(one, item);
      // Somebody who goes elsewhere steps out, rather than everybody behind stepping forward.
      if (place && place !== one.element && place.nextElementSibling === one.element) {
        place.remove();
        place = one.element;
      }
      if (place === one.element) place = place.nextElementSibling;
      else this.list.insertBefore(one.element, place);
    }
    this.tail(items.length - wanted.length);
    if (focused !== null) this.focusNear(focused);
  }

  /** Take out who is not wanted any more; the answer is the place of whoever had the focus. */
  private leave(wanted: ReadonlySet<string>): number | null {
    let focused: number | null = null;
    for (const [key, one] of this.shown) {
      if (wanted.has(key)) continue;
      if (one.element.contains(document.activeElement)) focused = [...this.list.children].indexOf(one.element);
      one.element.remove();
      this.shown.delete(key);
    }
    return focused;
  }

  private make(item: Item): Shown {
    const made: Shown = { element: document.createElement("li"), marks: [] };
    this.shown.set(this.options.keyOf(item), made);
    return made;
  }

  private refresh(one: Shown, item: Item): void {
    const marks = this.options.marks(item);
    if (marks.length === one.marks.length && marks.every((mark, index) => mark === one.marks[index])) return;
    one.marks = marks;
    this.options.dress?.(one.element, item);
    render(this.options.draw(item), one.element);
  }

  private tail(left: number): void {
    const empty = this.items.length ? null : (this.options.empty?.() ?? null);
    this.toggle(this.nothing, empty !== null);
    if (empty) render(empty, this.nothing);
    this.toggle(this.rest, left > 0);
    const words = left > 0 ? this.options.more(left) : "";
    const button = this.rest.firstElementChild!;
    if (words && button.textContent !== words) button.textContent = words;
  }

  private toggle(element: HTMLElement, wanted: boolean): void {
    if (!wanted) element.remove();
    else if (this.list.lastElementChild !== element) this.list.append(element);
  }

  private grow(byHand: boolean): void {
    const before = this.limit;
    this.limit = Math.max(this.limit, Math.min(this.limit + STEP, this.items.length));
    if (this.limit === before) return;
    this.show(this.items);
    if (byHand) this.focusNear(before);
  }

  /** The keyboard goes on where it was: at whoever moved up. */
  private focusNear(index: number): void {
    const next = this.list.children[Math.min(index, this.list.children.length - 1)];
    next?.querySelector<HTMLElement>("button, a[href]")?.focus();
  }
}
