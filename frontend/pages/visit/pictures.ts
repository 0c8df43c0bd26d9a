/** The pictures of the others: arranged, named, and what stands where there is none. */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { CallState, CallTrack, Participant } from "../../call/session";
import { icon } from "../../elements/page";
import type { TileQuality } from "../../elements/video-tile";
import { arrange, type Arrangement, type Speaking, type Tile } from "./arrangement";
import { REACTIONS } from "./items";
import type { Scene } from "./scene";

export interface Flying {
  readonly key: number;
  readonly name: string;
  readonly reaction: keyof typeof REACTIONS;
}

export interface Seen {
  readonly state: CallState;
  readonly qualities: ReadonlyMap<string, TileQuality>;
  readonly speaking: Speaking;
}

export function trackOf(scene: Scene, participant: string, source: string): CallTrack | null {
  return scene.session.tracks.get(`${participant}/${source}`) ?? null;
}

export function arrangement(scene: Scene, { speaking }: Seen): Arrangement {
  const people = [...scene.session.participants.values()];
  const wishes = { layout: scene.prefs.now.layout, pinned: scene.pinned, speaking: speaking.current };
  return arrange(people, (id) => trackOf(scene, id, "screen") !== null, wishes);
}

export function pictures(scene: Scene, seen: Seen, { layout, main, tiles }: Arrangement) {
  if (!tiles.length) return alone(scene);
  return html`<div class="call__people" data-count=${tiles.length} data-layout=${layout} role="group" aria-label=${scene.t("call.people")}>
    ${repeat(tiles, (tile) => tile.key, (tile) => tileOf(scene, seen, tile, tiles.length > 1, main))}
  </div>`;
}

function alone(scene: Scene) {
  const { room, provider } = scene;
  const words = room.self?.staff ? scene.t("call.alone_staff") : scene.t("call.alone", { provider: provider || scene.t("waiting.team") });
  return html`<div class="call__blank">${icon("user")}<p>${words}</p></div>`;
}

function tileOf(scene: Scene, seen: Seen, { key, participant, kind }: Tile, pinnable: boolean, main: string | null) {
  const { id } = participant;
  const hand = scene.room.roster.some((person) => person.id === id && person.hand !== null);
  const isSpeaking = participant.micOn && seen.speaking.isSpeaking(id, Date.now());
  return html`<video-tile data-kind=${kind} data-participant=${id} ?data-main=${key === main} .participant=${participant}
    .track=${trackOf(scene, id, kind)} .quality=${seen.qualities.get(id) ?? null} .note=${blank(scene, seen.state, participant)}
    .hand=${hand && kind === "camera"} .speaking=${isSpeaking && kind === "camera"} .pinnable=${pinnable} .pinned=${scene.pinned === key}
    @pin=${() => scene.pin(key)}></video-tile>`;
}

function blank(scene: Scene, state: CallState, participant: Participant): string {
  const { name } = participant;
  if (!participant.present) return scene.t("call.reconnecting_other", { name });
  if (state === "connecting") return scene.t("call.connecting", { name });
  return participant.camOn ? scene.t("call.picture_saved") : scene.t("call.camera_off", { name });
}

/** Seen for a moment; said by the live region. */
export function reactionsShown(scene: Scene, flying: readonly Flying[]) {
  if (!flying.length) return nothing;
  return html`<div class="call__reactions" aria-hidden="true">
    ${repeat(
      flying,
      (one) => one.key,
      (one) => html`<span class="call__reaction" data-reaction=${one.reaction}>${icon(REACTIONS[one.reaction])}
        <span dir="auto">${one.name || scene.t("call.you")}</span></span>`,
    )}
  </div>`;
}
