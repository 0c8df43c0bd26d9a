/**
 * Looks after camera and microphone during a call: a device that is unplugged is replaced, a new one is offered, one
 * that the system took away (a telephone call, another app) is opened again, and who talks while muted is told.
 * Part of the call's own download; the page makes one when the call begins and closes it when it ends.
 */
import { Blur, blurOf, browserLens, setBlurOf, type BlurState, type LensMaker } from "./blur";
import { systemClock, type Clock } from "./clock";
import { listDevices } from "./devices";
import { Emitter } from "./emitter";
import type { LocalMedia } from "./local-media";
import { analyserSource, type LevelSource } from "./meter";
import type { CallSession } from "./session";

type Source = "microphone" | "camera";
type InputKind = "audioinput" | "videoinput";

export interface KeeperEvents {
  /** The device in use is gone; `label` is the one that took its place. */
  fellBack: { source: Source; label: string };
  /** The device in use is gone and no other could be opened. */
  gone: { source: Source };
  /** A device was plugged in: offer it; `use` switches to it. */
  offer: { kind: InputKind; id: string; label: string; use: () => Promise<void> };
  /** The system holds the device back: a telephone call, another app, a switch on the computer. */
  interrupted: { source: Source };
  /** It is there again, given back or opened anew. */
  restored: { source: Source };
  /** Opened anew after an interruption and still nothing comes: only loading the page again helps, as on some phones. */
  stuck: { source: Source };
  /** The person speaks but is muted. At most every 20 s. */
  talkingWhileMuted: void;
  /** Blur was switched, by the person or, with reason `processor`, because the computer was too busy. */
  blur: BlurState;
  /** Blur could not go on, so the camera was switched off too. */
  blurEnded: { reason: "processor" | "failed" };
}

export interface KeeperPorts {
  readonly clock?: Clock;
  readonly list?: (kind: InputKind) => Promise<readonly Pick<MediaDeviceInfo, "deviceId" | "label">[]>;
  /** Calls back at each change of the devices there are; the answer stops it. */
  readonly onDevices?: (listener: () => void) => () => void;
  readonly level?: (track: MediaStreamTrack) => LevelSource;
  /** Calls back when the person looks at the page again; the answer stops it. */
  readonly onLookedAt?: (listener: () => void) => () => void;
  /** Makes what blurs; null where nothing can. */
  readonly lens?: LensMaker | null;
  /** Blur was on when the person left their last call. */
  readonly blurred?: boolean;
}

const HELD_BACK_MS = 3000;
const LOOK_MS = 100;
/** Louder than a room, quieter than speech close by. */
const SPEECH = 0.02;
const SPEECH_LOOKS = 4;
const AGAIN_MS = 20_000;
const BUSY_SECONDS = 5;

export class DeviceKeeper extends Emitter<KeeperEvents> {
  private readonly clock: Clock;
  private readonly known = new Map<InputKind, Set<string>>();
  /** Waiting to be told as held back. */
  private readonly held = new Map<Source, () => void>();
  private readonly interrupted = new Set<Source>();
  /** Opened anew since it was held back. */
  private readonly reopened = new Set<Source>();
  private readonly stops: (() => void)[] = [];
  private micWasOn: boolean;
  private listener: { source: LevelSource; track: MediaStreamTrack } | null = null;
  private looks = 0;
  private toldAt = -Infinity;
  private busySeconds = 0;
  private limited = false;
  private readonly blurring: Blur;
  private readonly watched = new WeakSet<MediaStreamTrack>();
  private closed = false;

  constructor(
    private readonly local: LocalMedia,
    session: Pick<CallSession, "on"> | null = null,
    private readonly ports: KeeperPorts = {},
  ) {
    super();
    this.clock = ports.clock ?? systemClock;
    this.micWasOn = local.micOn;
    this.blurring = new Blur(local, ports.lens === undefined ? browserLens() : ports.lens, {
      changed: () => !this.closed && this.emit("blur", this.blur),
      ended: (reason) => this.emit("blurEnded", { reason }),
    });
    this.stops.push(
      local.on("track", ({ source, track, lost }) => this.trackChanged(source, track, lost)),
      local.on("change", () => this.changed()),
      (ports.onDevices ?? browserDevices)(() => void this.devicesChanged()),
      (ports.onLookedAt ?? browserLookedAt)(() => void this.takeBack()),
      this.clock.every(LOOK_MS, () => this.look()),
      this.clock.every(1000, () => this.second()),
    );
    if (session) this.stops.push(session.on("stats", ({ limitation }) => this.judge(limitation)));
    for (const source of ["microphone", "camera"] as const) this.watch(source, this.device(source));
    if (ports.blurred) this.blurring.begin();
    void this.learn("audioinput");
    void this.learn("videoinput");
    this.changed();
  }

  get blur(): BlurState {
    return this.blurring.state;
  }

  async setBlur(on: boolean): Promise<BlurState> {
    await this.blurring.set(on);
    if (!this.closed) this.emit("blur", this.blur);
    return this.blur;
  }

  close(): void {
    this.closed = true;
    for (const stop of this.stops.splice(0)) stop();
    this.blurring.close();
    for (const cancel of this.held.values()) cancel();
    this.held.clear();
    this.stopListening();
  }

  private trackChanged(source: string, track: MediaStreamTrack | null, lost: boolean): void {
    if (source !== "microphone" && source !== "camera") return;
    this.held.get(source)?.();
    this.held.delete(source);
    this.watch(source, track && this.device(source));
    if (lost) void this.replace(source, this.micWasOn);
  }

  /** The device itself, not what a lens makes of it. */
  private device(source: Source): MediaStreamTrack | null {
    return source === "camera" ? this.local.camera : this.local.track(source);
  }

  private async replace(source: Source, micOn: boolean): Promise<void> {
    try {
      await this.local.reacquire(source, micOn);
    } catch {
      if (!this.closed) this.emit("gone", { source });
      return;
    }
    if (!this.closed) this.emit("fellBack", { source, label: this.device(source)?.label ?? "" });
  }

  /** A track the system holds back is "muted" in the browser's sense; a short one is only a hiccup. */
  private watch(source: Source, track: MediaStreamTrack | null): void {
    if (!track) return;
    if (!this.watched.has(track)) {
      this.watched.add(track);
      track.addEventListener("mute", () => this.device(source) === track && this.heldBack(source));
      track.addEventListener("unmute", () => this.device(source) === track && this.givenBack(source));
    }
    if (track.muted) this.heldBack(source);
  }

  private heldBack(source: Source): void {
    if (this.held.has(source)) return;
    const tell = () => {
      this.held.delete(source);
      const again = this.interrupted.has(source) && this.reopened.has(source);
      this.interrupted.add(source);
      this.emit(again ? "stuck" : "interrupted", { source });
    };
    this.held.set(source, this.clock.after(HELD_BACK_MS, tell));
  }

  private givenBack(source: Source): void {
    this.held.get(source)?.();
    this.held.delete(source);
    this.reopened.delete(source);
    if (this.interrupted.delete(source)) this.emit("restored", { source });
  }

  /** The telephone call is over when the person looks here again: phones do not always give devices back by themselves. */
  private async takeBack(): Promise<void> {
    for (const source of [...this.interrupted]) {
      this.reopened.add(source);
      const opened = await this.local.reacquire(source, this.micWasOn).then(
        () => true,
        () => false,
      );
      if (opened && this.interrupted.has(source) && this.device(source)?.muted === false) this.givenBack(source);
    }
  }

  private async learn(kind: InputKind): Promise<readonly Pick<MediaDeviceInfo, "deviceId" | "label">[]> {
    const devices = await (this.ports.list ?? listDevices)(kind).catch(() => []);
    const before = this.known.get(kind);
    this.known.set(kind, new Set(devices.map((device) => device.deviceId)));
    return before ? devices.filter((device) => !before.has(device.deviceId) && device.deviceId !== "default") : [];
  }

  private async devicesChanged(): Promise<void> {
    for (const kind of ["audioinput", "videoinput"] as const) {
      const [added] = await this.learn(kind);
      if (!added || this.closed) continue;
      const { deviceId: id, label } = added;
      this.emit("offer", { kind, id, label, use: () => this.local.useDevice(kind, id) });
    }
  }

  private changed(): void {
    this.micWasOn = this.local.micOn;
    const track = this.local.track("microphone");
    const wanted = track && !this.local.micOn ? track : null;
    if (this.listener?.track === wanted) return;
    this.stopListening();
    if (wanted) this.listen(wanted);
  }

  /** A muted track is silent to everybody, us included: a copy that is never sent tells whether somebody speaks. */
  private listen(track: MediaStreamTrack): void {
    const level = this.ports.level ?? (typeof AudioContext === "undefined" ? null : analyserSource);
    if (!level || track.readyState === "ended") return;
    const copy = track.clone();
    copy.enabled = true;
    const source = level(copy);
    this.listener = {
      track,
      source: {
        level: () => source.level(),
        close: () => {
          source.close();
          copy.stop();
        },
      },
    };
    this.looks = 0;
  }

  private stopListening(): void {
    this.listener?.source.close();
    this.listener = null;
  }

  private look(): void {
    if (!this.listener) return;
    this.looks = this.listener.source.level() > SPEECH ? this.looks + 1 : Math.max(0, this.looks - 1);
    const now = this.clock.now();
    if (this.looks < SPEECH_LOOKS || now - this.toldAt < AGAIN_MS) return;
    this.toldAt = now;
    this.looks = 0;
    this.emit("talkingWhileMuted", undefined);
  }

  private judge(limitation: string): void {
    this.limited ||= limitation === "cpu";
    this.busySeconds = limitation === "cpu" ? this.busySeconds + 1 : 0;
    if (this.busySeconds < BUSY_SECONDS || !blurOf(this.local.camera).on) return;
    this.busySeconds = 0;
    void setBlurOf(this.local.camera, false).then((state) => {
      if (state.available && !state.on) this.blurring.tooBusy();
      if (!this.closed) this.emit("blur", this.blur);
    });
  }

  private second(): void {
    this.blurring.second(this.limited);
    this.limited = false;
  }
}

function browserDevices(listener: () => void): () => void {
  const media = (globalThis.navigator as Navigator | undefined)?.mediaDevices as MediaDevices | undefined;
  media?.addEventListener("devicechange", listener);
  return () => media?.removeEventListener("devicechange", listener);
}

function browserLookedAt(listener: () => void): () => void {
  if (typeof document === "undefined") return () => undefined;
  const seen = () => document.visibilityState === "visible" && listener();
  document.addEventListener("visibilitychange", seen);
  return () => document.removeEventListener("visibilitychange", seen);
}
