/** What goes to a LiveKit room and what comes from it: our devices as publications, theirs as tracks of the port. */
import {
  ConnectionQuality,
  DisconnectReason,
  LocalVideoTrack,
  Track,
  VideoQuality,
  type LocalTrackPublication,
  type RemoteTrack as LiveKitRemote,
  type RemoteTrackPublication,
  type Room,
  type TrackPublishOptions,
} from "livekit-client";
import type { LocalMedia } from "./local-media";
import type { CallTrack, QualityLevel, Rung, TrackSource } from "./session";

/** LiveKit's judgement as bars. */
export const LEVELS: Record<ConnectionQuality, QualityLevel> = {
  [ConnectionQuality.Excellent]: 4,
  [ConnectionQuality.Good]: 3,
  [ConnectionQuality.Poor]: 1,
  [ConnectionQuality.Lost]: 0,
  [ConnectionQuality.Unknown]: 4,
};
/** Ends of a connection that are meant; after every other one our own server is asked whether we may come back. */
export const FINAL: ReadonlySet<DisconnectReason> = new Set([DisconnectReason.CLIENT_INITIATED, DisconnectReason.DUPLICATE_IDENTITY]);

const SOURCES: readonly TrackSource[] = ["microphone", "camera", "screen", "screen-audio"];
const NAMES: Record<TrackSource, Track.Source> = {
  microphone: Track.Source.Microphone,
  camera: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
  "screen-audio": Track.Source.ScreenShareAudio,
};
const QUALITIES: Record<Rung, VideoQuality> = {
  full: VideoQuality.HIGH,
  medium: VideoQuality.MEDIUM,
  small: VideoQuality.LOW,
  "audio-only": VideoQuality.LOW,
};

export function sourceOf(name: Track.Source): TrackSource | null {
  return SOURCES.find((source) => NAMES[source] === name) ?? null;
}

/** One source of somebody else, as it comes from the room. */
export class RoomTrack implements CallTrack {
  readonly id: string;
  readonly kind: "audio" | "video";
  private readonly elements = new Set<HTMLMediaElement>();
  private decoded = false;

  constructor(
    readonly participant: string,
    readonly source: TrackSource,
    readonly publication: RemoteTrackPublication,
    readonly media: LiveKitRemote,
  ) {
    this.id = `${participant}/${source}`;
    this.kind = source === "camera" || source === "screen" ? "video" : "audio";
  }

  /** Whether anything of it has been decoded: until then the same source from another backend is the better one. */
  get flowing(): boolean {
    return this.decoded;
  }

  /** Take in a report of the receiver. */
  learn(rows: Iterable<Record<string, unknown>>): void {
    if (this.decoded) return;
    for (const row of rows) {
      if (row["type"] !== "inbound-rtp") continue;
      this.decoded ||= Number(row["framesDecoded"] ?? 0) > 0 || Number(row["totalSamplesReceived"] ?? 0) > 0;
    }
  }

  /** Pictures through LiveKit, which asks for no more than their elements show; sound by itself, as it changes nothing. */
  attach(element: HTMLMediaElement): void {
    this.elements.add(element);
    if (this.kind === "video") this.media.attach(element);
    else element.srcObject = new MediaStream([this.media.mediaStreamTrack]);
  }

  detach(element: HTMLMediaElement): void {
    if (!this.elements.delete(element)) return;
    if (this.kind === "video") this.media.detach(element);
    const shown = element.srcObject as MediaStream | null;
    if (shown?.getTracks()[0] === this.media.mediaStreamTrack) element.srcObject = null;
  }

  setVisible(visible: boolean): void {
    if (this.kind === "video") this.publication.setEnabled(visible);
  }

  /** Of a dear or thin line: the smallest picture only. */
  spare(on: boolean): void {
    if (this.kind === "video") this.publication.setVideoQuality(on ? VideoQuality.LOW : VideoQuality.HIGH);
  }
}

/** Keeps what is published the same as what `LocalMedia` has open. Changes of one source wait for each other. */
export class Publisher {
  private readonly published = new Map<TrackSource, LocalTrackPublication>();
  private readonly queues = new Map<TrackSource, Promise<void>>();
  private rung: Rung = "full";
  private over = false;

  constructor(
    private readonly room: Room,
    private readonly local: LocalMedia,
    private readonly failed: (source: TrackSource, error: unknown) => void,
  ) {}

  /** Send everything that is open. */
  async all(): Promise<void> {
    await Promise.all(SOURCES.map((source) => this.follow(source)));
  }

  /** Bring one source up to date. Never rejects. */
  follow(source: TrackSource): Promise<void> {
    const before = this.queues.get(source) ?? Promise.resolve();
    const next = before.then(() => this.bring(source)).catch((error: unknown) => this.failed(source, error));
    this.queues.set(source, next);
    return next;
  }

  /** Send so much of the camera's picture; with "audio-only" none, which the others are told. */
  async climb(rung: Rung): Promise<void> {
    this.rung = rung;
    await this.follow("camera");
  }

  senderOf(source: TrackSource): RTCRtpSender | null {
    return this.published.get(source)?.track?.sender ?? null;
  }

  sourceOf(publication: { readonly trackSid: string }): TrackSource | null {
    return SOURCES.find((source) => this.published.get(source)?.trackSid === publication.trackSid) ?? null;
  }

  /** The room is gone: what was published is no more. */
  forget(): void {
    this.over = true;
    this.published.clear();
  }

  private async bring(source: TrackSource): Promise<void> {
    if (this.over) return;
    const media = this.local.track(source);
    const known = this.published.get(source);
    if (!media) {
      if (known?.track) await this.room.localParticipant.unpublishTrack(known.track, false);
      this.published.delete(source);
      return;
    }
    if (!known?.track) {
      // Ours to open and close, never LiveKit's: the page owns its devices.
      const made = await this.room.localParticipant.publishTrack(media, optionsFor(source));
      this.published.set(source, made);
    } else if (known.track.mediaStreamTrack !== media) {
      await known.track.replaceTrack(media, true);
    }
    await this.adjust(source);
  }

  private async adjust(source: TrackSource): Promise<void> {
    const publication = this.published.get(source);
    const track = publication?.track;
    if (!publication || !track) return;
    if (source === "microphone") await silence(publication, !this.local.micOn);
    if (source !== "camera" || !(track instanceof LocalVideoTrack)) return;
    await silence(publication, this.rung === "audio-only");
    if (track.sender) track.setPublishingQuality(QUALITIES[this.rung]);
  }
}

async function silence(publication: LocalTrackPublication, on: boolean): Promise<void> {
  if (publication.isMuted === on) return;
  await (on ? publication.mute() : publication.unmute());
}

function optionsFor(source: TrackSource): TrackPublishOptions {
  const common = { source: NAMES[source], name: source };
  if (source === "microphone") return { ...common, dtx: true, red: true };
  if (source === "screen-audio") return { ...common, dtx: false, red: false };
  if (source === "screen") {
    const screenShareEncoding = { maxBitrate: 2_500_000, maxFramerate: 15 };
    return { ...common, videoCodec: "vp8", simulcast: true, screenShareEncoding, degradationPreference: "maintain-resolution" };
  }
  return { ...common, videoCodec: "vp8", simulcast: true, videoEncoding: { maxBitrate: 1_700_000, maxFramerate: 24 } };
}

/** What the receiver of `track` reports now; nothing when it cannot say. */
export async function reportOf(track: RoomTrack): Promise<Record<string, unknown>[]> {
  return rowsOf(await track.media.receiver?.getStats().catch(() => undefined));
}

export function rowsOf(report: RTCStatsReport | undefined): Record<string, unknown>[] {
  return report ? [...(report as unknown as Map<string, Record<string, unknown>>).values()] : [];
}

export function sum(rows: readonly Record<string, unknown>[], key: string): number {
  return rows.reduce((total, row) => total + Number(row[key] ?? 0), 0);
}
