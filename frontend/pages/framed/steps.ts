/** The steps from a framed page to the next: what a browser would send with cookies is posted with the ticket. */
import { here, takeTicket, ticketNow } from "./document";

const HEADER = "Vestibule-Ticket";

/** Links, forms, `go`, `again` and `fetch` of this page carry the ticket from now on. */
export function carryTicket(): void {
  // On the window, which hears last: what a page does itself is done by then, and says so.
  addEventListener("click", follow);
  addEventListener("submit", hand);
  document.addEventListener("vestibule:go", (event) => taken(event, new URL((event as CustomEvent<string>).detail, here())));
  document.addEventListener("vestibule:again", (event) => taken(event, here()));
  document.addEventListener("error", (event) => void showPicture(event.target), true);
  carryByFetch();
}

/** Open an address of ours. */
export function open(url: URL, target = ""): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url.href;
  form.target = target;
  form.hidden = true;
  form.append(field("_method", "GET"), field("_ticket", ticketNow()));
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Keep a file. Posted for, one that browsers can show would take the place of the page. */
async function save(url: URL, name: string): Promise<void> {
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) return open(url);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function taken(event: Event, url: URL): void {
  if (!isOurs(url)) return;
  event.preventDefault();
  open(url);
}

function follow(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
  const href = link?.getAttribute("href");
  // With a key held, a browser opens the public page elsewhere, which needs no ticket.
  if (!link || !href || event.defaultPrevented || event.button) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  // What is no page of a frame opens as it is, in a window of its own.
  if (href.startsWith("#") || "plain" in link.dataset) return;
  const url = new URL(href, here());
  if (isOurs(url)) {
    event.preventDefault();
    if (link.hasAttribute("download")) void save(url, link.download);
    else open(url, link.target);
  } else if (url.protocol.startsWith("http") && parent !== window) {
    // Somebody else's page has no place in this frame.
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
}

function hand(event: SubmitEvent): void {
  const { submitter, target: form } = event;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
  const said = (name: string) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? "";
  const method = said("method").toLowerCase() || "get";
  const url = new URL(said("action") || here(), here());
  if (method === "dialog" || !isOurs(url)) return;
  if (method === "get") {
    event.preventDefault();
    url.search = asked(form, submitter).toString();
    return open(url, said("target"));
  }
  form.querySelector("input[name=_ticket]")?.remove();
  form.append(field("_ticket", ticketNow()));
  if (submitter?.hasAttribute("formaction")) submitter.setAttribute("formaction", url.href);
  else form.setAttribute("action", url.href);
}

function asked(form: HTMLFormElement, submitter: HTMLElement | null): URLSearchParams {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") asked.append(name, value);
  if (submitter instanceof HTMLButtonElement && submitter.name) asked.append(submitter.name, submitter.value);
  return asked;
}

function carryByFetch(): void {
  const plain = window.fetch;
  window.fetch = async (input, init) => {
    const asked = input instanceof Request ? null : new URL(input, here());
    // A form without an action gives the frame's own address.
    const url = asked?.href === location.href ? here() : asked;
    if (!url || !isOurs(url) || url.pathname.startsWith("/static/")) return plain(input, init);
    const headers = new Headers(init?.headers);
    headers.set(HEADER, ticketNow());
    const answer = await plain(url, { ...init, headers });
    takeTicket(answer.headers.get(HEADER));
    return answer;
  };
}

/** A picture somebody sent is for those in the conversation only: without a cookie it is fetched with the ticket. */
async function showPicture(target: EventTarget | null): Promise<void> {
  if (!(target instanceof HTMLImageElement) || target.dataset["fetched"] === target.src) return;
  if (!isOurs(new URL(target.src, here()))) return;
  const answer = await fetch(target.src).catch(() => null);
  if (!answer?.ok) return;
  target.src = target.dataset["fetched"] = URL.createObjectURL(await answer.blob());
}

const isOurs = (url: URL) => url.origin === location.origin;

function field(name: string, value: string): HTMLInputElement {
  const made = document.createElement("input");
  made.type = "hidden";
  made.name = name;
  made.value = value;
  return made;
}
