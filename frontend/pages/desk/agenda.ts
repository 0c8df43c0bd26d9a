/** The day as one line after another. */
import { html, nothing } from "lit";
import type { DeskEntry } from "../../call/wire";
import { clockTime, icon } from "../../elements/page";
import { ENGLISH, type WordKey, type Words } from "../../elements/words";
import { nameOf } from "./facts";
import { visitLine } from "./row";
import { teamsFact, teamsLink } from "./teams";
import type { Say } from "./words";

export interface AgendaLook {
  readonly say: Say;
  /** Words of the states of appointments, which the call's list holds. */
  readonly words: Words;
  readonly now: number;
  readonly mayHost: (entry: DeskEntry) => boolean;
  readonly visitUrl: (meeting: string) => string;
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
  left: { kind: "", icon: "sign-out" },
  cancelled: { kind: "", icon: "calendar-x" },
};

export type Time = "past" | "now" | "ahead";

export function timeOf(entry: DeskEntry, now: number): Time {
  if (Date.parse(entry.end) < now) return "past";
  return Date.parse(entry.start) <= now ? "now" : "ahead";
}

export function agendaView(entry: DeskEntry, look: AgendaLook) {
  const line = visitLine(look.say, { entry });
  const names = nameOf(entry);
  return html`<time datetime=${entry.start}>${clockTime(entry.start)}</time>
    <div class="who__text"><strong dir="auto">${names || line}</strong>${names ? html`<span dir="auto">${lineBelow(entry, look)}</span>` : nothing}</div>
    <span class="cluster">${heldIn(entry, look)} ${statusBadge(entry.status, look.words)} ${openLink(entry, look)}</span>`;
}

/** The time stands in front already, so the line leaves it out. */
function lineBelow(entry: DeskEntry, { say }: AgendaLook): string {
  const seenBy = entry.host?.name ?? entry.provider?.name ?? "";
  const what = entry.kind === "scheduled" ? (entry.service?.name ?? "") : say(entry.kind);
  return [what, entry.mine ? "" : seenBy].filter(Boolean).join(" · ");
}

function statusBadge(status: string, words: Words) {
  const look = STATUS_LOOKS[status] ?? { kind: "", icon: "circle" };
  const key = `status.${status}`;
  const label = key in ENGLISH ? words[key as WordKey] : status;
  return html`<span class="badge ${look.kind ? `badge--${look.kind}` : ""}">${icon(look.icon)}${label}</span>`;
}

/** Whether it is in Teams, as long as that matters; the link there says so too. */
function heldIn(entry: DeskEntry, look: AgendaLook) {
  const held = teamsFact(look.say, entry);
  if (!held || entry.status === "cancelled" || (entry.status === "in_visit" && entry.elsewhere?.url)) return nothing;
  return html`<span class="badge ${held.kind ? `badge--${held.kind}` : ""}">${icon(held.icon)}${held.words}</span>`;
}

/** Staff may open the room before anybody waits, and go back into a visit under way. */
function openLink(entry: DeskEntry, look: AgendaLook) {
  if (entry.status === "requested" && entry.appointment) {
    const page = `/manage/appointments/${entry.appointment}`;
    return html`<a class="button button--secondary button--small" href=${page}>${look.say("answer")}</a>`;
  }
  const open = ["booked", "arrived", "waiting", "in_visit"].includes(entry.status);
  if (!entry.meeting || !open || !look.mayHost(entry)) return nothing;
  if (timeOf(entry, look.now) === "past" && entry.status !== "in_visit") return nothing;
  const word = look.say(entry.elsewhere ? "teams_open" : entry.status === "in_visit" ? "join" : "start");
  const teams = entry.status === "in_visit" ? teamsLink(look.say, entry, nameOf(entry), "button--secondary button--small") : nothing;
  return html`${teams}<a class="button button--quiet button--small" href=${look.visitUrl(entry.meeting)}
    aria-label=${`${word}: ${nameOf(entry)}`}>${word}</a>`;
}
