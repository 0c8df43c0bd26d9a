import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskRoom } from "./desk-room";
import { ResumableSocket } from "./socket";
import { connect } from "./testing/fake-server";
import type { DeskWelcome } from "./wire";

function desk() {
  const wire = connect();
  const room = new DeskRoom(new ResumableSocket<DeskWelcome>(wire.options), wire.clock);
  const arrivals: string[] = [];
  room.on("arrived", ({ person }) => arrivals.push(person?.name ?? ""));
  room.socket.start();
  const staff = { staff: { id: "user:1", name: "Bo", role: "provider" }, scope: "mine", day: "2026-03-02", provider: "bo",
    areas: [{ slug: "default", name: "Everybody" }], prepared: [], providers: [{ slug: "bo", name: "Bo", presence: "ready", away_words: "" }] };
  return { ...wire, room, arrivals, begin: () => wire.greet(staff) };
}

const entry = (appointment: string, since: string | null, name = "Ada") => ({
  id: appointment, appointment, meeting: `mtg_${appointment}`, start: `2026-03-02T${appointment}:00Z`, end: "2026-03-02T18:00:00Z", status: "booked", consumer: name, mine: true,
  service: { slug: "s", name: "First visit" }, provider: { slug: "bo", name: "Bo" }, meeting_state: "open", waiting_since: since,
  people: since ? [{ id: `par_${name}`, name, role: "consumer", state: "waiting", since, connection: "ok" }] : [],
});

test("only who comes while the desk is open rings, and only once", async () => {
  const { arrivals, begin, say } = desk();
  await begin();
  say({ type: "queue", day: "2026-03-02", entries: [entry("09:00", "2026-03-02T08:50:00Z", "Early"), entry("10:00", null)] });
  assert.deepEqual(arrivals, []);
  say({ type: "entry", entry: entry("10:00", "2026-03-02T09:55:00Z") });
  say({ type: "entry", entry: entry("10:00", "2026-03-02T09:55:00Z") });
  assert.deepEqual(arrivals, ["Ada"]);
});

test("who came while the connection was lost rings too", async () => {
  const { arrivals, begin, say, server, clock, renumber } = desk();
  await begin();
  say({ type: "queue", day: "2026-03-02", entries: [entry("10:00", null)] });
  server().onclose?.();
  await clock.advance(400);
  renumber();
  await begin();
  say({ type: "queue", day: "2026-03-02", entries: [entry("10:00", "2026-03-02T09:55:00Z")] });
  assert.deepEqual(arrivals, ["Ada"]);
});

test("one entry that changes is told by its name alone, the whole list only when it is new", async () => {
  const { room, begin, say } = desk();
  const told: string[] = [];
  room.on("reset", () => told.push("all"));
  room.on("entry", ({ id }) => told.push(id));
  await begin();
  say({ type: "queue", day: "2026-03-02", entries: [entry("09:00", null), entry("10:00", null)] });
  say({ type: "entry", entry: entry("10:00", "2026-03-02T09:55:00Z") });
  say({ type: "entry_gone", id: "09:00" });
  assert.deepEqual(told, ["all", "10:00", "09:00"]);
  assert.deepEqual([...room.entries].map((one) => one.id), ["10:00"]);
});

test("areas and providers are kept from the welcome until they change", async () => {
  const { room, begin, say } = desk();
  await begin();
  assert.equal(room.own?.presence, "ready");
  say({ type: "providers", providers: [{ slug: "bo", name: "Bo", presence: "away", away_words: "lunch" }] });
  assert.equal(room.own?.away_words, "lunch");
  assert.equal(room.area("default")?.name, "Everybody");
});

test("waiting time is counted on the server's clock", async () => {
  const { room, begin, clock } = desk();
  await begin();
  await clock.advance(60_000);
  assert.equal(new Date(room.now).toISOString(), "2026-03-02T09:01:00.000Z");
});
