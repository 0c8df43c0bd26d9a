/** Recording on the page: the question to everybody, the sign while it runs, the switch for who may moderate. */
import { html, nothing, render } from "lit";
import type { RecordingView } from "../../call/wire";
import type { VisitRoom } from "../../call/visit-room";
import { icon, learnWords } from "../../elements/page";
import { STAGE_ENGLISH } from "../../elements/stage-words";
import { say, type Words } from "../../elements/words";
import { item } from "./items";
import type { Scene } from "./scene";

function open(scene: Scene): RecordingView | null {
  const recording = scene.room.recording?.recording ?? null;
  return recording && (recording.state === "asking" || recording.state === "running") ? recording : null;
}

/** In sight of everybody all the time while it runs; while it is asked about, who is waited for. */
export function recordingSign(scene: Scene) {
  const recording = open(scene);
  if (!recording) return nothing;
  if (recording.state === "running") {
    return html`<span class="call__pill call__pill--recording" data-recording="running"><i class="call__dot" aria-hidden="true"></i> ${scene.t("record.running")}</span>`;
  }
  const missing = scene.room.roster.filter((person) => !recording.agreed.includes(person.id)).length;
  return html`<span class="call__pill" data-recording="asking">${icon("hourglass")} ${scene.t("record.waiting", { count: missing })}</span>`;
}

/** The question, to whoever has not answered. It covers nothing and takes no focus: the call goes on behind it. */
export function recordingQuestion(scene: Scene) {
  const { room } = scene;
  const recording = open(scene);
  if (!recording || !room.self || recording.agreed.includes(room.self.id)) return nothing;
  const answer = (agree: boolean) => void scene.attempt(() => room.answerRecording(recording.id, agree));
  return html`<section class="call__ask" role="alertdialog" aria-modal="false" aria-labelledby="record-title" aria-describedby="record-text" data-ask="recording">
    <h2 id="record-title">${scene.t("record.title", { name: recording.asked_by })}</h2>
    <p id="record-text">${scene.t("record.text")}</p>
    <div class="cluster">
      <button type="button" class="button" data-record="agree" @click=${() => answer(true)}>${scene.t("record.agree")}</button>
      <button type="button" class="button button--secondary" data-record="decline" @click=${() => answer(false)}>${scene.t("record.decline")}</button>
    </div>
  </section>`;
}

/** In the panel "More": begin and end for who may moderate; for everybody else the way to withdraw. */
export function recordingPart(scene: Scene) {
  const { room } = scene;
  const recording = open(scene);
  const mayAsk = room.may("moderate") && (room.meeting?.rules.recording || room.self?.staff);
  if (recording && mayAsk) {
    return item({ name: "record-stop", icon: "circle", words: scene.t("record.stop"), run: () => void scene.attempt(() => room.stopRecording()) });
  }
  if (recording) {
    const withdraw = () => void scene.attempt(() => room.answerRecording(recording.id, false));
    return item({ name: "record-withdraw", icon: "circle", words: scene.t("record.withdraw"), hint: scene.t("record.withdraw_hint"), run: withdraw });
  }
  if (!mayAsk) return nothing;
  const { possible, why_not } = room.recording ?? { possible: false, why_not: "" };
  return item({
    name: "record",
    icon: "circle",
    words: scene.t("record.ask"),
    hint: possible ? scene.t("record.ask_hint") : why_not,
    disabled: !possible,
    run: () => void scene.attempt(() => room.askToRecord()),
  });
}

/** What changed, in one sentence for who hears the page; `shown` when nothing else on the page says it. */
export function recordingNews(scene: Scene, before: string): { readonly key: string; readonly words: string; readonly shown: boolean } {
  const recording = scene.room.recording?.recording ?? null;
  const key = recording ? `${recording.id} ${recording.state}` : "";
  if (key === before || !recording) return { key, words: "", shown: false };
  if (recording.state === "asking") {
    const own = scene.room.self !== null && recording.agreed.includes(scene.room.self.id);
    return { key, words: own ? "" : scene.t("record.title", { name: recording.asked_by }), shown: false };
  }
  const words = { running: "record.began", refused: "record.refused", stopping: "record.ended", failed: "record.failed" } as const;
  const told = words[recording.state as keyof typeof words];
  // What was over before we came is nobody's news.
  return { key, words: told && (before || recording.state === "running") ? scene.t(told) : "", shown: true };
}

/** At the door of a call that is recorded: resolves with the answer. */
export function askAtTheDoor(container: HTMLElement, words: Words, room: VisitRoom): Promise<boolean> {
  learnWords(STAGE_ENGLISH);
  const place = document.createElement("div");
  container.prepend(place);
  return new Promise((resolve) => {
    const answer = (agree: boolean) => {
      place.remove();
      resolve(agree);
    };
    const name = room.recording?.recording?.asked_by ?? "";
    render(
      html`<section class="banner banner--info stack stack--tight" role="alertdialog" aria-modal="false" aria-labelledby="door-record" data-ask="recording">
        <h2 id="door-record" tabindex="-1">${say(words, "record.door_title")}</h2>
        <p>${say(words, "record.door_text", { name })}</p>
        <div class="cluster">
          <button type="button" class="button" data-record="agree" @click=${() => answer(true)}>${say(words, "record.door_agree")}</button>
          <button type="button" class="button button--secondary" data-record="decline" @click=${() => answer(false)}>${say(words, "record.door_decline")}</button>
        </div></section>`,
      place,
    );
    place.querySelector("h2")?.focus();
  });
}
