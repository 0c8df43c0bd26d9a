/**
 * A lens that blurs what is behind a person, for cameras that cannot do it themselves. The work is done in a worker.
 * This file and all it names are fetched when somebody switches blur on, never before.
 */
import model from "@twilio/video-processors/dist/build/selfie_segmentation_landscape.tflite";
import program from "@twilio/video-processors/dist/build/tflite-simd-1-0-0.wasm";
import script from "worker:./blur-worker";
import { BlurPace, type Pace } from "./blur-pace";
import type { FromBlur, ToBlur } from "./blur-worker";

type Processor = new (of: { track: MediaStreamTrack; maxBufferSize?: number }) => { readonly readable: ReadableStream<VideoFrame> };
type Generator = new (of: { kind: "video" }) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
type Making = { MediaStreamTrackProcessor?: Processor; MediaStreamTrackGenerator?: Generator };

const PICTURES_A_SECOND = 20;
const READY_WITHIN_MS = 20_000;

/** What the keeper of devices needs of a blur. */
export interface BlurLens {
  /** Settled when the first picture can be blurred; rejects when it never can. */
  readonly ready: Promise<void>;
  /** The blurred picture of `camera`: a track of its own that shows nothing until the first picture is blurred. */
  through(camera: MediaStreamTrack): MediaStreamTrack;
  /** Once a second: whether the computer keeps up, or blurring broke. Lighter work is begun by itself. */
  second(limited: boolean): Pace | "broken";
  close(): void;
}

export class WorkerLens implements BlurLens {
  readonly ready: Promise<void>;
  private readonly worker = new Worker(address(script));
  private readonly pace = new BlurPace();
  private canvas: CanvasRoute | null = null;
  private broken = false;

  constructor() {
    this.ready = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("blur did not begin in time")), READY_WITHIN_MS);
      const broken = (why: string) => {
        this.broken = true;
        reject(new Error(why));
      };
      this.worker.onerror = (event) => broken(event.message || "the worker could not be loaded");
      this.worker.onmessage = ({ data }: MessageEvent<FromBlur>) => {
        if (data.kind === "ready") resolve();
        else if (data.kind === "failed") broken(data.why);
        else if (data.kind === "took") this.pace.painted(data.milliseconds);
        else if (data.kind === "next") void this.canvas?.next();
        else this.canvas?.show(data.picture);
        if (data.kind === "ready" || data.kind === "failed") clearTimeout(late);
      };
    });
    // Whoever waits hears of it; nobody waiting is no fault.
    this.ready.catch(() => undefined);
    this.post({ kind: "begin", program: address(program), model: address(model) });
  }

  through(camera: MediaStreamTrack): MediaStreamTrack {
    this.canvas?.close();
    this.canvas = null;
    const { MediaStreamTrackProcessor: In, MediaStreamTrackGenerator: Out } = globalThis as unknown as Making;
    if (In && Out) {
      const input = new In({ track: camera, maxBufferSize: 1 }).readable;
      const made = new Out({ kind: "video" });
      this.post({ kind: "pipe", input, output: made.writable }, [input, made.writable]);
      return made;
    }
    this.canvas = new CanvasRoute(camera, (picture) => this.post({ kind: "picture", picture }, [picture]));
    this.post({ kind: "beat", times: PICTURES_A_SECOND });
    return this.canvas.track;
  }

  second(limited: boolean): Pace | "broken" {
    if (this.broken) return "broken";
    const pace = this.pace.second(limited);
    if (pace === "lighter") this.post({ kind: "lighter" });
    return pace;
  }

  close(): void {
    this.canvas?.close();
    this.post({ kind: "end" });
  }

  private post(message: ToBlur, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }
}

/** For browsers whose tracks cannot be read as a stream: pictures go by a video element and come back by a canvas. */
class CanvasRoute {
  readonly track: MediaStreamTrack;
  private readonly video = document.createElement("video");
  private readonly canvas = document.createElement("canvas");
  private waiting = false;

  constructor(
    camera: MediaStreamTrack,
    private readonly send: (picture: ImageBitmap) => void,
  ) {
    // A canvas gives a track only once it knows how it is painted.
    this.canvas.getContext("bitmaprenderer");
    const [track] = this.canvas.captureStream().getVideoTracks();
    if (!track) throw new Error("this browser makes no picture of a canvas");
    this.track = track;
    this.video.muted = this.video.playsInline = true;
    this.video.srcObject = new MediaStream([camera]);
    void this.video.play().catch(() => undefined);
  }

  show(picture: ImageBitmap): void {
    this.waiting = false;
    const { canvas } = this;
    if (canvas.width !== picture.width) canvas.width = picture.width;
    if (canvas.height !== picture.height) canvas.height = picture.height;
    canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(picture);
  }

  close(): void {
    this.video.srcObject = null;
    this.track.stop();
  }

  /** Send the next picture, unless the one before is still being blurred. */
  async next(): Promise<void> {
    if (this.waiting || this.video.readyState < 2 || !this.video.videoWidth) return;
    this.waiting = true;
    try {
      this.send(await createImageBitmap(this.video));
    } catch {
      this.waiting = false; // between two cameras there is no picture
    }
  }
}

/** Built files lie beside this one. */
function address(file: string): string {
  return new URL(file, import.meta.url).href;
}
