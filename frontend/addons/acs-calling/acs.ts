/**
 * `CallSession` over Microsoft's calling kit: a meeting in Teams, by its link or by its number and passcode, or a room of
 * Azure Communication Services. Built with the kit on the operator's machine (`vestibule install-acs-calling`), loaded
 * by `backends.ts` where a visit is held there. People and pictures come from the meeting; our own roster knows only who
 * came by our page. Not end-to-end encrypted.
 */
import { systemClock, type Clock } from "../../call/clock";
import { Emitter } from "../../call/emitter";
import type { LocalMedia } from "../../call/local-media";
import type {
  CallEvents,
  CallSession,
  CallState,
  Capabilities,
  DataUse,
  DeviceKind,
  JoinInfo,
  OutsideState,
  Participant,
  QualityLevel,
  Sending as SendingState,
  ShareOptions,
  StatsSnapshot,
} from "../../call/session";
import type { Signalling } from "../../call/signalling";
import { Captioning } from "./captioning";
import type { Kit, KitAgent, KitCall, KitCaptionsFeature, KitClient, KitCredential, KitDiagnostics, KitEnd, KitNotice } from "./kit";
import { People, type Picture } from "./people";
import { causeOf, endOf, reasonOf } from "./reasons";
import { Sending } from "./sending";

export interface AcsOptions {
  readonly signalling: Signalling;
  readonly local: LocalMedia;
  readonly clock?: Clock;
}

const SECOND_MS = 1000;
/** The kit tries for long by itself; after this nobody is left wondering. */
const JOIN_MS = 90_000;
const QUALITIES: Readonly<Record<number, QualityLevel>> = { 1: 4, 2: 2, 3: 1 };
/** What the kit asks us for again when a token is near its end. */
const TOKEN_TRIES_MS = [0, 2000, 5000, 10_000] as const;

export class AcsSession extends Emitter<CallEvents> implements CallSession {
  readonly kind = "acs";
  state: CallState = "connecting";
  readonly stats = new Map<string, StatsSnapshot>();
  readonly capabilities: Capabilities = { screenShare: true, endToEndEncrypted: false, maxParticipants: 350 };
  readonly sending: SendingState = { rung: "full", reason: "none" };
  readonly dataUse: DataUse = { bytes: 0, bytesPerHour: null };
  lowBandwidth = false;
  outside: OutsideState = { lobby: false, recording: false, transcription: false, captions: "none" };
  private readonly clock: Clock;
  private readonly people: People;
  private readonly sender: Sending;
  private given: JoinInfo = { kind: "acs", iceServers: [] };
  private client: KitClient | null = null;
  private agent: KitAgent | null = null;
  private credential: KitCredential | null = null;
  private call: KitCall | null = null;
  private captioning: Captioning | null = null;
  private speaker = "";
  private wasIn = false;
  private lostAt: number | null = null;
  private sharesThere = false;
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly kit: Kit,
    private readonly options: AcsOptions,
  ) {
    super();
    this.clock = options.clock ?? systemClock;
    this.people = new People(kit);
    this.sender = new Sending(kit, options.local, (source, error) => this.note("device", `${source} ${causeOf(endOf(error))}`));
    this.people.on("participant", (news) => this.emit("participant", news));
    this.people.on("track", (news) => this.emit("track", news));
  }

  get participants(): ReadonlyMap<string, Participant> {
    return this.people.participants;
  }
  get tracks(): ReadonlyMap<string, Picture> {
    return this.people.tracks;
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

  prepare(join: JoinInfo): Promise<void> {
    this.given = join;
    return Promise.resolve();
  }

  connect(): Promise<void> {
    this.stops.push(this.clock.after(JOIN_MS, () => this.wasIn || this.outside.lobby || this.finish({ code: 408 })));
    this.stops.push(this.clock.every(SECOND_MS, () => this.second()));
    this.emit("outside", this.outside);
    void this.open();
    return Promise.resolve();
  }

  leave(_reason: string): Promise<void> {
    return this.end();
  }

  abandon(): void {
    void this.end();
  }

  retry(): void {
    // the kit looks for a path by itself for as long as there is a call
  }

  setMic(on: boolean): Promise<void> {
    return this.options.local.setMic(on);
  }

  setCam(on: boolean): Promise<void> {
    return this.options.local.setCam(on);
  }

  async useDevice(kind: DeviceKind, id: string): Promise<void> {
    if (kind === "audiooutput") await this.setSpeaker(id);
    else await this.options.local.useDevice(kind, id);
  }

  /** The kit names a speaker by the browser's id, or with a word in front of it. */
  async setSpeaker(id: string): Promise<void> {
    this.speaker = id;
    const devices = await this.client?.getDeviceManager();
    if (!devices?.isSpeakerSelectionAvailable) return;
    const found = (await devices.getSpeakers()).find((one) => one.id === id || one.id.endsWith(`:${id}`));
    if (found && this.speaker === id) await devices.selectSpeaker(found);
  }

  setLowBandwidth(on: boolean): Promise<void> {
    this.lowBandwidth = on;
    return Promise.resolve();
  }

  shareScreen(options?: ShareOptions): Promise<void> {
    return this.options.local.share(options);
  }

  stopShare(): Promise<void> {
    this.options.local.stopShare();
    return Promise.resolve();
  }

  async setCaptions(on: boolean, language: string): Promise<void> {
    await this.captioning?.set(on, language);
  }

  send(): void {
    // whoever is in the meeting by Teams could not read it
  }

  // --- joining -------------------------------------------------------------------------------------------------------

  private async open(): Promise<void> {
    const { token, outside } = this.given;
    if (!token || !outside) return this.finish({ code: 401 });
    try {
      this.credential = new this.kit.AzureCommunicationTokenCredential({
        token,
        refreshProactively: true,
        tokenRefresher: () => this.freshToken(),
      });
      this.client = new this.kit.CallClient();
      const agent = await this.client.createCallAgent(this.credential, { displayName: outside.name.slice(0, 256) });
      if (this.over) return void agent.dispose().catch(() => undefined);
      this.agent = agent;
      if (this.speaker) await this.setSpeaker(this.speaker).catch(() => undefined);
      if (this.over) return;
      this.hear(agent.join(outside.locator, this.sender.options()));
    } catch (error) {
      this.note("state", `refused ${String((error as Error)?.message ?? error).slice(0, 120)}`);
      this.finish(endOf(error));
    }
  }

  private async freshToken(): Promise<string> {
    for (const pause of TOKEN_TRIES_MS) {
      if (pause) await new Promise<void>((resolve) => this.clock.after(pause, resolve));
      const backend = await this.options.signalling.askBackend();
      if (backend?.kind === "acs" && backend.token) return backend.token;
      // The meeting is carried otherwise from now on: there is nothing to have.
      if (backend) break;
    }
    throw new Error("no token");
  }

  private hear(call: KitCall): void {
    this.call = call;
    const state = () => this.became(call);
    const shared = () => this.shared(call.isScreenSharingOn);
    const muted = () => call.isMuted && this.micOn && this.silenced();
    call.on("stateChanged", state);
    call.on("isScreenSharingOnChanged", shared);
    call.on("isMutedChanged", muted);
    this.stops.push(
      () => call.off("stateChanged", state),
      () => call.off("isScreenSharingOnChanged", shared),
      () => call.off("isMutedChanged", muted),
      this.people.follow(call),
    );
    this.watchNotices(call);
    this.watchLine(call);
    this.watchCaptions(call);
    this.became(call);
  }

  /** A share that ended there, by a host or because somebody else began one, ends here too. */
  private shared(on: boolean): void {
    const ended = this.sharesThere && !on;
    this.sharesThere = on;
    if (ended && this.sender.sends("screen")) this.options.local.stopShare();
  }

  /** A host there muted us: our switch says so too. What we asked for ourselves is on its way when this comes. */
  private async silenced(): Promise<void> {
    await this.sender.done;
    if (this.call?.isMuted && this.micOn) await this.setMic(false);
  }

  private became(call: KitCall): void {
    const { state } = call;
    this.note("state", state);
    if (state === "Disconnected") return this.finish(call.callEndReason ?? { code: -1 });
    this.tell({ lobby: state === "InLobby" });
    if (state === "Connected" && !this.wasIn) {
      this.wasIn = true;
      this.sender.enter(call);
    }
    this.settle();
  }

  private watchNotices(call: KitCall): void {
    const recording = call.feature(this.kit.Features.Recording) as KitNotice;
    const transcription = call.feature(this.kit.Features.Transcription) as KitNotice;
    const look = () =>
      this.tell({ recording: recording.isRecordingActive === true, transcription: transcription.isTranscriptionActive === true });
    recording.on("isRecordingActiveChanged", look);
    transcription.on("isTranscriptionActiveChanged", look);
    this.stops.push(
      () => recording.off("isRecordingActiveChanged", look),
      () => transcription.off("isTranscriptionActiveChanged", look),
    );
    look();
  }

  private watchLine(call: KitCall): void {
    const { network } = call.feature(this.kit.Features.UserFacingDiagnostics) as KitDiagnostics;
    const changed = ({ diagnostic, value }: { diagnostic: string; value: number | boolean }) => {
      if (diagnostic === "networkReceiveQuality") this.judge(QUALITIES[Number(value)] ?? 4);
      const isDown = (diagnostic === "networkReconnect" && Number(value) > 1) || (diagnostic === "noNetwork" && value === true);
      const isUp = (diagnostic === "networkReconnect" && value === 1) || (diagnostic === "noNetwork" && value === false);
      if (isDown) this.lostAt ??= this.clock.now();
      if (isUp) this.lostAt = null;
      this.settle();
    };
    network.on("diagnosticChanged", changed);
    this.stops.push(() => network.off("diagnosticChanged", changed));
  }

  private judge(level: QualityLevel): void {
    for (const participant of this.participants.keys()) {
      this.emit("quality", { participant, level, reason: level < 3 ? "loss" : "none" });
    }
  }

  private watchCaptions(call: KitCall): void {
    const feature = call.feature(this.kit.Features.Captions) as KitCaptionsFeature;
    const captioning = new Captioning(feature, (name) => this.people.named(name));
    this.captioning = captioning;
    const look = () => this.tell({ captions: captioning.state });
    captioning.on("change", look);
    captioning.on("caption", (caption) => this.emit("caption", caption));
    this.stops.push(() => captioning.stop());
    look();
  }

  // --- telling -------------------------------------------------------------------------------------------------------

  private tell(news: Partial<OutsideState>): void {
    const next = { ...this.outside, ...news };
    const same = (Object.keys(next) as (keyof OutsideState)[]).every((key) => next[key] === this.outside[key]);
    if (same) return;
    this.outside = next;
    this.emit("outside", next);
  }

  private second(): void {
    const { speaking } = this.people;
    for (const participant of this.participants.keys()) {
      const snapshot = { ...NO_FIGURES, participant, level: speaking.includes(participant) ? 0.5 : 0 };
      this.stats.set(participant, snapshot);
      this.emit("stats", snapshot);
    }
    if (this.lostAt !== null) this.settle(true);
  }

  private settle(ticking = false): void {
    if (this.over) return;
    const silentFor = this.lostAt === null ? 0 : this.clock.now() - this.lostAt;
    const state: CallState = !this.wasIn ? "connecting" : this.lostAt === null ? "connected" : "reconnecting";
    if (state === this.state && !ticking) return;
    this.state = state;
    this.emit("state", { state, silentFor });
  }

  private note(what: string, detail: string): void {
    this.emit("note", { what, detail: detail.slice(0, 200) });
  }

  private get over(): boolean {
    return this.state === "ended";
  }

  /** They ended it, or it never began. */
  private finish(end: KitEnd): void {
    if (this.over) return;
    const reason = reasonOf(end, this.wasIn);
    const elsewhere = this.given.outside?.elsewhere ?? "";
    this.note("state", `ended ${causeOf(end)}`);
    void this.end();
    this.emit("removed", { reason, cause: causeOf(end), elsewhere });
  }

  private async end(): Promise<void> {
    if (this.over) return;
    this.state = "ended";
    for (const stop of this.stops.splice(0)) stop();
    this.sender.stop();
    this.people.clear();
    const { call, agent, credential } = this;
    this.call = this.agent = this.credential = this.captioning = null;
    this.emit("state", { state: "ended", silentFor: 0 });
    if (call && call.state !== "Disconnected") await call.hangUp().catch(() => undefined);
    await agent?.dispose().catch(() => undefined);
    credential?.dispose();
  }
}

const NO_FIGURES: Omit<StatsSnapshot, "participant" | "level"> = {
  route: "acs",
  rtt: null,
  loss: 0,
  jitter: null,
  concealed: 0,
  freezes: 0,
  codec: "",
  width: 0,
  height: 0,
  fps: 0,
  outgoing: null,
  limitation: "none",
  lossSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  sentWidth: 0,
  sentHeight: 0,
  sentFps: 0,
};
