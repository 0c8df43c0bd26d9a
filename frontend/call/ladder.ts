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
/** Bad seconds that end the try of a first picture: the sound suffers in each of them, and was whole before. */
const TRY_PATIENCE = 2;
/** What is reported as lost sooner after a try began was lost before. */
const TRY_GRACE_MS = 2000;
/** Sound waits this much longer than without the picture: it stands in a queue that is ours. */
const QUEUED_FROM_MS = 300;
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
  /** How long packets took there and back, in ms, when the picture there is was tried where there was none. */
  private rttWithoutPicture: number | null = null;

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
    if (this.rung === "audio-only") this.tryAgain(outlook, now);
    else if (!this.fell(outlook, now)) this.climb(outlook, now);
    return this.rung;
  }

  private fell(outlook: Outlook, now: number): boolean {
    const since = now - this.changedAt;
    if (since >= SETTLED_MS) this.forgive();
    if (since < GRACE_MS) return this.gaveUp(outlook, now);
    const wanted = suited(outlook, this.rung);
    this.bad = wanted !== this.rung ? this.bad + 1 : Math.max(0, this.bad - 0.5);
    this.busy = outlook.busy ? this.busy + 1 : 0;
    if (this.bad >= PATIENCE && wanted !== this.rung) {
      this.down(wanted, "network", now);
      return true;
    }
    if (this.busy < COMFORT || this.rung === "small") return false;
    this.down(smaller(this.rung), "processor", now);
    return true;
  }

  /** A first picture goes before its grace is over where a thin line loses packets or keeps them: on one with room the
   *  estimate is above that within a second. */
  private gaveUp(outlook: Outlook, now: number): boolean {
    if (this.rttWithoutPicture === null || now - this.changedAt < TRY_GRACE_MS) return false;
    const queued = (outlook.rtt ?? 0) - this.rttWithoutPicture >= QUEUED_FROM_MS;
    const drowned = outlook.limited && below(outlook, THIN_BELOW) && (queued || outlook.loss >= LOSSY_FROM);
    this.bad = drowned ? this.bad + 1 : 0;
    if (this.bad < TRY_PATIENCE) return false;
    this.down("audio-only", "network", now);
    return true;
  }

  private climb(outlook: Outlook, now: number): void {
    if (this.rung === "full") return;
    const next = larger(this.rung);
    const enough = outlook.estimate === null || outlook.estimate >= NEEDS[next] * MARGIN;
    const calm = !outlook.limited && !outlook.busy && outlook.loss < LOSSY_FROM / 2;
    this.good = calm ? this.good + 1 : 0;
    const waited = now - this.changedAt >= this.retryAfter;
    if (this.good < COMFORT || !(waited || (enough && !this.failed))) return;
    if (this.failed) this.retryAfter = Math.min(LONGEST_RETRY_MS, this.retryAfter * 2);
    this.up(next, now);
  }

  /** Without a picture there is nothing to estimate from: try one, less often each time it fails. */
  private tryAgain(outlook: Outlook, now: number): void {
    if (now - this.changedAt < this.retryAfter) return;
    this.retryAfter = Math.min(LONGEST_RETRY_MS, this.retryAfter * 2);
    this.up("small", now);
    this.rttWithoutPicture = outlook.rtt ?? 0;
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
    this.rttWithoutPicture = null;
    this.bad = this.busy = this.good = 0;
    this.changedAt = now;
  }

  private forgive(): void {
    this.retryAfter = FIRST_RETRY_MS;
    this.failed = false;
  }
}

const smaller = (rung: Rung): Rung => ORDER[Math.min(ORDER.length - 1, ORDER.indexOf(rung) + 1)]!;
const larger = (rung: Rung): Rung => ORDER[Math.max(0, ORDER.indexOf(rung) - 1)]!;

const below = ({ estimate }: Outlook, limit: number): boolean => estimate !== null && estimate < limit;

/** The largest rung, not above `rung`, that the network holds. */
function suited(outlook: Outlook, rung: Rung): Rung {
  const { limited, loss, rtt } = outlook;
  // A small camera never asks for more: a low estimate alone says nothing about the network.
  if (!limited) return rung;
  const thin = (limit: number) => below(outlook, limit);
  if (thin(NEEDS.small) || loss >= CHOKED_FROM || (thin(THIN_BELOW) && (rtt ?? 0) >= CLOGGED_FROM_MS)) return "audio-only";
  if (rung === "full" && (thin(NEEDS.full) || loss >= LOSSY_FROM)) return thin(NEEDS.medium) ? "small" : "medium";
  return rung === "medium" && thin(NEEDS.medium) ? "small" : rung;
}
