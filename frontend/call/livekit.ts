/**
 * `CallSession` over a LiveKit server, for more people than browsers carry between themselves, and for recording.
 * People and their switches are those of our own socket; LiveKit carries pictures and sound only. Loaded when a call
 * uses it. Not end-to-end encrypted: the server can see and hear.
 */
import { ConnectionState, DisconnectReason, Room, RoomEvent, setLogLevel } from "livekit-client";
import type { LocalParticipant, LocalTrackPublication, RemoteParticipant, RemoteTrackPublication, RemoteTrack as LiveKitRemote } from "livekit-client";
import { systemClock, type Clock } from "./clock";
import { DataMeter } from "./data-use";
import { Emitter } from "./emitter";
import { Ladder } from "./ladder";
import { FINAL, LEVELS, Publisher, RoomTrack, rowsOf, sourceOf, sum } from "./livekit-media";
import { RoomTracks } from "./livekit-tracks";
import type { LocalMedia } from "./local-media";
import {
  participantOf,
  type CallEvents,
  type CallSession,
  type CallState,
  type Capabilities,
  type DataUse,
  type DeviceKind,
  type JoinInfo,
  type Participant,
  type QualityLevel,
  type Sending,
  type ShareOptions,
  type StatsSnapshot,
  type TrackSource,
} from "./session";
import type { Signalling } from "./signalling";
import { judge, read, type Report, type Totals } from "./stats";
import type { RosterPerson } from "./wire";

const POLL_MS = 1000;
const FIRST_FRAME_MS = 100;
const UNSTABLE_MS = 2000;
const RECONNECTING_MS = 5000;
/** LiveKit notices a dead path after 15 s; we have it look for a new one as soon as people are told. */
const RESUME_EVERY_MS = 6000;
const FAILED_MS = 60_000;
const AGAIN_MS = [300, 1000, 2000, 4000, 8000] as const;
const TOPIC = "vestibule";
export interface LiveKitOptions {
  readonly signalling: Signalling;
  readonly local: LocalMedia;
  readonly clock?: Clock;
}

type Word = { t: "msg"; body: unknown } | { t: "level"; level: number };

export class LiveKitSession extends Emitter<CallEvents> implements CallSession {
  readonly kind = "livekit";
  state: CallState = "connecting";
  readonly participants = new Map<string, Participant>();
  readonly capabilities: Capabilities = { screenShare: true, endToEndEncrypted: false, maxParticipants: 30 };
  readonly stats = new Map<string, StatsSnapshot>();
  sending: Sending = { rung: "full", reason: "none" };
  lowBandwidth = false;
  private readonly clock: Clock;
  private readonly meter = new DataMeter();
  private readonly arrivals = new RoomTracks();
  private readonly totals = new Map<string, Totals>();
  private readonly told = new Map<string, string>();
  private readonly servers = new Map<string, QualityLevel>();
  private ladder: Ladder;
  private given: JoinInfo = { kind: "livekit", iceServers: [] };
  private room: Room | null = null;
  private publisher: Publisher | null = null;
  private people: readonly RosterPerson[] = [];
  private bytes = 0;
  private heardAt = 0;
  private lostAt: number | null = null;
  private resumedAt = 0;
  private tries = 0;
  private wasIn = false;
  private stops: (() => void)[] = [];

  constructor(private readonly options: LiveKitOptions) {
    super();
    this.clock = options.clock ?? systemClock;
    this.ladder = new Ladder(this.clock.now());
    this.arrivals.on("track", (news) => this.emit("track", news));
    setLogLevel("error");
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
  get tracks(): ReadonlyMap<string, RoomTrack> {
    return this.arrivals.shown;
  }
  get dataUse(): DataUse {
    return this.meter.use;
  }

  prepare(join: JoinInfo): Promise<void> {
    this.given = join;
    if (join.audioFirst) this.ladder = new Ladder(this.clock.now(), "audio-only");
    return Promise.resolve();
  }

  connect(): Promise<void> {
    this.heardAt = this.clock.now();
    this.listen();
    this.seat(this.options.signalling.people);
    void this.open(this.given);
    return Promise.resolve();
  }

  leave(_reason: string): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  abandon(): void {
    this.end();
  }

  retry(): void {
    if (this.room?.state === ConnectionState.Connected) this.resume();
    else if (!this.room) void this.comeBack();
  }

  setMic(on: boolean): Promise<void> {
    return this.options.local.setMic(on);
  }

  setCam(on: boolean): Promise<void> {
    return this.options.local.setCam(on);
  }

  async useDevice(kind: DeviceKind, id: string): Promise<void> {
    if (kind !== "audiooutput") await this.options.local.useDevice(kind, id);
  }

  async setLowBandwidth(on: boolean): Promise<void> {
    if (this.lowBandwidth === on) return;
    this.lowBandwidth = on;
    this.arrivals.spare(on);
    await this.tune();
  }

  shareScreen(options?: ShareOptions): Promise<void> {
    return this.options.local.share(options);
  }

  stopShare(): Promise<void> {
    this.options.local.stopShare();
    return Promise.resolve();
  }

  send(body: unknown): void {
    this.post({ t: "msg", body }, true);
  }

  // --- the room ------------------------------------------------------------------------------------------------------

  private async open({ url, token, relayOnly }: JoinInfo): Promise<void> {
    const room = new Room({
      adaptiveStream: true,
      dynacast: true,
      stopLocalTrackOnUnpublish: false,
      disconnectOnPageLeave: false,
    });
    this.room = room;
    this.publisher = new Publisher(room, this.options.local, (source, error) => this.refused(source, error));
    this.hearRoom(room);
    try {
      // Our own relays or none: LiveKit's default would ask a third party for our address.
      const iceServers = [...this.options.signalling.servers];
      const rtcConfig: RTCConfiguration = { iceServers, ...(relayOnly ? { iceTransportPolicy: "relay" as const } : {}) };
      await room.connect(url ?? "", token ?? "", { rtcConfig, maxRetries: 0 });
    } catch (error) {
      this.note("state", `refused ${String((error as Error).message)}`);
      if (this.room === room) this.lost(room);
      return;
    }
    if (this.room !== room) return void room.disconnect(false);
    this.wasIn = true;
    this.tries = 0;
    this.lostAt = null;
    this.heardAt = this.clock.now();
    this.settle();
    await this.publisher.all();
    await this.tune();
  }

  private hearRoom(room: Room): void {
    const mine = <Args extends unknown[]>(act: (...args: Args) => void) => (...args: Args) => {
      if (this.room === room && this.state !== "ended") act(...args);
    };
    room
      .on(RoomEvent.TrackSubscribed, mine((media, publication, person) => this.arrived(media, publication, person)))
      .on(RoomEvent.TrackUnsubscribed, mine((media) => this.arrivals.gone(media)))
      .on(RoomEvent.TrackMuted, mine((publication, person) => this.muted(publication as LocalTrackPublication, person as LocalParticipant)))
      .on(RoomEvent.TrackUnmuted, mine(() => this.reconcile()))
      .on(RoomEvent.ConnectionQualityChanged, mine((quality, person) => void this.servers.set(person.identity, LEVELS[quality])))
      .on(RoomEvent.DataReceived, mine((payload, person) => this.word(payload, person?.identity ?? "")))
      .on(RoomEvent.Reconnecting, mine(() => this.broke()))
      .on(RoomEvent.SignalReconnecting, mine(() => this.note("state", "signal reconnecting")))
      .on(RoomEvent.Reconnected, mine(() => this.back()))
      .on(RoomEvent.Disconnected, mine((reason) => this.disconnected(room, reason)));
  }

  private disconnected(room: Room, reason: DisconnectReason | undefined): void {
    const words = reason === undefined ? "lost" : DisconnectReason[reason].toLowerCase();
    this.note("state", `disconnected ${words}`);
    if (reason !== undefined && FINAL.has(reason)) this.end();
    else this.lost(room);
  }

  /** The connection is gone for good: come back with a new token, more patiently each time. */
  private lost(room: Room): void {
    if (this.room !== room) return;
    this.room = null;
    this.publisher?.forget();
    this.publisher = null;
    this.arrivals.clear();
    this.broke();
    this.later();
  }

  private async comeBack(): Promise<void> {
    if (this.room || this.over) return;
    const asked = this.options.signalling.askBackend();
    const fresh = await asked.catch(() => this.end());
    if (this.room || this.over) return;
    // Another epoch is another session's business.
    if (fresh && (fresh.kind !== this.kind || fresh.epoch !== (this.given.epoch ?? fresh.epoch))) return;
    if (fresh) await this.open((this.given = { ...this.given, ...fresh }));
    else this.later();
  }

  private later(): void {
    const wait = AGAIN_MS[Math.min(this.tries, AGAIN_MS.length - 1)]!;
    this.tries += 1;
    this.clock.after(wait, () => void this.comeBack());
  }

  private resume(): void {
    this.resumedAt = this.clock.now();
    this.note("restart", "resume");
    void this.room?.simulateScenario("signal-reconnect").catch(() => undefined);
  }

  private broke(): void {
    this.lostAt ??= this.clock.now();
    this.settle();
  }

  private back(): void {
    this.lostAt = null;
    this.heardAt = this.clock.now();
    this.settle();
  }

  // --- people and what they send -------------------------------------------------------------------------------------

  private listen(): void {
    const { signalling, local } = this.options;
    this.stops.push(
      signalling.on("roster", (people) => this.seat(people)),
      // Our address may have changed while the socket was away.
      signalling.on("resumed", () => this.silentFor >= UNSTABLE_MS && this.retry()),
      local.on("track", ({ source, track }) => {
        void this.publisher?.follow(source);
        this.emit("local", { source, track });
      }),
      local.on("change", () => void this.publisher?.follow("microphone")),
      this.clock.every(POLL_MS, () => void this.poll()),
      this.clock.every(FIRST_FRAME_MS, () => void this.arrivals.lookForFirst()),
    );
  }

  private seat(people: readonly RosterPerson[]): void {
    this.people = people.filter((person) => person.id !== this.options.signalling.selfId);
    const present = new Set(this.people.map((person) => person.id));
    for (const [id, participant] of [...this.participants]) {
      if (present.has(id)) continue;
      this.participants.delete(id);
      this.stats.delete(id);
      this.emit("participant", { change: "left", participant });
    }
    for (const person of this.people) this.show(person);
    this.reconcile();
    this.settle();
  }

  private show(person: RosterPerson): void {
    const next = participantOf(person);
    const known = this.participants.get(person.id);
    if (known && JSON.stringify(known) === JSON.stringify(next)) return;
    this.participants.set(person.id, next);
    this.emit("participant", { change: known ? "changed" : "joined", participant: next });
  }

  private arrived(media: LiveKitRemote, publication: RemoteTrackPublication, person: RemoteParticipant): void {
    const source = sourceOf(publication.source);
    if (!source) return;
    const track = new RoomTrack(person.identity, source, publication, media);
    this.arrivals.arrived(track);
    if (this.lowBandwidth) track.spare(true);
    this.reconcile();
  }

  private reconcile(): void {
    this.arrivals.reconcile(this.people);
  }

  /** Somebody who moderates silenced us: our own switches follow, so that we know and can switch on again. */
  private muted(publication: LocalTrackPublication, person: LocalParticipant): void {
    this.reconcile();
    if (person.identity !== this.room?.localParticipant.identity) return;
    const source = this.publisher?.sourceOf(publication);
    if (source === "microphone" && this.micOn) void this.setMic(false);
    if (source === "camera" && this.camOn && this.ladder.rung !== "audio-only") void this.setCam(false);
    if (source === "screen" && this.sharing) void this.stopShare();
  }

  private refused(source: TrackSource, error: unknown): void {
    this.note("device", `${source} not sent: ${String((error as Error).message)}`);
    // A role that may not send this: the switch must not claim otherwise.
    if (source === "screen") void this.stopShare();
  }

  // --- words beside the media ----------------------------------------------------------------------------------------

  private post(word: Word, reliable: boolean, to?: string): void {
    if (this.room?.state !== ConnectionState.Connected) return;
    const options = { reliable, topic: TOPIC, ...(to ? { destinationIdentities: [to] } : {}) };
    const payload = new TextEncoder().encode(JSON.stringify(word));
    void this.room.localParticipant.publishData(payload, options).catch(() => undefined);
  }

  private word(payload: Uint8Array, from: string): void {
    if (!this.participants.has(from)) return;
    try {
      const said = JSON.parse(new TextDecoder().decode(payload)) as Partial<Word>;
      if (said.t === "msg") this.emit("message", { participant: from, body: said.body });
      if (said.t === "level" && typeof said.level === "number") this.emit("heard", { participant: from, level: said.level });
    } catch {
      // not ours
    }
  }

  // --- how it goes ---------------------------------------------------------------------------------------------------

  private async poll(): Promise<void> {
    const reports = await this.arrivals.reports();
    if (this.state === "ended") return;
    const now = this.clock.now();
    const all = reports.flatMap(({ rows }) => rows);
    const bytes = sum(all.filter((row) => row["type"] === "inbound-rtp"), "bytesReceived");
    if (bytes !== this.bytes) this.heardAt = now;
    this.bytes = bytes;
    for (const id of this.participants.keys()) {
      const rows = reports.filter(({ track }) => track.participant === id).flatMap((report) => report.rows);
      if (rows.length) this.learn(id, rows, now);
    }
    await this.look(now);
    this.emit("dataUse", this.dataUse);
    if (this.silentFor >= RECONNECTING_MS && now - this.resumedAt >= RESUME_EVERY_MS) this.retry();
    this.settle(true);
  }

  private learn(id: string, report: Report, now: number): void {
    const { snapshot, totals } = read(id, report, now, this.totals.get(id) ?? null);
    this.totals.set(id, totals);
    this.stats.set(id, snapshot);
    this.emit("stats", snapshot);
    if (snapshot.level !== null) this.post({ t: "level", level: Math.round(snapshot.level * 1000) / 1000 }, false, id);
    const found = judge(snapshot, this.silentFor);
    const level = Math.min(found.level, this.servers.get(id) ?? 4) as QualityLevel;
    const quality = { level, reason: level < found.level ? ("loss" as const) : found.reason };
    if (this.told.get(id) === `${quality.level}${quality.reason}`) return;
    this.told.set(id, `${quality.level}${quality.reason}`);
    this.emit("quality", { participant: id, ...quality });
  }

  /** What our own picture meets on its way to the server decides how much of it is sent. */
  private async look(now: number): Promise<void> {
    const sender = this.publisher?.senderOf("camera") ?? this.publisher?.senderOf("microphone");
    const rows = rowsOf(await sender?.getStats().catch(() => undefined));
    if (!rows.length) return;
    const { snapshot } = read("", rows, now, null);
    this.meter.add("room", snapshot.bytesSent + snapshot.bytesReceived, now);
    if (!this.camOn) return;
    const { outgoing, limitation, lossSent, rtt } = snapshot;
    const before = this.ladder.rung;
    const outlook = { estimate: outgoing, limited: limitation === "bandwidth", loss: lossSent, rtt, busy: limitation === "cpu" };
    if (this.ladder.step(outlook, now) !== before) await this.tune();
  }

  private async tune(): Promise<void> {
    const { rung, reason } = this.ladder;
    const least = this.lowBandwidth && rung !== "audio-only" ? "small" : rung;
    const next: Sending = { rung: least, reason: least === rung ? reason : "chosen" };
    const changed = next.rung !== this.sending.rung || next.reason !== this.sending.reason;
    this.sending = next;
    await this.publisher?.climb(least);
    if (!changed) return;
    this.note("sending", `${next.rung} ${next.reason}`);
    this.emit("sending", next);
  }

  private get over(): boolean {
    return this.state === "ended";
  }

  /** ms since anything arrived, while somebody sends something. */
  private get silentFor(): number {
    const now = this.clock.now();
    if (this.lostAt !== null) return now - this.lostAt;
    const expected = this.people.some(({ media, connection }) => connection === "ok" && (media.mic || media.cam || media.screen));
    return expected && this.arrivals.size ? now - this.heardAt : 0;
  }

  private settle(ticking = false): void {
    if (this.state === "ended") return;
    const { silentFor } = this;
    const state = this.overall(silentFor);
    if (state === this.state && !(ticking && state !== "connected")) return;
    if (state !== this.state) this.note("state", state);
    this.state = state;
    this.emit("state", { state, silentFor });
  }

  private overall(silentFor: number): CallState {
    if (silentFor >= FAILED_MS) return "failed";
    if (!this.room || this.room.state === ConnectionState.Connecting) return this.wasIn ? "reconnecting" : "connecting";
    if (silentFor >= RECONNECTING_MS) return "reconnecting";
    return silentFor >= UNSTABLE_MS ? "unstable" : "connected";
  }

  private note(what: string, detail: string): void {
    this.emit("note", { what, detail: detail.slice(0, 200) });
  }

  private end(): void {
    if (this.state === "ended") return;
    this.state = "ended";
    for (const stop of this.stops.splice(0)) stop();
    this.publisher?.forget();
    this.arrivals.clear();
    const { room } = this;
    this.room = null;
    // Devices go on: they are the page's, and may serve the session that follows.
    void room?.disconnect(false);
    this.emit("state", { state: "ended", silentFor: 0 });
  }
}
