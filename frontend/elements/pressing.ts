/** A click may come this long after a finger was lifted. */
const CLICK_MS = 100;
/** A press whose end no page is told of (a menu of the system took it) keeps nothing longer than this. */
const LONGEST_MS = 3000;

/**
 * Whether somebody presses a button now: one that is replaced before it is let go gets no click.
 *
 * Only buttons and links, by the first button of a mouse, a finger or a pen: menus and fields keep the end of a press to
 * themselves.
 */
export class Pressing {
  /** Done when what is pressed is let go; null while nothing is. */
  held: Promise<void> | null = null;

  constructor(private readonly page: EventTarget = globalThis) {}

  /** Listens to `pointerdown`. */
  readonly begin = ({ button, ctrlKey, target }: PointerEvent) => {
    if (this.held || button !== 0 || ctrlKey || !(target as Element).closest("button, a, summary")) return;
    const listening = new AbortController();
    const held = new Promise<void>((letGo) => {
      const release = () => {
        listening.abort();
        clearTimeout(latest);
        if (this.held === held) this.held = null;
        letGo();
      };
      const ends = { click: 0, pointerup: CLICK_MS, pointercancel: CLICK_MS, blur: 0, contextmenu: 0 };
      for (const [end, pause] of Object.entries(ends))
        this.page.addEventListener(end, () => setTimeout(release, pause), { signal: listening.signal });
      const latest = setTimeout(release, LONGEST_MS);
    });
    this.held = held;
  };
}
