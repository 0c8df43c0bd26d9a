/** What the server wrote into the head of a framed page. */

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="vestibule-${name}"]`);

/** The origin the frame was begun for, "app" in a web view. */
export const begunFor = (): string => meta("origin")?.content ?? "";

/** What the page is, as the page around is told. */
export const pageKind = (): string => meta("page")?.content ?? "other";

/** Where the page really is: redirects were followed before it came, so the frame's own address may be another. */
export const here = (): URL => new URL(meta("address")?.content || location.href, location.origin);

export const ticketNow = (): string => meta("ticket")?.content ?? "";

export function takeTicket(next: string | null): void {
  const now = meta("ticket");
  if (now && next) now.content = next;
}

/** What happened with the step that led here. Whoever comes back to the page is not told twice. */
export function happenings(): { type: string; detail?: object }[] {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (entry?.type === "back_forward") return [];
  const told = [...document.querySelectorAll<HTMLMetaElement>('meta[name="vestibule-event"]')];
  return told.map((one) => JSON.parse(one.content) as { type: string; detail?: object });
}
