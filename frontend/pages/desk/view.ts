/** How the desk's lists are drawn. The same markup as the server's `parts/queue_card.html`. */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { DeskEntry, WaitingPerson } from "../../call/wire";
import { clockTime, icon } from "../../elements/page";
import { ENGLISH, say, type Values, type WordKey, type Words } from "../../elements/words";

/** Minutes after which a person starts to wonder, and after which they should have been seen. */
const WAIT_IS_LONG = 10;
const WAIT_IS_LATE = 20;

export interface DeskLook {
  readonly words: Words;
  readonly now: number;
  /** Address of the call page of a meeting, empty when there is none. */
  readonly visitUrl: (meeting: string) => string;
  readonly busy: ReadonlySet<string>;
  /** Appointments that came since the page was opened, to draw the eye once. */
  readonly fresh: ReadonlySet<string>;
}

export interface DeskActions {
  readonly join: (entry: DeskEntry) => void;
  readonly admit: (person: WaitingPerson) => void;
  readonly deny: (person: WaitingPerson) => void;
  readonly message: (person: WaitingPerson) => void;
}

export function minutesSince(since: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
}

export function waitLevel(minutes: number): "fresh" | "long" | "late" {
  if (minutes >= WAIT_IS_LATE) return "late";
  return minutes >= WAIT_IS_LONG ? "long" : "fresh";
}

/** Up to two letters, as the server makes them: first and last word, titles left out. */
export function initials(name: string): string {
  const titles = new Set(["dr", "prof", "mr", "mrs", "ms", "mx", "miss", "sir"]);
  const all = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word) && !titles.has(word.replace(/\.+$/, "").toLowerCase()));
  const chosen = all.length > 1 ? [all[0]!, all.at(-1)!] : all;
  return chosen.map((word) => [...word][0]!).join("").toUpperCase();
}

export function queueView(entries: readonly DeskEntry[], look: DeskLook, actions: DeskActions) {
  if (!entries.length) {
    return html`<li class="empty"><span class="empty__art">${icon("door-closed")}</span>
      <p>${say(look.words, "desk.nobody")}</p></li>`;
  }
  return repeat(entries, (entry) => entry.appointment, (entry) => html`<li data-appointment=${entry.appointment}>
    ${card(entry, look, actions)}</li>`);
}

function card(entry: DeskEntry, look: DeskLook, actions: DeskActions) {
  const t = (key: WordKey, values?: Values) => say(look.words, key, values);
  const minutes = minutesSince(entry.waiting_since!, look.now);
  const waiting = entry.people.filter((person) => person.state === "waiting");
  const first = waiting[0];
  const waits = minutes < 1 ? t("desk.waits_now") : t("desk.waits", { minutes });
  const names = waiting.map((person) => person.name).join(", ");
  const line = `${entry.service.name} · ${t("desk.at", { time: clockTime(entry.start) })}${entry.mine ? "" : ` · ${t("desk.with", { provider: entry.provider.name })}`}`;
  const notes = waiting.flatMap((person) => remarks(person, t));
  return html`<article class="queue-card ${look.fresh.has(entry.appointment) ? "is-new" : ""}" data-wait=${waitLevel(minutes)}>
    <div class="stack stack--tight">
      <div class="who"><span class="avatar" aria-hidden="true">${initials(first?.name ?? "")}</span>
        <div class="who__text"><strong dir="auto">${names}</strong><span>${line}</span></div></div>
      <p class="queue-card__wait">${icon("hourglass")} <span>${waits}</span></p>
    </div>
    <div class="queue-card__actions">
      ${entry.meeting
        ? html`<button type="button" class="button" data-desk="join" ?disabled=${look.busy.has(entry.appointment)}
            aria-label=${`${t("desk.join")}: ${names}`} @click=${() => actions.join(entry)}>${icon("camera")} ${t("desk.join")}</button>`
        : nothing}
      ${waiting.map((person) => personActions(person, waiting.length > 1, look, actions))}
    </div>
    ${notes.length ? html`<p class="queue-card__note">${notes.join(" · ")}</p>` : nothing}
  </article>`;
}

function personActions(person: WaitingPerson, named: boolean, look: DeskLook, actions: DeskActions) {
  const t = (key: WordKey, values?: Values) => say(look.words, key, values);
  const label = (key: WordKey) => (named ? `${t(key)}: ${person.name}` : t(key));
  const disabled = look.busy.has(person.id);
  const unanswered = person.unanswered ?? 0;
  return html`
    <button type="button" class="button button--secondary" data-desk="admit" data-person=${person.id} ?disabled=${disabled}
      @click=${() => actions.admit(person)}>${label("desk.admit")}</button>
    <button type="button" class="button button--secondary" data-desk="message" data-person=${person.id}
      @click=${() => actions.message(person)}>${icon("chat")} ${label("desk.message")}
      ${unanswered ? html`<span class="count" title=${t("desk.unanswered", { count: unanswered })}>${unanswered}</span>` : nothing}</button>
    <button type="button" class="button button--quiet" data-desk="deny" data-person=${person.id} ?disabled=${disabled}
      @click=${() => actions.deny(person)}>${label("desk.deny")}</button>`;
}

function remarks(person: WaitingPerson, t: (key: WordKey) => string): string[] {
  const found: string[] = [];
  const broken = (state: string | undefined) => state === "denied" || state === "missing" || state === "busy" || state === "silent";
  if (person.connection === "reconnecting") found.push(t("desk.connection_lost"));
  if (person.connection === "gone") found.push(t("desk.gone"));
  if (broken(person.devices?.mic)) found.push(t("desk.device_mic"));
  if (broken(person.devices?.cam)) found.push(t("desk.device_cam"));
  if (person.devices?.network === "blocked") found.push(t("desk.device_network"));
  return found;
}

const STATUS_LOOKS: Record<string, { kind: string; icon: string }> = {
  requested: { kind: "warning", icon: "hourglass" },
  booked: { kind: "accent", icon: "calendar-check" },
  arrived: { kind: "info", icon: "user-check" },
  waiting: { kind: "warning", icon: "hourglass" },
  in_visit: { kind: "success", icon: "camera" },
  completed: { kind: "", icon: "check" },
  no_show: { kind: "problem", icon: "user-x" },
  not_seen: { kind: "problem", icon: "sign-out" },
  cancelled: { kind: "", icon: "calendar-x" },
};

export function agendaView(entries: readonly DeskEntry[], look: DeskLook) {
  return repeat(entries, (entry) => entry.appointment, (entry) => {
    const past = Date.parse(entry.end) < look.now;
    const here = !past && Date.parse(entry.start) <= look.now;
    const people = entry.people.filter((person) => person.role === "consumer").map((person) => person.name).join(", ") || entry.consumer;
    const line = `${entry.service.name}${entry.mine ? "" : ` · ${entry.provider.name}`}`;
    return html`<li class=${past ? "is-past" : ""} aria-current=${here ? "true" : nothing} data-appointment=${entry.appointment}>
      <time datetime=${entry.start}>${clockTime(entry.start)}</time>
      <div class="who__text"><strong dir="auto">${people || line}</strong>${people ? html`<span>${line}</span>` : nothing}</div>
      <span class="cluster">${statusBadge(entry.status, look.words)} ${openLink(entry, past, look)}</span>
    </li>`;
  });
}

function statusBadge(status: string, words: Words) {
  const look = STATUS_LOOKS[status] ?? { kind: "", icon: "circle" };
  const key = `status.${status}`;
  const label = key in ENGLISH ? say(words, key as WordKey) : status;
  return html`<span class="badge ${look.kind ? `badge--${look.kind}` : ""}">${icon(look.icon)}${label}</span>`;
}

/** Staff may open the room before anybody waits, and go back into a visit under way. */
function openLink(entry: DeskEntry, past: boolean, look: DeskLook) {
  if (entry.status === "requested") {
    const page = `/manage/appointments/${entry.appointment}`;
    return html`<a class="button button--secondary button--small" href=${page}>${say(look.words, "desk.answer")}</a>`;
  }
  const open = ["booked", "arrived", "waiting", "in_visit"].includes(entry.status);
  if (!entry.meeting || !open || (past && entry.status !== "in_visit")) return nothing;
  const word = entry.status === "in_visit" ? "desk.join" : "desk.start";
  return html`<a class="button button--quiet button--small" href=${look.visitUrl(entry.meeting)}>${say(look.words, word)}</a>`;
}
