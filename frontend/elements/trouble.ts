/** What is wrong with camera or microphone, in words, with the steps that help on this browser and system. */
import { html, nothing, type TemplateResult } from "lit";
import type { Answered, Trouble } from "../call/asking";
import { stepsWord, systemWord } from "./browser";
import { icon } from "./page";
import { say, type Words } from "./words";

/** What to do about it. */
export function remedy(words: Words, trouble: Trouble): string {
  if (trouble === "denied") return say(words, `steps.${stepsWord()}`);
  if (trouble === "system") return say(words, `system.${systemWord()}`);
  return say(words, `problem.${trouble}.text`);
}

/** Nothing could be opened. A refusal says more than an absence: it can be undone here. */
export function graver(audio: Trouble, video: Trouble): Trouble {
  const order: readonly Trouble[] = ["insecure", "denied", "dismissed", "system", "in-use"];
  return order.find((one) => one === audio || one === video) ?? audio;
}

export function troublePanel(words: Words, trouble: Trouble): TemplateResult {
  return html`<div class="banner banner--warning" role="alert" data-problem=${trouble}>
    ${icon("warning")}
    <div class="banner__text"><strong>${say(words, `problem.${trouble}.title`)}</strong><p>${remedy(words, trouble)}</p></div>
  </div>`;
}

/** One works, the other does not: what that means, and how to change it. */
export function partPanel(words: Words, answered: Pick<Answered, "audio" | "video">): TemplateResult | typeof nothing {
  const trouble = answered.audio ?? answered.video;
  if (!trouble) return nothing;
  const kind = answered.audio ? "audio" : "video";
  return html`<div class="banner banner--info" role="status" data-partial=${kind} data-problem-of-part=${trouble}>
    ${icon("info")}
    <div class="banner__text">
      <p>${say(words, kind === "video" ? "problem.only_microphone" : "problem.only_camera")}</p>
      <p>${remedy(words, trouble)}</p>
    </div>
  </div>`;
}
