/**
 * When to send less. The browser lowers the picture by itself; below about 100 kbit/s the picture starves the sound
 * too, so there it must go entirely, and come back only when that is likely to last.
 */

export type Rung = "full" | "small" | "audio-only";

const SMALL_BELOW = 250_000;
const AUDIO_ONLY_BELOW = 100_000;
const FULL_ABOVE = 500_000;
/** Estimates start low and climb: what they say in the first seconds is no reason to act. */
const GRACE_MS = 10_000;
const PATIENCE_MS = 5000;
const FIRST_RETRY_MS = 20_000;
const LONGEST_RETRY_MS = 160_000;

export class Ladder {
  rung: Rung = "full";
  private badSince: number | null = null;
  private goodSince: number | null = null;
  private droppedAt = 0;
  private retryAfter = FIRST_RETRY_MS;
  private readonly began: number;

  constructor(now: number) {
    this.began = now;
  }

  /** Feed the estimate (bit/s, null when unknown) each second; says the rung to send at. */
  step(estimate: number | null, now: number): Rung {
    if (this.rung === "audio-only") return this.tryAgain(now);
    if (estimate === null || now - this.began < GRACE_MS) return this.rung;
    const low = this.rung === "full" ? SMALL_BELOW : AUDIO_ONLY_BELOW;
    this.badSince = estimate < low ? (this.badSince ?? now) : null;
    this.goodSince = estimate > FULL_ABOVE ? (this.goodSince ?? now) : null;
    if (this.badSince !== null && now - this.badSince >= PATIENCE_MS) this.down(now);
    else if (this.goodSince !== null && now - this.goodSince >= PATIENCE_MS) this.up();
    return this.rung;
  }

  private down(now: number): void {
    this.badSince = null;
    if (this.rung === "full") this.rung = "small";
    else {
      this.rung = "audio-only";
      this.droppedAt = now;
    }
  }

  private up(): void {
    this.goodSince = null;
    this.rung = "full";
    this.retryAfter = FIRST_RETRY_MS;
  }

  /** Without a picture there is nothing to estimate from: try a small one, less often each time it fails. */
  private tryAgain(now: number): Rung {
    if (now - this.droppedAt < this.retryAfter) return this.rung;
    this.retryAfter = Math.min(LONGEST_RETRY_MS, this.retryAfter * 2);
    this.rung = "small";
    this.badSince = null;
    return this.rung;
  }
}
