/**
 * The client port of everything that carries media. The page knows this file and no backend; `p2p.ts` is the
 * first implementation, and an SFU or a vendor's SDK can be the next without the page noticing.
 * Device choice, the device check, meters and chat live above the port; chat rides on the application's socket.
 */
import type { Emitter } from "./emitter";

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

/** What the server gives at admission. Credentials in `iceServers` are short-lived and made per join. */
export interface JoinInfo {
  readonly kind: string;
  readonly url?: string;
  readonly token?: string;
  readonly room?: string;
  readonly iceServers: RTCIceServer[];
  /** Never show our own addresses to the other side: media goes through the relay only. */
  readonly relayOnly?: boolean;
  readonly capabilities?: Partial<Capabilities>;
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

/** One remote source. Attach it to an element instead of reading the media track, so that an SFU can adapt. */
export interface CallTrack {
  readonly id: string;
  readonly participant: string;
  readonly kind: "audio" | "video";
  readonly source: TrackSource;
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
}

export interface CallEvents {
  state: { state: CallState; /** ms since media last arrived; grows while reconnecting */ silentFor: number };
  participant: { change: "joined" | "left" | "changed"; participant: Participant };
  track: { change: "added" | "removed"; track: CallTrack };
  quality: { participant: string; level: QualityLevel; reason: QualityReason };
  stats: StatsSnapshot;
  /** The browser refused to play sound without a tap; call `retry` from the next one. */
  needsGesture: { retry: () => Promise<void> };
  /** The call ended here for a reason that was not ours. */
  removed: { reason: string };
  /** Our own capture changed: a device was lost, the screen share was stopped from the browser's bar. */
  local: { source: TrackSource; track: MediaStreamTrack | null };
  /** Six digits that both people read to each other, or null while a new association is being checked. */
  code: { participant: string; code: string | null };
  message: { participant: string; body: unknown };
}

export interface ShareOptions {
  readonly audio?: boolean;
  /** Offer the current tab first (product tests, "share this page"). */
  readonly preferCurrentTab?: boolean;
}

export interface CallSession extends Pick<Emitter<CallEvents>, "on"> {
  readonly state: CallState;
  readonly participants: ReadonlyMap<string, Participant>;
  readonly tracks: ReadonlyMap<string, CallTrack>;
  readonly micOn: boolean;
  readonly camOn: boolean;
  readonly sharing: boolean;
  readonly capabilities: Capabilities;

  /** Everything that can be done before the person joins: ICE servers, certificate. Never asks for a device. */
  prepare(join: JoinInfo): Promise<void>;
  /** Start sending and receiving. Resolves when signalling has begun, not when media flows: listen to `state`. */
  connect(): Promise<void>;
  leave(reason: string): Promise<void>;
  /** Mute keeps the device open, so that a Bluetooth headset keeps its profile. */
  setMic(on: boolean): Promise<void>;
  /** Off closes the camera, so that its light goes out. Rejects with `DeviceRefused` when it cannot be reopened. */
  setCam(on: boolean): Promise<void>;
  useDevice(kind: DeviceKind, id: string): Promise<void>;
  /** Rejects with the browser's own error when the person closes the picker. */
  shareScreen(options?: ShareOptions): Promise<void>;
  stopShare(): Promise<void>;
  /** A small message to everybody in the call, over the media path. Not for chat. */
  send(body: unknown): void;
}
