/**
 * Small comforts of the manager pages; every one of them works without this.
 *
 * `form[data-preview]`: draws the coming week again while the form changes. The answer replaces what is in
 * `[data-preview-here]`. `[data-shown-for]`: questions that matter for some answers of another only.
 * `form[data-submits]`: choosing shows at once. `.tabs`: the open one is in sight on a phone.
 * `#new-key`: is selected when clicked (by style alone).
 */
import { copyButtons } from "../elements/copying";
import { startBuilder } from "./manage/builder";
import { startCalendar } from "./manage/calendar";
import { startColours } from "./manage/colours";
import { startEmbeds } from "./manage/embeds";
import { startWords } from "./manage/words";
import "./site";

const PAUSE_MS = 350;

function previews(form: HTMLFormElement): void {
  const here = form.querySelector<HTMLElement>("[data-preview-here]");
  const address = form.dataset["preview"];
  if (!here || !address) return;
  let timer: number | undefined;
  let latest: AbortController | undefined;

  const draw = async (): Promise<void> => {
    latest?.abort();
    latest = new AbortController();
    here.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { method: "POST", body: new FormData(form), signal: latest.signal });
      // 422: half typed. The picture of the last whole answer stays.
      if (answer.ok) here.innerHTML = await answer.text();
      here.removeAttribute("aria-busy");
    } catch (failure) {
      if (!(failure instanceof DOMException && failure.name === "AbortError")) here.removeAttribute("aria-busy");
    }
  };

  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void draw(), PAUSE_MS);
  });
}

function dependents(): void {
  const all = [...document.querySelectorAll<HTMLElement>("[data-shown-for]")];
  const settle = (): void => {
    for (const part of all) {
      const chooser = document.getElementById(part.dataset["shownFor"] ?? "");
      const wanted = (part.dataset["values"] ?? "").split(" ");
      part.hidden = chooser instanceof HTMLSelectElement && !wanted.includes(chooser.value);
    }
  };
  document.addEventListener("change", settle);
  settle();
}

function openTabInSight(): void {
  for (const tab of document.querySelectorAll<HTMLElement>(".tabs > [aria-current]")) {
    const row = tab.parentElement;
    if (!row) continue;
    const [outer, inner] = [row.getBoundingClientRect(), tab.getBoundingClientRect()];
    row.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-preview]")) previews(form);
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-submits]")) {
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
}
dependents();
openTabInSight();
copyButtons();
startBuilder();
startCalendar();
startColours();
startEmbeds();
startWords();
document.querySelector<HTMLElement>("#error-summary")?.focus();
