/** What the desk shows of one person in the drawer: everything known and every action, or the conversation. */
import { html, nothing } from "lit";
import type { WaitingPerson, PreparedText } from "../../call/wire";
import type { Thread, ThreadItem } from "../../call/thread";
import { clockTime, icon } from "../../elements/page";
import { identityFacts } from "./dialogs";
import { waits, type Row } from "./facts";
import { factsOf, factView, visitLine, waitWords } from "./row";
import { teamsLink, teamsTrouble, teamsWords, type TeamsActions } from "./teams";
import type { DeskKey, Say } from "./words";

export interface PersonActions {
  readonly close: () => void;
  readonly message: () => void;
  readonly admit: () => void;
  readonly confirm: () => void;
  readonly transfer: () => void;
  readonly deny: () => void;
  /** Commands without a question. */
  readonly simply: (command: "hold" | "back_to_queue" | "unlock" | "call_done" | "call_now") => void;
  /** Whether a telephone service can ring people. */
  readonly callsOut: boolean;
  readonly teams: TeamsActions;
}

function head(say: Say, title: string, close: () => void) {
  return html`<div class="dialog__head"><h2 id="desk-dialog-title" dir="auto">${title}</h2>
    <button type="button" class="button button--quiet" @click=${close}>${say("close")}</button></div>`;
}

export function personView(say: Say, row: Row, person: WaitingPerson, mayHost: boolean, areaName: string, actions: PersonActions) {
  const { entry } = row;
  const fact = (key: DeskKey, value: unknown) => (value ? html`<div><dt>${say(key)}</dt><dd dir="auto">${value}</dd></div>` : nothing);
  return html`${head(say, person.name, actions.close)}
    <div class="dialog__body stack">
      <ul class="queue-card__facts">${factsOf(say, row).map(factView)}</ul>
      <dl class="facts">
        ${fact("waits_since", row.since ? `${clockTime(row.since)} · ${waitWords(say, row)}` : "")}
        ${fact("booked_for", entry.kind !== "scheduled" ? "" : visitLine(say, { entry: { ...entry, mine: true } }))}
        ${fact("reason", entry.reason)}
        ${fact("seen_by", entry.host?.name ?? entry.provider?.name ?? say("for_anyone"))}
        ${fact("waits_in", areaName)}
        ${fact("teams_place", teamsWords(say, entry))}
        ${fact("devices", deviceWords(say, person))}
        ${person.call_request ? fact("field_phone", html`<a href="tel:${person.call_request.phone}">${person.call_request.phone}</a>`) : nothing}
      </dl>
      ${person.identity ? html`<section class="stack stack--tight"><h3>${say("identity")}</h3>${identityFacts(say, person.identity)}</section>` : nothing}
      ${mayHost ? html`<section class="stack stack--tight"><h3>${say("actions")}</h3><div class="desk__actions">${actionButtons(say, person, actions)}</div></section>` : nothing}
      ${teamsTrouble(say, entry, mayHost, actions.teams)}
      ${entry.elsewhere?.url ? html`<p>${teamsLink(say, entry, person.name)}</p>` : nothing}
      ${entry.appointment ? html`<p><a href="/manage/appointments/${entry.appointment}">${say("open_appointment")}</a></p>` : nothing}
    </div>`;
}

/** "Chrome · checked 18:05": for whoever must help somebody over the telephone. */
function deviceWords(say: Say, { devices }: WaitingPerson): string {
  const browser = devices?.browser ? BROWSERS[devices.browser] : "";
  return [browser, devices?.at ? say("checked", { time: clockTime(devices.at) }) : ""].filter(Boolean).join(" · ");
}

const BROWSERS: Record<string, string> = {
  chrome: "Chrome", edge: "Edge", firefox: "Firefox", safari: "Safari", ios: "Safari (iOS)", android: "Chrome (Android)", other: "",
};

function actionButtons(say: Say, person: WaitingPerson, actions: PersonActions) {
  const action = (name: string, sign: string, key: DeskKey, act: () => void, look = "button--secondary") =>
    html`<button type="button" class="button ${look}" data-desk=${name} @click=${act}>${icon(sign)} ${say(key)}</button>`;
  const state = person.identity?.state;
  return html`
    ${action("message", "chat", "message", actions.message)}
    ${state === "locked" ? action("unlock", "key", "unlock", () => actions.simply("unlock")) : nothing}
    ${person.call_request && actions.callsOut ? action("call-now", "phone", "call_now", () => actions.simply("call_now")) : nothing}
    ${person.call_request ? action("telephoned", "check", "telephoned", () => actions.simply("call_done")) : nothing}
    ${waits(person) ? action("admit", "door-open", "admit", actions.admit) : nothing}
    ${state && !["confirmed", "locked"].includes(state) ? action("confirm", "user-check", "confirm", actions.confirm) : nothing}
    ${person.state === "waiting" ? action("hold", "pause", "hold", () => actions.simply("hold")) : nothing}
    ${["on_hold", "admitted"].includes(person.state) ? action("back", "undo", "back", () => actions.simply("back_to_queue")) : nothing}
    ${waits(person) ? action("transfer", "swap", "transfer", actions.transfer) : nothing}
    ${waits(person) ? action("deny", "user-x", "deny", actions.deny, "button--quiet") : nothing}`;
}

export function talkView(say: Say, person: WaitingPerson, thread: Thread, self: string, prepared: readonly PreparedText[], close: () => void) {
  const title = say("message_to", { name: person.name });
  return html`${head(say, title, close)}
    ${prepared.length
      ? html`<details class="desk__prepared fold"><summary>${say("prepared")}</summary><p class="note">${say("prepared_hint")}</p>
          <ul>${prepared.map((one) => html`<li><button type="button" class="button button--secondary" data-desk="prepared" dir="auto"
            @click=${() => thread.send(one.text)}>${one.text}</button></li>`)}</ul></details>`
      : nothing}
    <chat-panel .items=${thread.items} .self=${self} .guest=${person.id}
      @send=${(event: CustomEvent<string>) => thread.send(event.detail)}
      @retry=${(event: CustomEvent<ThreadItem>) => thread.retry(event.detail)}></chat-panel>`;
}
