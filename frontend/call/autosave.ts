/** A text that keeps itself: sent shortly after the last key, once more when that failed, and at once when asked. */
import { systemClock, type Clock } from "./clock";

export type Kept = { readonly ok: true } | { readonly ok: false; readonly sentence: string };
export type SaveState = "saved" | "typing" | "saving" | "waiting" | "refused";

const AFTER_MS = 1000;
const AGAIN_MS = 5000;

export class Autosave {
  state: SaveState = "saved";
  /** Why it was refused; waiting longer does not help then. */
  sentence = "";
  private text: string;
  private kept: string;
  private stop: (() => void) | null = null;
  private sending = false;

  /** `send` rejects when the network failed, and resolves with what the server said. */
  constructor(
    text: string,
    private readonly send: (text: string) => Promise<Kept>,
    private readonly changed: () => void,
    private readonly clock: Clock = systemClock,
  ) {
    this.text = this.kept = text;
  }

  get dirty(): boolean {
    return this.text !== this.kept;
  }

  typed(text: string): void {
    this.text = text;
    this.become(this.dirty ? "typing" : "saved");
    this.soon(AFTER_MS);
  }

  /** Keep what is there now; nothing happens when it is kept already. */
  async now(): Promise<void> {
    this.stop?.();
    this.stop = null;
    if (this.sending || !this.dirty) return;
    const text = this.text;
    this.sending = true;
    this.become("saving");
    try {
      const answer = await this.send(text);
      if (answer.ok) this.kept = text;
      this.sentence = answer.ok ? "" : answer.sentence;
      this.become(answer.ok ? (this.dirty ? "typing" : "saved") : "refused");
    } catch {
      this.become("waiting");
      this.sending = false;
      this.soon(AGAIN_MS);
      return;
    }
    this.sending = false;
    if (this.state === "typing") this.soon(AFTER_MS);
  }

  private soon(delay: number): void {
    this.stop?.();
    this.stop = this.dirty ? this.clock.after(delay, () => void this.now()) : null;
  }

  private become(state: SaveState): void {
    this.state = state;
    this.changed();
  }
}
