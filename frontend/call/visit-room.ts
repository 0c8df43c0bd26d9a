/** What a page knows of one visit: the server's messages kept as state, and the commands a person can give. */
import { Chatting } from "./chatting";
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import { VisitSignalling } from "./signalling";
import { CommandRefused, type Frame, type ResumableSocket } from "./socket";
import { Thread } from "./thread";
import type {
  Ability,
  Bye,
  CallEvent,
  CallRequest,
  Caption,
  Colleague,
  DeviceReport,
  Elsewhere,
  Invitation,
  MediaFlag,
  MeetingView,
  Person,
  ReactionKind,
  RosterPerson,
  TalkMessages,
  VisitMessages,
  VisitState,
  VisitWelcome,
  WaitingPerson,
} from "./wire";

export interface RoomEvents {
  /** Anything below changed. */
  change: void;
  /** Our own state, as the server says it: arrived, waiting, admitted … */
  state: { state: VisitState; before: VisitState | null };
  over: Bye;
  invited: Invitation;
  colleagues: readonly Colleague[];
  reaction: { from: string; name: string; reaction: ReactionKind };
  caption: Caption & { readonly name: string };
  /** Somebody silenced a source of ours: stop sending it. */
  muted: { by: string; source: MediaFlag; forced: boolean };
}

export class VisitRoom extends Emitter<RoomEvents> {
  self: (Person & { readonly staff: boolean }) | null = null;
  state: VisitState | null = null;
  meeting: MeetingView | null = null;
  queue: VisitMessages["queue"] | null = null;
  /** We asked to be telephoned, and nobody has called yet. */
  callRequest: CallRequest | null = null;
  /** What the business shows to who waits. */
  area: VisitMessages["area"] | null = null;
  /** What the business asks to recognise this person; null: nothing. */
  identity: VisitMessages["identity"] | null = null;
  /** Staff sent this person on to somebody else, since they came. */
  movedTo: VisitMessages["moved_to"] | null = null;
  /** The way to a visit that is held elsewhere; null: it is held here, or we were not let in yet. */
  elsewhere: Elsewhere | null = null;
  roster: readonly RosterPerson[] = [];
  /** What there is of a recording, and whether there can be one; null before coming in. */
  recording: VisitMessages["recording"] | null = null;
  /** Staff only: who of this meeting is at the door. */
  waiting: readonly WaitingPerson[] = [];
  /** What our role lets us do in the call, as the server says. */
  abilities: readonly Ability[] = [];
  /** Staff in a call: who waits next for them in another visit; null when nobody does. */
  nextWaiting: { readonly count: number; readonly name: string; readonly since: string | null } | null = null;
  /** Add it to this machine's time (ms) to get the server's. */
  clockOffset = 0;
  readonly signalling: VisitSignalling;
  /** The conversation of the call. */
  readonly chat: Chatting<VisitWelcome>;
  /** What the device check found, as far as it was told. */
  devices: DeviceReport = {};
  /** What staff and a waiting person write to each other. */
  readonly notices: Thread;
  private wantsPlace = false;
  private over = false;

  constructor(
    readonly socket: ResumableSocket<VisitWelcome>,
    clock: Clock = systemClock,
  ) {
    super();
    this.signalling = new VisitSignalling(socket, clock);
    const self = (): Person => this.self ?? { id: "", name: "", role: "consumer" };
    this.chat = new Chatting(socket, self, clock);
    this.notices = new Thread(self, this.chat.write);
    this.chat.on("change", () => this.emit("change", undefined));
    this.notices.on("change", () => this.emit("change", undefined));
    socket.on("welcome", (welcome) => this.welcomed(welcome));
    socket.on("message", (frame) => this.hear(frame));
    socket.on("status", () => this.emit("change", undefined));
    socket.on("bye", (bye) => this.farewell(bye));
  }

  /** Who waits may write to staff, also first. */
  get mayWrite(): boolean {
    return this.waits || this.notices.items.some((item) => item.from.id !== this.self?.id);
  }

  /** Resolves once the server has said where we are. Raises CommandRefused when it closes the visit to us instead. */
  async known(): Promise<void> {
    if (this.state) return;
    const stops: (() => void)[] = [];
    const known = new Promise<void>((resolve, reject) => {
      stops.push(
        this.on("state", () => resolve()),
        this.on("over", ({ code, sentence }) => reject(new CommandRefused(code, sentence))),
      );
    });
    await known.finally(() => stops.forEach((stop) => stop()));
  }

  async enterWaiting(name: string): Promise<void> {
    this.wantsPlace = true;
    await this.socket.ask({ type: "enter_waiting", ...(name ? { name } : {}) }, { survives: true });
  }

  async leaveWaiting(): Promise<void> {
    this.wantsPlace = false;
    await this.socket.ask({ type: "leave_waiting" });
  }

  /** At the door: in the queue, or set aside by staff. */
  get waits(): boolean {
    return this.state === "waiting" || this.state === "on_hold";
  }

  /** Say who one is. Raises CommandRefused with the words for it when that is not what the business knows. */
  async giveIdentity(fields: Readonly<Record<string, string>>): Promise<void> {
    await this.socket.ask({ type: "give_identity", fields });
  }

  async setName(name: string): Promise<void> {
    await this.socket.ask({ type: "set_name", name }, { survives: true });
  }

  reportDevices(report: DeviceReport): void {
    this.devices = { ...this.devices, ...report };
    this.socket.tell({ type: "devices", ...report });
  }

  async admit(participant: string): Promise<void> {
    await this.socket.ask({ type: "admit", participant });
  }

  async deny(participant: string, text: string): Promise<void> {
    await this.socket.ask({ type: "deny", participant, ...(text ? { text } : {}) });
  }

  async remove(participant: string): Promise<void> {
    await this.socket.ask({ type: "remove", participant });
  }

  /** Whether our role lets us do something in the call. */
  may(ability: Ability): boolean {
    return this.abilities.includes(ability);
  }

  /** Our line of the roster while we are in the call. */
  get ownSeat(): RosterPerson | null {
    return this.roster.find((person) => person.id === this.self?.id) ?? null;
  }

  async raiseHand(on: boolean): Promise<void> {
    await this.socket.ask({ type: "raise_hand", on });
  }

  async lowerHand(participant: string): Promise<void> {
    await this.socket.ask({ type: "raise_hand", on: false, participant });
  }

  async react(reaction: ReactionKind): Promise<void> {
    await this.socket.ask({ type: "react", reaction });
  }

  async mute(participant: string, source: MediaFlag): Promise<void> {
    await this.socket.ask({ type: "mute", participant, source });
  }

  async muteOthers(): Promise<void> {
    await this.socket.ask({ type: "mute_others" });
  }

  async lock(on: boolean): Promise<void> {
    await this.socket.ask({ type: "lock_room", on });
  }

  async caption(line: number, text: string, final: boolean, spoken: boolean): Promise<void> {
    await this.socket.ask({ type: "caption", line, text, final, spoken });
  }

  /** Tell what happened to our side of the call, for support. */
  log(events: readonly CallEvent[]): void {
    this.socket.tell({ type: "log", events });
  }

  /** Give somebody from outside a seat; `invited` follows with their address. */
  async invite(given: { name: string; kind?: string; role?: string; email?: string; phone?: string }): Promise<void> {
    await this.socket.ask({ type: "invite", ...given });
  }

  /** Staff: who else may be asked in; `colleagues` follows. */
  async askColleagues(): Promise<void> {
    await this.socket.ask({ type: "get_colleagues" });
  }

  async inviteColleague(provider: string, handOver: boolean): Promise<void> {
    await this.socket.ask({ type: "invite_colleague", provider, hand_over: handOver });
  }

  async askForCall(phone: string): Promise<void> {
    await this.socket.ask({ type: "ask_for_call", phone }, { survives: true });
  }

  async called(participant: string): Promise<void> {
    await this.socket.ask({ type: "call_done", participant });
  }

  /** Ask everybody in the call whether it may be recorded. */
  async askToRecord(): Promise<void> {
    await this.socket.ask({ type: "record_ask" });
  }

  async answerRecording(recording: string, agree: boolean): Promise<void> {
    await this.socket.ask({ type: "record_answer", recording, agree });
  }

  async stopRecording(): Promise<void> {
    await this.socket.ask({ type: "record_stop" });
  }

  /** Have the call carried elsewhere, for everybody. Resolves when the server has begun it. */
  async moveCall(to: string): Promise<void> {
    await this.socket.ask({ type: "move_call", to });
  }

  /** Whether we leave this page to meet: staff do wherever the visit is held elsewhere. */
  get isAway(): boolean {
    if (!this.meeting?.held_in || this.meeting.held_in === "here") return false;
    return (this.self?.staff ?? false) || this.meeting.join_by !== "acs_calling";
  }

  /** We are finished with a visit that is held elsewhere. */
  async finish(): Promise<void> {
    await this.socket.ask({ type: "leave_call", reason: "finished" }, { survives: true });
  }

  /** Staff: try to make the meeting there once more, or hold the visit here after all. */
  async place(command: "make_again" | "meet_here"): Promise<void> {
    await this.socket.ask({ type: command });
  }

  async endForAll(): Promise<void> {
    await this.socket.ask({ type: "end_for_all" });
  }

  private welcomed(welcome: VisitWelcome): void {
    this.self = welcome.participant;
    this.meeting = welcome.meeting;
    this.abilities = welcome.participant.abilities ?? [];
    const serverTime = Date.parse(welcome.server_time);
    if (!Number.isNaN(serverTime)) this.clockOffset = serverTime - Date.now();
    if (welcome.resumed) return this.emit("change", undefined);
    this.enter(welcome.participant.state);
    // The server knows a place across reloads; after its own restart it may not, and we still want one.
    const lost = welcome.participant.state === "arrived" || welcome.participant.state === "left";
    if (this.wantsPlace && lost) void this.enterWaiting("").catch(() => undefined);
  }

  private enter(state: VisitState): void {
    const before = this.state;
    this.state = state;
    if (!this.waits) this.queue = null;
    if (state === "admitted" || state === "in_call") this.wantsPlace = false;
    if (state !== before) this.emit("state", { state, before });
    this.emit("change", undefined);
  }

  private hear(frame: Frame): void {
    const heard = this.handlers[frame.type as keyof VisitMessages] ?? this.chat.handlers[frame.type as keyof TalkMessages];
    if (!heard) return;
    (heard as (message: unknown) => void)(frame);
    this.emit("change", undefined);
  }

  private readonly handlers: { [Name in keyof VisitMessages]?: (message: VisitMessages[Name]) => void } = {
    state: ({ state, abilities }) => {
      this.abilities = abilities ?? this.abilities;
      this.enter(state);
    },
    next_waiting: (next) => (this.nextWaiting = next.count ? next : null),
    reaction: ({ from, reaction }) => this.emit("reaction", { from, name: this.nameOf(from), reaction }),
    caption: (caption) => this.emit("caption", { ...caption, name: this.nameOf(caption.from) }),
    muted: (muted) => this.emit("muted", muted),
    queue: (queue) => (this.queue = queue),
    area: (area) => (this.area = area),
    identity: (identity) => (this.identity = identity),
    moved_to: (movedTo) => (this.movedTo = movedTo),
    meeting: ({ meeting }) => (this.meeting = meeting),
    elsewhere: ({ elsewhere }) => (this.elsewhere = elsewhere),
    call_request: ({ request }) => (this.callRequest = request),
    invited: (invitation) => this.emit("invited", invitation),
    colleagues: ({ people }) => this.emit("colleagues", people),
    roster: ({ people }) => (this.roster = people),
    recording: (recording) => (this.recording = recording),
    waiting: ({ people }) => (this.waiting = people),
    notice: (notice) => this.notices.add(notice),
    notices: ({ items }) => items.forEach((item) => this.notices.add(item)),
  };

  private nameOf(id: string): string {
    return this.roster.find((person) => person.id === id)?.name ?? "";
  }

  private farewell(bye: Bye): void {
    if (bye.retry || this.over) return;
    this.over = true;
    this.emit("over", bye);
  }
}
