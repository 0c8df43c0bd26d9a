/**
 * What a page does that stands in somebody else's page, or in an app's web view: it carries the ticket that stands in
 * place of cookies, and talks to the page around. The law is `docs/reference/embed.md`. No other page loads this.
 */
import { begunFor, happenings, here, pageKind } from "./framed/document";
import { tellHeight } from "./framed/height";
import { wishIn } from "./framed/inward";
import { isInApp, say } from "./framed/outward";
import { carryTicket } from "./framed/steps";

function listen({ source, origin, data }: MessageEvent): void {
  // An app runs its words in the page itself.
  const isTheirs = isInApp() ? source === window && origin === location.origin : source === parent && origin === begunFor();
  const wish = isTheirs && (parent !== window || isInApp()) ? wishIn(data) : null;
  if (wish?.type === "fill") fill(wish.texts);
  else if (wish) openLink(wish.link);
}

/** Type what the page around knows into fields that are empty; never again over what somebody took out. */
function fill(texts: ReadonlyMap<string, string>): void {
  if (document.querySelector("[aria-invalid=true]")) return;
  for (const [name, text] of texts) {
    const input = document.querySelector<HTMLInputElement>(`form[method=post] input[name="${name}"]`);
    if (!input || input.value || "filled" in input.dataset) continue;
    input.dataset["filled"] = "";
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function openLink(link: string): void {
  const form = document.querySelector<HTMLFormElement>("form[data-framed-link]");
  const input = form?.querySelector<HTMLInputElement>("[name=link]");
  if (!form || !input) return;
  input.value = link;
  form.requestSubmit();
}

/** Whoever looks at a page within a taller one must see where the next begins; but not while they choose on the same. */
function tellTop(): void {
  const began = location.pathname.startsWith("/embed/");
  const stays = document.referrer && new URL(document.referrer).pathname === location.pathname;
  if (began || here().hash || (stays && !document.querySelector("[role=alert], [aria-invalid=true]"))) return;
  say("top");
}

function tellEscape(event: KeyboardEvent): void {
  const phase = document.getElementById("visit")?.dataset["phase"];
  const isUsed = document.querySelector("dialog[open], details.menu[open]") || phase === "call" || phase === "waiting";
  if (event.key === "Escape" && !isUsed) setTimeout(() => event.defaultPrevented || say("escape"));
}

function begin(): void {
  const { hash } = here();
  if (hash && hash !== location.hash) document.getElementById(hash.slice(1))?.scrollIntoView();
  tellHeight();
  say("ready", { detail: { page: pageKind() } });
  for (const { type, detail } of happenings()) say(type, { detail });
  tellTop();
}

carryTicket();
addEventListener("message", listen);
addEventListener("keydown", tellEscape, true);
for (const what of ["joined", "answered"]) document.addEventListener(`vestibule:${what}`, () => say(what, { detail: {} }));
document.addEventListener("vestibule:ended", (event) => say("ended", { detail: { reason: (event as CustomEvent<string>).detail } }));
addEventListener("load", () => say("loaded"));
// The page's own scripts have run by then.
document.addEventListener("DOMContentLoaded", begin);
