/**
 * What this person sends, as the kit takes it. Devices are the page's: the kit gets copies of their tracks, never a
 * device, so that blur, device menus and the lights of cameras stay as they are in every other call.
 */
import type { LocalMedia } from "../../call/local-media";
import type { TrackSource } from "../../call/session";
import type { Kit, KitCall, KitJoinOptions, KitLocalStream } from "./kit";

type Carried = Extract<TrackSource, "microphone" | "camera" | "screen">;
const CARRIED: readonly Carried[] = ["microphone", "camera", "screen"];

interface Copy {
  readonly of: MediaStreamTrack;
  readonly track: MediaStreamTrack;
  readonly stream: KitLocalStream;
}

export class Sending {
  private readonly copies = new Map<Carried, Copy>();
  private readonly started = new Set<Carried>();
  private queue: Promise<void> = Promise.resolve();
  private call: KitCall | null = null;
  private readonly stops: (() => void)[];

  constructor(
    private readonly kit: Kit,
    private readonly local: LocalMedia,
    private readonly failed: (source: TrackSource, error: unknown) => void,
  ) {
    this.stops = [
      local.on("track", ({ source }) => this.follow(source as Carried)),
      local.on("change", () => this.follow("microphone")),
    ];
  }

  /** How to join: with what is open now. */
  options(): KitJoinOptions {
    const microphone = this.copy("microphone");
    const camera = this.copy("camera");
    if (microphone) this.started.add("microphone");
    if (camera) this.started.add("camera");
    return {
      audioOptions: { muted: !this.local.micOn, ...(microphone ? { localAudioStreams: [microphone.stream] } : {}) },
      ...(camera ? { videoOptions: { localVideoStreams: [camera.stream] } } : {}),
    };
  }

  /** We are in: from now on what changes here changes there. */
  enter(call: KitCall): void {
    this.call = call;
    for (const source of CARRIED) this.follow(source);
  }

  stop(): void {
    this.call = null;
    for (const stop of this.stops.splice(0)) stop();
    for (const source of [...this.copies.keys()]) this.drop(source);
  }

  /** Whether what the kit has of a source is what is open now. */
  sends(source: Carried): boolean {
    const copy = this.copies.get(source);
    return copy !== undefined && copy.of === this.local.track(source);
  }

  /** Settled once everything asked for so far was done, or failed. */
  get done(): Promise<void> {
    return this.queue;
  }

  private follow(source: Carried): void {
    // At once, whatever the kit does about it and when: nobody is heard or seen who switched that off.
    if (source === "microphone") this.silence();
    const copy = this.copies.get(source);
    if (copy && this.local.track(source) !== copy.of) copy.track.stop();
    if (!CARRIED.includes(source)) return;
    this.queue = this.queue.then(() => this.bring(source)).catch((error: unknown) => this.failed(source, error));
  }

  private silence(): void {
    const copy = this.copies.get("microphone");
    if (copy) copy.track.enabled = this.local.micOn;
  }

  private async bring(source: Carried): Promise<void> {
    const { call } = this;
    if (!call) return;
    const wanted = this.local.track(source);
    const before = this.copies.get(source);
    if (wanted && before && wanted !== before.of && source !== "screen") await this.swap(source, before, wanted);
    else if (before && wanted !== before.of) await this.end(call, source, before);
    if (wanted && !this.started.has(source)) await this.begin(call, source);
    if (source === "microphone") await this.mute(call);
  }

  private async begin(call: KitCall, source: Carried): Promise<void> {
    const copy = this.copy(source);
    if (!copy) return;
    this.started.add(source);
    try {
      if (source === "microphone") await call.startAudio(copy.stream);
      else if (source === "camera") await call.startVideo(copy.stream);
      else await call.startScreenSharing(copy.stream);
    } catch (error) {
      this.drop(source);
      throw error;
    }
  }

  private async end(call: KitCall, source: Carried, copy: Copy): Promise<void> {
    try {
      if (source === "camera") await call.stopVideo(copy.stream);
      else if (source === "screen" && call.isScreenSharingOn) await call.stopScreenSharing();
    } finally {
      this.drop(source);
    }
  }

  private async swap(source: Carried, before: Copy, wanted: MediaStreamTrack): Promise<void> {
    const track = wanted.clone();
    this.copies.set(source, { of: wanted, track, stream: before.stream });
    if (source === "microphone") this.silence();
    before.track.stop();
    await before.stream.setMediaStream(new MediaStream([track]));
  }

  private async mute(call: KitCall): Promise<void> {
    const off = !this.local.micOn;
    if (off === call.isMuted) return;
    await (off ? call.mute() : call.unmute());
  }

  private copy(source: Carried): Copy | null {
    const known = this.copies.get(source);
    if (known) return known;
    const of = this.local.track(source);
    if (!of) return null;
    const track = of.clone();
    const media = new MediaStream([track]);
    const stream = source === "microphone" ? new this.kit.LocalAudioStream(media) : new this.kit.LocalVideoStream(media);
    const copy = { of, track, stream };
    this.copies.set(source, copy);
    if (source === "microphone") this.silence();
    return copy;
  }

  private drop(source: Carried): void {
    const copy = this.copies.get(source);
    this.copies.delete(source);
    this.started.delete(source);
    copy?.track.stop();
    copy?.stream.dispose();
  }
}
