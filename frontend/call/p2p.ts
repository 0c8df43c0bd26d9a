/** `CallSession` between browsers, encrypted end to end, for up to four people: one `Peer` per other person. */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import { Ladder } from "./ladder";
import type { LocalMedia } from "./local-media";
import { Peer, type PeerPorts } from "./peer";
import { Playback } from "./playback";
import { RemoteTrack } from "./remote-track";
import type {
  CallEvents,
  CallSession,
  CallState,
  Capabilities,
  DeviceKind,
  JoinInfo,
  Participant,
  ShareOptions,
  StatsSnapshot,
  TrackSource,
} from "./session";
import type { Signalling } from "./signalling";
import { judge, read, type Report, type Totals } from "./stats";
import { limit, limitsFor, preferCodecs } from "./tuning";
import type { MediaFlags, RosterPerson } from "./wire";

const POLL_MS = 1000;
const SOURCES: readonly TrackSource[] = ["microphone", "camera", "screen", "screen-audio"];
/** After this long without anything from the others, or two connections that never worked, say so plainly. */
export const FAILED_MS = 60_000;
const FAILED_TRIES = 2;

export interface P2POptions {
  readonly signalling: Signalling;
  readonly local: LocalMedia;
  /** Makes the element that plays the others. Build the session in the handler of the tap on "Join". */
  readonly audio?: () => HTMLAudioElement;
  readonly clock?: Clock;
  readonly connection?: (config: RTCConfiguration) => RTCPeerConnection;
}

interface Other {
  person: RosterPerson;
  readonly peer: Peer;
  readonly ladder: Ladder;
  readonly media: Map<TrackSource, RemoteTrack>;
  totals: Totals | null;
  quality: string;
  /** The other side stopped sending its picture to save the sound. */
  pictureSaved: boolean;
}

export class P2PSession extends Emitter<CallEvents> implements CallSession {
  state: CallState = "connecting";
  readonly participants = new Map<string, Participant>();
  readonly tracks = new Map<string, RemoteTrack>();
  readonly capabilities: Capabilities = { screenShare: true, endToEndEncrypted: true, maxParticipants: 4 };
  private readonly others = new Map<string, Other>();
  private readonly signalling: Signalling;
  private readonly local: LocalMedia;
  private readonly clock: Clock;
  private readonly playback: Playback | null;
  private joinInfo: JoinInfo = { kind: "p2p", iceServers: [] };
  private seated = false;
  private join = "";
  private stops: (() => void)[] = [];

  constructor(private readonly options: P2POptions) {
    super();
    this.signalling = options.signalling;
    this.local = options.local;
    this.clock = options.clock ?? systemClock;
    const refused = (retry: () => Promise<void>) => this.emit("needsGesture", { retry });
    this.playback = options.audio ? new Playback(options.audio, refused) : null;
  }

  get micOn(): boolean {
    return this.local.micOn;
  }

  get camOn(): boolean {
    return this.local.camOn;
  }

  get sharing(): boolean {
    return this.local.sharing;
  }

  prepare(join: JoinInfo): Promise<void> {
    this.joinInfo = join;
    return Promise.resolve();
  }

  async connect(): Promise<void> {
    this.seated = true;
    this.listen();
    try {
      await this.signalling.takeSeat(this.flags);
    } catch (error) {
      if (willBeTakenAgain(error)) return;
      this.end();
      throw error;
    }
  }

  async leave(reason: string): Promise<void> {
    if (this.state === "ended") return;
    this.end();
    await this.signalling.leaveSeat(reason).catch(() => undefined);
  }

  /** Close every connection at once, when the page goes away: relays keep a place for each one left open. */
  abandon(): void {
    this.end();
  }

  setMic(on: boolean): Promise<void> {
    return this.local.setMic(on);
  }

  setCam(on: boolean): Promise<void> {
    return this.local.setCam(on);
  }

  async useDevice(kind: DeviceKind, id: string): Promise<void> {
    if (kind === "audiooutput") await this.playback?.setSink(id);
    else await this.local.useDevice(kind, id);
  }

  shareScreen(options?: ShareOptions): Promise<void> {
    return this.local.share(options);
  }

  stopShare(): Promise<void> {
    this.local.stopShare();
    return Promise.resolve();
  }

  send(body: unknown): void {
    for (const { peer } of this.others.values()) peer.post({ t: "msg", body });
  }

  /** Restart towards everybody now, when the person asks for it. */
  retry(): void {
    for (const { peer } of this.others.values()) peer.restart();
  }

  private get config(): RTCConfiguration {
    const { iceServers, relayOnly } = this.joinInfo;
    const known = this.signalling.servers;
    return {
      iceServers: [...(known.length ? known : iceServers)],
      bundlePolicy: "max-bundle",
      ...(relayOnly ? { iceTransportPolicy: "relay" as const } : {}),
    };
  }

  private get flags(): MediaFlags {
    return { mic: this.local.micOn, cam: this.local.camOn, screen: this.local.sharing };
  }

  private listen(): void {
    const { signalling, local } = this;
    this.stops.push(
      signalling.on("roster", (people) => this.seat(people)),
      signalling.on("signal", ({ from, join, epoch, data }) => {
        const other = this.others.get(from);
        if (other?.person.join === join) other.peer.receive(epoch, data);
      }),
      // Our address may have changed while the socket was away; waiting for ICE to notice takes many seconds.
      signalling.on("resumed", () => this.retry()),
      signalling.on("fresh", () => void this.sitDownAgain()),
      signalling.on("ended", ({ reason }) => this.removedFor(reason)),
      local.on("track", ({ source, track, lost }) => {
        for (const other of this.others.values()) void other.peer.setTrack(source, track).then(() => this.tuneAll(other));
        this.emit("local", { source, track });
        if (lost) this.signalling.tellMedia(this.flags);
      }),
      local.on("change", () => this.signalling.tellMedia(this.flags)),
      this.clock.every(POLL_MS, () => void this.poll()),
    );
  }

  private async sitDownAgain(): Promise<void> {
    if (!this.seated) return;
    try {
      await this.signalling.takeSeat(this.flags);
    } catch (error) {
      if (!willBeTakenAgain(error)) this.removedFor((error as { code?: string }).code ?? "failed");
    }
  }

  private seat(people: readonly RosterPerson[]): void {
    const me = people.find((person) => person.id === this.signalling.selfId);
    // Not listed: our new session has not taken its seat yet. What plays goes on playing.
    if (!me || !this.seated) return;
    if (me.join !== this.join) for (const id of [...this.others.keys()]) this.part(id, false);
    this.join = me.join;
    const present = new Set(people.map((person) => person.id));
    for (const id of [...this.others.keys()]) if (!present.has(id)) this.part(id, true);
    for (const person of people) if (person.id !== me.id) this.meet(person, me.order > person.order);
    for (const id of [...this.participants.keys()]) if (!present.has(id)) this.forget(id);
    for (const other of this.others.values()) this.tuneAll(other);
    this.settle();
  }

  private meet(person: RosterPerson, owner: boolean): void {
    const known = this.others.get(person.id);
    if (known && known.person.join !== person.join) this.part(person.id, false);
    let other = this.others.get(person.id);
    if (other) other.person = person;
    else {
      other = this.introduce(person, owner);
      other.peer.start();
    }
    this.show(person);
    this.reconcile(other);
  }

  private introduce(person: RosterPerson, owner: boolean): Other {
    const other: Other = {
      person,
      peer: new Peer(owner, this.portsFor(person)),
      ladder: new Ladder(this.clock.now()),
      media: new Map(),
      totals: null,
      quality: "",
      pictureSaved: false,
    };
    this.others.set(person.id, other);
    return other;
  }

  private portsFor({ id, join }: RosterPerson): PeerPorts {
    const { signalling } = this;
    const create = this.options.connection ?? ((config: RTCConfiguration) => new RTCPeerConnection(config));
    return {
      clock: this.clock,
      connection: create,
      config: () => this.config,
      iceServers: () => signalling.iceServers(),
      alive: () => signalling.alive,
      send: (epoch, data) => signalling.signal(id, join, epoch, data),
      localTrack: (source) => this.local.track(source),
      onTrack: (source, track) => this.arrived(id, source, track),
      onState: () => this.settle(),
      onCode: (code) => this.emit("code", { participant: id, code }),
      onMessage: (body) => this.emit("message", { participant: id, body }),
      onSaving: (saving) => this.saved(id, saving),
      tune: (source, transceiver) => {
        if (source === "camera" || source === "screen") preferCodecs(transceiver);
        const other = this.others.get(id);
        if (other) this.tuneAll(other);
      },
    };
  }

  private show(person: RosterPerson): void {
    const { mic, cam, screen } = person.media;
    const next: Participant = {
      id: person.id,
      name: person.name,
      role: person.role,
      micOn: mic,
      camOn: cam,
      sharing: screen,
      present: person.connection === "ok",
    };
    const known = this.participants.get(person.id);
    if (known && JSON.stringify(known) === JSON.stringify(next)) return;
    this.participants.set(person.id, next);
    this.emit("participant", { change: known ? "changed" : "joined", participant: next });
  }

  private forget(id: string): void {
    const participant = this.participants.get(id);
    if (!participant) return;
    this.participants.delete(id);
    this.emit("participant", { change: "left", participant });
  }

  /** The peer connection goes; with `gone` the person does too. */
  private part(id: string, gone: boolean): void {
    const other = this.others.get(id);
    if (other) {
      this.others.delete(id);
      other.peer.close();
      for (const track of other.media.values()) this.withdraw(track);
    }
    if (gone) this.forget(id);
  }

  private arrived(id: string, source: TrackSource, media: MediaStreamTrack): void {
    const other = this.others.get(id);
    if (!other) return;
    const known = other.media.get(source);
    if (known) known.swap(media);
    else other.media.set(source, new RemoteTrack(id, source, media));
    this.reconcile(other);
  }

  /** A line exists for every source from the start; the roster says which of them carries anything. */
  private reconcile(other: Other): void {
    const { cam, screen } = other.person.media;
    const wanted: Record<TrackSource, boolean> = {
      microphone: true,
      camera: cam && !other.pictureSaved,
      screen,
      "screen-audio": screen,
    };
    for (const [source, track] of other.media) {
      if (wanted[source]) this.offer(track);
      else this.withdraw(track);
    }
  }

  private offer(track: RemoteTrack): void {
    if (this.tracks.has(track.id)) return;
    this.tracks.set(track.id, track);
    if (track.kind === "audio") this.playback?.add(track);
    this.emit("track", { change: "added", track });
  }

  private withdraw(track: RemoteTrack): void {
    if (!this.tracks.delete(track.id)) return;
    if (track.kind === "audio") this.playback?.remove(track);
    this.emit("track", { change: "removed", track });
  }

  private saved(id: string, saving: boolean): void {
    const other = this.others.get(id);
    if (!other) return;
    other.pictureSaved = saving;
    this.reconcile(other);
  }

  private tuneAll(other: Other): void {
    for (const source of SOURCES) {
      const sender = other.peer.sender(source);
      const wanted = source !== "camera" || other.ladder.rung === "full";
      const active = wanted && this.local.track(source) !== null;
      if (sender) void limit(sender, source, limitsFor(source, this.others.size, active));
    }
  }

  private async poll(): Promise<void> {
    for (const [id, other] of [...this.others]) {
      const connection = other.peer.connection;
      if (!connection) continue;
      const report = await connection.getStats().catch(() => null);
      if (report && this.others.get(id) === other) this.learn(id, other, report);
    }
    this.settle(true);
  }

  private learn(id: string, other: Other, report: RTCStatsReport): void {
    const rows = [...(report as unknown as Map<string, Record<string, unknown>>).values()] as Report;
    const before = other.totals;
    const { snapshot, totals } = read(id, rows, this.clock.now(), before);
    other.totals = totals;
    if (totals.bytes > (before?.bytes ?? 0)) other.peer.heard();
    this.emit("stats", snapshot);
    this.climb(other, snapshot);
    const judged = judge(snapshot, other.peer.silentFor);
    const told = other.ladder.rung === "audio-only" ? { ...judged, reason: "audio-only" as const } : judged;
    if (other.quality === `${told.level}${told.reason}`) return;
    other.quality = `${told.level}${told.reason}`;
    this.emit("quality", { participant: id, ...told });
  }

  private climb(other: Other, { outgoing, limitation, lossSent, rtt }: StatsSnapshot): void {
    if (!this.local.camOn) return;
    const before = other.ladder.rung;
    const outlook = { estimate: outgoing, limited: limitation === "bandwidth", loss: lossSent, rtt };
    if (other.ladder.step(outlook, this.clock.now()) === before) return;
    this.tuneAll(other);
    other.peer.post({ t: "saving", on: other.ladder.rung === "audio-only" });
  }

  /** One state for the whole call: as good as the best connection, as only then is it ours that is bad. */
  private settle(ticking = false): void {
    if (this.state === "ended") return;
    const peers = [...this.others.values()].map((other) => other.peer);
    const silentFor = peers.length ? Math.min(...peers.map((peer) => peer.silentFor)) : 0;
    const state = this.overall(peers, silentFor);
    if (state === this.state && !(ticking && state !== "connected")) return;
    this.state = state;
    this.emit("state", { state, silentFor });
  }

  private overall(peers: readonly Peer[], silentFor: number): CallState {
    if (!peers.length) return this.join ? "connected" : "connecting";
    for (const state of ["connected", "unstable"] as const) {
      if (peers.some((peer) => peer.state === state)) return state;
    }
    if (peers.every((peer) => peer.failures >= FAILED_TRIES) || silentFor >= FAILED_MS) return "failed";
    return peers.some((peer) => peer.state === "reconnecting") ? "reconnecting" : "connecting";
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
    for (const id of [...this.others.keys()]) this.part(id, true);
    this.playback?.stop();
    this.state = "ended";
    this.emit("state", { state: "ended", silentFor: 0 });
  }
}

/** The session ended under the question; the next one begins by taking the seat, so nothing is lost. */
function willBeTakenAgain(error: unknown): boolean {
  return (error as { code?: string }).code === "session_lost";
}
