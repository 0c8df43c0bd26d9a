/** The desk's questions, each in the page's one dialog: who is this, turn away, transfer, close the queue, step away. */
import { html, nothing, type TemplateResult } from "lit";
import type { DeskArea, WaitingPerson, DeskProvider, GivenIdentity } from "../../call/wire";
import { dateLanguage, icon } from "../../elements/page";
import { compared, type Compared } from "./facts";
import type { DeskKey, Say } from "./words";

const CLOSE_MINUTES = [15, 30, 60, 120];

interface Question {
  readonly title: string;
  readonly body: TemplateResult;
  readonly yes: string;
  readonly danger?: boolean;
  readonly name: string;
  readonly submit: (given: FormData) => void;
}

/** Every question looks alike: a title, what will happen, the fields, one verb and the way back. */
export function question(say: Say, asked: Question, close: () => void) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    close();
    asked.submit(given);
  };
  return html`<form @submit=${submit}>
    <div class="dialog__head"><h2 id="desk-dialog-title" dir="auto">${asked.title}</h2></div>
    <div class="dialog__body stack">${asked.body}</div>
    <div class="dialog__foot">
      <button type="submit" class="button ${asked.danger ? "button--danger" : ""}" data-desk="${asked.name}-yes">${asked.yes}</button>
      <button type="button" class="button button--secondary" @click=${close}>${say("cancel")}</button>
    </div>
  </form>`;
}

export function denyQuestion(say: Say, person: WaitingPerson, deny: (text: string) => void): Question {
  return {
    name: "deny",
    title: say("deny_title", { name: person.name }),
    body: html`<p>${say("deny_text")}</p>
      <div class="field"><label class="field__label" for="deny-text">${say("deny_message")}</label>
        <textarea id="deny-text" name="text" rows="3" maxlength="500"></textarea></div>`,
    yes: say("deny"),
    danger: true,
    submit: (given) => deny(String(given.get("text") ?? "").trim()),
  };
}

const MARKS: Record<Compared, { kind: string; icon: string; key: DeskKey }> = {
  same: { kind: "success", icon: "check", key: "identity_same" },
  other: { kind: "problem", icon: "warning", key: "identity_other" },
  unknown: { kind: "", icon: "help", key: "identity_unknown" },
  missing: { kind: "warning", icon: "minus", key: "identity_missing" },
};

/** A date of birth is the same day everywhere, so it is written out without a zone; anything else stays as given. */
function spoken(field: string, given: string | undefined): string | undefined {
  const day = field === "birth_date" && given ? new Date(`${given}T00:00:00Z`) : null;
  if (!day || Number.isNaN(day.getTime())) return given;
  return new Intl.DateTimeFormat(dateLanguage(), { dateStyle: "long", timeZone: "UTC" }).format(day);
}

export function identityFacts(say: Say, identity: GivenIdentity) {
  return html`<dl class="facts">${identity.asked.map((field) => {
    const mark = MARKS[compared(identity, field)];
    const given = spoken(field, identity.given[field]);
    return html`<div><dt>${say(`field_${field}` as DeskKey)}</dt>
      <dd>${given ? html`<span dir="auto">${given}</span> ` : nothing}<span class="badge ${mark.kind ? `badge--${mark.kind}` : ""}">${icon(mark.icon)}${say(mark.key)}</span></dd></div>`;
  })}</dl>`;
}

/** `then` is what a yes does: only say so, let in, or let in and join. */
export function identityQuestion(say: Say, people: readonly WaitingPerson[], then: "only" | "admit" | "join", yes: () => void): Question {
  const name = people.map((person) => person.name).join(", ");
  const verb = { only: "identity_yes_only", admit: "identity_yes_admit", join: "identity_yes" } as const;
  return {
    name: "identity",
    title: say("identity_title", { name }),
    body: html`<p>${say("identity_text")}</p>
      ${people.map((person) => html`${people.length > 1 ? html`<h3 dir="auto">${person.name}</h3>` : nothing}
        ${person.identity ? identityFacts(say, person.identity) : nothing}`)}`,
    yes: say(verb[then], { name }),
    submit: yes,
  };
}

export interface Destinations {
  readonly providers: readonly DeskProvider[];
  readonly areas: readonly DeskArea[];
}

export function transferQuestion(say: Say, person: WaitingPerson, to: Destinations, go: (kind: "provider" | "area", slug: string) => void): Question {
  const order = { ready: 0, in_visit: 1, away: 2 };
  const people = [...to.providers].sort((a, b) => order[a.presence] - order[b.presence] || a.name.localeCompare(b.name));
  return {
    name: "transfer",
    title: say("transfer_title", { name: person.name }),
    body: html`<p>${say("transfer_text")}</p>
      <div class="field"><label class="field__label" for="transfer-to">${say("transfer_to")}</label>
        <select id="transfer-to" name="to" required>
          <optgroup label=${say("transfer_people")}>${people.map((one) => html`<option value="provider:${one.slug}">${one.name} · ${say(`presence_${one.presence}`)}</option>`)}</optgroup>
          <optgroup label=${say("transfer_areas")}>${to.areas.map((one) => html`<option value="area:${one.slug}">${one.name}</option>`)}</optgroup>
        </select></div>`,
    yes: say("transfer"),
    submit: (given) => {
      const [kind, slug] = String(given.get("to")).split(":", 2) as ["provider" | "area", string];
      go(kind, slug);
    },
  };
}

export function closeQuestion(say: Say, area: DeskArea, close: (minutes: number | null, text: string) => void): Question {
  return {
    name: "close-queue",
    title: say("queue_close_title", { area: area.name }),
    body: html`<p>${say("queue_close_text")}</p>
      <div class="field"><label class="field__label" for="close-for">${say("queue_close_for")}</label>
        <select id="close-for" name="minutes"><option value="">${say("queue_until_opened")}</option>
          ${CLOSE_MINUTES.map((minutes) => html`<option value=${minutes}>${say("queue_minutes", { minutes })}</option>`)}</select></div>
      <div class="field"><label class="field__label" for="close-words">${say("queue_words")}</label>
        <textarea id="close-words" name="text" rows="2" maxlength="300"></textarea></div>`,
    yes: say("queue_close"),
    danger: true,
    submit: (given) => close(Number(given.get("minutes")) || null, String(given.get("text") ?? "").trim()),
  };
}

export function awayQuestion(say: Say, away: (text: string) => void): Question {
  return {
    name: "away",
    title: say("step_away_title"),
    body: html`<p>${say("step_away_text")}</p>
      <div class="field"><label class="field__label" for="away-words">${say("step_away_words")}</label>
        <input id="away-words" name="text" maxlength="120" autocomplete="off"></div>`,
    yes: say("step_away_yes"),
    submit: (given) => away(String(given.get("text") ?? "").trim()),
  };
}
