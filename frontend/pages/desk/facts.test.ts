import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeskArea, DeskEntry, WaitingPerson } from "../../call/wire";
import { agendaOf, compared, initials, isMine, linesOf, minutesSince, mustConfirm, nextOf, waitLevel, type Around } from "./facts";

const NOON = Date.parse("2026-03-02T12:00:00Z");
const at = (minutes: number) => new Date(NOON + minutes * 60_000).toISOString();
const area = (slug: string, providers: string[] = [], more: Partial<DeskArea> = {}): DeskArea => ({
  slug, name: slug, is_default: slug === "everybody", is_open: true, takes_walk_ins: false, closed_at: null, closed_until: null,
  closed_words: "", amber_minutes: 5, red_minutes: 15, identity_fields: [], providers, ...more,
});
const around: Around = { now: NOON, provider: "bo", areas: [area("everybody"), area("skin", ["bo"], { amber_minutes: 1, red_minutes: 2 }), area("teeth", ["ada"])] };
const all = { area: "", mine: false, name: "" };

function visit(id: string, since: number | null, more: Partial<DeskEntry> = {}, who: Partial<WaitingPerson> = {}): DeskEntry {
  const waiting_since = since === null ? null : at(since);
  const person = { id: `par_${id}`, name: id, role: "consumer", state: since === null ? "invited" : "waiting", since: at(0), waiting_since, connection: "ok", ...who } as WaitingPerson;
  return {
    id, kind: "scheduled", appointment: id, meeting: `m${id}`, start: at(0), end: at(30), status: since === null ? "booked" : "waiting", consumer: id, mine: true,
    service: { slug: "s", name: "First visit" }, provider: { slug: "bo", name: "Bo" }, area: "everybody", host: { slug: "bo", name: "Bo" }, reason: "",
    meeting_state: "scheduled", waiting_since, held: false, preparation: "none", people: [person], ...more,
  };
}
const keys = (rows: readonly { readonly key: string }[]) => rows.map((row) => row.key);

test("initials are those of the first and the last word; titles do not count", () => {
  const names = { "Ada Ng": "AN", "Dr Bo Lund": "BL", "Prof. Dr. Mia van der Berg": "MB", Cher: "C", "": "", "山田 太郎": "山太", "(guest)": "" };
  for (const [name, letters] of Object.entries(names)) assert.equal(initials(name), letters, name);
});

test("a wait turns long and late at the minutes its area says", () => {
  assert.deepEqual([0, 4, 5, 14, 15, 90].map((minutes) => waitLevel(minutes)), ["fresh", "fresh", "long", "long", "late", "late"]);
  assert.deepEqual([0, 1, 2].map((minutes) => waitLevel(minutes, around.areas[1])), ["fresh", "long", "late"]);
});

test("minutes are whole and never negative, even when clocks disagree", () => {
  assert.equal(minutesSince(at(-10), NOON + 59_000), 10);
  assert.equal(minutesSince(at(2), NOON), 0);
});

test("the longest wait comes first, booked and walked in alike; nobody who does not wait is in the queue", () => {
  const day = [visit("late", -20), visit("new", -1), visit("walk", -7, { kind: "walk_in", appointment: null }), visit("later", null)];
  assert.deepEqual(keys(linesOf(day, all, around).waiting), ["late", "walk", "new"]);
});

test("who is on hold stands apart, with the place kept", () => {
  const lines = linesOf([visit("held", -30, { held: true }, { state: "on_hold" }), visit("new", -1)], all, around);
  assert.deepEqual([keys(lines.waiting), keys(lines.held)], [["new"], ["held"]]);
  assert.equal(lines.held[0]?.minutes, 30);
});

test("a locked link and a wish to be telephoned stand first although nobody waits there", () => {
  const locked = visit("locked", null, {}, { identity: { state: "locked", asked: ["birth_date"], given: {}, differs: [] } });
  const call = visit("call", null, {}, { call_request: { phone: "+41", asked_at: at(0) } });
  assert.deepEqual(keys(linesOf([visit("long", -50), locked, call], all, around).waiting), ["call", "locked", "long"]);
});

test("one area, only mine, and a name each narrow the queue; accents and case do not matter to a name", () => {
  const day = [visit("Hürlimann", -3), visit("Skin", -2, { area: "skin", mine: false }), visit("Ng", -1, { mine: false })];
  assert.deepEqual(keys(linesOf(day, { ...all, area: "skin" }, around).waiting), ["Skin"]);
  assert.deepEqual(keys(linesOf(day, { ...all, mine: true }, around).waiting), ["Hürlimann"]);
  assert.deepEqual(keys(linesOf(day, { ...all, name: " hurl" }, around).waiting), ["Hürlimann"]);
});

test("a walk-in nobody has taken belongs to everybody of the group, and to nobody else", () => {
  const walk = (slug: string) => visit("w", -1, { kind: "walk_in", area: slug, host: null, provider: null, mine: false });
  assert.deepEqual(["everybody", "skin", "teeth"].map((slug) => isMine(walk(slug), "bo", around.areas)), [true, true, false]);
  assert.equal(isMine(walk("skin"), null, around.areas), false);
});

test("the day stays in order of start, whoever waits", () => {
  const day = [visit("b", -9, { start: at(60) }), visit("a", null, { start: at(10) })];
  assert.deepEqual(agendaOf(day, all, around).map((entry) => entry.id), ["a", "b"]);
});

test("next is who waits already, else the first still to come", () => {
  const day = [visit("over", null, { status: "completed" }), visit("soon", null), visit("here", -4, { start: at(60), end: at(90) })];
  assert.equal(nextOf(day, around)?.id, "here");
  assert.equal(nextOf(day.slice(0, 2), around)?.id, "soon");
  assert.equal(nextOf([], around), undefined);
});

test("somebody must be recognised unless nothing is asked, all of it matches, or staff said so", () => {
  const states = ["asked", "given", "differs", "locked", "matches", "confirmed"] as const;
  const asked = (state: (typeof states)[number]) => visit("a", 0, {}, { identity: { state, asked: ["name"], given: {}, differs: [] } }).people[0]!;
  assert.deepEqual(states.filter((state) => mustConfirm(asked(state))), ["asked", "given", "differs", "locked"]);
  assert.equal(mustConfirm(visit("a", 0).people[0]!), false);
});

test("each field of an identity is told apart: missing, the same, different, not known from the booking", () => {
  const differs = { state: "differs", asked: ["name", "birth_date", "phone"], given: { name: "Ada", birth_date: "2000-01-01" }, differs: ["birth_date"] } as const;
  assert.deepEqual(differs.asked.map((field) => compared(differs, field)), ["same", "other", "missing"]);
  assert.equal(compared({ ...differs, state: "given", differs: [] }, "name"), "unknown");
});
