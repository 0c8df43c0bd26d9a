/** What the desk knows: the day's appointments as the server tells them, and the commands of staff. */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import type { Frame, ResumableSocket } from "./socket";
import { Thread } from "./thread";
import type { DeskEntry, DeskMessages, DeskWelcome, Notice, Person, WaitingPerson } from "./wire";

export interface DeskEvents {
  change: void;
  /** Somebody began to wait. */
  arrived: { entry: DeskEntry; person: WaitingPerson | undefined };
  /** A waiting person wrote. */
  wrote: { participant: string; from: Person };
}

export class DeskRoom extends Emitter<DeskEvents> {
  day = "";
  staff: Person | null = null;
  scope: "mine" | "all" = "mine";
  private readonly entries = new Map<string, DeskEntry>();
  private readonly threads = new Map<string, Thread>();
  private serverAhead = 0;
  /** The first list of a session shows what is; only what changes afterwards is news. */
  private seeded = false;

  constructor(
    readonly socket: ResumableSocket<DeskWelcome>,
    private readonly clock: Clock = systemClock,
    private readonly today: () => number = () => Date.now(),
  ) {
    super();
    socket.on("welcome", (welcome) => this.welcomed(welcome));
    socket.on("message", (frame) => this.hear(frame));
    socket.on("status", () => this.emit("change", undefined));
  }

  /** The server's now, in ms since 1970: the product's clock may differ from this computer's. */
  get now(): number {
    return this.clock.now() + this.serverAhead;
  }

  /** The whole day, by start. */
  get agenda(): readonly DeskEntry[] {
    return [...this.entries.values()].sort((a, b) => a.start.localeCompare(b.start));
  }

  /** Who waits, longest first. */
  get waiting(): readonly DeskEntry[] {
    const waits = [...this.entries.values()].filter((entry) => entry.waiting_since !== null);
    return waits.sort((a, b) => a.waiting_since!.localeCompare(b.waiting_since!));
  }

  find(id: string): DeskEntry | undefined {
    return this.entries.get(id);
  }

  /** The words exchanged with one waiting person. */
  thread(participant: string): Thread {
    const known = this.threads.get(participant);
    if (known) return known;
    const self = (): Person => this.staff ?? { id: "", name: "", role: "provider" };
    const deliver = (text: string, client_id: string) =>
      this.socket.ask({ type: "notice", participant, text, client_id }, { survives: true });
    const made = new Thread(self, deliver);
    made.on("change", () => this.emit("change", undefined));
    this.threads.set(participant, made);
    return made;
  }

  async fetchNotices(participant: string): Promise<void> {
    this.thread(participant);
    await this.socket.ask({ type: "get_notices", participant });
  }

  async showDay(day: string): Promise<void> {
    await this.socket.ask({ type: "show_day", day });
  }

  async admit(participant: string): Promise<void> {
    await this.socket.ask({ type: "admit", participant });
  }

  async deny(participant: string, text: string): Promise<void> {
    await this.socket.ask({ type: "deny", participant, ...(text ? { text } : {}) });
  }

  /** Open the meeting and let in everybody of it who waits. */
  async start(meeting: string): Promise<void> {
    await this.socket.ask({ type: "start", meeting });
  }

  private welcomed(welcome: DeskWelcome): void {
    this.staff = welcome.staff;
    this.scope = welcome.scope;
    const server = Date.parse(welcome.server_time);
    this.serverAhead = (Number.isNaN(server) ? this.today() : server) - this.clock.now();
    this.emit("change", undefined);
  }

  private hear(frame: Frame): void {
    if (frame.type === "queue") this.replace(frame as unknown as DeskMessages["queue"]);
    else if (frame.type === "entry") this.update((frame as unknown as DeskMessages["entry"]).entry);
    else if (frame.type === "entry_gone") this.entries.delete(String(frame["id"]));
    else if (frame.type === "notice") this.wrote(frame as unknown as Notice);
    else if (frame.type === "notices") this.fill(frame as unknown as DeskMessages["notices"]);
    else return;
    this.emit("change", undefined);
  }

  private replace({ day, entries }: DeskMessages["queue"]): void {
    const sameDay = this.seeded && day === this.day;
    const before = new Map(this.entries);
    this.day = day;
    this.seeded = true;
    this.entries.clear();
    for (const entry of entries) this.entries.set(entry.id, entry);
    // After a lost session the list is new, but whoever came meanwhile is still news.
    if (sameDay) for (const entry of entries) this.announce(before.get(entry.id), entry);
  }

  private update(entry: DeskEntry): void {
    const before = this.entries.get(entry.id);
    this.entries.set(entry.id, entry);
    this.announce(before, entry);
  }

  private announce(before: DeskEntry | undefined, entry: DeskEntry): void {
    if (entry.waiting_since === null || before?.waiting_since) return;
    const person = entry.people.find((one) => one.state === "waiting");
    this.emit("arrived", { entry, person });
  }

  private wrote(notice: Notice): void {
    const thread = this.thread(notice.participant);
    thread.add(notice);
    if (notice.from.id === notice.participant) this.emit("wrote", { participant: notice.participant, from: notice.from });
  }

  private fill({ participant, items }: DeskMessages["notices"]): void {
    const thread = this.thread(participant);
    for (const item of items) thread.add(item);
  }
}
