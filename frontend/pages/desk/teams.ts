/** What the desk shows of a visit that is held in Teams: a mark, the way there, and what to do when it could not be made. */
import { html, nothing } from "lit";
import type { DeskEntry, Elsewhere } from "../../call/wire";
import { icon } from "../../elements/page";
import type { Fact } from "./row";
import type { DeskKey, Say } from "./words";

export interface TeamsActions {
  readonly again: (meeting: string) => void;
  readonly here: (meeting: string) => void;
}

const LOOKS: Record<Elsewhere["state"], Pick<Fact, "kind" | "icon">> = {
  ready: { kind: "info", icon: "external" },
  making: { kind: "info", icon: "hourglass" },
  late: { kind: "warning", icon: "warning" },
  failed: { kind: "problem", icon: "problem" },
};

/** The mark of a visit in Teams, with how far its meeting there is; null for a visit that is held here. */
export function teamsFact(say: Say, { elsewhere }: DeskEntry): Fact | null {
  return elsewhere ? { ...LOOKS[elsewhere.state], words: say(`teams_${elsewhere.state}` as DeskKey) } : null;
}

/** A plain link, once there is one. */
export function teamsLink(say: Say, { elsewhere }: DeskEntry, names: string, look = "button--secondary") {
  if (!elsewhere?.url) return nothing;
  return html`<a class="button ${look}" href=${elsewhere.url} target="_blank" rel="noopener noreferrer" data-desk="teams"
    aria-label=${`${say("teams_join")}: ${names} (${say("teams_new_tab")})`}>${say("teams_join")} ${icon("external")}</a>`;
}

/** Why it is not there, and the two ways on, for who may let people in. */
export function teamsTrouble(say: Say, { elsewhere, meeting }: DeskEntry, mayHost: boolean, actions: TeamsActions) {
  if (!elsewhere || !meeting || (elsewhere.state !== "failed" && elsewhere.state !== "late")) return nothing;
  return html`<div class="stack stack--tight" data-teams-trouble>
    ${elsewhere.problem ? html`<p class="note" dir="auto">${elsewhere.problem}</p>` : nothing}
    ${mayHost
      ? html`<div class="cluster">
          <button type="button" class="button button--secondary button--small" data-desk="teams-again" @click=${() => actions.again(meeting)}>${say("teams_again")}</button>
          <button type="button" class="button button--secondary button--small" data-desk="teams-here" @click=${() => actions.here(meeting)}>${say("teams_here")}</button>
        </div>`
      : nothing}
  </div>`;
}

/** "Microsoft Teams · Meeting ID 234 567 · Passcode aB3": for whoever must help somebody over the telephone. */
export function teamsWords(say: Say, { elsewhere }: DeskEntry): string {
  if (!elsewhere) return "";
  const { number, passcode } = elsewhere;
  return ["Microsoft Teams", number && `${say("teams_number")} ${number}`, passcode && `${say("teams_passcode")} ${passcode}`]
    .filter(Boolean)
    .join(" · ");
}
