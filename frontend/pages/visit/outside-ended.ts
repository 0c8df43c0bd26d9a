/** A call at Microsoft that ended, or never began: why, as far as is known, and how to go on. */
import { html, nothing, render } from "lit";
import { again } from "../../elements/going";
import { icon, learnWords } from "../../elements/page";
import { OUTSIDE_ENGLISH, type OutsideKey } from "../../elements/outside-words";
import { say, type Words } from "../../elements/words";

export interface OutsideEnding {
  readonly words: Words;
  /** `outside_network` and the like. */
  readonly code: string;
  /** For support, as Microsoft's kit tells it: `490/4525`; "" where there is none. */
  readonly cause: string;
  /** Address of the meeting for Teams on the web; "" where there is none. */
  readonly elsewhere: string;
  readonly endedUrl: string;
  readonly rejoin: () => void;
}

/** Reasons for which Teams on the web would not help either. */
const DONE: ReadonlySet<string> = new Set(["over", "removed", "denied"]);

export function showOutsideEnd(container: HTMLElement, { words, code, cause, elsewhere, endedUrl, rejoin }: OutsideEnding): void {
  learnWords(OUTSIDE_ENGLISH);
  const told = code.replace(/^outside_/, "");
  const known = `outside.ended.${told}` in OUTSIDE_ENGLISH ? told : "failed";
  const t = (key: OutsideKey, values = {}) => say(words, key, values);
  const offered = safe(elsewhere) && !DONE.has(known);
  const retry = known === "unloaded" ? again : rejoin;
  render(
    html`<div class="empty" data-ended=${code} data-cause=${cause}>
      <span class="empty__art">${icon(known === "over" ? "check-circle" : "info")}</span>
      <h1 tabindex="-1">${t(`outside.ended.${known}` as OutsideKey)}</h1>
      <p>${t(`outside.ended.${known}_text` as OutsideKey)}</p>
      <div class="cluster cluster--center">
        ${known === "removed" ? nothing : html`<button type="button" class="button" data-ended-action @click=${retry}>${t("outside.again")}</button>`}
        ${offered
          ? html`<a class="button button--secondary" data-ended-elsewhere href=${elsewhere} target="_blank" rel="noopener noreferrer">${icon("external")}
              ${t("outside.elsewhere")} <span class="visually-hidden">(${t("outside.new_tab")})</span></a>`
          : nothing}
        ${endedUrl ? html`<a class="button button--quiet" href=${endedUrl}>${t("outside.finish")}</a>` : nothing}
      </div>
      ${cause && known !== "over" ? html`<p class="note tabular">${t("outside.cause", { cause })}</p>` : nothing}
    </div>`,
    container,
  );
  container.querySelector<HTMLElement>("h1")?.focus();
}

/** The server checked it; what is no address of the web is no link all the same. */
function safe(address: string): boolean {
  return address.startsWith("https://");
}
