/** How much data a call has used and will use, for people who pay by the megabyte. */
import type { DataUse } from "./session";

const RECENT_MS = 30_000;
const LEAST_MS = 10_000;
const HOUR_MS = 3_600_000;

/** Feed it the totals of each connection; they begin at zero again when a connection is made anew. */
export class DataMeter {
  private bytes = 0;
  private readonly last = new Map<string, number>();
  private readonly recent: { at: number; bytes: number }[] = [];

  add(connection: string, total: number, now: number): void {
    const before = this.last.get(connection) ?? 0;
    this.bytes += total >= before ? total - before : total;
    this.last.set(connection, total);
    this.recent.push({ at: now, bytes: this.bytes });
    while (this.recent.length > 2 && now - this.recent[0]!.at > RECENT_MS) this.recent.shift();
  }

  /** The person left: their connection's next total begins at zero. */
  forget(connection: string): void {
    this.last.delete(connection);
  }

  /** The rate is that of the last half minute, so that it follows a change of quality. */
  get use(): DataUse {
    const [first] = this.recent;
    const last = this.recent.at(-1);
    const span = first && last ? last.at - first.at : 0;
    const bytesPerHour = first && last && span >= LEAST_MS ? Math.round(((last.bytes - first.bytes) / span) * HOUR_MS) : null;
    return { bytes: this.bytes, bytesPerHour };
  }
}
