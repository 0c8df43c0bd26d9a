/** The own picture: in a corner, moved by dragging it or from the panel "More", mirrored as in a mirror. */
import { html, nothing } from "lit";
import { icon } from "../../elements/page";
import type { Corner } from "../../elements/preferences";
import type { Scene } from "./scene";

export function selfView(scene: Scene) {
  const { session, local, prefs } = scene;
  if ((!session.camOn && !session.sharing) || (prefs.now.selfHidden && !session.sharing)) return nothing;
  const words = session.sharing ? scene.t("call.sharing_self") : scene.t("call.you");
  // The camera at the back shows what the others see; only the front one is a mirror.
  const mirrored = !session.sharing && local.facing !== "environment";
  return html`<div class="call__self" data-corner=${prefs.now.corner} @pointerdown=${(event: PointerEvent) => drag(scene, event)}>
    <video class=${mirrored ? "is-mirrored" : ""} playsinline autoplay muted aria-label=${scene.t("call.self")}></video>
    <span class="call__self-note">${words} ${session.micOn || !scene.room.may("send_media") ? nothing : icon("mic-off")}</span>
  </div>`;
}

/** Put the track that goes out into the picture. */
export function showSelf(scene: Scene): void {
  const video = scene.container.querySelector<HTMLVideoElement>(".call__self video");
  if (!video) return;
  const track = scene.local.track("screen") ?? scene.local.track("camera");
  const shown = (video.srcObject as MediaStream | null)?.getVideoTracks()[0] ?? null;
  if (!track || shown === track) return;
  video.srcObject = new MediaStream([track]);
  video.muted = true;
  void video.play().catch(() => undefined);
}

/** Follow the pointer; where it is let go, the nearest corner takes the picture. */
function drag(scene: Scene, start: PointerEvent): void {
  const figure = start.currentTarget as HTMLElement;
  const stage = figure.closest<HTMLElement>(".call__stage");
  if (!stage || start.button !== 0) return;
  start.preventDefault();
  figure.setPointerCapture(start.pointerId);
  const move = (event: PointerEvent) => {
    figure.style.translate = `${event.clientX - start.clientX}px ${event.clientY - start.clientY}px`;
  };
  const end = (event: PointerEvent) => {
    figure.removeEventListener("pointermove", move);
    figure.removeEventListener("pointerup", end);
    figure.removeEventListener("pointercancel", end);
    figure.style.translate = "";
    const moved = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > 8;
    if (event.type === "pointerup" && moved) scene.prefer({ corner: cornerAt(stage, event) });
  };
  figure.addEventListener("pointermove", move);
  figure.addEventListener("pointerup", end);
  figure.addEventListener("pointercancel", end);
}

function cornerAt(stage: HTMLElement, { clientX, clientY }: PointerEvent): Corner {
  const box = stage.getBoundingClientRect();
  const inStart = clientX < box.left + box.width / 2;
  const left = getComputedStyle(stage).direction === "rtl" ? !inStart : inStart;
  const top = clientY < box.top + box.height / 2;
  return `${top ? "t" : "b"}${left ? "l" : "r"}`;
}
