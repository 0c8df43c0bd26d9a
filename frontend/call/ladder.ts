/**
 * How much picture to send: 720 lines, 360, 180, none. The browser makes pictures worse by itself as the network gets
 * thin; a smaller one at the same rate is clearer, and below about 100 kbit/s even the smallest starves the sound, so
 * there it goes entirely. Every step up is a try: one that fails makes the next wait longer.
 */
import type { Rung, SendingReason } from "./session";

export interface Outlook {
  /** What the browser believes it can send, in bit/s; null when it does not say. */
  readonly estimate: number | null;
  /** The encoder sends less than it would, because of the network. */
  readonly limited: boolean;
  /** Share of our packets that the other side misses, 0 to 1. */
  readonly loss: number;
  /** There and back, in ms; null when not known. */
  readonly rtt: number | null;
  /** The encoder sends less than it would, because the computer is busy. */
  readonly busy?: boolean;
}

const ORDER: readonly Rung[] = ["full", "medium", "small", "audio-only"];
/** The least that a rung needs, in bit/s; below the last, a picture starves the sound. */
const NEEDS: Record<Rung, number> = { full: 600_000, medium: 250_000, small: 100_000, "audio-only": 0 };
/** Before a rung is taken again there must be this much more than it needs. */
const MARGIN = 1.3;
/** So much is never lost by chance: we send more than gets through, whatever the estimate says. */
const CHOKED_FROM = 0.3;
/** So much is worth a smaller picture. */
const LOSSY_FROM = 0.1;
/** A queue this long on a thin line is ours: the sound waits behind the picture. */
const CLOGGED_FROM_MS = 700;
const THIN_BELOW = 250_000;
/** Estimates start low and climb: what they say in the first seconds is no reason to act. */
const GRACE_MS = 10_000;
/** Bad seconds, each good one taking half of one back: what the network reports flickers. */
const PATIENCE = 5;
/** Good seconds in a row before a larger picture is tried. */
const COMFORT = 8;
const FIRST_RETRY_MS = 20_000;
const LONGEST_RETRY_MS = 160_000;
/** A picture that lasted this long was worth trying. */
const SETTLED_MS = 60_000;

export class Ladder {
  reason: SendingReason = "none";
  private bad = 0;
  private busy = 0;
  private good = 0;
  private changedAt: number;
  private steppedUpAt = -Infinity;
  private retryAfter = FIRST_RETRY_MS;
  /** The first larger picture after a good start costs no long wait; later ones do once a try has failed. */
  private failed = false;

  constructor(
    now: number,
    public rung: Rung = "full",
  ) {
    this.changedAt = now;
    // Only the device check has an opinion before the call.
    if (rung !== "full") this.reason = "device-check";
  }

  /** Feed it each second; says how much picture is to be sent. */
  step(outlook: Outlook, now: number): Rung {
    if (this.rung === "audio-only") this.tryAgain(now);
    else if (!this.fell(outlook, now)) this.climb(outlook, now);
    return this.rung;
  }

  private fell(outlook: Outlook, now: number): boolean {
    const since = now - this.changedAt;
    if (since >= SETTLED_MS) this.forgive();
    if (since < GRACE_MS) return false;
    const wanted = suited(outlook, this.rung);
    this.bad = wanted !== this.rung ? this.bad + 1 : Math.max(0, this.bad - 0.5);
    this.busy = outlook.busy ? this.busy + 1 : 0;
    if (this.bad >= PATIENCE && wanted !== this.rung) {
      this.down(wanted, "network", now);
      return true;
    }
    if (this.busy < COMFORT || this.rung === "small") return false;
    this.down(below(this.rung), "processor", now);
    return true;
  }

  private climb(outlook: Outlook, now: number): void {
    if (this.rung === "full") return;
    const next = above(this.rung);
    const enough = outlook.estimate === null || outlook.estimate >= NEEDS[next] * MARGIN;
    const calm = !outlook.limited && !outlook.busy && outlook.loss < LOSSY_FROM / 2;
    this.good = calm ? this.good + 1 : 0;
    const waited = now - this.changedAt >= this.retryAfter;
    if (this.good < COMFORT || !(waited || (enough && !this.failed))) return;
    if (this.failed) this.retryAfter = Math.min(LONGEST_RETRY_MS, this.retryAfter * 2);
    this.up(next, now);
  }

  /** Without a picture there is nothing to estimate from: try one, less often each time it fails. */
  private tryAgain(now: number): void {
    if (now - this.changedAt < this.retryAfter) return;
    this.retryAfter = Math.min(LONGEST_RETRY_MS, this.retryAfter * 2);
    this.up("small", now);
  }

  private up(rung: Rung, now: number): void {
    this.steppedUpAt = now;
    this.go(rung, now);
    this.reason = rung === "full" ? "none" : this.reason === "processor" ? "processor" : "network";
  }

  private down(rung: Rung, reason: "network" | "processor", now: number): void {
    if (now - this.steppedUpAt < SETTLED_MS) this.failed = true;
    this.reason = reason;
    this.go(rung, now);
  }

  private go(rung: Rung, now: number): void {
    this.rung = rung;
    this.bad = this.busy = this.good = 0;
    this.changedAt = now;
  }

  private forgive(): void {
    this.retryAfter = FIRST_RETRY_MS;
    this.failed = false;
  }
}

const below = (rung: Rung): Rung => ORDER[Math.min(ORDER.length - 1, ORDER.indexOf(rung) + 1)]!;
const above = (rung: Rung): Rung => ORDER[Math.max(0, ORDER.indexOf(rung) - 1)]!;

/** The largest rung, not above `rung`, that the network holds. */
function suited(outlook: Outlook, rung: Rung): Rung {
  const { estimate, limited, loss, rtt } = outlook;
  // A small camera never asks for more: a low estimate alone says nothing about the network.
  if (!limited) return rung;
  const thin = (limit: number) => estimate !== null && estimate < limit;
  if (thin(NEEDS.small) || loss >= CHOKED_FROM || (thin(THIN_BELOW) && (rtt ?? 0) >= CLOGGED_FROM_MS)) return "audio-only";
  if (rung === "full" && (thin(NEEDS.full) || loss >= LOSSY_FROM)) return thin(NEEDS.medium) ? "small" : "medium";
  return rung === "medium" && thin(NEEDS.medium) ? "small" : rung;
}
