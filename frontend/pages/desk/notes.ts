/** The small sentences of the desk: nothing here, the day in one line, what this browser still needs. */
import { html, nothing } from "lit";
import type { DeskEntry } from "../../call/wire";
import { icon } from "../../elements/page";
import type { Lines } from "./facts";
import type { Say } from "./words";

/** `lines` null: the day is empty, rather than the queue. */
export function emptyView(say: Say, name: string, lines: Lines | null) {
  if (!lines) return html`<p>${say("day_empty")}</p>`;
  const words = name ? say("nobody_found") : lines.held.length ? say("nobody_here") : say("nobody");
  return html`<span class="empty__art">${icon("door-closed")}</span><p><strong>${words}</strong></p>
    ${name ? nothing : html`<p>${say("nobody_text")}</p>`}`;
}

/** "3 waiting · longest 12 min · 1 on hold · 2 in a visit" */
export function summaryWords(say: Say, lines: Lines, agenda: readonly DeskEntry[]): string {
  const count = lines.waiting.length;
  const longest = Math.max(0, ...lines.waiting.map((row) => row.minutes));
  const inside = agenda.filter((entry) => entry.status === "in_visit").length;
  return [
    count === 1 ? say("waiting_one") : count ? say("waiting_many", { count }) : say("nobody"),
    longest ? say("longest", { minutes: longest }) : "",
    lines.held.length ? say("held_many", { count: lines.held.length }) : "",
    inside ? say("in_visit_many", { count: inside }) : "",
  ].filter(Boolean).join(" · ");
}

export interface Nudges {
  readonly soundOn: boolean;
  readonly blocked: boolean;
  readonly asks: boolean;
  readonly toggle: () => void;
  readonly wake: () => void;
  readonly allow: () => void;
}

export function nudgesView(say: Say, nudges: Nudges) {
  const nudge = (words: string, verb: string, act: () => void, name: string) => html`<span class="desk__nudge">${words}
    <button type="button" class="button button--secondary button--small" data-desk=${name} @click=${act}>${verb}</button></span>`;
  return html`
    ${nudges.blocked ? nudge(say("sound_blocked"), say("sound_allow"), nudges.wake, "wake") : nothing}
    ${nudges.asks ? nudge(say("notify_ask"), say("notify_allow"), nudges.allow, "allow") : nothing}
    <button type="button" class="button button--quiet" data-desk="sound" aria-pressed=${nudges.soundOn} @click=${nudges.toggle}>
      ${icon(nudges.soundOn ? "bell" : "bell-off")} ${say(nudges.soundOn ? "sound_on" : "sound_off")}</button>`;
}
