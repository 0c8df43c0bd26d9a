/** Captions on the page: the lines under the pictures, the box to type one, and the question before a voice is recognised. */
import { html, nothing } from "lit";
import { browserCaptions } from "../../call/captions";
import { icon } from "../../elements/page";
import { CAPTION_SIZES, type CaptionSize } from "../../elements/preferences";
import { item } from "./items";
import type { Scene } from "./scene";

const CONSENT = "captions-consent";

/** The lines, for everybody who wants them; whoever hears the page reads them in their own time. */
export function captionLines(scene: Scene) {
  const { captions, captionSize, captionContrast } = scene.prefs.now;
  if (!captions || !scene.captions.lines.length) return nothing;
  return html`<div class="call__captions" role="region" aria-label=${scene.t("captions.region")} data-size=${captionSize}
    ?data-contrast=${captionContrast}>
    ${scene.captions.lines.map((line) => html`<p><strong dir="auto">${line.name}:</strong> <span dir="auto">${line.text}</span></p>`)}
  </div>`;
}

export function captionsPart(scene: Scene) {
  const { prefs } = scene;
  const { captions, captionSize, captionContrast } = prefs.now;
  const size = (name: CaptionSize) =>
    html`<option value=${name} ?selected=${captionSize === name}>${scene.t(`captions.size.${name}`)}</option>`;
  return html`
    ${item({
      name: "captions",
      icon: captions ? "captions-off" : "captions",
      words: scene.t(captions ? "captions.hide" : "captions.show"),
      keys: scene.keys.aria("captions"),
      run: () => scene.prefer({ captions: !captions }),
    })}
    ${captions
      ? html`<label class="field"><span class="field__label">${scene.t("captions.size")}</span>
            <select data-more="caption-size" @change=${(event: Event) =>
              scene.prefer({ captionSize: (event.target as HTMLSelectElement).value as CaptionSize })}>${CAPTION_SIZES.map(size)}</select></label>
          <label class="call__choice"><input type="checkbox" data-more="caption-contrast" .checked=${captionContrast}
            @change=${(event: Event) => scene.prefer({ captionContrast: (event.target as HTMLInputElement).checked })}>
            ${scene.t("captions.contrast")}</label>`
      : nothing}
    <form class="field" @submit=${(event: SubmitEvent) => type(scene, event)}>
      <label class="field__label" for="caption-text">${scene.t("captions.type")}</label>
      <p class="field__hint" id="caption-hint">${scene.t("captions.type_hint")}</p>
      <div class="call__write"><input type="text" id="caption-text" name="text" maxlength="300" autocomplete="off" aria-describedby="caption-hint">
        <button class="button button--secondary">${scene.t("captions.send")}</button></div>
    </form>
    ${listening(scene)}`;
}

function type(scene: Scene, event: SubmitEvent): void {
  event.preventDefault();
  const box = (event.currentTarget as HTMLFormElement).elements.namedItem("text") as HTMLInputElement;
  scene.captions.type(box.value);
  box.value = "";
  if (!scene.prefs.now.captions) scene.prefer({ captions: true });
}

function listening(scene: Scene) {
  if (scene.room.meeting?.rules.captions !== "browser" || !scene.room.may("send_media")) return nothing;
  const on = scene.captions.listening;
  const close = (event: Event) => (event.currentTarget as HTMLElement).closest("dialog")?.close();
  return html`${item({
      name: "listen",
      icon: "mic",
      words: scene.t(on ? "captions.listen_stop" : "captions.listen"),
      run: () => (on ? scene.captions.stop() : scene.ask(CONSENT)),
    })}
    <dialog class="dialog" id=${CONSENT} aria-labelledby="consent-title">
      <div class="dialog__head"><h2 id="consent-title">${scene.t("captions.consent_title")}</h2></div>
      <div class="dialog__body"><p>${scene.t("captions.consent_text")}</p></div>
      <div class="dialog__foot">
        <button type="button" class="button" data-more="listen-yes" @click=${(event: Event) => {
          close(event);
          void listen(scene);
        }}>${scene.t("captions.consent_yes")}</button>
        <button type="button" class="button button--secondary" @click=${close}>${scene.t("control.cancel")}</button>
      </div>
    </dialog>`;
}

async function listen(scene: Scene): Promise<void> {
  const source = await browserCaptions();
  if (!source) return scene.tell(scene.t("captions.unsupported"));
  scene.journal.note({ kind: "captions", detail: "agreed" });
  const language = document.documentElement.lang || navigator.language;
  await scene.captions.listen(source, language, true).catch(() => scene.tell(scene.t("captions.stopped")));
  if (!scene.prefs.now.captions) scene.prefer({ captions: true });
}

/** A sign above the pictures while our voice is being turned into words. */
export function captionsSign(scene: Scene) {
  if (!scene.captions.listening) return nothing;
  return html`<span class="call__pill">${icon("captions")} <span>${scene.t("captions.listen")}</span>
    <button type="button" class="button button--small" @click=${() => scene.captions.stop()}>${scene.t("captions.listen_stop")}</button></span>`;
}
