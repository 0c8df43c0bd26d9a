/** What both sides of a visit that is held elsewhere draw with. */
import { html, nothing } from "lit";
import type { VisitRoom } from "../../call/visit-room";
import type { Elsewhere } from "../../call/wire";
import type { Values, WordKey } from "../../elements/words";

export interface Drawing {
  readonly room: VisitRoom;
  readonly t: (key: WordKey, values?: Values) => string;
  /** Does something; a refusal is said on the page. */
  readonly attempt: (deed: () => Promise<void>, done?: string) => void;
}

/** What to type instead of following the link, folded away; nothing where Teams gave no number. */
export function byNumber({ number, passcode }: Elsewhere, t: Drawing["t"]) {
  if (!number) return nothing;
  return html`<details class="fold elsewhere__number"><summary>${t("elsewhere.by_number")}</summary>
    <p>${t("elsewhere.by_number_text")}</p>
    <dl class="facts"><div><dt>${t("elsewhere.number")}</dt><dd dir="ltr" data-number>${grouped(number)}</dd></div>
      ${passcode ? html`<div><dt>${t("elsewhere.passcode")}</dt><dd dir="ltr" data-passcode>${passcode}</dd></div>` : nothing}</dl>
  </details>`;
}

/** In threes, as Teams writes it. */
const grouped = (number: string): string => number.replace(/(\d{3})(?=\d)/g, "$1 ");
