/**
 * A blurred background: by the camera itself where it can (`backgroundBlur`: Windows Studio Effects, ChromeOS, Apple's
 * portrait effect), which costs no processor of ours; by a lens of ours everywhere else, fetched only when it is wanted.
 */
import type { BlurLens } from "./blur-lens";
import type { LocalMedia } from "./local-media";

/** `""` = can be switched; the others say why not, or why it went off. `fixed`: only the system's own settings can change it. */
export type BlurReason = "" | "no-camera" | "unsupported" | "fixed" | "processor" | "failed" | "loading";

export interface BlurState {
  readonly available: boolean;
  readonly on: boolean;
  readonly reason: BlurReason;
}

type WithBlur = { readonly backgroundBlur?: unknown };

/** What the camera itself can do. */
export function blurOf(camera: MediaStreamTrack | null): BlurState {
  if (!camera) return { available: false, on: false, reason: "no-camera" };
  const able = typeof camera.getCapabilities === "function" ? (camera.getCapabilities() as WithBlur).backgroundBlur : undefined;
  const on = (camera.getSettings() as WithBlur).backgroundBlur === true;
  const choices: readonly unknown[] = Array.isArray(able) ? able : [];
  if (choices.includes(true) && choices.includes(false)) return { available: true, on, reason: "" };
  return { available: false, on, reason: choices.length ? "fixed" : "unsupported" };
}

/** Ask the camera to blur, or to stop. Answers how it is afterwards; never throws. */
export async function setBlurOf(camera: MediaStreamTrack | null, on: boolean): Promise<BlurState> {
  const before = blurOf(camera);
  if (!camera || !before.available) return before;
  await camera.applyConstraints({ ...camera.getConstraints(), backgroundBlur: on } as MediaTrackConstraints).catch(() => undefined);
  return blurOf(camera);
}

/** How a lens is had; null where this browser can run none. */
export type LensMaker = () => Promise<BlurLens>;

export interface BlurNews {
  changed: () => void;
  /** Blur ended by itself, and the camera with it: nobody who hid their room is shown in it unasked. */
  ended: (reason: "processor" | "failed") => void;
}

/** The blur of one call: what the person wishes, kept over cameras that come and go. */
export class Blur {
  private wished = false;
  private reason: BlurReason = "";
  private lens: BlurLens | null = null;
  private coming: Promise<BlurLens> | null = null;

  constructor(
    private readonly local: LocalMedia,
    private readonly make: LensMaker | null,
    private readonly news: BlurNews,
  ) {}

  get state(): BlurState {
    const own = blurOf(this.local.camera);
    if (own.available) return { ...own, reason: this.reason };
    if (!this.make || (own.on && own.reason === "fixed")) return own;
    return { available: true, on: this.wished, reason: this.reason };
  }

  /** As chosen for an earlier call: the camera shows nothing until its picture is blurred. */
  begin(): void {
    if (!this.make && !blurOf(this.local.camera).available) return;
    this.wished = true;
    this.local.setLens(this.through);
  }

  /** As the person switched it. What is seen of them changes when it can be, and not before. Never rejects. */
  async set(on: boolean): Promise<void> {
    this.reason = "";
    if (!on) return this.end();
    if (!this.state.available) return;
    this.wished = true;
    if (blurOf(this.local.camera).available) await setBlurOf(this.local.camera, true);
    else if (!(await this.arrives())) return;
    if (this.wished) this.local.setLens(this.through);
  }

  /** Once a second: off when the computer does not keep up. `limited`: the encoder finds it too busy. */
  second(limited: boolean): void {
    const pace = this.wished ? this.lens?.second(limited) : undefined;
    if (pace === "too-busy") this.giveUp("processor");
    else if (pace === "broken") this.giveUp("failed");
  }

  /** The camera's own blur was switched off because the computer was too busy. */
  tooBusy(): void {
    this.wished = false;
    this.reason = "processor";
  }

  /** The call is over. */
  close(): void {
    this.wished = false;
    this.local.setLens(null);
    this.drop();
  }

  private async end(): Promise<void> {
    this.wished = false;
    await setBlurOf(this.local.camera, false);
    this.local.setLens(null);
    this.drop();
  }

  /** The lens is there and can blur; false, with the reason, when it cannot be had. */
  private async arrives(): Promise<boolean> {
    this.reason = "loading";
    this.news.changed();
    try {
      await this.fetch();
      this.reason = "";
      return true;
    } catch {
      this.wished = false;
      this.reason = "failed";
      this.drop();
      return false;
    }
  }

  private fetch(): Promise<BlurLens> {
    if (!this.make) return Promise.reject(new Error("no lens here"));
    this.coming ??= this.make().then(async (lens) => {
      this.lens = lens;
      await lens.ready;
      return lens;
    });
    return this.coming;
  }

  /** What is sent of a camera while blur is wished for. */
  private readonly through = (camera: MediaStreamTrack): MediaStreamTrack => {
    if (blurOf(camera).available) {
      void setBlurOf(camera, true).then(() => this.news.changed());
      return camera;
    }
    if (this.lens) return this.lens.through(camera);
    // Dark until the lens is there.
    camera.enabled = false;
    void this.fetched(camera);
    return camera;
  };

  private async fetched(camera: MediaStreamTrack): Promise<void> {
    if (!(await this.arrives())) return this.giveUp("failed");
    if (this.wished) this.local.setLens(this.through);
    camera.enabled = true;
    this.news.changed();
  }

  private giveUp(reason: "processor" | "failed"): void {
    this.wished = false;
    this.reason = reason;
    void this.local.setCam(false);
    this.local.setLens(null);
    this.drop();
    this.news.ended(reason);
    this.news.changed();
  }

  private drop(): void {
    this.lens?.close();
    this.lens = this.coming = null;
  }
}

/** The lens of this browser, fetched by whoever wants one; null where it cannot run. */
export function browserLens(): LensMaker | null {
  const streams = "MediaStreamTrackProcessor" in globalThis && "MediaStreamTrackGenerator" in globalThis;
  const canvas = typeof HTMLCanvasElement !== "undefined" && "captureStream" in HTMLCanvasElement.prototype;
  const able = typeof Worker !== "undefined" && typeof WebAssembly !== "undefined" && typeof OffscreenCanvas !== "undefined";
  if (!able || !(streams || canvas)) return null;
  return async () => new (await import("./blur-lens")).WorkerLens();
}
