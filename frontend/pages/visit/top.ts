/** The line above the pictures: what this is, how long it has lasted and may last, who waits, who is at the door. */
import { html, nothing } from "lit";
import type { WaitingPerson } from "../../call/wire";
import { clockTime, icon } from "../../elements/page";
import { captionsSign } from "./captioning";
import { recordingSign } from "./recording";
import type { Scene } from "./scene";

const MINUTE = 60_000;

export function topLine(scene: Scene, began: number, atTheDoor: readonly WaitingPerson[]) {
  const { room } = scene;
  const locked = room.meeting?.locked ?? false;
  return html`<div class="call__top">
    <h1 tabindex="-1" dir="auto">${room.meeting?.title || scene.t("call.title")}</h1>
    <span class="call__pill" role="timer" aria-live="off">${lasted(began)}</span>
    ${recordingSign(scene)} ${endHint(scene)} ${scene.beside ? scene.beside.signs() : encryption(scene)}
    ${locked ? html`<span class="call__pill">${icon("lock")} ${scene.t("call.locked")}</span>` : nothing}
    ${captionsSign(scene)} ${ownHand(scene)} ${nextPerson(scene)} ${knocking(scene, atTheDoor)}
  </div>`;
}

function lasted(began: number): string {
  const seconds = Math.floor((Date.now() - began) / 1000);
  const clock = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${clock}` : clock.replace(/^0(?=\d:)/, "");
}

/** Whole minutes until the booked end, negative after it; null when that is not known. */
export function minutesLeft(scene: Scene): number | null {
  const { meeting, clockOffset } = scene.room;
  const ends = Date.parse(meeting?.ends_at ?? "");
  return Number.isNaN(ends) ? null : Math.ceil((ends - Date.now() - clockOffset) / MINUTE);
}

/** Only staff see that a visit is over its time: nobody else should feel hurried out. */
function endHint(scene: Scene) {
  const { meeting, self } = scene.room;
  const left = minutesLeft(scene);
  if (left === null || !meeting || left > meeting.rules.end_hint_minutes || meeting.rules.end_hint_minutes === 0) return nothing;
  if (left <= 0 && !self?.staff) return nothing;
  const words =
    left <= 0 ? scene.t("time.over", { minutes: -left }) : left === 1 ? scene.t("time.left_one") : scene.t("time.left", { minutes: left });
  if (left === 0) return nothing;
  return html`<span class="call__pill call__pill--soon" data-time-left=${left} title=${scene.t("time.until", { time: clockTime(meeting.ends_at) })}>
    ${icon("timer")} ${words}</span>`;
}

/** Said only where it is so. With several people each pair has its own code: those stand in the list of people. */
function encryption(scene: Scene) {
  const { session, codes } = scene;
  const others = [...session.participants.keys()];
  if (!others.length) return nothing;
  if (!session.capabilities.endToEndEncrypted) {
    return html`<span class="call__pill" data-encryption="hop">${icon("lock")} ${scene.t("call.not_encrypted")}</span>`;
  }
  if (others.length === 1) return html`<verification-code .code=${codes.get(others[0]!) ?? ""}></verification-code>`;
  return html`<span class="call__pill" data-encryption="end">${icon("shield")} ${scene.t("code.label")}</span>`;
}

function ownHand(scene: Scene) {
  const { room } = scene;
  if (!room.ownSeat?.hand) return nothing;
  return html`<span class="call__pill">${icon("hand")} ${scene.t("hand.yours")}
    <button type="button" class="button button--small" @click=${() => void scene.attempt(() => room.raiseHand(false))}>
      ${scene.t("hand.lower")}</button></span>`;
}

function nextPerson(scene: Scene) {
  const next = scene.room.nextWaiting;
  if (!next) return nothing;
  const since = Date.parse(next.since ?? "");
  const minutes = Number.isNaN(since) ? 0 : Math.max(0, Math.floor((Date.now() + scene.room.clockOffset - since) / MINUTE));
  const words = scene.t(next.count > 1 ? "next.more" : "next.one", { name: next.name, minutes, count: next.count - 1 });
  return html`<span class="call__pill" data-next>${icon("user-check")} <span dir="auto">${words}</span></span>`;
}

function knocking(scene: Scene, people: readonly WaitingPerson[]) {
  return people.map(
    (person) => html`<span class="call__pill" data-waiting=${person.id}>${icon("door-open")}
      <span dir="auto">${person.name}</span>
      <button type="button" class="button button--small" @click=${() => scene.admit(person.id)}>${scene.t("desk.admit")}</button></span>`,
  );
}
