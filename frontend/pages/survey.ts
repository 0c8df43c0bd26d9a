/**
 * The questions after a visit: sent without leaving the page, and kept in the browser while they cannot be. What is kept
 * is let go of only when the server says that it has it; handing it in twice is once. Every page works without this.
 */
import { again, happened } from "../elements/going";
import { Keeper, type Outcome } from "../elements/survey-keeper";

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

function start(form: HTMLFormElement): void {
  const state = form.parentElement?.querySelector<HTMLElement>("[data-survey-state]");
  const keeper = new Keeper(localStorageOrNone(), form.dataset["survey"] ?? "");
  let pause = FIRST_PAUSE_MS;
  let timer: number | undefined;

  const say = (words: string | undefined): void => {
    if (state) state.textContent = words ?? "";
  };

  const send = async (): Promise<void> => {
    window.clearTimeout(timer);
    const outcome = await keeper.send((body) => post(form, body));
    if (outcome) show(outcome);
  };

  const show = (outcome: Outcome): void => {
    markProblem(form, outcome.kind === "refused" ? outcome : undefined);
    if (outcome.kind === "kept") {
      pause = FIRST_PAUSE_MS;
      say(outcome.sentence);
      happened("answered");
      if ("goesOn" in form.dataset) again(); // a comment may follow
    } else if (outcome.kind === "refused") {
      say(outcome.field ? "" : outcome.sentence);
    } else if (outcome.kind === "closed") {
      say(form.dataset["closed"]);
    } else {
      say(outcome.kind === "busy" ? form.dataset["busy"] : form.dataset["kept"]);
      timer = window.setTimeout(() => void send(), pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    given.delete("csrfmiddlewaretoken");
    // Not as FormData's second argument, which older browsers do not know: the tap would be lost.
    if (event.submitter instanceof HTMLButtonElement && event.submitter.name)
      given.set(event.submitter.name, event.submitter.value);
    // Files are none of a survey's; everything is text.
    const body = new URLSearchParams([...given.entries()].map(([name, value]) => [name, String(value)]));
    markTap(form, body.get("score"));
    keeper.keep(body.toString());
    say(form.dataset["sending"]);
    void send();
  });
  addEventListener("online", () => void send());
  if (keeper.kept) {
    restore(form, new URLSearchParams(keeper.kept));
    void send();
  }
}

async function post(form: HTMLFormElement, body: string): Promise<Response> {
  const token = form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
  return fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(body),
    headers: { Accept: "application/json", "X-CSRFToken": token },
    credentials: "same-origin",
    keepalive: true,
  });
}

/** Show what was kept as it was given. */
function restore(form: HTMLFormElement, given: URLSearchParams): void {
  for (const field of form.elements) {
    if (field instanceof HTMLTextAreaElement) field.value = given.get(field.name) ?? field.value;
    else if (field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox"))
      field.checked = given.getAll(field.name).includes(field.value);
  }
  markTap(form, given.get("score"));
}

/** Show which score was tapped, where a tap is the answer. */
function markTap(form: HTMLFormElement, score: string | null): void {
  for (const button of form.querySelectorAll<HTMLButtonElement>("button.rating__score")) {
    button.setAttribute("aria-pressed", String(button.value === score));
  }
}

/** Say what is wrong beside the question, and lead there; without a problem take away what was said. */
function markProblem(form: HTMLFormElement, problem: { field: string; sentence: string } | undefined): void {
  for (const question of form.querySelectorAll<HTMLElement>(".survey__question")) {
    const wrong = problem !== undefined && question.id === `survey-${problem.field}`;
    question.classList.toggle("field--wrong", wrong);
    const error = question.querySelector<HTMLElement>(".field__error");
    const words = question.querySelector<HTMLElement>("[data-survey-problem]");
    if (!error || !words) continue;
    error.hidden = !wrong;
    words.textContent = wrong ? problem.sentence : "";
    if (!wrong) question.removeAttribute("aria-describedby");
    else {
      question.setAttribute("aria-describedby", error.id);
      question.focus();
    }
  }
}

/** A browser may keep nothing, such as in a frame of another site: then what is typed stays on the page alone. */
function localStorageOrNone(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-survey]")) start(form);
