/**
 * What the polite live region says. Several things of one moment are one sentence, nothing is said twice in a row within
 * ten seconds, and somebody whose connection flickers does not leave and join aloud each time.
 */
import { systemClock, type Clock } from "../../call/clock";

const GATHER_MS = 600;
const FLICKER_MS = 3000;
const AGAIN_MS = 10_000;

export class Announcer {
  private readonly said = new Map<string, number>();
  private waiting: string[] = [];
  private readonly leaving = new Map<string, () => void>();
  private stopped = false;

  constructor(
    private readonly speak: (words: string) => void,
    private readonly clock: Clock = systemClock,
  ) {}

  say(words: string): void {
    const now = this.clock.now();
    const before = this.said.get(words);
    if (!words || this.stopped || (before !== undefined && now - before < AGAIN_MS)) return;
    this.said.set(words, now);
    this.waiting.push(words);
    if (this.waiting.length === 1) this.clock.after(GATHER_MS, () => this.flush());
  }

  /** Somebody left; said only if they are not back in a moment. */
  left(id: string, words: string): void {
    this.leaving.get(id)?.();
    const cancel = this.clock.after(FLICKER_MS, () => {
      this.leaving.delete(id);
      this.say(words);
    });
    this.leaving.set(id, cancel);
  }

  joined(id: string, words: string): void {
    const back = this.leaving.get(id);
    this.leaving.delete(id);
    if (back) return back();
    this.say(words);
  }

  stop(): void {
    this.stopped = true;
    for (const cancel of this.leaving.values()) cancel();
  }

  private flush(): void {
    const words = this.waiting.join(" ");
    this.waiting = [];
    if (!this.stopped) this.speak(words);
  }
}
