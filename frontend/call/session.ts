/**
 * The client port of everything that carries media. The page knows this file and no backend; `p2p.ts` is the
 * first implementation, and an SFU or a vendor's SDK can be the next without the page noticing.
 * Device choice, the device check, meters, captions and chat live above the port; words ride on the application's
 * socket. `carried.ts` is the session a page holds: it takes the seat, plays the sound and swaps backends under it.
 */
import type { Emitter } from "./emitter";
import type { OutsideCall, RosterPerson } from "./wire";

export type CallState = "connecting" | "connected" | "unstable" | "reconnecting" | "failed" | "ended";
export type TrackSource = "microphone" | "camera" | "screen" | "screen-audio";
export type DeviceKind = "audioinput" | "videoinput" | "audiooutput";

/** 0 = no media arrives, 1 = bad, 2 = poor, 3 = good, 4 = excellent. */
export type QualityLevel = 0 | 1 | 2 | 3 | 4;
export type QualityReason = "none" | "loss" | "delay" | "freezes" | "bandwidth" | "cpu" | "silence" | "audio-only";

export interface Capabilities {
  readonly screenShare: boolean;
  readonly endToEndEncrypted: boolean;
  readonly maxParticipants: number;
}

/** How much of our picture goes out: 720 lines, 360, 180, or none so that the sound gets through. */
export type Rung = "full" | "medium" | "small" | "audio-only";
/** Why it is not more: the person's switch, the device check, the network, the processor, many people. */
export type SendingReason = "none" | "chosen" | "device-check" | "network" | "processor" | "crowd";

export interface Sending {
  readonly rung: Rung;
  readonly reason: SendingReason;
}

/** Both directions together. `bytesPerHour` is null in the first ten seconds, when nothing can be said. */
export interface DataUse {
  readonly bytes: number;
  readonly bytesPerHour: number | null;
}

/** One line of the call's log for support: what happened, never what was said or shown. */
export interface CallNote {
  /** `state`, `route`, `restart`, `epoch`, `relay_refused`, `sending`, `moved`, `move_failed`, `move_given_up`, `device`, `gesture` */
  readonly what: string;
  readonly participant?: string;
  /** A few words for machines: `reconnecting`, `host/relay udp`, `401`. At most 200 characters. */
  readonly detail: string;
}

/** What the server gives at admission. Credentials in `iceServers` are short-lived and made per join. */
export interface JoinInfo {
  readonly kind: string;
  /** Counts the backends of one call; a higher one replaces the lower while that still plays. */
  readonly epoch?: number;
  readonly url?: string;
  readonly token?: string;
  readonly room?: string;
  readonly outside?: OutsideCall;
  readonly iceServers: RTCIceServer[];
  /** Never show our own addresses to the other side: media goes through the relay only. */
  readonly relayOnly?: boolean;
  readonly capabilities?: Partial<Capabilities>;
  /** The device check found the line too thin for a picture: begin with sound alone. */
  readonly audioFirst?: boolean;
}

export interface Participant {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly micOn: boolean;
  readonly camOn: boolean;
  readonly sharing: boolean;
  /** False while the other side's socket is lost and its place is being kept. */
  readonly present: boolean;
}

/** What the roster of the visit says of somebody, as the page sees them: the same under every backend. */
export function participantOf({ id, name, role, media, connection }: RosterPerson): Participant {
  const { mic, cam, screen } = media;
  return { id, name, role, micOn: mic, camOn: cam, sharing: screen, present: connection === "ok" };
}

/** One remote source. Attach it to an element instead of reading the media track, so that an SFU can adapt. */
export interface CallTrack {
  readonly id: string;
  readonly participant: string;
  readonly kind: "audio" | "video";
  readonly source: TrackSource;
  /** False until something of it was decoded; without it, whatever is offered flows. */
  readonly flowing?: boolean;
  attach(element: HTMLMediaElement): void;
  detach(element: HTMLMediaElement): void;
  /** A hidden picture need not be sent. */
  setVisible(visible: boolean): void;
}

/** What support asks for, as plain JSON. Rates in bit/s, times in ms, shares between 0 and 1. */
export interface StatsSnapshot {
  readonly participant: string;
  readonly route: string;
  readonly rtt: number | null;
  readonly loss: number;
  readonly jitter: number | null;
  readonly concealed: number;
  readonly freezes: number;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly outgoing: number | null;
  /** Why our picture is worse than it could be, as the browser says: none, bandwidth, cpu, other. */
  readonly limitation: string;
  /** Share of our packets that did not arrive there. */
  readonly lossSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** How loud their microphone arrives here, 0 to 1; null when the browser does not say. */
  readonly level: number | null;
  /** The picture sent to them, as encoded now; 0 while none is. */
  readonly sentWidth: number;
  readonly sentHeight: number;
  readonly sentFps: number;
}

export interface CallEvents {
  state: { state: CallState; /** ms since media last arrived; grows while reconnecting */ silentFor: number };
  participant: { change: "joined" | "left" | "changed"; participant: Participant };
  track: { change: "added" | "removed"; track: CallTrack };
  quality: { participant: string; level: QualityLevel; reason: QualityReason };
  stats: StatsSnapshot;
  /** The browser refused to play sound without a tap; call `retry` from the next one. */
  needsGesture: { retry: () => Promise<void> };
  /** The call ended here for a reason that was not ours. `cause` is for support; `elsewhere` where one may go on. */
  removed: { reason: string; cause?: string; elsewhere?: string };
  /** What is said where somebody else carries the call changed. */
  outside: OutsideState;
  /** Words heard by whoever else carries the call; `line` is the same while a sentence goes on. */
  caption: { participant: string; name: string; line: number; text: string; final: boolean };
  /** Our own capture changed: a device was lost, the screen share was stopped from the browser's bar. */
  local: { source: TrackSource; track: MediaStreamTrack | null };
  /** Six digits that both people read to each other, or null while a new association is being checked. */
  code: { participant: string; code: string | null };
  message: { participant: string; body: unknown };
  /** What goes out of our picture changed, or why. */
  sending: Sending;
  /** About once a second. */
  dataUse: DataUse;
  /** How loud `participant` receives us, 0 to 1, about once a second: proof that we are heard, unlike our own meter. */
  heard: { participant: string; level: number };
  /** For the call's log; send it to the server as it comes. */
  note: CallNote;
  /** Another backend carries the call from now on: `endToEndEncrypted` and the code may have changed. */
  moved: { kind: string; epoch: number };
}

/** What somebody has to be shown at once where a call is carried by others than us. */
export interface OutsideState {
  /** Somebody there has to let us in. */
  readonly lobby: boolean;
  readonly recording: boolean;
  readonly transcription: boolean;
  /** Whether words can be had of what is said, and whether they come. */
  readonly captions: "none" | "offered" | "on";
}

export interface ShareOptions {
  readonly audio?: boolean;
  /** Offer the current tab first (product tests, "share this page"). */
  readonly preferCurrentTab?: boolean;
}

export interface CallSession extends Pick<Emitter<CallEvents>, "on"> {
  /** `p2p`, `livekit` … */
  readonly kind: string;
  readonly state: CallState;
  readonly participants: ReadonlyMap<string, Participant>;
  readonly tracks: ReadonlyMap<string, CallTrack>;
  readonly micOn: boolean;
  readonly camOn: boolean;
  readonly sharing: boolean;
  readonly capabilities: Capabilities;
  readonly sending: Sending;
  readonly dataUse: DataUse;
  readonly lowBandwidth: boolean;
  /** The last figures of each person; empty before the first second. */
  readonly stats: ReadonlyMap<string, StatsSnapshot>;
  /** Only where somebody else carries the call. */
  readonly outside?: OutsideState | null;

  /** Everything that can be done before the person joins: ICE servers, certificate. Never asks for a device. */
  prepare(join: JoinInfo): Promise<void>;
  /** Start sending and receiving. Resolves when signalling has begun, not when media flows: listen to `state`. */
  connect(): Promise<void>;
  leave(reason: string): Promise<void>;
  /** Close everything at once and say nothing, when the page goes away: relays keep a place for what is left open. */
  abandon(): void;
  /** Try to get through to everybody again now, when the person asks for it. */
  retry(): void;
  /** Mute keeps the device open, so that a Bluetooth headset keeps its profile. */
  setMic(on: boolean): Promise<void>;
  /** Off closes the camera, so that its light goes out. Rejects with `DeviceRefused` when it cannot be reopened. */
  setCam(on: boolean): Promise<void>;
  useDevice(kind: DeviceKind, id: string): Promise<void>;
  /**
   * The person's own switch for a dear or thin line: on, the smallest picture goes out and comes in, at few frames;
   * where the network is too thin even for that, none. Off hands the choice back to what the network allows.
   */
  setLowBandwidth(on: boolean): Promise<void>;
  /** Rejects with the browser's own error when the person closes the picker. */
  shareScreen(options?: ShareOptions): Promise<void>;
  stopShare(): Promise<void>;
  /** A small message to everybody in the call, over the media path. Not for chat. */
  send(body: unknown): void;
  /** Of backends that play sound themselves. */
  setSpeaker?(id: string): Promise<void>;
  /** Of backends that may turn what is said into words. Rejects when they do not. */
  setCaptions?(on: boolean, language: string): Promise<void>;
}
