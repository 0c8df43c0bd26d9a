/**
 * How a page leaves itself by script. In somebody else's page `pages/framed.ts` takes it over, and posts the ticket that
 * stands there in place of cookies; alone, a page simply goes.
 */

/** Go to an address. */
export function go(url: string): void {
  if (ask("vestibule:go", url)) location.assign(url);
}

/** Load this page again. */
export function again(): void {
  if (ask("vestibule:again")) location.reload();
}

/** The ticket of a framed page as it is now, as a socket's `hello` has it; nothing in a page of its own. */
export function ticket(): { ticket?: string } {
  const found = document.querySelector<HTMLMetaElement>("meta[name=vestibule-ticket]")?.content;
  return found ? { ticket: found } : {};
}

/** Tell whoever has this page in theirs what became of a visit, or of its survey. */
export function happened(what: "joined" | "ended" | "answered", detail?: string): void {
  ask(`vestibule:${what}`, detail);
}

const ask = (name: string, detail?: string) => document.dispatchEvent(new CustomEvent(name, { detail, cancelable: true }));
