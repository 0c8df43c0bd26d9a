/** One line of the queue: who, since when, how they stand, and one button. Markup as in `parts/queue_card.html`. */
import { html, nothing } from "lit";
import type { WaitingPerson, GivenIdentity } from "../../call/wire";
import { clockTime, icon } from "../../elements/page";
import { initials, nameOf, needsStaff, waits, type Row } from "./facts";
import { teamsFact, teamsTrouble, type TeamsActions } from "./teams";
import type { DeskKey, Say } from "./words";

export interface RowLook {
  readonly say: Say;
  readonly busy: boolean;
  /** Whether the reader may let people of this visit in. */
  readonly mayHost: boolean;
  /** Whether a telephone service can ring people. */
  readonly callsOut: boolean;
  readonly areaName: string;
}

export interface RowActions {
  readonly join: (row: Row) => void;
  readonly message: (row: Row, person: WaitingPerson) => void;
  readonly details: (row: Row, person: WaitingPerson) => void;
  readonly unlock: (person: WaitingPerson) => void;
  readonly telephoned: (person: WaitingPerson) => void;
  readonly callNow: (person: WaitingPerson) => void;
  readonly teams: TeamsActions;
}

export interface Fact {
  readonly kind: "" | "success" | "warning" | "problem" | "info";
  readonly icon: string;
  readonly words: string;
}

export function waitWords(say: Say, row: Pick<Row, "since" | "minutes">): string {
  if (!row.since) return say("not_waiting");
  if (row.minutes < 1) return say("waits_now");
  if (row.minutes < 60) return say("waits", { minutes: row.minutes });
  return say("waits_hours", { hours: Math.floor(row.minutes / 60), minutes: row.minutes % 60 });
}

/** "First visit · at 10:00 · with Dr Bo Lund", or what a walk-in gave as the reason, or what a room is for. */
export function visitLine(say: Say, row: Pick<Row, "entry">, areaName = ""): string {
  const { entry } = row;
  const seenBy = entry.host?.name ?? entry.provider?.name;
  const comesBy = entry.kind !== "scheduled";
  const parts = comesBy ? [entry.reason] : [entry.service?.name ?? "", say("at", { time: clockTime(entry.start) })];
  if (seenBy) parts.push(entry.mine ? "" : say("with", { provider: seenBy }));
  else if (comesBy) parts.push(say("for_anyone"));
  return [...parts, areaName].filter(Boolean).join(" · ");
}

export function rowView(row: Row, look: RowLook, actions: RowActions) {
  const { say } = look;
  const names = row.people.map((person) => person.name).join(", ") || nameOf(row.entry);
  const first = row.people[0]!;
  const level = row.people.some(needsStaff) ? "late" : row.level;
  return html`<article class="queue-card" aria-label=${names} data-wait=${level}>
    <div class="who"><span class="avatar" aria-hidden="true">${initials(names)}</span>
      <div class="who__text"><strong dir="auto">${names}</strong><span dir="auto">${visitLine(say, row, look.areaName)}</span></div></div>
    <div class="queue-card__state">
      ${row.since
        ? html`<p class="queue-card__wait">${icon(row.level === "late" ? "warning" : "hourglass")} <span>${waitWords(say, row)}</span>
            <span class="note">${say("since", { time: clockTime(row.since) })}</span></p>`
        : html`<p class="note">${waitWords(say, row)}</p>`}
      <ul class="queue-card__facts">${factsOf(say, row).map(factView)}</ul>
      ${teamsTrouble(say, row.entry, look.mayHost, actions.teams)}
    </div>
    <div class="queue-card__actions">${look.mayHost ? buttons(row, first, names, look, actions) : nothing}
      <button type="button" class="button button--quiet button--icon" data-desk="details" @click=${() => actions.details(row, first)}
        aria-label=${`${say("details")}: ${names}`}>${icon("more")}</button></div>
  </article>`;
}

function buttons(row: Row, first: WaitingPerson, names: string, look: RowLook, actions: RowActions) {
  const { say } = look;
  const locked = row.people.find((person) => person.identity?.state === "locked");
  const word = say(row.entry.elsewhere ? "let_in" : "join");
  // Whoever only asked to be called cannot be let in: they are not here.
  const called = row.people.some(waits) ? undefined : row.people.find((person) => person.call_request);
  const main = locked
    ? html`<button type="button" class="button" data-desk="unlock" ?disabled=${look.busy} aria-label=${`${say("unlock")}: ${names}`}
        @click=${() => actions.unlock(locked)}>${icon("key")} ${say("unlock")}</button>`
    : called && look.callsOut
    ? html`<button type="button" class="button" data-desk="call-now" ?disabled=${look.busy} aria-label=${`${say("call_now")}: ${names}`}
        @click=${() => actions.callNow(called)}>${icon("phone")} ${say("call_now")}</button>`
    : called
    ? html`<button type="button" class="button" data-desk="telephoned" ?disabled=${look.busy} aria-label=${`${say("telephoned")}: ${names}`}
        @click=${() => actions.telephoned(called)}>${icon("phone")} ${say("telephoned")}</button>`
    : html`<button type="button" class="button" data-desk="join" ?disabled=${look.busy || !row.people.some(waits)}
        aria-label=${`${word}: ${names}`} @click=${() => actions.join(row)}>${icon(row.entry.elsewhere ? "door-open" : "camera")} ${word}</button>`;
  return html`${main}${row.people.map((person) => messageButton(row, person, row.people.length > 1 ? person.name : first.name, look, actions))}`;
}

function messageButton(row: Row, person: WaitingPerson, name: string, { say }: RowLook, actions: RowActions) {
  const unanswered = person.unanswered ?? 0;
  const label = unanswered ? `${say("message")}: ${name}, ${say("message_many", { count: unanswered })}` : `${say("message")}: ${name}`;
  return html`<button type="button" class="button button--secondary" data-desk="message" data-person=${person.id} aria-label=${label}
    @click=${() => actions.message(row, person)}>${icon(unanswered ? "chat-unread" : "chat")}
    ${row.people.length > 1 ? name : say("message")}${unanswered ? html` <span class="count">${unanswered}</span>` : nothing}</button>`;
}

export function factView(fact: Fact) {
  return html`<li class="badge ${fact.kind ? `badge--${fact.kind}` : ""}">${icon(fact.icon)}<span dir="auto">${fact.words}</span></li>`;
}

const IDENTITIES: Record<GivenIdentity["state"], { kind: Fact["kind"]; icon: string }> = {
  asked: { kind: "warning", icon: "help" },
  given: { kind: "warning", icon: "eye" },
  matches: { kind: "", icon: "check" },
  differs: { kind: "warning", icon: "warning" },
  confirmed: { kind: "", icon: "user-check" },
  locked: { kind: "problem", icon: "lock" },
};

/** What staff should know before they press the button: what is wrong first, in colour; what is fine stays quiet. */
export function factsOf(say: Say, row: Row): Fact[] {
  const { entry } = row;
  const found: Fact[] = entry.kind === "scheduled" ? [] : [{ kind: "info", icon: "door-open", words: say(entry.kind) }];
  const held = teamsFact(say, entry);
  if (held) found.push(held);
  if (row.people.some((person) => person.state === "on_hold")) found.push({ kind: "info", icon: "pause", words: say("on_hold") });
  for (const fact of row.people.flatMap((person) => factsOfPerson(say, person))) {
    if (!found.some((known) => known.words === fact.words)) found.push(fact);
  }
  if (entry.preparation === "missing") found.push({ kind: "warning", icon: "clipboard", words: say("forms_missing") });
  if (entry.preparation === "done") found.push({ kind: "", icon: "check", words: say("forms_done") });
  const order = ["problem", "warning", "info", "success", ""];
  return found.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

export function factsOfPerson(say: Say, person: WaitingPerson): Fact[] {
  const found: Fact[] = [];
  if (person.call_request) found.push({ kind: "problem", icon: "phone", words: say("call_me", { phone: person.call_request.phone }) });
  if (waits(person) && person.connection === "reconnecting") found.push({ kind: "warning", icon: "wifi-off", words: say("connection_lost") });
  if (waits(person) && person.connection === "gone") found.push({ kind: "problem", icon: "wifi-off", words: say("gone") });
  if (person.identity) {
    const { state } = person.identity;
    found.push({ ...IDENTITIES[state], words: say(`identity_${state}` as DeskKey) });
  }
  found.push(...deviceFacts(say, person));
  return found;
}

function deviceFacts(say: Say, { devices }: WaitingPerson): Fact[] {
  const broken = (state: string | undefined) => ["denied", "missing", "busy", "silent"].includes(state ?? "");
  const found: Fact[] = [];
  if (broken(devices?.mic)) found.push({ kind: "problem", icon: "mic-off", words: say("device_mic") });
  if (broken(devices?.cam)) found.push({ kind: "warning", icon: "camera-off", words: say("device_cam") });
  if (devices?.network === "blocked") found.push({ kind: "problem", icon: "wifi-off", words: say("device_network") });
  const line = devices?.bandwidth;
  if (line === "audio") found.push({ kind: "warning", icon: "signal", words: say("line_audio") });
  if (line === "phone") found.push({ kind: "problem", icon: "phone", words: say("line_phone") });
  if (found.length) return found;
  if (devices?.mic === "ok") return [{ kind: "", icon: "check", words: say("devices_ok") }];
  return [{ kind: "", icon: "circle", words: say("devices_unknown") }];
}
