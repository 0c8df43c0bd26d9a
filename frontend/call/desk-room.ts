/** What the desk knows: the day as the server tells it, who works there, and the commands of staff. */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import type { Frame, ResumableSocket } from "./socket";
import { Thread } from "./thread";
import type {
  DeskAlerts, DeskArea, DeskEntry, DeskMessages, DeskProvider, DeskWelcome, Notice, Person, PreparedText, WaitingPerson,
} from "./wire";

const ALERTS: DeskAlerts = { sound: true, title: true, desktop: false, only_mine: false };

export interface DeskEvents {
  /** The whole list is new: another day, or a session that could not go on. */
  reset: void;
  /** One entry is new, changed or gone. */
  entry: { id: string };
  /** Areas, prepared texts, providers, or the staff member's own facts changed. */
  house: void;
  status: void;
  /** A conversation has more words, or one on its way failed. */
  words: { participant: string };
  /** Somebody began to wait. */
  arrived: { entry: DeskEntry; person: WaitingPerson | undefined };
  /** A waiting person wrote. */
  wrote: { participant: string; from: Person; entry: DeskEntry | undefined };
  /** Something needs an eye now. */
  warned: { entry: string; sentence: string };
}

export interface TransferTo {
  readonly provider?: string;
  readonly area?: string;
}

export class DeskRoom extends Emitter<DeskEvents> {
  day = "";
  staff: Person | null = null;
  /** Slug of the provider who looks, null for staff who are none. */
  provider: string | null = null;
  scope: "mine" | "all" = "mine";
  callsOut = false;
  areas: readonly DeskArea[] = [];
  prepared: readonly PreparedText[] = [];
  providers: readonly DeskProvider[] = [];
  alerts: DeskAlerts = ALERTS;
  private readonly byId = new Map<string, DeskEntry>();
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
    socket.on("status", () => this.emit("status", undefined));
  }

  /** The server's now, in ms since 1970: the product's clock may differ from this computer's. */
  get now(): number {
    return this.clock.now() + this.serverAhead;
  }

  /** The day's visits, in no order. */
  get entries(): Iterable<DeskEntry> {
    return this.byId.values();
  }

  find(id: string): DeskEntry | undefined {
    return this.byId.get(id);
  }

  area(slug: string | null): DeskArea | undefined {
    return this.areas.find((area) => area.slug === slug);
  }

  /** The own line among the providers, for staff who are one. */
  get own(): DeskProvider | undefined {
    return this.providers.find((one) => one.slug === this.provider);
  }

  /** The words exchanged with one waiting person. */
  thread(participant: string): Thread {
    const known = this.threads.get(participant);
    if (known) return known;
    const self = (): Person => this.staff ?? { id: "", name: "", role: "provider" };
    const deliver = (text: string, client_id: string) =>
      this.socket.ask({ type: "notice", participant, text, client_id }, { survives: true });
    const made = new Thread(self, deliver);
    made.on("change", () => this.emit("words", { participant }));
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

  /** Commands about one person: `admit` (with `confirmed`), `hold`, `back_to_queue`, `unlock` … */
  async person(type: string, participant: string, more: Record<string, unknown> = {}): Promise<void> {
    await this.socket.ask({ type, participant, ...more });
  }

  async deny(participant: string, text: string): Promise<void> {
    await this.person("deny", participant, text ? { text } : {});
  }

  async transfer(participant: string, to: TransferTo): Promise<void> {
    await this.person("transfer", participant, { ...to });
  }

  /** Open the meeting and let in everybody of it who waits; `confirmed`: I know who they are. */
  async start(meeting: string, confirmed: boolean): Promise<void> {
    await this.socket.ask({ type: "start", meeting, ...(confirmed ? { confirmed } : {}) });
  }

  /** About a visit held elsewhere: try to make its meeting once more, or hold it here after all. */
  async place(command: "make_again" | "meet_here", meeting: string): Promise<void> {
    await this.socket.ask({ type: command, meeting });
  }

  async closeArea(area: string, minutes: number | null, text: string): Promise<void> {
    await this.socket.ask({ type: "close_area", area, ...(minutes ? { minutes } : {}), ...(text ? { text } : {}) });
  }

  async openArea(area: string): Promise<void> {
    await this.socket.ask({ type: "open_area", area });
  }

  async stepAway(text: string): Promise<void> {
    await this.socket.ask({ type: "step_away", ...(text ? { text } : {}) });
  }

  async comeBack(): Promise<void> {
    await this.socket.ask({ type: "come_back" });
  }

  private welcomed(welcome: DeskWelcome): void {
    this.staff = welcome.staff;
    this.scope = welcome.scope;
    this.callsOut = welcome.calls_out ?? false;
    this.provider = welcome.provider ?? null;
    this.alerts = welcome.alerts ?? this.alerts;
    this.house(welcome);
    const server = Date.parse(welcome.server_time);
    this.serverAhead = (Number.isNaN(server) ? this.today() : server) - this.clock.now();
  }

  private hear(frame: Frame): void {
    const said = frame as unknown as DeskMessages[keyof DeskMessages];
    if (frame.type === "queue") this.replace(said as DeskMessages["queue"]);
    else if (frame.type === "entry") this.update((said as DeskMessages["entry"]).entry);
    else if (frame.type === "entry_gone") this.drop((said as DeskMessages["entry_gone"]).id);
    else if (frame.type === "notice") this.wrote(said as Notice);
    else if (frame.type === "notices") this.fill(said as DeskMessages["notices"]);
    else if (frame.type === "warning") this.emit("warned", said as DeskMessages["warning"]);
    else if (frame.type === "areas") this.house(said as DeskMessages["areas"]);
    else if (frame.type === "providers") this.house(said as DeskMessages["providers"]);
  }

  private house(lists: Partial<Pick<DeskRoom, "areas" | "prepared" | "providers">>): void {
    this.areas = lists.areas ?? this.areas;
    this.prepared = lists.prepared ?? this.prepared;
    this.providers = lists.providers ?? this.providers;
    this.emit("house", undefined);
  }

  private replace({ day, entries }: DeskMessages["queue"]): void {
    const sameDay = this.seeded && day === this.day;
    const before = new Map(this.byId);
    this.day = day;
    this.seeded = true;
    this.byId.clear();
    for (const entry of entries) this.byId.set(entry.id, entry);
    this.emit("reset", undefined);
    // After a lost session the list is new, but whoever came meanwhile is still news.
    if (sameDay) for (const entry of entries) this.announce(before.get(entry.id), entry);
  }

  private update(entry: DeskEntry): void {
    const before = this.byId.get(entry.id);
    this.byId.set(entry.id, entry);
    this.emit("entry", { id: entry.id });
    this.announce(before, entry);
  }

  private drop(id: string): void {
    this.byId.delete(id);
    this.emit("entry", { id });
  }

  private announce(before: DeskEntry | undefined, entry: DeskEntry): void {
    if (entry.waiting_since === null || before?.waiting_since) return;
    const person = entry.people.find((one) => one.state === "waiting");
    this.emit("arrived", { entry, person });
  }

  private wrote(notice: Notice): void {
    this.thread(notice.participant).add(notice);
    if (notice.from.id !== notice.participant) return;
    const entry = [...this.byId.values()].find((one) => one.people.some((person) => person.id === notice.participant));
    this.emit("wrote", { participant: notice.participant, from: notice.from, entry });
  }

  private fill({ participant, items }: DeskMessages["notices"]): void {
    const thread = this.thread(participant);
    for (const item of items) thread.add(item);
  }
}
