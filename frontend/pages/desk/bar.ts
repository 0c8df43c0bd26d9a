/** What stands around the queue: what to show, whether the queue is open, the own state, the colleagues. */
import { html, nothing } from "lit";
import type { DeskRoom } from "../../call/desk-room";
import type { DeskArea, DeskEntry, DeskProvider } from "../../call/wire";
import { clockTime, icon } from "../../elements/page";
import { EVERYBODY, nameOf, type Choice } from "./facts";
import type { Say } from "./words";

export interface BarActions {
  readonly choose: (choice: Partial<Choice>) => void;
  readonly closeQueue: (area: DeskArea) => void;
  readonly openQueue: (area: DeskArea) => void;
  readonly stepAway: () => void;
  readonly comeBack: () => void;
}

/** A box to find somebody by name is worth its place only when the list is longer than a screen. */
const FIND_FROM = 8;

export interface BarLook {
  /** Rows in sight, and people waiting outside of what is chosen. */
  readonly count: number;
  readonly hidden: number;
  readonly hostsAny: boolean;
}

export function barView(say: Say, room: DeskRoom, choice: Choice, { count, hidden, hostsAny }: BarLook, actions: BarActions) {
  const area = room.area(choice.area) ?? (room.areas.length === 1 ? room.areas[0] : undefined);
  return html`
    ${room.areas.length > 1
      ? html`<div class="field"><label class="field__label" for="desk-area">${say("show")}</label>
          <select id="desk-area" @change=${(event: Event) => actions.choose({ area: (event.target as HTMLSelectElement).value })}>
            <option value="" ?selected=${!choice.area}>${say("everybody")}</option>
            ${room.areas.map((one) => html`<option value=${one.slug} ?selected=${one.slug === choice.area}>${one.name}</option>`)}
          </select></div>`
      : nothing}
    ${room.provider && room.scope === "all"
      ? html`<div class="field"><label class="field__label" for="desk-whose">${say("whose")}</label>
          <select id="desk-whose" @change=${(event: Event) => actions.choose({ mine: (event.target as HTMLSelectElement).value === "mine" })}>
            <option value="all" ?selected=${!choice.mine}>${say("everyones")}</option>
            <option value="mine" ?selected=${choice.mine}>${say("only_mine")}</option></select></div>`
      : nothing}
    ${count >= FIND_FROM || choice.name
      ? html`<div class="field"><label class="field__label" for="desk-find">${say("find")}</label>
          <input id="desk-find" type="search" autocomplete="off" .value=${choice.name}
            @input=${(event: Event) => actions.choose({ name: (event.target as HTMLInputElement).value })}></div>`
      : nothing}
    ${area ? queueState(say, area, hostsAny || isOf(area, room.provider), actions) : nothing}
    ${hidden
      ? html`<p class="desk__nudge desk__hidden">${say("hidden", { count: hidden })}
          <button type="button" class="button button--quiet button--small" data-desk="show-all" @click=${() => actions.choose(EVERYBODY)}>${say("show_all")}</button></p>`
      : nothing}`;
}

/** Whoever meets people in a group may close its queue; the one for everybody is the managers'. */
function isOf(area: DeskArea, provider: string | null): boolean {
  return provider !== null && area.providers.includes(provider);
}

function queueState(say: Say, area: DeskArea, mayClose: boolean, actions: BarActions) {
  const until = area.closed_until ? say("queue_closed_until", { time: clockTime(area.closed_until) }) : say("queue_closed");
  const isOutside = area.takes_walk_ins && !area.is_open;
  const badge = area.closed_at || isOutside
    ? html`<span class="badge badge--warning">${icon("door-closed")}${area.closed_at ? until : say("queue_hours")}</span>`
    : html`<span class="badge badge--success">${icon("door-open")}${say("queue_open")}</span>`;
  const button = area.closed_at
    ? html`<button type="button" class="button button--secondary" data-desk="open-queue" @click=${() => actions.openQueue(area)}>${say("queue_reopen")}</button>`
    : html`<button type="button" class="button button--secondary" data-desk="close-queue" @click=${() => actions.closeQueue(area)}>${say("queue_close")}</button>`;
  return html`<p class="desk__queue-state">${badge}${mayClose ? button : nothing}</p>`;
}

const PRESENCES: Record<DeskProvider["presence"], { kind: string; icon: string }> = {
  ready: { kind: "success", icon: "user-check" },
  in_visit: { kind: "info", icon: "camera" },
  away: { kind: "", icon: "moon" },
};

function presenceBadge(say: Say, one: DeskProvider) {
  const look = PRESENCES[one.presence];
  return html`<span class="badge ${look.kind ? `badge--${look.kind}` : ""}">${icon(look.icon)}${say(`presence_${one.presence}`)}</span>`;
}

/** The reader as those who wait see them, and who is next. Staff who meet nobody see only who is next. */
export function ownView(say: Say, room: DeskRoom, next: DeskEntry | undefined, actions: BarActions) {
  const own = room.own;
  return html`${own
      ? html`<p class="desk__presence"><span>${say("you")}</span> ${presenceBadge(say, own)}
          ${own.presence === "away"
            ? html`<button type="button" class="button" data-desk="come-back" @click=${actions.comeBack}>${say("come_back")}</button>`
            : html`<button type="button" class="button button--secondary" data-desk="step-away" @click=${actions.stepAway}>${say("step_away")}</button>`}
          ${own.presence === "away" && own.away_words ? html`<span class="note" dir="auto">“${own.away_words}”</span>` : nothing}</p>`
      : nothing}
    <p class="desk__next">${icon("clock")}<span dir="auto">${nextWords(say, room, next)}</span></p>`;
}

function nextWords(say: Say, room: DeskRoom, next: DeskEntry | undefined): string {
  if (!next) return say("next_none");
  // A name may read the other way round: it must not take the words around it along.
  const name = `\u2068${nameOf(next)}\u2069`;
  if (next.waiting_since) return say("next_waiting", { name });
  const time = clockTime(next.start);
  const minutes = Math.ceil((Date.parse(next.start) - room.now) / 60_000);
  return minutes > 0 && minutes < 120 ? say("next_in", { time, name, minutes }) : say("next", { time, name });
}

/** Colleagues who are here, by name; those away are counted, and unfold. */
export function teamView(say: Say, room: DeskRoom, area: string) {
  const members = room.area(area)?.providers ?? [];
  const everyone = room.providers.filter((one) => one.slug !== room.provider && (!members.length || members.includes(one.slug)));
  const here = everyone.filter((one) => one.presence !== "away");
  const gone = everyone.filter((one) => one.presence === "away");
  const line = (one: DeskProvider) => html`<li><strong dir="auto">${one.name}</strong> ${presenceBadge(say, one)}
    ${one.away_words ? html`<span class="note" dir="auto">“${one.away_words}”</span>` : nothing}</li>`;
  if (!everyone.length) return nothing;
  return html`<h2 id="team-title">${say("team")}</h2>
    ${here.length ? html`<ul class="desk__team" aria-labelledby="team-title">${here.map(line)}</ul>` : nothing}
    ${gone.length ? html`<details class="fold"><summary>${say("team_away", { count: gone.length })}</summary><ul class="desk__team">${gone.map(line)}</ul></details>` : nothing}`;
}
