/** Joining and leaving: the session, its stage, and keeping the screen awake. Loaded only when a call is near. */
import { backends } from "../../call/backends";
import { CarriedSession, NotLoaded } from "../../call/carried";
import type { LocalMedia } from "../../call/local-media";
import type { VisitRoom } from "../../call/visit-room";
import type { Words } from "../../elements/words";
import { Stage } from "./stage";

/** What is known besides of an end that came from outside. */
export interface Leaving {
  readonly cause?: string;
  readonly elsewhere?: string;
}

export interface CallPlace {
  readonly container: HTMLElement;
  readonly room: VisitRoom;
  readonly local: LocalMedia;
  readonly words: Words;
  readonly provider: string;
  readonly phone: string;
  /** Made while the tap on "Join" still counted, so that the browser plays it. */
  readonly audio: () => HTMLAudioElement;
  readonly speaker: string;
  readonly onLeft: (reason: string, more?: Leaving) => void;
  readonly onRefused: (error: unknown) => void;
}

export class Call {
  private readonly session: CarriedSession;
  private readonly stage: Stage;
  private lock: WakeLockSentinel | null = null;
  private readonly keepAwake = () => void this.stayAwake();
  private over = false;

  constructor(private readonly place: CallPlace) {
    const { room, local, container, words, provider, phone } = place;
    const { signalling } = room;
    this.session = new CarriedSession({ signalling, local, audio: place.audio, make: backends({ signalling, local }) });
    this.stage = new Stage({
      container,
      room,
      session: this.session,
      local,
      words,
      provider,
      phone,
      leave: () => void this.leave("left"),
      end: () => void room.endForAll().catch(() => undefined),
      admit: (participant) => void room.admit(participant).catch(() => undefined),
    });
    this.session.on("removed", ({ reason, ...more }) => this.finish(reason, more));
  }

  async join(): Promise<void> {
    document.addEventListener("visibilitychange", this.keepAwake);
    void this.stayAwake();
    try {
      await this.keepToTheRole();
      const relayOnly = this.place.room.meeting?.rules.hides_addresses === true;
      // On a line that the check found too thin for pictures the sound comes first; a picture is tried a little later.
      const { bandwidth } = this.place.room.devices;
      const audioFirst = bandwidth === "audio" || bandwidth === "phone";
      await this.session.prepare({ kind: "p2p", iceServers: [], relayOnly, audioFirst });
      if (this.place.speaker) await this.session.useDevice("audiooutput", this.place.speaker).catch(() => undefined);
      await this.session.connect();
    } catch (error) {
      if (this.over) return;
      if (error instanceof NotLoaded) return this.notLoaded(error);
      this.tidy();
      this.place.onRefused(error);
    }
  }

  /** Whoever looks on comes in with everything off: the server takes them no other way. */
  private async keepToTheRole(): Promise<void> {
    const { room, local } = this.place;
    if (room.may("send_media") || !room.self) return;
    if (local.micOn) await local.setMic(false);
    if (local.camOn) await local.setCam(false);
  }

  async leave(reason: string): Promise<void> {
    await this.session.leave(reason);
    this.finish(reason);
  }

  /** The page goes away: close connections, say nothing. */
  abandon(): void {
    this.session.abandon();
  }

  private notLoaded({ elsewhere }: NotLoaded): void {
    const reason = "outside_unloaded";
    void this.place.room.signalling.leaveSeat(reason).catch(() => undefined);
    this.finish(reason, { elsewhere });
  }

  private finish(reason: string, more: Leaving = {}): void {
    if (this.over) return;
    this.tidy();
    this.place.onLeft(reason, more);
  }

  private tidy(): void {
    this.over = true;
    this.session.abandon();
    this.stage.close();
    document.removeEventListener("visibilitychange", this.keepAwake);
    void this.lock?.release().catch(() => undefined);
  }

  private async stayAwake(): Promise<void> {
    if (this.over || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      // low battery or not allowed: the screen may sleep
    }
  }
}
