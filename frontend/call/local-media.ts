/** What this person sends: microphone, camera, screen. Owned by the page before the call and lent to it. */
import { Emitter } from "./emitter";
import { DeviceRefused, audioConstraints, browserMedia, opensTogether, problemOf, videoConstraints, type Facing } from "./devices";
import type { ShareOptions, TrackSource } from "./session";

export interface LocalEvents {
  /** `track` is what is sent from now on; `lost` when the device or the browser ended it, not the person. */
  track: { source: TrackSource; track: MediaStreamTrack | null; lost: boolean };
  /** Microphone or camera was switched, or a share began or ended. */
  change: void;
}

type OpenMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;
type DisplayOptions = DisplayMediaStreamOptions & Record<string, unknown>;

/** What is sent in place of a camera's own picture: the track itself, or another made from it. */
type Lens = (camera: MediaStreamTrack) => MediaStreamTrack;

type Wanted = { readonly id?: string | undefined; readonly facing?: Facing | undefined };

export class LocalMedia extends Emitter<LocalEvents> {
  micOn = false;
  /** Nothing between the microphone and the others: for music, or a stethoscope. Off, the browser cleans the sound. */
  originalSound = false;
  private readonly tracks = new Map<TrackSource, MediaStreamTrack>();
  /** The camera that is open; what is sent of it may be another track, made by the lens. */
  private device: MediaStreamTrack | null = null;
  private lens: Lens | null = null;
  private readonly ids: { audioinput?: string; videoinput?: string } = {};

  constructor(
    private readonly open: OpenMedia = browserMedia,
    private readonly openDisplay: (options: DisplayOptions) => Promise<MediaStream> = browserDisplay,
    private readonly together: boolean = opensTogether(),
  ) {
    super();
  }

  get camOn(): boolean {
    return this.tracks.has("camera");
  }

  get sharing(): boolean {
    return this.tracks.has("screen");
  }

  track(source: TrackSource): MediaStreamTrack | null {
    return this.tracks.get(source) ?? null;
  }

  /** The open camera itself; `track("camera")` is what is sent of it. */
  get camera(): MediaStreamTrack | null {
    return this.device;
  }

  /** Send the camera through a lens, or as it is: at once for the one that is open, and for those opened later. */
  setLens(lens: Lens | null): void {
    if (!lens && !this.lens) return;
    this.lens = lens;
    if (this.device) this.show(this.device, false);
    this.emit("change", undefined);
  }

  /** Take over what the device check opened. */
  adopt(stream: MediaStream): void {
    const [audio] = stream.getAudioTracks();
    const [video] = stream.getVideoTracks();
    if (audio) {
      this.put("microphone", audio);
      this.micOn = audio.enabled;
      this.remember("audioinput", audio);
    }
    if (video) {
      this.put("camera", video);
      this.remember("videoinput", video);
    }
    this.emit("change", undefined);
  }

  /** Raises DeviceRefused when there is no microphone open and none can be opened. */
  async setMic(on: boolean): Promise<void> {
    if (on && !this.tracks.has("microphone")) await this.reopen("microphone");
    const track = this.tracks.get("microphone");
    if (track) track.enabled = on;
    this.micOn = on && track !== undefined;
    this.emit("change", undefined);
  }

  /** Off stops the camera, so that its light goes out. Raises DeviceRefused when it cannot be opened again. */
  async setCam(on: boolean): Promise<void> {
    if (on && !this.tracks.has("camera")) await this.reopen("camera");
    if (!on) this.put("camera", null);
    this.emit("change", undefined);
  }

  async useDevice(kind: "audioinput" | "videoinput", id: string): Promise<void> {
    this.ids[kind] = id;
    const source = kind === "audioinput" ? "microphone" : "camera";
    // A camera that is off stays off: the choice counts when it comes back.
    if (source === "camera" && !this.camOn) return;
    await this.reopen(source);
    this.emit("change", undefined);
  }

  /** Switch what the browser does to the sound. The microphone is opened anew; raises DeviceRefused when it cannot be. */
  async setOriginalSound(on: boolean): Promise<void> {
    if (this.originalSound === on) return;
    this.originalSound = on;
    if (this.tracks.has("microphone")) {
      await this.reopen("microphone").catch((error: unknown) => {
        this.originalSound = !on;
        throw error;
      });
    }
    this.emit("change", undefined);
  }

  /** Where the open camera looks; null when there is none or the device does not say, as on most computers. */
  get facing(): Facing | null {
    const { facingMode } = this.device?.getSettings() ?? {};
    return facingMode === "user" || facingMode === "environment" ? facingMode : null;
  }

  /** From the front camera to the one at the back, and round again. Raises DeviceRefused when there is no other. */
  async turnCamera(): Promise<void> {
    if (!this.camOn) return;
    await this.reopen("camera", { facing: this.facing === "environment" ? "user" : "environment" });
    this.remember("videoinput", this.device!);
    this.emit("change", undefined);
  }

  /**
   * Open the device anew after the system took it away or it was unplugged: the chosen one if it is there, else any.
   * `on` is whether the microphone is to be heard. Raises DeviceRefused.
   */
  async reacquire(source: "microphone" | "camera", on = true): Promise<void> {
    await this.reopen(source);
    const track = this.tracks.get(source);
    if (source === "microphone" && track) {
      track.enabled = on;
      this.micOn = on;
    }
    this.emit("change", undefined);
  }

  /** Raises the browser's own error when the person closes the picker. */
  async share(options: ShareOptions = {}): Promise<void> {
    const stream = await this.openDisplay({
      video: { frameRate: { ideal: 15, max: 30 } },
      audio: options.audio ?? true,
      surfaceSwitching: "include",
      selfBrowserSurface: options.preferCurrentTab ? "include" : "exclude",
      systemAudio: "include",
      ...(options.preferCurrentTab ? { preferCurrentTab: true } : {}),
    });
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    if (video) {
      hint(video, "detail");
      this.put("screen", video);
    }
    if (audio) this.put("screen-audio", audio);
    this.emit("change", undefined);
  }

  stopShare(): void {
    this.put("screen", null);
    this.put("screen-audio", null);
    this.emit("change", undefined);
  }

  /** Close everything; lights go out. */
  stop(): void {
    for (const source of [...this.tracks.keys()]) this.put(source, null);
    this.micOn = false;
    this.emit("change", undefined);
  }

  private async reopen(source: "microphone" | "camera", wanted?: Wanted): Promise<void> {
    const audio = source === "microphone";
    const id = wanted ? wanted.id : audio ? this.ids.audioinput : this.ids.videoinput;
    const chosen = { ...wanted, id };
    const stream = await this.ask(source, chosen).catch(async (error: unknown) => {
      const problem = problemOf(error);
      if (id && (problem === "overconstrained" || problem === "none")) return this.ask(source, { ...wanted, id: undefined });
      // Phones open one camera at a time: close ours and ask again.
      if (problem !== "in-use" || !this.tracks.has(source)) throw new DeviceRefused(problem, error);
      (audio ? this.tracks.get(source) : this.device)?.stop();
      return this.ask(source, chosen).catch((second: unknown) => {
        throw new DeviceRefused(problemOf(second), second);
      });
    });
    const [sound] = stream.getAudioTracks();
    const [picture] = stream.getVideoTracks();
    if (!(audio ? sound : picture)) throw new DeviceRefused("none", null);
    if (sound) {
      sound.enabled = this.tracks.has("microphone") ? this.micOn : true;
      this.put("microphone", sound);
    }
    if (picture) this.put("camera", picture);
  }

  /** One question to the browser. Where opening one device breaks the other, both are asked for together. */
  private ask(source: "microphone" | "camera", { id, facing }: Wanted): Promise<MediaStream> {
    const audio = source === "microphone";
    const both = this.together && this.tracks.has(audio ? "camera" : "microphone");
    const sound = audioConstraints(audio ? id : this.ids.audioinput, !this.originalSound);
    const picture = videoConstraints(audio ? this.ids.videoinput : id, facing);
    return this.open({ audio: audio || both ? sound : false, video: !audio || both ? picture : false });
  }

  /** What was open is what comes back after "camera off". */
  private remember(kind: "audioinput" | "videoinput", track: MediaStreamTrack): void {
    const { deviceId } = track.getSettings();
    if (deviceId) this.ids[kind] = deviceId;
  }

  private put(source: TrackSource, track: MediaStreamTrack | null): void {
    if (source === "camera") {
      this.putCamera(track);
      return;
    }
    const old = this.tracks.get(source);
    if (old === track) return;
    if (track) {
      this.tracks.set(source, track);
      track.addEventListener("ended", () => this.lost(source, track));
    } else {
      this.tracks.delete(source);
    }
    this.emit("track", { source, track, lost: false });
    old?.stop();
  }

  private putCamera(camera: MediaStreamTrack | null): void {
    const before = this.device;
    if (before === camera) return;
    this.device = camera;
    if (camera) {
      hint(camera, "motion");
      camera.addEventListener("ended", () => this.lost("camera", camera));
    }
    this.show(camera, false);
    before?.stop();
  }

  /** What is sent of `camera` from now on; what was made of the one before ends. */
  private show(camera: MediaStreamTrack | null, lost: boolean): void {
    const old = this.tracks.get("camera");
    const track = camera && this.lens ? this.lens(camera) : camera;
    if (old === track) return;
    if (track) this.tracks.set("camera", track);
    else this.tracks.delete("camera");
    if (track && track !== camera) hint(track, "motion");
    this.emit("track", { source: "camera", track, lost });
    if (old !== this.device) old?.stop();
  }

  /** The device was unplugged, the permission withdrawn, or the share ended from the browser's own bar. */
  private lost(source: TrackSource, track: MediaStreamTrack): void {
    if ((source === "camera" ? this.device : this.tracks.get(source)) !== track) return;
    if (source === "camera") {
      this.device = null;
      this.show(null, true);
    } else {
      this.tracks.delete(source);
      if (source === "microphone") this.micOn = false;
      this.emit("track", { source, track: null, lost: true });
    }
    if (source === "screen") this.put("screen-audio", null);
    this.emit("change", undefined);
  }
}

function hint(track: MediaStreamTrack, value: string): void {
  if ("contentHint" in track) track.contentHint = value;
}

function browserDisplay(options: DisplayOptions): Promise<MediaStream> {
  return navigator.mediaDevices.getDisplayMedia(options);
}
