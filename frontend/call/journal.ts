/** Tells the server what happened to our side of a call, in batches, for support. No media, no address, no words of people. */
import { systemClock, type Clock } from "./clock";
import type { CallSession } from "./session";
import type { CallEvent } from "./wire";

const BATCH_MS = 5000;
const MOST_AT_ONCE = 20;
/** A line that flickers would fill the log: the newest count, and what was left out is said. */
const MOST_KEPT = 60;
const KINDS: ReadonlySet<string> = new Set([
  "state", "route", "restart", "epoch", "relay_refused", "sending", "moved", "move_failed", "gesture", "device",
]);

type Noted = Omit<CallEvent, "ago_ms"> & { readonly at: number };

export class Journal {
  /** Everything since the call began, for the statistics a person copies. */
  readonly all: Noted[] = [];
  private waiting: Noted[] = [];
  private readonly stops: (() => void)[] = [];
  private worst = new Map<string, number>();

  constructor(
    session: Pick<CallSession, "on">,
    private readonly send: (events: readonly CallEvent[]) => void,
    private readonly clock: Clock = systemClock,
  ) {
    this.stops.push(
      session.on("note", ({ what, detail, participant }) => {
        const kind = what === "device" ? "device" : what;
        if (!KINDS.has(kind)) return;
        this.note({ kind: kind as CallEvent["kind"], detail, ...(participant ? { about: participant } : {}) });
      }),
      session.on("quality", ({ participant, level, reason }) => this.judge(participant, level, reason)),
      session.on("removed", ({ reason }) => this.note({ kind: "failed", detail: reason })),
      clock.every(BATCH_MS, () => this.flush()),
    );
  }

  note(event: Omit<CallEvent, "ago_ms">): void {
    const { detail, ...facts } = event;
    const plain = detail?.replace(/[^A-Za-z0-9 /_-]+/g, "-").slice(0, 60);
    const noted: Noted = { ...facts, ...(plain ? { detail: plain } : {}), at: this.clock.now() };
    this.all.push(noted);
    if (this.all.length > 500) this.all.shift();
    this.waiting.push(noted);
    if (this.waiting.length > MOST_KEPT) this.waiting.shift();
  }

  flush(): void {
    const now = this.clock.now();
    while (this.waiting.length) {
      const batch = this.waiting.splice(0, MOST_AT_ONCE);
      this.send(batch.map(({ at, ...facts }) => ({ ...facts, ago_ms: Math.max(0, Math.round(now - at)) })));
    }
  }

  stop(): void {
    this.flush();
    for (const stop of this.stops.splice(0)) stop();
  }

  /** Only a change between good (3, 4) and bad is news. */
  private judge(about: string, level: number, reason: string): void {
    const before = this.worst.get(about);
    const good = level >= 3;
    if (before !== undefined && before >= 3 === good && (good || before === level)) return;
    this.worst.set(about, level);
    if (before === undefined && good) return;
    this.note({ kind: "quality", about, level, detail: reason });
  }
}
