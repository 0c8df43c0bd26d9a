/** How a visit ended, in words that match the reason, and the next step. */
import { html, nothing, render } from "lit";
import { again } from "../../elements/going";
import { icon } from "../../elements/page";
import { ENGLISH, say, type WordKey, type Words } from "../../elements/words";

export interface Ending {
  readonly words: Words;
  readonly code: string;
  /** The server's own words, e.g. what staff wrote when they did not admit somebody. */
  readonly sentence: string;
  /** Where the survey is; empty when there is none. */
  readonly endedUrl: string;
  /** The number of the business; empty when it has none. */
  readonly phone: string;
  readonly rejoin: () => void;
}

const ICONS: Record<string, string> = { left: "door-closed", ended: "check-circle", taken_over: "external" };

/** Endings after which only a telephone call helps. */
const CALLS: ReadonlySet<string> = new Set(["removed", "denied"]);

export function showEnd(container: HTMLElement, { words, code, sentence, endedUrl, phone, rejoin }: Ending): void {
  const known = `ended.${code}` in ENGLISH ? code : "failed";
  const title = say(words, `ended.${known}` as WordKey);
  const text = sentence || say(words, `ended.${known}_text` as WordKey);
  const back = known === "left" || known === "taken_over";
  const label = say(words, known === "taken_over" ? "ended.take_back" : "ended.rejoin");
  const reload = known === "moved" || known === "failed";
  render(
    html`<div class="empty" data-ended=${known}>
      <span class="empty__art">${icon(ICONS[known] ?? "info")}</span>
      <h1 tabindex="-1">${title}</h1>
      <p>${text}</p>
      ${back ? html`<button type="button" class="button" data-ended-action @click=${rejoin}>${label}</button>` : nothing}
      ${reload
        ? html`<button type="button" class="button" data-ended-action @click=${again}>${say(words, "ended.reload")}</button>`
        : nothing}
      ${CALLS.has(known) && phone
        ? html`<a class="button button--secondary" href="tel:${phone.replace(/[^+\d]/g, "")}">${icon("phone")} ${say(words, "line.phone", { phone })}</a>`
        : nothing}
      ${known === "left" && endedUrl
        ? html`<a class="button button--quiet" href=${endedUrl}>${say(words, "ended.finish")}</a>`
        : nothing}
    </div>`,
    container,
  );
  container.querySelector<HTMLElement>("h1")?.focus();
}
