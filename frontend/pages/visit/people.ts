/** The panel of people: who is in the call, what each may do, and what a host can do about it. */
import { html, nothing } from "lit";
import type { RosterPerson } from "../../call/wire";
import { icon } from "../../elements/page";
import type { Scene } from "./scene";

export function peoplePanel(scene: Scene) {
  const { room } = scene;
  const limit = room.meeting?.max_in_call ?? 0;
  return html`<div class="call__panel">
    <p class="call__hint">${scene.t("people.full", { count: room.roster.length, limit })}</p>
    ${mayBring(scene)
      ? html`<div class="call__items"><button type="button" class="call__item" data-opens="bring-in">${icon("user-plus")} ${scene.t("people.bring_in")}</button></div>`
      : nothing}
    <ul class="call__list" aria-label=${scene.t("people.here")}>${room.roster.map((person) => row(scene, person))}</ul>
    ${scene.beside?.people() ?? nothing}
    ${room.may("moderate") ? host(scene) : nothing}
  </div>`;
}

/** Staff ask colleagues in, also where nobody from outside gets a link. */
function mayBring({ room }: Scene): boolean {
  if (room.self?.staff) return room.may("moderate");
  const rules = room.meeting?.rules;
  return rules?.helper_links !== false && (room.may("moderate") || (room.self?.role === "consumer" && !rules?.hosts_invite));
}

function row(scene: Scene, person: RosterPerson) {
  const { room, session } = scene;
  const own = person.id === room.self?.id;
  const code = own ? null : scene.codes.get(person.id);
  return html`<li class="call__person" data-person=${person.id}>
    <div class="call__person-who">
      <strong dir="auto">${person.name}</strong> ${own ? html`<span class="soft">(${scene.t("people.you")})</span>` : nothing}
      <span class="call__hint">${scene.t(`role.${person.role_in_call}`)}${person.media.mic ? "" : ` · ${scene.t("call.muted")}`}</span>
      ${person.hand ? html`<span class="badge">${icon("hand")} ${scene.t("people.hand")}</span>` : nothing}
      ${session.capabilities.endToEndEncrypted && code
        ? html`<span class="call__hint">${icon("shield")} ${scene.t("code.label")} · <span class="tabular">${code}</span></span>`
        : nothing}
    </div>
    ${own ? nothing : actions(scene, person)}
  </li>`;
}

function actions(scene: Scene, person: RosterPerson) {
  const { room } = scene;
  const { id, name, media } = person;
  const key = `${id}/camera`;
  const pinned = scene.pinned === key;
  const button = (word: string, label: string, act: () => void) =>
    html`<button type="button" class="button button--secondary button--small" aria-label=${label} @click=${act}>${word}</button>`;
  const may = room.may("moderate");
  return html`<div class="cluster">
    ${room.roster.length > 2
      ? button(scene.t(pinned ? "people.unpin" : "people.pin"), scene.t(pinned ? "people.unpin_of" : "people.pin_of", { name }), () => scene.pin(key))
      : nothing}
    ${may && person.hand ? button(scene.t("people.lower"), scene.t("people.lower_of", { name }), () => void scene.attempt(() => room.lowerHand(id))) : nothing}
    ${may && media.mic
      ? button(scene.t("people.mute"), scene.t("people.mute_of", { name }), () =>
          void scene.attempt(() => room.mute(id, "mic")).then(() => scene.announce(scene.t("say.muted_one", { name }))))
      : nothing}
    ${may && media.cam
      ? button(scene.t("people.stop_camera"), scene.t("people.stop_camera_of", { name }), () => void scene.attempt(() => room.mute(id, "cam")))
      : nothing}
    ${may && (person.role === "consumer" || person.role === "helper") ? remove(scene, person) : nothing}
  </div>`;
}

/** Asked before, as only the desk can undo it. */
function remove(scene: Scene, { id, name }: RosterPerson) {
  const dialog = `remove-${id}`;
  const close = (event: Event) => (event.currentTarget as HTMLElement).closest("dialog")?.close();
  return html`<button type="button" class="button button--secondary button--small" aria-label=${scene.t("people.remove_of", { name })}
      data-people="remove" @click=${() => scene.ask(dialog)}>${scene.t("people.remove")}</button>
    <dialog class="dialog" id=${dialog} aria-labelledby="${dialog}-title">
      <div class="dialog__head"><h2 id="${dialog}-title">${scene.t("people.remove_title", { name })}</h2></div>
      <div class="dialog__body"><p>${scene.t("people.remove_text")}</p></div>
      <div class="dialog__foot">
        <button type="button" class="button button--danger" data-people="remove-yes" @click=${(event: Event) => {
          close(event);
          void scene.attempt(() => scene.room.remove(id));
        }}>${scene.t("people.remove_yes")}</button>
        <button type="button" class="button button--secondary" @click=${close}>${scene.t("control.cancel")}</button>
      </div>
    </dialog>`;
}

function host(scene: Scene) {
  const { room } = scene;
  const locked = room.meeting?.locked ?? false;
  const muteAll = async () => {
    await scene.attempt(() => room.muteOthers());
    scene.announce(scene.t("say.muted_all"));
  };
  return html`<div class="call__items" role="group" aria-label=${scene.t("bar.end_hint")}>
    <button type="button" class="call__item" data-people="mute-all" @click=${() => void muteAll()}>${icon("mic-off")} ${scene.t("people.mute_all")}</button>
    <button type="button" class="call__item" data-people="lock" aria-describedby="lock-hint"
      @click=${() => void scene.attempt(() => room.lock(!locked))}>
      ${icon(locked ? "lock-open" : "lock")} ${scene.t(locked ? "people.unlock" : "people.lock")}</button>
    <p class="call__hint" id="lock-hint">${scene.t("people.lock_hint")}</p>
  </div>`;
}
