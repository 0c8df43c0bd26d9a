/**
 * One other person: the peer connection to them, its negotiation, and bringing it back.
 *
 * The owner (the later joiner) makes the first offer, is the impolite side and alone restarts ICE, which also keeps
 * Firefox in the DTLS role it chose first. The other side asks. Each connection of a pair has an epoch; a broken one
 * is replaced under the next, and what still arrives from an older one is ignored.
 */
import { wordIn, type ChannelWord } from "./channel-words";
import type { Clock } from "./clock";
import type { TrackSource } from "./session";
import { sendWholePicture } from "./tuning";
import { Verification, fingerprintOf } from "./verify";
import type { SignalData } from "./wire";

export const ANSWER_MS = 8000;
export const CONNECT_MS = 10_000;
export const RESTART_EVERY_MS = 4000;
export const UNSTABLE_MS = 2000;
export const RECONNECTING_MS = 5000;
const RESTART_AFTER_MS = 3000;
/** A restart asked for so soon after another began is the same one, seen from the other side. */
const SAME_RESTART_MS = 1500;
/** Whole pictures are large: two askers within this are served by one. */
const REFRESH_EVERY_MS = 300;
/** So many restarts without a sound or a picture: the connection itself is broken. */
const RESTARTS_IN_VAIN = 2;

export type PeerState = "connecting" | "connected" | "unstable" | "reconnecting";

/** The order of the lines both sides agree on: sharing a screen later needs no negotiation, so it cannot collide. */
const LINES: readonly { kind: "audio" | "video"; source: TrackSource }[] = [
  { kind: "audio", source: "microphone" },
  { kind: "video", source: "camera" },
  { kind: "video", source: "screen" },
  { kind: "audio", source: "screen-audio" },
];

export interface PeerPorts {
  readonly clock: Clock;
  readonly connection: (config: RTCConfiguration) => RTCPeerConnection;
  readonly config: () => RTCConfiguration;
  readonly iceServers: () => Promise<readonly RTCIceServer[]>;
  readonly alive: () => boolean;
  readonly send: (epoch: number, data: SignalData) => void;
  readonly localTrack: (source: TrackSource) => MediaStreamTrack | null;
  readonly onTrack: (source: TrackSource, track: MediaStreamTrack) => void;
  readonly onState: (state: PeerState) => void;
  readonly onCode: (code: string | null) => void;
  /** A word of the other side over the data channel, about media only. */
  readonly onWord: (word: Exclude<ChannelWord, { t: "key" }>) => void;
  /** The channel is open: words get through from now on. */
  readonly onOpen: () => void;
  /** Something for the call's log. */
  readonly onNote: (what: string, detail: string) => void;
  /** A transceiver is ready to be tuned: codecs, bitrate, degradation. */
  readonly tune: (source: TrackSource, transceiver: RTCRtpTransceiver) => void;
}

export class Peer {
  epoch = 0;
  state: PeerState = "connecting";
  connection: RTCPeerConnection | null = null;
  /** Connections tried without one that ever worked; the session calls two of them a failure. */
  failures = 0;
  private transceivers = new Map<TrackSource, RTCRtpTransceiver>();
  private channel: RTCDataChannel | null = null;
  private verification: Verification | null = null;
  private chain: Promise<void> = Promise.resolve();
  private candidates: (RTCIceCandidateInit | null)[] = [];
  private restartWanted = false;
  private restarting = false;
  private lastRestart = -Infinity;
  private restartsInVain = 0;
  private refreshedAt = -Infinity;
  private heardAt: number;
  private everHeard = false;
  private cancelAnswer: (() => void) | null = null;
  private cancelConnect: (() => void) | null = null;
  private stopTicking: () => void;
  private closed = false;

  constructor(
    readonly owner: boolean,
    private readonly ports: PeerPorts,
    /** The epoch reached with the same place of the other side before, who may still hold that connection. */
    private readonly reached = 0,
  ) {
    this.epoch = reached;
    this.heardAt = ports.clock.now();
    this.stopTicking = ports.clock.every(1000, () => this.tick());
  }

  /** Begin: the owner offers under the next epoch, 1 at first; the other waits for that offer. */
  start(): void {
    if (this.owner) return this.build(this.reached + 1);
    if (this.reached) this.ports.send(this.reached, { kind: "please_restart", rebuild: true });
    this.armConnectTimer();
  }

  close(): void {
    this.closed = true;
    this.stopTicking();
    this.discard();
  }

  /** Milliseconds since anything arrived from the other side. */
  get silentFor(): number {
    return this.ports.clock.now() - this.heardAt;
  }

  /** Media or a heartbeat arrived. */
  heard(): void {
    const wasSilent = this.silentFor >= UNSTABLE_MS && this.everHeard;
    this.heardAt = this.ports.clock.now();
    this.everHeard = true;
    this.failures = 0;
    this.restartsInVain = 0;
    this.cancelConnect?.();
    this.cancelConnect = null;
    this.setState("connected");
    if (wasSilent) {
      this.refreshPicture();
      this.post({ t: "key" }); // the other side may not have noticed: ask it for a whole picture too
    }
  }

  async setTrack(source: TrackSource, track: MediaStreamTrack | null): Promise<void> {
    const sender = this.transceivers.get(source)?.sender;
    if (!sender || sender.track === track) return;
    await sender.replaceTrack(track).catch(() => undefined);
  }

  sender(source: TrackSource): RTCRtpSender | undefined {
    return this.transceivers.get(source)?.sender;
  }

  /** Over the data channel; lost if it is not open. */
  post(message: Record<string, unknown>): void {
    if (this.channel?.readyState !== "open" || this.channel.bufferedAmount > 65_536) return;
    this.channel.send(JSON.stringify(message));
  }

  /** Gather new addresses and go on; with a broken negotiation, begin a new connection. `why` is for the log. */
  restart(why = "asked"): void {
    if (this.closed) return;
    this.ports.onNote("restart", why);
    if (!this.owner) {
      if (this.ports.alive()) this.ports.send(this.epoch, { kind: "please_restart" });
      return;
    }
    this.restartWanted = true;
    this.pump();
  }

  /** Begin a new connection under the next epoch: this one carries only part of what it should. `why` is for the log. */
  renew(why: string): void {
    if (this.closed) return;
    this.ports.onNote("restart", why);
    this.broken();
  }

  receive(epoch: number, data: SignalData): void {
    if (this.closed || epoch < this.epoch) return;
    if (data.kind === "please_restart") return this.asked(data.rebuild === true);
    if (epoch > this.epoch) this.build(epoch, false);
    const current = this.connection;
    if (data.kind === "description") this.enqueue(current, () => this.describe(current!, data.description));
    else if (data.kind === "candidate") this.enqueue(current, () => this.addCandidate(current!, data.candidate));
    else if (data.kind === "verify") void this.verification?.hear(data);
  }

  private asked(rebuild: boolean): void {
    if (!this.owner) return;
    if (rebuild || !this.connection) this.rebuild();
    // Both sides come back at once: one restart serves both, and a second on its heels breaks Firefox's encryption.
    else if (!this.isRestarting) this.restart("asked by them");
  }

  private get isRestarting(): boolean {
    const underWay = this.restartWanted || this.restarting || this.connection?.signalingState === "have-local-offer";
    return underWay || this.ports.clock.now() - this.lastRestart < SAME_RESTART_MS;
  }

  private build(epoch: number, offering = this.owner): void {
    this.discard();
    this.restartsInVain = 0;
    this.epoch = epoch;
    if (epoch > 1) this.ports.onNote("epoch", String(epoch));
    const connection = this.ports.connection(this.ports.config());
    this.connection = connection;
    this.verification = new Verification(
      () => fingerprintOf(connection.localDescription?.sdp),
      () => fingerprintOf(connection.remoteDescription?.sdp),
      (part) => this.connection === connection && this.ports.send(epoch, { kind: "verify", ...part }),
      (code) => this.connection === connection && this.ports.onCode(code),
    );
    this.ports.onCode(null);
    this.listen(connection, epoch);
    this.openChannel(connection);
    if (offering) this.layLines(connection);
    this.armConnectTimer();
  }

  private listen(connection: RTCPeerConnection, epoch: number): void {
    connection.onicecandidate = ({ candidate }) => {
      this.ports.send(epoch, { kind: "candidate", candidate: candidate ? candidate.toJSON() : null });
    };
    connection.onicecandidateerror = (error) => this.candidateFailed(error as RTCPeerConnectionIceErrorEvent);
    connection.onnegotiationneeded = () => {
      // The first offer is the owner's alone; until it came, ours would only collide with it.
      if (this.owner || connection.remoteDescription) this.negotiate();
    };
    connection.onconnectionstatechange = () => {
      if (connection.connectionState !== "failed") return;
      // New addresses do not mend a failed encryption.
      if (encryptionFailed(connection)) this.broken();
      else this.restart("failed");
    };
    connection.onsignalingstatechange = () => this.pump();
    connection.ontrack = ({ transceiver, track }) => {
      const source = this.sourceOf(connection, transceiver);
      if (source) this.ports.onTrack(source, track);
    };
  }

  /** A relay that refuses us says so at once; one that is down never does. Other failures are everyday. */
  private candidateFailed({ errorCode, url }: RTCPeerConnectionIceErrorEvent): void {
    if (errorCode === 401 || errorCode === 403 || errorCode === 486) this.ports.onNote("relay_refused", `${errorCode} ${url}`.trim());
  }

  private openChannel(connection: RTCPeerConnection): void {
    const channel = connection.createDataChannel("vestibule", { negotiated: true, id: 0 });
    this.channel = channel;
    channel.onmessage = ({ data }) => this.channel === channel && this.hearChannel(data);
    channel.onopen = () => this.channel === channel && this.opened();
  }

  private opened(): void {
    this.post({ t: "beat" });
    this.ports.onOpen();
  }

  private hearChannel(data: unknown): void {
    this.heard();
    const word = wordIn(data);
    if (word?.t === "key") this.refreshPicture();
    else if (word) this.ports.onWord(word);
  }

  private layLines(connection: RTCPeerConnection): void {
    for (const { kind, source } of LINES) {
      const track = this.ports.localTrack(source);
      const transceiver = connection.addTransceiver(track ?? kind, { direction: "sendrecv" });
      this.transceivers.set(source, transceiver);
      this.ports.tune(source, transceiver);
    }
  }

  /** The other side laid the lines: send on each of them too. */
  private async adoptLines(connection: RTCPeerConnection): Promise<void> {
    for (const transceiver of connection.getTransceivers()) {
      const source = this.sourceOf(connection, transceiver);
      if (!source || this.transceivers.get(source) === transceiver) continue;
      this.transceivers.set(source, transceiver);
      transceiver.direction = "sendrecv";
      await transceiver.sender.replaceTrack(this.ports.localTrack(source));
      this.ports.tune(source, transceiver);
    }
  }

  private sourceOf(connection: RTCPeerConnection, wanted: RTCRtpTransceiver): TrackSource | null {
    const kind = wanted.receiver.track.kind;
    const same = connection.getTransceivers().filter((one) => one.receiver.track.kind === kind);
    const sources = LINES.filter((line) => line.kind === kind).map((line) => line.source);
    return sources[same.indexOf(wanted)] ?? null;
  }

  /** Descriptions and candidates of one connection are handled strictly one after another. */
  private enqueue(connection: RTCPeerConnection | null, job: () => Promise<void>): void {
    if (!connection) return;
    this.chain = this.chain.then(async () => {
      if (this.connection !== connection) return;
      try {
        await job();
      } catch {
        if (this.connection === connection) this.broken();
      }
    });
  }

  private negotiate(): void {
    const connection = this.connection;
    this.enqueue(connection, async () => {
      if (!connection || connection.signalingState !== "stable") return; // asked again when it is
      await connection.setLocalDescription();
      this.sendDescription(connection);
      this.armAnswerTimer();
    });
  }

  private async describe(connection: RTCPeerConnection, description: RTCSessionDescriptionInit): Promise<void> {
    const offered = description.type === "offer";
    const collision = offered && connection.signalingState !== "stable";
    if (this.owner && collision) return;
    // An answer that was already taken, sent again after a lost acknowledgement.
    if (!offered && connection.signalingState !== "have-local-offer") return;
    // Whoever answers a restart gathers addresses too, and needs a relay that still lets them in.
    const refreshed = offered && (this.epoch > 1 || connection.remoteDescription) ? this.refresh(connection) : null;
    await connection.setRemoteDescription(description); // rolls our own offer back if need be
    if (this.connection !== connection) return;
    await this.flushCandidates(connection);
    await refreshed;
    if (this.connection !== connection) return;
    if (offered) {
      await this.adoptLines(connection);
      await connection.setLocalDescription();
      this.sendDescription(connection);
      this.lastRestart = this.ports.clock.now(); // no need to ask for what is under way
    }
    this.disarmAnswerTimer(); // answered, or rolled back
    void this.verification?.proceed();
    this.watchWay(connection);
    this.pump();
  }

  private sendDescription(connection: RTCPeerConnection): void {
    const description = connection.localDescription;
    if (!description || this.connection !== connection) return;
    const { type, sdp } = description;
    this.ports.send(this.epoch, { kind: "description", description: { type, sdp } });
  }

  private async addCandidate(connection: RTCPeerConnection, candidate: RTCIceCandidateInit | null): Promise<void> {
    if (!connection.remoteDescription) {
      this.candidates.push(candidate);
      return;
    }
    // One unusable candidate (an older generation, an unknown line) never breaks the connection.
    await connection.addIceCandidate(candidate ?? undefined).catch(() => undefined);
  }

  private async flushCandidates(connection: RTCPeerConnection): Promise<void> {
    for (const candidate of this.candidates.splice(0)) await this.addCandidate(connection, candidate);
  }

  /** Do the wanted restart as soon as signalling works and no other negotiation is under way. */
  private pump(): void {
    const connection = this.connection;
    if (!this.restartWanted || this.restarting || !connection || !this.ports.alive()) return;
    if (connection.signalingState !== "stable" || !connection.remoteDescription) return;
    this.restartWanted = false;
    this.restarting = true;
    this.lastRestart = this.ports.clock.now();
    void this.restartNow(connection).finally(() => {
      this.restarting = false;
      this.pump();
    });
  }

  private async restartNow(connection: RTCPeerConnection): Promise<void> {
    await this.refresh(connection);
    if (this.connection !== connection) return;
    try {
      connection.restartIce();
    } catch {
      return this.broken();
    }
    this.negotiate();
  }

  /** Relay credentials live for minutes: with old ones a restart finds no relay. */
  private async refresh(connection: RTCPeerConnection): Promise<void> {
    const iceServers = await this.ports.iceServers().catch(() => null);
    if (this.connection !== connection || !iceServers) return;
    try {
      connection.setConfiguration({ ...this.ports.config(), iceServers: [...iceServers] });
    } catch {
      this.ports.onNote("relay_refused", "configuration");
    }
  }

  /** This connection cannot be negotiated any more. */
  private broken(): void {
    if (this.owner) this.rebuild();
    else if (this.ports.alive()) this.ports.send(this.epoch, { kind: "please_restart", rebuild: true });
  }

  private rebuild(): void {
    if (this.closed) return;
    if (!this.everHeard) this.failures += 1;
    const next = this.epoch + 1;
    void this.ports.iceServers().then(
      () => this.epoch < next && !this.closed && this.build(next),
      () => this.epoch < next && !this.closed && this.build(next),
    );
  }

  private armAnswerTimer(): void {
    this.disarmAnswerTimer();
    const epoch = this.epoch;
    this.cancelAnswer = this.ports.clock.after(ANSWER_MS, () => {
      this.cancelAnswer = null;
      if (this.epoch !== epoch || this.connection?.signalingState !== "have-local-offer") return;
      // Without signalling no answer can come; ask again when it is back.
      if (this.ports.alive()) this.broken();
      else this.armAnswerTimer();
    });
  }

  private disarmAnswerTimer(): void {
    this.cancelAnswer?.();
    this.cancelAnswer = null;
  }

  private armConnectTimer(): void {
    this.cancelConnect?.();
    this.cancelConnect = this.ports.clock.after(CONNECT_MS, () => {
      this.cancelConnect = null;
      if (!this.owner) this.failures += 1;
      if (this.ports.alive()) this.broken();
      this.armConnectTimer();
    });
  }

  private tick(): void {
    this.post({ t: "beat" });
    const silent = this.silentFor;
    if (!this.everHeard) return;
    if (silent >= RECONNECTING_MS) this.setState("reconnecting");
    else if (silent >= UNSTABLE_MS) this.setState("unstable");
    const due = this.ports.clock.now() - this.lastRestart >= RESTART_EVERY_MS;
    if (silent >= RESTART_AFTER_MS && due && this.ports.alive()) {
      this.lastRestart = this.ports.clock.now();
      this.restartsInVain += 1;
      if (this.restartsInVain > RESTARTS_IN_VAIN) this.broken();
      else this.restart("silence");
    }
  }

  private setState(state: PeerState): void {
    if (this.state === state) return;
    this.state = state;
    this.ports.onState(state);
  }

  private refreshPicture(): void {
    const now = this.ports.clock.now();
    if (now - this.refreshedAt < REFRESH_EVERY_MS) return;
    this.refreshedAt = now;
    for (const source of ["camera", "screen"] as const) {
      const sender = this.transceivers.get(source)?.sender;
      if (sender) void sendWholePicture(sender);
    }
  }

  /** The first picture on a new way is a whole one, sent the moment there is a way. */
  private watchWay(connection: RTCPeerConnection): void {
    const way = connection.getSenders()[0]?.transport?.iceTransport;
    if (!way) return;
    way.onselectedcandidatepairchange = () => {
      if (this.connection === connection && this.everHeard) this.refreshPicture();
    };
  }

  private discard(): void {
    this.disarmAnswerTimer();
    this.cancelConnect?.();
    this.cancelConnect = null;
    this.candidates = [];
    this.restartWanted = false;
    this.chain = Promise.resolve();
    this.transceivers = new Map();
    this.channel = null;
    const old = this.connection;
    this.connection = null;
    if (!old) return;
    old.onicecandidate = old.onicecandidateerror = old.onnegotiationneeded = old.onconnectionstatechange = null;
    old.onsignalingstatechange = old.ontrack = null;
    old.close();
  }
}

function encryptionFailed(connection: RTCPeerConnection): boolean {
  return connection.getSenders().some((sender) => sender.transport?.state === "failed");
}
