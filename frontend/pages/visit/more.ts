/** The panel "More": reactions, what is seen, sound and picture, captions, help. */
import { html, nothing } from "lit";
import { offersPhone, type ReactionKind } from "../../call/wire";
import { icon } from "../../elements/page";
import { CORNERS } from "../../elements/preferences";
import type { WordKey } from "../../elements/words";
import { captionsPart } from "./captioning";
import { REACTIONS, item } from "./items";
import { movingPart } from "./moving";
import { recordingPart } from "./recording";
import type { Scene } from "./scene";
import { SmallWindow } from "./small-window";

export function morePanel(scene: Scene, page: { readonly turnFull: () => void; readonly turnSmall: () => void; readonly keys: () => void }) {
  return html`<div class="call__panel">
    ${scene.room.self?.staff ? html`<div class="call__items call__narrow">${notes(scene)}</div>` : nothing}
    ${section(scene, "reaction.title", html`${reactions(scene)} ${hand(scene)}`)}
    ${section(scene, "captions.title", captionsPart(scene))}
    ${section(scene, "media.title", html`${media(scene)} ${recordingPart(scene)} ${movingPart(scene, scene.move)}`)}
    ${section(scene, "view.title", view(scene, page))}
    ${section(
      scene,
      "help.title",
      html`${item({ name: "keys", icon: "keyboard", words: scene.t("help.keys"), keys: scene.keys.aria("help"), run: page.keys })}
      ${!scene.room.self?.staff && offersPhone(scene.room.meeting)
        ? html`<button type="button" class="call__item" data-opens="by-phone">${icon("phone")} <span>${scene.t("help.by_phone")}</span></button>`
        : nothing}
      ${item({ name: "stats", icon: "activity", words: scene.t("help.stats"), run: () => scene.open("stats") })}`,
    )}
  </div>`;
}

function section(scene: Scene, title: WordKey, body: unknown) {
  return html`<div role="group" class="call__items" aria-labelledby="more-${title}"><h3 id="more-${title}">${scene.t(title)}</h3>${body}</div>`;
}

/** A phone's bar has no place for the notes: they open from here. */
function notes(scene: Scene) {
  return item({ name: "notes", icon: "note", words: scene.t("bar.notes"), run: () => scene.open("notes") });
}

function reactions(scene: Scene) {
  return html`<div class="call__reactions-choice">
    ${(Object.keys(REACTIONS) as ReactionKind[]).map(
      (kind) => html`<button type="button" data-reaction=${kind} aria-label=${scene.t(`reaction.${kind}`)} title=${scene.t(`reaction.${kind}`)}
        @click=${() => void scene.attempt(() => scene.room.react(kind))}>${icon(REACTIONS[kind])}</button>`,
    )}
  </div>`;
}

function hand(scene: Scene) {
  const up = scene.room.ownSeat?.hand != null;
  return item({
    name: "hand",
    icon: "hand",
    words: scene.t(up ? "hand.lower" : "hand.raise"),
    keys: scene.keys.aria("hand"),
    run: () => void scene.attempt(() => scene.room.raiseHand(!up)),
  });
}

function view(scene: Scene, page: { readonly turnFull: () => void; readonly turnSmall: () => void }) {
  const { prefs, keys } = scene;
  const { layout, selfHidden } = prefs.now;
  const choice = (name: "speaker" | "grid") => html`<label class="call__choice"><input type="radio" name="layout" value=${name}
    .checked=${layout === name} @change=${() => scene.prefer({ layout: name })}> ${scene.t(`view.${name}`)}</label>`;
  const isFull = document.fullscreenElement !== null;
  return html`<fieldset class="call__choices"><legend>${scene.t("view.layout")}</legend>${choice("speaker")} ${choice("grid")}</fieldset>
    ${item({
      name: "self",
      icon: selfHidden ? "eye" : "eye-off",
      words: scene.t(selfHidden ? "view.self_show" : "view.self_hide"),
      run: () => scene.prefer({ selfHidden: !selfHidden }),
    })}
    ${selfHidden ? nothing : item({ name: "corner", icon: "swap", words: scene.t("view.self_move"), run: () => moveSelf(scene) })}
    ${document.fullscreenEnabled
      ? item({
          name: "full",
          icon: isFull ? "fullscreen-off" : "fullscreen",
          words: scene.t(isFull ? "view.full_end" : "view.full"),
          keys: keys.aria("full"),
          run: page.turnFull,
        })
      : nothing}
    ${SmallWindow.possible
      ? item({
          name: "pip",
          icon: "self-view",
          words: scene.t(scene.small.isOpen ? "view.pip_end" : "view.pip"),
          keys: keys.aria("pip"),
          run: page.turnSmall,
        })
      : nothing}`;
}

function moveSelf(scene: Scene): void {
  const next = CORNERS[(CORNERS.indexOf(scene.prefs.now.corner) + 1) % CORNERS.length]!;
  scene.prefer({ corner: next });
  scene.announce(scene.t("view.self_moved", { place: scene.t(`view.corner.${next}`) }));
}

function media(scene: Scene) {
  const { local, session, room } = scene;
  const saving = session.lowBandwidth;
  const able = room.may("send_media");
  return html`${able
      ? item({ name: "devices", icon: "settings", words: scene.t("media.devices"), run: () => scene.open("devices") })
      : nothing}
    ${local.facing && local.camOn
      ? item({ name: "turn", icon: "switch-camera", words: scene.t("media.turn"), run: () => void scene.attempt(() => local.turnCamera()) })
      : nothing}
    ${item({
      name: "saving",
      icon: "signal",
      words: scene.t("media.saving"),
      pressed: saving,
      hint: `${scene.t("media.saving_hint")} ${dataUse(scene)} ${sending(scene)}`,
      run: () => void scene.attempt(() => session.setLowBandwidth(!saving)),
    })}
    ${able ? html`${room.meeting?.rules.blur === false ? nothing : blur(scene)} ${original(scene)}` : nothing}`;
}

function original(scene: Scene) {
  const { local } = scene;
  const on = local.originalSound;
  return item({
    name: "original",
    icon: "headphones",
    words: scene.t("media.original"),
    pressed: on,
    hint: scene.t("media.original_hint"),
    run: () => void scene.attempt(() => local.setOriginalSound(!on)),
  });
}

function blur(scene: Scene) {
  const { available, on, reason } = scene.keeper.blur;
  const flip = async () => {
    const wish = !scene.keeper.blur.on;
    const state = await scene.keeper.setBlur(wish);
    if (state.on === wish) scene.prefer({ blur: wish });
    if (state.reason === "failed") scene.tell(scene.t("media.blur.failed"));
  };
  return item({
    name: "blur",
    icon: "sparkle",
    words: scene.t("media.blur"),
    pressed: on,
    disabled: !available,
    hint: reason ? scene.t(`media.blur.${reason}`) : scene.t("media.blur_hint"),
    run: () => void scene.attempt(flip),
  });
}

/** Why our picture is not sent whole. */
function sending(scene: Scene): string {
  const { reason } = scene.session.sending;
  return scene.session.camOn && reason !== "none" && reason !== "crowd" ? scene.t(`media.sending.${reason}`) : "";
}

function dataUse(scene: Scene): string {
  const { bytes, bytesPerHour } = scene.session.dataUse;
  if (bytes < 100_000) return "";
  const used = amount(bytes);
  return bytesPerHour === null ? scene.t("media.data_early", { used }) : scene.t("media.data", { used, hour: amount(bytesPerHour) });
}

/** Bytes as people say them: 0.4 MB, 12 MB, 1.2 GB. */
function amount(bytes: number): string {
  const mega = bytes / 1_000_000;
  if (mega >= 1000) return `${(mega / 1000).toFixed(1)} GB`;
  return `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB`;
}
