/**
 * The picture in a small window that stays above other programs: a window of its own with the most needed buttons where
 * the browser makes one, else the browser's own picture in picture.
 */
import { html, render } from "lit";
import type { CallTrack } from "../../call/session";
import { icon } from "../../elements/page";
import type { Scene } from "./scene";

interface DocumentPip {
  requestWindow(options: { width: number; height: number }): Promise<Window>;
}

export interface Smalls {
  readonly track: CallTrack | null;
  readonly name: string;
  readonly mic: boolean;
  readonly cam: boolean;
  readonly canSend: boolean;
  readonly words: { mute: string; unmute: string; camOn: string; camOff: string; back: string };
  readonly toggleMic: () => void;
  readonly toggleCam: () => void;
}

function documentPip(): DocumentPip | null {
  return (globalThis as { documentPictureInPicture?: DocumentPip }).documentPictureInPicture ?? null;
}

export class SmallWindow {
  private window: Window | null = null;
  private shown: CallTrack | null = null;

  constructor(private readonly changed: () => void) {}

  static get possible(): boolean {
    return documentPip() !== null || document.pictureInPictureEnabled === true;
  }

  get isOpen(): boolean {
    return this.window !== null || document.pictureInPictureElement !== null;
  }

  /** `large` is the video that is shown large now. Rejects when the browser refuses. */
  async toggle(large: HTMLVideoElement | null): Promise<void> {
    if (this.isOpen) return this.close();
    const maker = documentPip();
    if (!maker) {
      if (!large) throw new Error("there is no picture");
      await large.requestPictureInPicture();
      large.addEventListener("leavepictureinpicture", () => this.changed(), { once: true });
      return this.changed();
    }
    const made = await maker.requestWindow({ width: 400, height: 300 });
    for (const sheet of document.querySelectorAll('style, link[rel="stylesheet"]')) made.document.head.append(sheet.cloneNode(true));
    made.document.documentElement.lang = document.documentElement.lang;
    made.document.title = document.title;
    made.document.body.className = "call call--small";
    made.addEventListener("pagehide", () => this.forget());
    this.window = made;
    this.changed();
  }

  /** Bring the window up to date. */
  show(smalls: Smalls): void {
    const body = this.window?.document.body;
    if (!body) return;
    const { mic, cam, words } = smalls;
    render(
      html`<video class="call__remote" playsinline autoplay muted aria-label=${smalls.name}></video>
        <p class="call__pill call__name" dir="auto">${smalls.name}</p>
        <div class="call__bar">
          ${smalls.canSend
            ? html`<button type="button" class="control ${mic ? "" : "control--off"}" @click=${smalls.toggleMic}>
                  ${icon(mic ? "mic" : "mic-off")} ${mic ? words.mute : words.unmute}</button>
                <button type="button" class="control ${cam ? "" : "control--off"}" @click=${smalls.toggleCam}>
                  ${icon(cam ? "camera" : "camera-off")} ${cam ? words.camOff : words.camOn}</button>`
            : ""}
          <button type="button" class="control" @click=${() => this.close()}>${icon("self-view")} ${words.back}</button>
        </div>`,
      body,
    );
    const video = body.querySelector("video");
    if (!video || this.shown === smalls.track) return;
    this.shown?.detach(video);
    this.shown = smalls.track;
    smalls.track?.attach(video);
    video.muted = true;
    void video.play().catch(() => undefined);
  }

  close(): void {
    if (document.pictureInPictureElement) void document.exitPictureInPicture().catch(() => undefined);
    this.window?.close();
    this.forget();
  }

  private forget(): void {
    const video = this.window?.document.body.querySelector("video");
    if (video && this.shown) this.shown.detach(video);
    this.window = null;
    this.shown = null;
    this.changed();
  }
}

/** Bring the small window up to date with the picture `key` (`participant/source`), if it is open. */
export function showSmall(scene: Scene, key: string, flip: (which: "mic" | "cam") => void): void {
  const [id = ""] = key.split("/");
  const { session, room } = scene;
  scene.small.show({
    track: session.tracks.get(key) ?? null,
    name: session.participants.get(id)?.name ?? "",
    mic: session.micOn,
    cam: session.camOn,
    canSend: room.may("send_media"),
    words: {
      mute: scene.t("control.mute"),
      unmute: scene.t("control.unmute"),
      camOn: scene.t("control.camera_on"),
      camOff: scene.t("control.camera_off"),
      back: scene.t("view.pip_end"),
    },
    toggleMic: () => flip("mic"),
    toggleCam: () => flip("cam"),
  });
}
