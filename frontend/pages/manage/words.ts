/**
 * The editor of words of messages: placeholders as buttons, and the message drawn again while somebody types.
 *
 * `form[data-wording]` holds the address that answers with what stands beside the words, put into `[data-wording-here]`.
 * A mail is posted into a new frame, which takes the place of the old one once it is there: nothing flickers, and
 * nothing is added to the history. `[data-wording-by-hand]` is for whoever has no script.
 */
const PAUSE_MS = 150;

type Typed = HTMLInputElement | HTMLTextAreaElement;

export function startWords(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-wording]");
  if (!form) return;
  for (const part of form.querySelectorAll<HTMLElement>("[data-wording-by-hand]")) part.hidden = true;
  offerPlaceholders(form);
  drawWhileTyping(form);
  // After a test or a refusal the words typed are not those that are stored.
  if (form.dataset["wordingTyped"] !== undefined) drawMail(form);
}

function offerPlaceholders(form: HTMLFormElement): void {
  let last = form.querySelector<Typed>("textarea");
  if (!last || last.disabled) return;
  form.addEventListener("focusin", (event) => {
    const typed = event.target as Typed;
    if (["subject", "heading", "body"].includes(typed.name)) last = typed;
  });
  for (const words of form.querySelectorAll<HTMLElement>("[data-insert]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--secondary button--small";
    button.append(...words.childNodes);
    button.addEventListener("click", () => {
      if (last) insert(last, words.dataset["insert"] ?? "");
    });
    words.replaceWith(button);
  }
}

function insert(into: Typed, placeholder: string): void {
  into.setRangeText(placeholder, into.selectionStart ?? into.value.length, into.selectionEnd ?? into.value.length, "end");
  into.focus();
  into.dispatchEvent(new Event("input", { bubbles: true }));
}

function drawWhileTyping(form: HTMLFormElement): void {
  const here = form.querySelector<HTMLElement>("[data-wording-here]");
  const address = form.dataset["wording"];
  if (!here || !address) return;
  let timer: number | undefined;
  let latest: AbortController | undefined;

  const draw = async (): Promise<void> => {
    latest?.abort();
    latest = new AbortController();
    try {
      const answer = await fetch(address, { method: "POST", body: new FormData(form), signal: latest.signal });
      // 422: what is wrong is said in the answer, and the mail stays as it was.
      if (answer.ok || answer.status === 422) here.innerHTML = await answer.text();
      if (answer.ok) drawMail(form);
    } catch {
      // Aborted by a later one, or no network: the last picture stays.
    }
  };

  form.addEventListener("input", (event) => {
    if ((event.target as Typed).name === "to") return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void draw(), PAUSE_MS);
  });
}

let drawn = 0;

function drawMail(form: HTMLFormElement): void {
  const before = form.querySelector<HTMLIFrameElement>(".wording__frame iframe:not(.is-coming)");
  const action = form.querySelector<HTMLButtonElement>("button[formtarget]")?.formAction;
  if (!before || !action) return;
  for (const late of form.querySelectorAll(".wording__frame iframe.is-coming")) late.remove();
  const next = before.cloneNode() as HTMLIFrameElement;
  next.removeAttribute("src");
  next.name = `wording-mail-${String(++drawn)}`;
  next.classList.add("is-coming");
  before.after(next);
  next.addEventListener("load", () => {
    before.remove();
    next.classList.remove("is-coming");
  });
  post(new FormData(form), action, next.name);
}

/** Post values into a frame, by a form of its own: one that is sent cannot be sent again at once. */
function post(values: FormData, action: string, target: string): void {
  const twin = document.createElement("form");
  twin.method = "post";
  twin.action = action;
  twin.target = target;
  twin.hidden = true;
  for (const [name, value] of values) {
    if (typeof value !== "string") continue;
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    twin.append(field);
  }
  document.body.append(twin);
  twin.submit();
  twin.remove();
}
