/**
 * The session a page holds, whatever carries the call: it takes the seat and gives it up, tells the others which
 * switches are on, plays the sound, and moves a live call from one backend to another while the old one still plays.
 */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import type { LocalMedia } from "./local-media";
import { Playback } from "./playback";
import type {
  CallEvents,
  CallSession,
  CallState,
  CallTrack,
  Capabilities,
  DataUse,
  DeviceKind,
  JoinInfo,
  OutsideState,
  Participant,
  Sending,
  ShareOptions,
  StatsSnapshot,
} from "./session";
import type { Signalling } from "./signalling";
import type { BackendInfo, MediaFlags } from "./wire";

/** Makes a session of `kind` that is given a seat and neither takes one, gives one up, nor plays sound. */
export type SessionMaker = (kind: string, backend: BackendInfo) => CallSession | Promise<CallSession>;

/** The script of an add-on did not come: it was taken off the server, or something on the way holds it back. */
export class NotLoaded extends Error {
  constructor(readonly elsewhere: string) {
    super("the add-on did not load");
  }
}

export interface CarriedOptions {
  readonly signalling: Signalling;
  readonly local: LocalMedia;
  readonly make: SessionMaker;
  /** Makes the element that plays the others. Build the session in the handler of the tap on "Join". */
  readonly audio?: () => HTMLAudioElement;
  readonly clock?: Clock;
}

/** A backend that carries nobody after this long is not waited for: what plays goes on playing. */
export const MOVE_MS = 12_000;
/** So long the old backend plays on and sends to those who have not changed over yet: three tries of theirs fit into it. */
export const LINGER_MS = 50_000;
/** So long it is waited for what the old backend plays to come over the new one, before the others may close the old. */
export const SETTLE_MS = 15_000;
const AGAIN_MS = 3000;
const TRIES = 3;
/** Whoever could not be moved is asked this much later where the call is, and tries again. */
export const LATER_MS = 15_000;
const NOTHING: Capabilities = { screenShare: true, endToEndEncrypted: true, maxParticipants: 4 };
const PASSED_ON = ["participant", "quality", "stats", "local", "code", "message", "sending", "heard", "note", "outside", "caption"] as const;

export class CarriedSession extends Emitter<CallEvents> implements CallSession {
  state: CallState = "connecting";
  readonly tracks = new Map<string, CallTrack>();
  lowBandwidth = false;
  private current: CallSession | null = null;
  /** The backend before this one, until everybody has changed over. */
  private leaving: CallSession | null = null;
  private cancelLinger: () => void = () => undefined;
  private epoch = 0;
  private spent = 0;
  private seated = false;
  private given: JoinInfo = { kind: "p2p", iceServers: [] };
  private wanted: BackendInfo | null = null;
  private moving = false;
  /** The epoch it was last said of that we did not come along. */
  private givenUp = 0;
  private readonly playback: Playback | null;
  private readonly clock: Clock;
  private speaker = "";
  private stops: (() => void)[] = [];
  private unfollow: () => void = () => undefined;

  constructor(private readonly options: CarriedOptions) {
    super();
    this.clock = options.clock ?? systemClock;
    const refused = (retry: () => Promise<void>) => {
      this.emit("note", { what: "gesture", detail: "wanted" });
      this.emit("needsGesture", { retry });
    };
    this.playback = options.audio ? new Playback(options.audio, refused) : null;
  }

  get kind(): string {
    return this.current?.kind ?? this.given.kind;
  }
  get participants(): ReadonlyMap<string, Participant> {
    return this.current?.participants ?? new Map();
  }
  get stats(): ReadonlyMap<string, StatsSnapshot> {
    return this.current?.stats ?? new Map();
  }
  get capabilities(): Capabilities {
    return this.current?.capabilities ?? NOTHING;
  }
  get sending(): Sending {
    return this.current?.sending ?? { rung: "full", reason: "none" };
  }
  get dataUse(): DataUse {
    const { bytes, bytesPerHour } = this.current?.dataUse ?? { bytes: 0, bytesPerHour: null };
    return { bytes: this.spent + (this.leaving?.dataUse.bytes ?? 0) + bytes, bytesPerHour };
  }
  get outside(): OutsideState | null {
    return this.current?.outside ?? null;
  }
  get micOn(): boolean {
    return this.options.local.micOn;
  }
  get camOn(): boolean {
    return this.options.local.camOn;
  }
  get sharing(): boolean {
    return this.options.local.sharing;
  }

  /** `join` holds what is known beforehand; what carries the call is learnt with the seat. */
  prepare(join: JoinInfo): Promise<void> {
    this.given = join;
    return Promise.resolve();
  }

  /** Rejects with the server's refusal when there is no seat for us. */
  async connect(): Promise<void> {
    this.seated = true;
    this.listen();
    try {
      const { backend } = await this.options.signalling.takeSeat(this.flags);
      await this.begin(backend);
    } catch (error) {
      if (willBeTakenAgain(error)) return;
      this.end();
      throw error;
    }
  }

  async leave(reason: string): Promise<void> {
    if (this.state === "ended") return;
    const { current } = this;
    this.end();
    await current?.leave(reason).catch(() => undefined);
    await this.options.signalling.leaveSeat(reason).catch(() => undefined);
  }

  abandon(): void {
    this.end();
  }

  retry(): void {
    this.current?.retry();
  }

  setMic(on: boolean): Promise<void> {
    return this.options.local.setMic(on);
  }

  setCam(on: boolean): Promise<void> {
    return this.options.local.setCam(on);
  }

  async useDevice(kind: DeviceKind, id: string): Promise<void> {
    if (kind !== "audiooutput") return this.options.local.useDevice(kind, id);
    this.speaker = id;
    await this.playback?.setSink(id);
    await this.current?.setSpeaker?.(id);
  }

  async setLowBandwidth(on: boolean): Promise<void> {
    this.lowBandwidth = on;
    await this.current?.setLowBandwidth(on);
  }

  shareScreen(options?: ShareOptions): Promise<void> {
    return this.options.local.share(options);
  }

  stopShare(): Promise<void> {
    this.options.local.stopShare();
    return Promise.resolve();
  }

  send(body: unknown): void {
    this.current?.send(body);
  }

  async setCaptions(on: boolean, language: string): Promise<void> {
    await this.current?.setCaptions?.(on, language);
  }

  private get flags(): MediaFlags {
    return { mic: this.micOn, cam: this.camOn, screen: this.sharing };
  }

  private listen(): void {
    const { signalling, local } = this.options;
    this.stops.push(
      signalling.on("fresh", () => void this.sitDownAgain()),
      signalling.on("ended", ({ reason }) => this.removedFor(reason)),
      signalling.on("backend", ({ backend }) => void this.moveTo(backend)),
      signalling.on("roster", (people) => people.every(({ epoch = this.epoch }) => epoch >= this.epoch) && this.letGo()),
      local.on("change", () => signalling.tellMedia(this.flags)),
    );
  }

  private async sitDownAgain(): Promise<void> {
    if (!this.seated) return;
    try {
      const { backend } = await this.options.signalling.takeSeat(this.flags);
      if (!this.current) await this.begin(backend);
      else if (backend.epoch !== this.epoch || backend.kind !== this.kind) await this.moveTo(backend);
    } catch (error) {
      if (!willBeTakenAgain(error)) this.removedFor((error as { code?: string }).code ?? "failed");
    }
  }

  private async begin(backend: BackendInfo): Promise<void> {
    const session = await this.make(backend);
    // Meanwhile the person left, or the call moved on.
    if (!this.seated || this.epoch > backend.epoch) return session.abandon();
    this.take(session, backend.epoch);
    await session.connect();
    this.options.signalling.carried(backend.epoch);
  }

  private async make(backend: BackendInfo): Promise<CallSession> {
    const session = await this.options.make(backend.kind, backend);
    await session.prepare({ ...this.given, ...backend });
    if (this.lowBandwidth) await session.setLowBandwidth(true);
    if (this.speaker) await session.setSpeaker?.(this.speaker).catch(() => undefined);
    return session;
  }

  /** Connect to what carries the call from now on while the old one plays, then change over. */
  private async moveTo(backend: BackendInfo): Promise<void> {
    this.wanted = backend;
    if (this.moving || !this.seated) return;
    this.moving = true;
    for (let tries = 0; tries < TRIES && this.seated && this.wanted.epoch > this.epoch; tries += 1) {
      const target: BackendInfo = this.wanted;
      try {
        await this.change(target);
        tries = -1;
      } catch (error) {
        const detail = `${target.kind} ${String((error as Error).message)}`.slice(0, 200);
        if (this.givenUp !== target.epoch) this.emit("note", { what: "move_failed", detail });
        await new Promise<void>((resolve) => this.clock.after(AGAIN_MS, resolve));
      }
    }
    this.moving = false;
    if (this.seated && this.wanted.epoch > this.epoch) this.giveUp(this.wanted);
  }

  /** Say so, once, and go on trying: the others close the old backend some time, and we would be alone on it. */
  private giveUp({ kind, epoch }: BackendInfo): void {
    if (this.givenUp !== epoch) this.emit("note", { what: "move_given_up", detail: kind });
    this.givenUp = epoch;
    this.clock.after(LATER_MS, () => void this.askAgain());
  }

  /** The answer comes as any other news of a move, with a new token. */
  private async askAgain(): Promise<void> {
    const { wanted } = this;
    if (!wanted || !this.seated || this.moving || wanted.epoch <= this.epoch) return;
    const told = await this.options.signalling.askBackend().catch(() => wanted);
    if (!told) this.giveUp(wanted);
  }

  private async change(backend: BackendInfo): Promise<void> {
    const next = await this.make(backend);
    try {
      await next.connect();
      await this.connected(next);
    } catch (error) {
      next.abandon();
      throw error;
    }
    if (!this.seated) return next.abandon();
    this.letGo();
    this.leaving = this.current;
    this.cancelLinger = this.clock.after(LINGER_MS, () => this.letGo());
    this.take(next, backend.epoch);
    this.tellOnceItPlays(next, backend.epoch);
    this.emit("note", { what: "moved", detail: `${backend.kind} ${backend.epoch}` });
    this.emit("moved", { kind: backend.kind, epoch: backend.epoch });
  }

  /** The others close the old backend once all say this: so not before its pictures and sounds come over the new one. */
  private tellOnceItPlays(next: CallSession, epoch: number): void {
    const tell = () => this.current === next && this.options.signalling.carried(epoch);
    if (this.allPlays(next)) return void tell();
    const began = this.clock.now();
    const stop = this.clock.every(100, () => {
      const isOver = this.current !== next || this.clock.now() - began >= SETTLE_MS;
      if (!isOver && !this.allPlays(next)) return;
      stop();
      tell();
    });
    this.stops.push(stop);
  }

  /** Whether everything the old backend plays, of those who are still there, has begun to come over `next`. */
  private allPlays(next: CallSession): boolean {
    const isSent = ({ participant, source }: CallTrack) => {
      const sender = next.participants.get(participant);
      if (!sender?.present) return false;
      return source === "microphone" ? sender.micOn : source === "camera" ? sender.camOn : true;
    };
    const old = [...(this.leaving?.tracks ?? [])].filter(([, track]) => isSent(track));
    return old.every(([id]) => next.tracks.has(id) && next.tracks.get(id)?.flowing !== false);
  }

  /** Close the old backend, once nobody plays over it any more. */
  private letGo(): void {
    this.cancelLinger();
    const old = this.leaving;
    if (!old) return;
    this.leaving = null;
    this.spent += old.dataUse.bytes;
    old.abandon();
    this.show();
  }

  private connected(next: CallSession): Promise<void> {
    return new Promise((resolve, reject) => {
      const began = this.clock.now();
      const stop = this.clock.every(50, () => {
        const late = this.clock.now() - began >= MOVE_MS;
        const over = late || next.state === "ended" || next.state === "failed";
        if (next.state !== "connected" && !over) return;
        stop();
        if (next.state === "connected") resolve();
        else reject(new Error(`not connected but ${next.state}`));
      });
    });
  }

  /** From now on `session` is the call. */
  private take(session: CallSession, epoch: number): void {
    this.unfollow();
    const before = new Map(this.current?.participants ?? []);
    this.current = session;
    this.epoch = epoch;
    const stops = [
      session.on("track", () => this.show()),
      ...(this.leaving ? [this.leaving.on("track", () => this.show())] : []),
      session.on("state", ({ state, silentFor }) => this.become(state, silentFor)),
      session.on("dataUse", () => this.emit("dataUse", this.dataUse)),
      session.on("removed", (end) => this.overThere(end)),
      ...PASSED_ON.map((name) => session.on(name, (detail) => this.emit(name, detail as never))),
    ];
    this.unfollow = () => stops.forEach((stop) => stop());
    this.compare(before, session.participants);
    this.show();
    if (session.state !== this.state) this.become(session.state, 0);
  }

  /** Play every source over the new backend that has it, and over the old one while it has not. */
  private show(): void {
    const wanted = new Map<string, CallTrack>(this.leaving?.tracks ?? []);
    for (const [id, track] of this.current?.tracks ?? []) {
      if (track.flowing !== false || !wanted.has(id)) wanted.set(id, track);
    }
    for (const [id, track] of [...this.tracks]) if (wanted.get(id) !== track) this.withdraw(track);
    for (const [id, track] of wanted) if (!this.tracks.has(id)) this.offer(track);
  }

  private offer(track: CallTrack): void {
    this.tracks.set(track.id, track);
    if (track.kind === "audio") this.playback?.add(track);
    this.emit("track", { change: "added", track });
  }

  private withdraw(track: CallTrack): void {
    this.tracks.delete(track.id);
    if (track.kind === "audio") this.playback?.remove(track);
    this.emit("track", { change: "removed", track });
  }

  private compare(before: ReadonlyMap<string, Participant>, now: ReadonlyMap<string, Participant>): void {
    for (const [id, participant] of before) if (!now.has(id)) this.emit("participant", { change: "left", participant });
    for (const [id, participant] of now) if (!before.has(id)) this.emit("participant", { change: "joined", participant });
  }

  private become(state: CallState, silentFor: number): void {
    if (this.state === "ended") return;
    // Somebody else may carry the call where browsers do not reach each other.
    if (state === "failed" && this.state !== "failed") this.options.signalling.lineFailed();
    // A backend that ends by itself was lost, not left: the server or the person ends calls.
    this.state = state === "ended" ? "reconnecting" : state;
    this.emit("state", { state: this.state, silentFor });
  }

  /** Whoever carries the call ended our part of it, or never began it: our seat is free. */
  private overThere(end: CallEvents["removed"]): void {
    if (this.state === "ended") return;
    this.end();
    void this.options.signalling.leaveSeat(end.reason.slice(0, 64)).catch(() => undefined);
    this.emit("removed", end);
  }

  private removedFor(reason: string): void {
    if (this.state === "ended") return;
    this.end();
    this.emit("removed", { reason });
  }

  private end(): void {
    if (this.state === "ended") return;
    this.seated = false;
    for (const stop of this.stops.splice(0)) stop();
    const { current } = this;
    this.unfollow();
    this.compare(new Map(current?.participants ?? []), new Map());
    for (const track of [...this.tracks.values()]) this.withdraw(track);
    this.cancelLinger();
    this.leaving?.abandon();
    this.leaving = null;
    current?.abandon();
    this.current = null;
    this.playback?.stop();
    this.state = "ended";
    this.emit("state", { state: "ended", silentFor: 0 });
  }
}

/** The session ended under the question; the next one begins by taking the seat, so nothing is lost. */
function willBeTakenAgain(error: unknown): boolean {
  return (error as { code?: string }).code === "session_lost";
}
