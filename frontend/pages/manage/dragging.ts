/**
 * Taking hold of an appointment with mouse, pen or finger. A mouse drags at once; a finger after resting a moment,
 * so that swiping still scrolls. The lower edge changes the length.
 */
import { type Ghost } from "./ghost";
import { clamp, DAY, type Place, type Sheet } from "./sheet";

const SLACK_PX = 5;
const REST_MS = 350;
const EDGE_PX = 40;
const FIVE = 5;

export interface Grip {
  lift(block: HTMLElement): Ghost;
  drop(ghost: Ghost): void;
}

interface Hold {
  block: HTMLElement;
  pointer: number;
  x: number;
  y: number;
  /** Minutes between the start of the block and where it was taken. */
  offset: number;
  resizes: boolean;
  ghost?: Ghost;
  timer?: number | undefined;
}

export class Dragging {
  private hold: Hold | undefined;
  private wasDragged = false;

  constructor(
    private readonly sheet: Sheet,
    private readonly grip: Grip,
    signal: AbortSignal,
  ) {
    const root = sheet.root;
    root.addEventListener("pointerdown", (event) => this.down(event), { signal });
    root.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
    root.addEventListener("click", (event) => this.click(event), { signal, capture: true });
    window.addEventListener("pointermove", (event) => this.move(event), { signal });
    window.addEventListener("pointerup", (event) => this.up(event), { signal });
    window.addEventListener("pointercancel", () => this.cancel(), { signal });
    window.addEventListener("keydown", (event) => event.key === "Escape" && this.cancel(), { signal });
    // A finger that drags must not scroll too.
    root.addEventListener("touchmove", (event) => this.hold?.ghost && event.preventDefault(), { signal, passive: false });
    root.addEventListener("contextmenu", (event) => this.hold && event.preventDefault(), { signal });
  }

  private down(event: PointerEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const block = target?.closest<HTMLElement>(".block[data-ref]");
    this.wasDragged = false;
    if (!block || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const column = block.closest<HTMLElement>(".week__day");
    if (!column) return;
    const offset = this.sheet.minuteAt(column, event.clientY) - Number(block.dataset["start"] ?? "0");
    this.hold = {
      block,
      pointer: event.pointerId,
      x: event.clientX,
      y: event.clientY,
      offset,
      resizes: target?.classList.contains("block__handle") ?? false,
    };
    if (event.pointerType === "touch") this.hold.timer = window.setTimeout(() => this.lift(), REST_MS);
  }

  private lift(): void {
    if (!this.hold || this.hold.ghost) return;
    this.hold.ghost = this.grip.lift(this.hold.block);
    this.wasDragged = true;
    document.documentElement.classList.add("is-dragging");
  }

  private move(event: PointerEvent): void {
    const hold = this.hold;
    if (!hold || event.pointerId !== hold.pointer) return;
    if (!hold.ghost) {
      if (Math.hypot(event.clientX - hold.x, event.clientY - hold.y) < SLACK_PX) return;
      if (event.pointerType === "touch") return this.cancel(); // it scrolls
      this.lift();
    }
    this.scroll(event);
    if (hold.ghost) hold.ghost.show(hold.resizes ? this.longer(hold, hold.ghost, event) : this.moved(hold, hold.ghost, event), !hold.resizes);
  }

  private moved(hold: Hold, ghost: Ghost, event: PointerEvent): Place {
    const column = this.sheet.columnAt(event.clientX);
    if (!column) return ghost.place;
    const minute = clamp(Math.round(this.sheet.minuteAt(column, event.clientY) - hold.offset), 0, DAY - FIVE);
    return this.sheet.inColumn({ ...ghost.before, minute }, column);
  }

  private longer(hold: Hold, ghost: Ghost, event: PointerEvent): Place {
    const column = hold.block.closest<HTMLElement>(".week__day");
    if (!column) return ghost.place;
    const length = this.sheet.minuteAt(column, event.clientY) - ghost.before.minute;
    return { ...ghost.before, length: clamp(Math.round(length / FIVE) * FIVE, FIVE, DAY) };
  }

  private scroll(event: PointerEvent): void {
    const scroller = this.sheet.scroller;
    const box = scroller.getBoundingClientRect();
    if (event.clientY > box.bottom - EDGE_PX) scroller.scrollTop += 12;
    else if (event.clientY < box.top + EDGE_PX + 40) scroller.scrollTop -= 12;
    if (event.clientX > box.right - EDGE_PX) scroller.scrollLeft += 12;
    else if (event.clientX < box.left + EDGE_PX) scroller.scrollLeft -= 12;
  }

  private up(event: PointerEvent): void {
    const hold = this.hold;
    if (!hold || event.pointerId !== hold.pointer) return;
    const ghost = hold.ghost;
    this.let();
    if (ghost?.hasMoved) this.grip.drop(ghost);
    else ghost?.remove();
  }

  private cancel(): void {
    this.hold?.ghost?.remove();
    this.let();
  }

  private let(): void {
    window.clearTimeout(this.hold?.timer);
    this.hold = undefined;
    document.documentElement.classList.remove("is-dragging");
  }

  /** The click that ends a drag opens nothing. */
  private click(event: MouseEvent): void {
    if (!this.wasDragged) return;
    this.wasDragged = false;
    event.preventDefault();
    event.stopPropagation();
  }
}
