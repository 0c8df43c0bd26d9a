/**
 * When to send no picture. The browser makes it smaller by itself as the network gets thin; below about 100 kbit/s even
 * the smallest starves the sound, so there it must go entirely, and come back only when that is likely to last.
 */

export type Rung = "full" | "audio-only";

export interface Outlook {
  /** What the browser believes it can send, in bit/s; null when it does not say. */
  readonly estimate: number | null;
  /** The encoder sends less than it would, because of the network. */
  readonly limited: boolean;
  /** Share of our packets that the other side misses, 0 to 1. */
  readonly loss: number;
  /** There and back, in ms; null when not known. */
  readonly rtt: number | null;
}

const STARVING_BELOW = 100_000;
/** So much is never lost by chance: we send more than gets through, whatever the estimate says. */
const CHOKED_FROM = 0.3;
/** A queue this long on a thin line is ours: the sound waits behind the picture. */
const CLOGGED_FROM_MS = 700;
const THIN_BELOW = 250_000;
/** Estimates start low and climb: what they say in the first seconds is no reason to act. */
const GRACE_MS = 10_000;
/** Bad seconds, each good one taking half of one back: what the network reports flickers. */
const PATIENCE = 5;
const FIRST_RETRY_MS = 20_000;
const LONGEST_RETRY_MS = 160_000;
/** A picture that lasted this long was worth trying. */
const SETTLED_MS = 60_000;

export class Ladder {
  rung: Rung = "full";
  private bad = 0;
  private changedAt: number;
  private retryAfter = FIRST_RETRY_MS;

  constructor(now: number) {
    this.changedAt = now;
  }

  /** Feed it each second; says whether a picture is to be sent. */
  step(outlook: Outlook, now: number): Rung {
    if (this.rung === "audio-only") this.tryAgain(now);
    else this.watch(outlook, now);
    return this.rung;
  }

  private watch(outlook: Outlook, now: number): void {
    const since = now - this.changedAt;
    if (since >= SETTLED_MS) this.retryAfter = FIRST_RETRY_MS;
    if (since < GRACE_MS) return;
    this.bad = isStarving(outlook) ? this.bad + 1 : Math.max(0, this.bad - 0.5);
    if (this.bad >= PATIENCE) this.go("audio-only", now);
  }

  /** Without a picture there is nothing to estimate from: try one, less often each time it fails. */
  private tryAgain(now: number): void {
    if (now - this.changedAt < this.retryAfter) return;
    this.retryAfter = Math.min(LONGEST_RETRY_MS, this.retryAfter * 2);
    this.go("full", now);
  }

  private go(rung: Rung, now: number): void {
    this.rung = rung;
    this.bad = 0;
    this.changedAt = now;
  }
}

function isStarving({ estimate, limited, loss, rtt }: Outlook): boolean {
  // A small camera never asks for more: a low estimate alone says nothing about the network.
  if (!limited) return false;
  const thin = (limit: number) => estimate !== null && estimate < limit;
  return thin(STARVING_BELOW) || loss >= CHOKED_FROM || (thin(THIN_BELOW) && (rtt ?? 0) >= CLOGGED_FROM_MS);
}
