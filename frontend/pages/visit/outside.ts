/** What the stage shows of a call that Microsoft carries: waiting there, what is kept there, captions from there. */
import { html, nothing } from "lit";
import type { OutsideState } from "../../call/session";
import { icon, learnWords } from "../../elements/page";
import { OUTSIDE_ENGLISH } from "../../elements/outside-words";
import type { Scene } from "./scene";

const QUIET: OutsideState = { lobby: false, recording: false, transcription: false, captions: "none" };

export class Outside {
  private before = QUIET;
  private readonly stops: (() => void)[];

  constructor(private readonly scene: Scene) {
    learnWords(OUTSIDE_ENGLISH);
    const { session, captions } = scene;
    this.stops = [
      session.on("outside", () => this.changed()),
      session.on("caption", ({ participant, name, line, text, final }) =>
        captions.show({ from: participant || `there:${name}`, line, text, final, spoken: true }, name),
      ),
    ];
    this.changed();
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /** We are on our way in, or somebody there has to let us in. */
  get waits(): boolean {
    return this.before.lobby || this.scene.session.state === "connecting";
  }

  /** In the place of pictures while we wait. */
  waiting() {
    const { scene } = this;
    if (!this.before.lobby) {
      return html`<div class="call__blank" data-outside="joining">${icon("hourglass")}<p>${scene.t("outside.joining")}</p></div>`;
    }
    return html`<div class="call__blank" data-outside="lobby">${icon("hourglass")}
      <p><strong>${scene.t("outside.lobby")}</strong></p><p>${scene.t("outside.lobby_text")}</p></div>`;
  }

  /** In sight all the time: who carries the call, and what is kept of it there. */
  signs() {
    const { scene, before } = this;
    const kept = (name: "recording" | "transcription") =>
      before[name]
        ? html`<span class="call__pill call__pill--recording" data-outside=${name}><i class="call__dot" aria-hidden="true"></i>
            ${scene.t(`outside.${name}`)}</span>`
        : nothing;
    return html`<span class="call__pill" data-encryption="outside">${icon("lock")} ${scene.t("outside.carried")}</span>
      ${kept("recording")} ${kept("transcription")} ${this.captions()}`;
  }

  /** Who is in the meeting there, besides those of our own list. */
  people() {
    const people = [...this.scene.session.participants.values()];
    if (!people.length) return nothing;
    return html`<h3 id="outside-people">${this.scene.t("outside.people")}</h3>
      <ul class="call__list" aria-labelledby="outside-people">${people.map(
        ({ name, micOn }) => html`<li class="call__person"><strong dir="auto">${name}</strong>
          ${micOn ? nothing : html`<span class="call__hint">${this.scene.t("call.muted")}</span>`}</li>`,
      )}</ul>`;
  }

  private captions() {
    const { scene, before } = this;
    if (before.captions === "none" || before.lobby) return nothing;
    const on = before.captions === "on";
    return html`<span class="call__pill">${icon("captions")}
      <button type="button" class="button button--small" data-outside="captions" @click=${() => void this.caption(!on)}>
        ${scene.t(on ? "outside.captions_hide" : "outside.captions_show")}</button></span>`;
  }

  private async caption(on: boolean): Promise<void> {
    const { scene } = this;
    const language = document.documentElement.lang || navigator.language;
    try {
      await scene.session.setCaptions?.(on, language);
      if (on && !scene.prefs.now.captions) scene.prefer({ captions: true });
    } catch {
      scene.tell(scene.t("outside.captions_failed"));
    }
    scene.draw();
  }

  /** Each change is said at once, and stands to be read: nobody is recorded without knowing. */
  private changed(): void {
    const { scene } = this;
    const now = scene.session.outside ?? QUIET;
    const { before } = this;
    this.before = now;
    if (now.lobby && !before.lobby) scene.announce(scene.t("outside.lobby"));
    for (const name of ["recording", "transcription"] as const) {
      if (now[name] === before[name]) continue;
      const words = scene.t(`outside.${name}_${now[name] ? "on" : "off"}`);
      scene.announce(words);
      scene.tell(words);
    }
    scene.draw();
  }
}
