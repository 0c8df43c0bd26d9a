/** Where the person's attention is: controls that fade in a quiet call, and the focus when panels open and close. */
import type { PanelName } from "../../elements/call-controls";

const IDLE_AFTER_MS = 4000;
const SIGNS = ["pointermove", "pointerdown", "keydown", "focusin"] as const;

/** Hides the controls when nobody moves for a while and nothing needs the person. Runs until `stop`. */
export class Attention {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly wake = () => this.awake();

  constructor(
    private readonly container: HTMLElement,
    private readonly quiet: () => boolean,
  ) {
    for (const sign of SIGNS) container.addEventListener(sign, this.wake);
    this.awake();
  }

  /** The call was drawn anew: what needs the person brings the controls back. */
  drawn(): void {
    if (!this.quiet()) delete this.call?.dataset["idle"];
  }

  stop(): void {
    clearTimeout(this.timer);
    for (const sign of SIGNS) this.container.removeEventListener(sign, this.wake);
  }

  private get call(): HTMLElement | null {
    return this.container.querySelector<HTMLElement>(".call");
  }

  private awake(): void {
    delete this.call?.dataset["idle"];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { call } = this;
      if (call && this.quiet()) call.dataset["idle"] = "";
    }, IDLE_AFTER_MS);
  }
}

/** Into the panel that opened; back to its button when it closed. */
export function moveFocus(container: HTMLElement, panel: PanelName, before: PanelName): void {
  if (panel === "chat") return container.querySelector<HTMLElement>("chat-panel")?.focus();
  if (panel !== "none") return container.querySelector<HTMLElement>(".call__side button")?.focus();
  const button = before === "devices" || before === "stats" ? "more" : before;
  const control = container.querySelector<HTMLElement>(`[data-control="${button}"]`);
  // On a phone the notes have no button of their own.
  const shown = control?.offsetParent ? control : container.querySelector<HTMLElement>("[data-control=more]");
  shown?.focus();
}
