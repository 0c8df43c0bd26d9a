/**
 * `CallSession` between browsers, encrypted end to end, for up to four people: one `Peer` per other person.
 * The seat is not its own: `carried.ts` takes it and gives it up.
 */
import { systemClock, type Clock } from "./clock";
import { DataMeter } from "./data-use";
import { Emitter } from "./emitter";
import { Link } from "./link";
import type { LocalMedia } from "./local-media";
import { Peer, type PeerPorts } from "./peer";
import { RemoteTrack } from "./remote-track";
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
  type Rung,
  type Sending,
  type ShareOptions,
  type StatsSnapshot,
  type TrackSource,
} from "./session";
import type { Signalling } from "./signalling";
import type { Report } from "./stats";
import { limit, limitsFor, preferCodecs } from "./tuning";
import type { RosterPerson } from "./wire";

const POLL_MS = 1000;
const LOOK_MS = 200;
const RUNGS: readonly Rung[] = ["full", "medium", "small", "audio-only"];
const SOURCES: readonly TrackSource[] = ["microphone", "camera", "screen", "screen-audio"];
/** After this long without anything from the others, or two connections that never worked, say so plainly. */
export const FAILED_MS = 60_000;
const FAILED_TRIES = 2;
/** After our session began anew, perhaps with the server, so long the others may take to sit down again. */
export const SETTLING_MS = 15_000;

export interface P2POptions {
  readonly signalling: Signalling;
  readonly local: LocalMedia;
  readonly clock?: Clock;
  readonly connection?: (config: RTCConfiguration) => RTCPeerConnection;
}

export class P2PSession extends Emitter<CallEvents> implements CallSession {
  readonly kind = "p2p";
  state: CallState = "connecting";
  readonly participants = new Map<string, Participant>();
  readonly tracks = new Map<string, RemoteTrack>();
  readonly capabilities: Capabilities = { screenShare: true, endToEndEncrypted: true, maxParticipants: 4 };
  readonly stats = new Map<string, StatsSnapshot>();
  sending: Sending = { rung: "full", reason: "none" };
  lowBandwidth = false;
  private readonly links = new Map<string, Link>();
  private readonly signalling: Signalling;
  private readonly local: LocalMedia;
  private readonly clock: Clock;
  private readonly meter = new DataMeter();
  private joinInfo: JoinInfo = { kind: "p2p", iceServers: [] };
  private seated = false;
  private join = "";
  private settledAt = -Infinity;
  /** Epochs reached with places of others that were seen to leave: those who keep theirs begin after that. */
  private readonly parted = new Map<string, number>();
  private stops: (() => void)[] = [];

  constructor(private readonly options: P2POptions) {
    super();
    this.signalling = options.signalling;
    this.local = options.local;
    this.clock = options.clock ?? systemClock;
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

  get dataUse(): DataUse {
    return this.meter.use;
  }

  prepare(join: JoinInfo): Promise<void> {
    this.joinInfo = join;
    return Promise.resolve();
  }

  /** We have a seat: meet whoever has one. */
  connect(): Promise<void> {
    this.seated = true;
    this.listen();
    this.seat(this.signalling.people);
    return Promise.resolve();
  }

  leave(_reason: string): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  abandon(): void {
    this.end();
  }

  setMic(on: boolean): Promise<void> {
    return this.local.setMic(on);
  }

  setCam(on: boolean): Promise<void> {
    return this.local.setCam(on);
  }

  /** Where sound comes out is not decided here: this session only offers tracks. */
  async useDevice(kind: DeviceKind, id: string): Promise<void> {
    if (kind !== "audiooutput") await this.local.useDevice(kind, id);
  }

  setLowBandwidth(on: boolean): Promise<void> {
    if (this.lowBandwidth === on) return Promise.resolve();
    this.lowBandwidth = on;
    for (const link of this.links.values()) {
      link.peer.post({ t: "spare", on });
      this.tune(link);
    }
    this.tellSending();
    return Promise.resolve();
  }

  shareScreen(options?: ShareOptions): Promise<void> {
    return this.local.share(options);
  }

  stopShare(): Promise<void> {
    this.local.stopShare();
    return Promise.resolve();
  }

  send(body: unknown): void {
    for (const { peer } of this.links.values()) peer.post({ t: "msg", body });
  }

  retry(): void {
    this.restart("asked");
  }

  private restart(why: string): void {
    for (const link of this.links.values()) link.peer.restart(why);
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

  private listen(): void {
    const { signalling, local } = this;
    this.stops.push(
      signalling.on("roster", (people) => this.seat(people)),
      signalling.on("signal", ({ from, join, epoch, data }) => {
        const link = this.links.get(from);
        if (link?.person.join === join) link.peer.receive(epoch, data);
      }),
      // Our address may have changed while the socket was away; waiting for ICE to notice takes many seconds.
      signalling.on("resumed", () => this.restart("resumed")),
      signalling.on("fresh", () => this.beginSettling()),
      local.on("track", ({ source, track }) => {
        for (const link of this.links.values()) void link.peer.setTrack(source, track).then(() => this.tune(link));
        this.emit("local", { source, track });
      }),
      this.clock.every(POLL_MS, () => void this.poll()),
      // While nothing comes, the moment something does is worth knowing: then a whole picture is asked for.
      this.clock.every(LOOK_MS, () => void this.lookForLife()),
    );
  }

  private seat(people: readonly RosterPerson[]): void {
    const me = people.find((person) => person.id === this.signalling.selfId);
    // Not listed: our new session has not taken its seat yet. What plays goes on playing.
    if (!me || !this.seated) return;
    if (me.join !== this.join) for (const id of [...this.links.keys()]) this.part(id, false);
    this.join = me.join;
    const present = new Set(people.map((person) => person.id));
    const settled = this.clock.now() >= this.settledAt;
    if (settled) for (const id of [...this.links.keys()]) if (!present.has(id)) this.part(id, true);
    for (const person of people) if (person.id !== me.id) this.meet(person, me.order > person.order);
    for (const id of [...this.participants.keys()]) if (!present.has(id) && !this.links.has(id)) this.forget(id);
    for (const link of this.links.values()) this.tune(link);
    this.settle();
  }

  /** Our session is new, and the others' may be: who is not seated yet is not taken for gone. */
  private beginSettling(): void {
    this.settledAt = this.clock.now() + SETTLING_MS;
    this.stops.push(this.clock.after(SETTLING_MS, () => this.seat(this.signalling.people)));
    if (this.links.size) this.restart("new session");
  }

  private meet(person: RosterPerson, owner: boolean): void {
    const known = this.links.get(person.id);
    if (known && known.person.join !== person.join) this.part(person.id, false);
    let link = this.links.get(person.id);
    if (link) link.person = person;
    else {
      const peer = new Peer(owner, this.portsFor(person), this.parted.get(person.join));
      link = new Link(person, peer, this.clock.now(), this.joinInfo.audioFirst === true);
      this.links.set(person.id, link);
      peer.start();
    }
    this.show(person);
    this.reconcile(link);
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
      onState: (state) => {
        this.emit("note", { what: "state", participant: id, detail: state });
        this.settle();
      },
      onCode: (code) => this.emit("code", { participant: id, code }),
      onWord: (word) => this.hear(id, word),
      onOpen: () => this.greet(id),
      onNote: (what, detail) => this.emit("note", { what, participant: id, detail }),
      tune: (source, transceiver) => {
        if (source === "camera" || source === "screen") preferCodecs(transceiver);
        const link = this.links.get(id);
        if (link) this.tune(link);
      },
    };
  }

  /** What the other side must know and a new channel has not been told. */
  private greet(id: string): void {
    const link = this.links.get(id);
    if (!link) return;
    if (this.lowBandwidth) link.peer.post({ t: "spare", on: true });
    if (link.ladder.rung === "audio-only") link.peer.post({ t: "saving", on: true });
  }

  private hear(id: string, word: Parameters<PeerPorts["onWord"]>[0]): void {
    const link = this.links.get(id);
    if (!link) return;
    if (word.t === "msg") {
      this.pinned(link, word.body);
      this.emit("message", { participant: id, body: word.body });
    }
    else if (word.t === "level") this.emit("heard", { participant: id, level: word.level });
    else if (word.t === "saving") {
      link.pictureSaved = word.on;
      this.reconcile(link);
    } else {
      link.sparing = word.on;
      this.tune(link);
    }
  }

  /** `{"smooth": id}`: whom they pinned, "" for nobody any more. */
  private pinned(link: Link, body: unknown): void {
    const smooth = (body as { smooth?: unknown } | null)?.smooth;
    if (typeof smooth !== "string") return;
    link.smooth = smooth !== "" && smooth === this.signalling.selfId;
    this.tune(link);
  }

  private show(person: RosterPerson): void {
    const next = participantOf(person);
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
    const link = this.links.get(id);
    if (link) {
      this.links.delete(id);
      this.parted.set(link.person.join, link.peer.epoch);
      link.peer.close();
      this.stats.delete(id);
      this.meter.forget(id);
      for (const track of link.media.values()) this.withdraw(track);
    }
    if (gone) this.forget(id);
  }

  private arrived(id: string, source: TrackSource, media: MediaStreamTrack): void {
    const link = this.links.get(id);
    if (!link) return;
    const known = link.media.get(source);
    if (known) known.swap(media);
    else link.media.set(source, new RemoteTrack(id, source, media));
    this.reconcile(link);
  }

  /** A line exists for every source from the start; the roster says which may and do carry anything. */
  private reconcile(link: Link): void {
    const { media, abilities } = link.person;
    // Nobody stands between us: what somebody's role does not allow arrives all the same, and is dropped here.
    const [speaks, shares] = [abilities.includes("send_media"), abilities.includes("share_screen")];
    const screen = shares && media.screen;
    const wanted: Record<TrackSource, boolean> = {
      microphone: speaks,
      camera: speaks && media.cam && !link.pictureSaved,
      screen,
      "screen-audio": screen,
    };
    for (const [source, track] of link.media) {
      if (wanted[source]) this.offer(track);
      else this.withdraw(track);
    }
  }

  private offer(track: RemoteTrack): void {
    if (this.tracks.has(track.id)) return;
    this.tracks.set(track.id, track);
    this.emit("track", { change: "added", track });
  }

  private withdraw(track: RemoteTrack): void {
    if (this.tracks.delete(track.id)) this.emit("track", { change: "removed", track });
  }

  private tune(link: Link): void {
    const { rung } = link.ladder;
    const height = this.local.track("camera")?.getSettings().height ?? 0;
    const sparing = this.lowBandwidth || link.sparing;
    for (const source of SOURCES) {
      const sender = link.peer.sender(source);
      const wanted = source !== "camera" || rung !== "audio-only";
      const active = wanted && this.local.track(source) !== null;
      const now = { others: this.links.size, active, rung, sparing, smooth: link.smooth, height };
      if (sender) void limit(sender, source, limitsFor(source, now));
    }
  }

  private async poll(): Promise<void> {
    for (const [id, link] of [...this.links]) {
      const { connection } = link.peer;
      if (!connection) continue;
      const report = await connection.getStats().catch(() => null);
      if (report && this.links.get(id) === link) this.learn(id, link, report);
    }
    if (this.state === "ended") return;
    this.emit("dataUse", this.dataUse);
    this.settle(true);
  }

  private async lookForLife(): Promise<void> {
    for (const [id, link] of [...this.links]) {
      const { connection, state } = link.peer;
      if (!connection || (state !== "unstable" && state !== "reconnecting")) continue;
      const report = await connection.getStats().catch(() => null);
      if (report && this.links.get(id) === link && link.lives(rowsOf(report))) link.peer.heard();
    }
  }

  private learn(id: string, link: Link, report: RTCStatsReport): void {
    const now = this.clock.now();
    if (link.learn(rowsOf(report), now)) link.peer.heard();
    if (link.pictureStalled(now)) link.peer.renew("no picture");
    const snapshot = link.snapshot!;
    this.stats.set(id, snapshot);
    this.meter.add(id, snapshot.bytesSent + snapshot.bytesReceived, now);
    this.emit("stats", snapshot);
    if (snapshot.level !== null) link.peer.post({ t: "level", level: Math.round(snapshot.level * 1000) / 1000 });
    if (this.local.camOn && link.climb(now)) this.stepped(link);
    const quality = link.judged();
    if (quality) this.emit("quality", { participant: id, ...quality });
    const route = link.rerouted();
    if (route) this.emit("note", { what: "route", participant: id, detail: route });
  }

  private stepped(link: Link): void {
    this.tune(link);
    link.peer.post({ t: "saving", on: link.ladder.rung === "audio-only" });
    this.tellSending(link.person.id);
  }

  /** The least that anybody gets of us is what the person is told. */
  private tellSending(participant?: string): void {
    const next = this.leastSending();
    if (next.rung === this.sending.rung && next.reason === this.sending.reason) return;
    this.sending = next;
    const detail = `${next.rung} ${next.reason}`;
    this.emit("note", { what: "sending", ...(participant ? { participant } : {}), detail });
    this.emit("sending", next);
  }

  private leastSending(): Sending {
    const ladders = [...this.links.values()].map((link) => link.ladder);
    const least = ladders.sort((a, b) => RUNGS.indexOf(b.rung) - RUNGS.indexOf(a.rung))[0];
    const crowded = ladders.length >= 2;
    if (least?.rung === "audio-only") return { rung: "audio-only", reason: least.reason };
    if (this.lowBandwidth) return { rung: "small", reason: "chosen" };
    if (least && least.rung !== "full" && !(crowded && least.rung === "medium")) return { rung: least.rung, reason: least.reason };
    return crowded ? { rung: "medium", reason: "crowd" } : { rung: "full", reason: "none" };
  }

  /** One state for the whole call: as good as the best connection, as only then is it ours that is bad. */
  private settle(ticking = false): void {
    if (this.state === "ended") return;
    this.tellSending();
    const peers = [...this.links.values()].map((link) => link.peer);
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

  private end(): void {
    if (this.state === "ended") return;
    this.seated = false;
    for (const stop of this.stops.splice(0)) stop();
    for (const id of [...this.links.keys()]) this.part(id, true);
    this.state = "ended";
    this.emit("state", { state: "ended", silentFor: 0 });
  }
}

function rowsOf(report: RTCStatsReport): Report {
  return [...(report as unknown as Map<string, Record<string, unknown>>).values()] as Report;
}
