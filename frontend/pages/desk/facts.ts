/** What the desk concludes from its entries: who stands in which line, for how long, and what is the matter. */
import type { DeskArea, DeskEntry, WaitingPerson, GivenIdentity } from "../../call/wire";

/** Minutes of a wait that change its colour, for an entry without an area. */
const AMBER_MINUTES = 5;
const RED_MINUTES = 15;
const AT_THE_DOOR = new Set(["waiting", "on_hold"]);

export type Level = "fresh" | "long" | "late";

/** What of the day one wants to see. */
export interface Choice {
  /** Slug of a waiting area, empty for all. */
  readonly area: string;
  readonly mine: boolean;
  readonly name: string;
}

export interface Row {
  readonly key: string;
  readonly entry: DeskEntry;
  /** Those of the visit who wait, are on hold, or need staff for another reason. */
  readonly people: readonly WaitingPerson[];
  readonly since: string | null;
  readonly minutes: number;
  readonly level: Level;
}

export interface Lines {
  readonly waiting: readonly Row[];
  readonly held: readonly Row[];
}

export function minutesSince(since: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
}

export function waitLevel(minutes: number, area?: Pick<DeskArea, "amber_minutes" | "red_minutes">): Level {
  if (minutes >= (area?.red_minutes ?? RED_MINUTES)) return "late";
  return minutes >= (area?.amber_minutes ?? AMBER_MINUTES) ? "long" : "fresh";
}

/** Up to two letters, as the server makes them: first and last word, titles left out. */
export function initials(name: string): string {
  const titles = new Set(["dr", "prof", "mr", "mrs", "ms", "mx", "miss", "sir"]);
  const all = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word) && !titles.has(word.replace(/\.+$/, "").toLowerCase()));
  const chosen = all.length > 1 ? [all[0]!, all.at(-1)!] : all;
  return chosen.map((word) => [...word][0]!).join("").toUpperCase();
}

export function waits(person: WaitingPerson): boolean {
  return AT_THE_DOOR.has(person.state);
}

/** Somebody staff must see although they do not wait: a locked link, or a wish to be telephoned. */
export function needsStaff(person: WaitingPerson): boolean {
  return person.identity?.state === "locked" || Boolean(person.call_request);
}

/** The visit's own people, or of a walk-in or room nobody has taken yet, the group's that the provider belongs to. */
export function isMine(entry: DeskEntry, provider: string | null, areas: readonly DeskArea[]): boolean {
  if (entry.mine) return true;
  if (!provider || entry.host || entry.kind === "scheduled") return false;
  const area = areas.find((one) => one.slug === entry.area);
  return Boolean(area && (area.is_default || area.providers.includes(provider)));
}

export interface Around {
  readonly now: number;
  readonly provider: string | null;
  readonly areas: readonly DeskArea[];
}

export function fits(entry: DeskEntry, choice: Choice, around: Around): boolean {
  if (choice.area && entry.area !== choice.area) return false;
  return !choice.mine || isMine(entry, around.provider, around.areas);
}

export function nameOf(entry: DeskEntry): string {
  const people = entry.people.filter((person) => person.role === "consumer").map((person) => person.name).join(", ");
  return people || entry.consumer;
}

/** Letters alike whatever their case and accents, so that “hurlimann” finds Hürlimann. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

function isCalled(row: Row, name: string): boolean {
  const wanted = folded(name.trim());
  return !wanted || row.people.some((person) => folded(person.name).includes(wanted)) || folded(row.entry.consumer).includes(wanted);
}

/** The row of one entry, or null when nobody of it concerns the queue. */
export function rowOf(entry: DeskEntry, around: Around): Row | null {
  const people = entry.people.filter((person) => waits(person) || needsStaff(person));
  if (!people.length) return null;
  const sinces = people.map((person) => person.waiting_since ?? (waits(person) ? person.since : null)).filter(Boolean);
  const since = entry.waiting_since ?? (sinces as string[]).sort()[0] ?? null;
  const minutes = since ? minutesSince(since, around.now) : 0;
  const area = around.areas.find((one) => one.slug === entry.area);
  return { key: entry.id, entry, people, since, minutes, level: since ? waitLevel(minutes, area) : "fresh" };
}

function isHeld(row: Row): boolean {
  return row.people.every((person) => person.state === "on_hold");
}

/** Both lines, longest wait first; whoever needs staff without waiting stands before them. */
export function linesOf(entries: Iterable<DeskEntry>, choice: Choice, around: Around): Lines {
  const waiting: Row[] = [];
  const held: Row[] = [];
  for (const entry of entries) {
    if (!fits(entry, choice, around)) continue;
    const row = rowOf(entry, around);
    if (row && isCalled(row, choice.name)) (isHeld(row) ? held : waiting).push(row);
  }
  const byWait = (a: Row, b: Row) => (a.since ?? "").localeCompare(b.since ?? "") || a.key.localeCompare(b.key);
  return { waiting: waiting.sort(byWait), held: held.sort(byWait) };
}

/** Everybody in sight, whatever is narrowed: what calls out must not depend on what somebody looks for. */
export const EVERYBODY: Choice = { area: "", mine: false, name: "" };

/** The day in order, as one chose to see it. */
export function agendaOf(entries: Iterable<DeskEntry>, choice: Choice, around: Around): DeskEntry[] {
  const day = [...entries].filter((entry) => fits(entry, { ...choice, name: "" }, around));
  return day.sort((a, b) => a.start.localeCompare(b.start) || a.id.localeCompare(b.id));
}

/** The next visit of the reader that has not begun; who waits already comes before who is still to come. */
export function nextOf(agenda: readonly DeskEntry[], around: Around): DeskEntry | undefined {
  const open = agenda.filter((entry) => ["booked", "arrived", "waiting"].includes(entry.status) && Date.parse(entry.end) > around.now);
  return open.find((entry) => entry.waiting_since) ?? open[0];
}

/** Whether staff must say who this is before letting them in. */
export function mustConfirm(person: WaitingPerson): boolean {
  return person.identity ? !["matches", "confirmed"].includes(person.identity.state) : false;
}

export type Compared = "same" | "other" | "unknown" | "missing";

/** How one field of an identity stands. What staff confirmed, or what matches as a whole, is the same. */
export function compared(identity: GivenIdentity, field: GivenIdentity["asked"][number]): Compared {
  if (!identity.given[field]) return "missing";
  if (identity.differs.includes(field)) return "other";
  return identity.state === "matches" || identity.state === "differs" ? "same" : "unknown";
}
