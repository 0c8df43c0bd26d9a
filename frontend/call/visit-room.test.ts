import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskRoom } from "./desk-room";
import { ResumableSocket } from "./socket";
import { FakeClock, settle } from "./testing/fake-clock";
import { FakeSocket } from "./testing/fake-socket";
import { VisitRoom } from "./visit-room";
import type { DeskWelcome, VisitState, VisitWelcome } from "./wire";

function connect() {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const options = {
    url: "ws://test",
    clock,
    random: () => 1,
    open: () => sockets[sockets.push(new FakeSocket()) - 1]!,
    onOnline: () => () => {},
  };
  const server = () => sockets.at(-1)!;
  const greet = async (welcome: object) => {
    server().onopen?.();
    await settle();
    server().say({ type: "welcome", session: "ses_1", resumed: false, seq: 0, server_time: "2026-03-02T09:00:00Z", ...welcome });
    await settle();
  };
  let seq = 0;
  const say = (message: object) => server().say({ ...message, seq: ++seq });
  return { clock, options, server, greet, say, renumber: () => (seq = 0) };
}

const participant = (state: VisitState) => ({ participant: { id: "par_1", name: "Ada", role: "consumer", staff: false, state } });

function visit() {
  const wire = connect();
  const room = new VisitRoom(new ResumableSocket<VisitWelcome>(wire.options), wire.clock);
  room.socket.start();
  return { ...wire, room };
}

test("a place in the waiting room is asked for once and kept over a lost connection", async () => {
  const { room, server, greet, say, clock } = visit();
  await greet(participant("arrived"));
  void room.enterWaiting("Ada");
  assert.deepEqual(server().said.at(-1), { type: "enter_waiting", name: "Ada", ref: "c1" });
  say({ type: "done", ref: "c1" });
  say({ type: "state", state: "waiting", since: "" });
  server().onclose?.();
  await clock.advance(400);
  await greet({ ...participant("waiting"), resumed: true, seq: 2 });
  assert.equal(room.state, "waiting");
  assert.equal(server().said.filter((frame) => frame.type === "enter_waiting").length, 0);
});

test("a server that forgot the place is asked for it again", async () => {
  const { room, server, greet, say, clock } = visit();
  await greet(participant("arrived"));
  void room.enterWaiting("Ada");
  say({ type: "done", ref: "c1" });
  server().onclose?.();
  await clock.advance(400);
  await greet({ ...participant("arrived"), session: "ses_2" });
  assert.equal(server().said.at(-1)?.type, "enter_waiting");
});

test("a waiting person may write once somebody has written to them", async () => {
  const { room, greet, say } = visit();
  await greet(participant("waiting"));
  assert.equal(room.mayWrite, false);
  say({ type: "notice", id: "n1", participant: "par_1", from: { id: "user:1", name: "Bo", role: "provider" }, text: "Soon", at: "" });
  assert.equal(room.mayWrite, true);
});

test("somebody who writes is shown for five seconds, or until their message is there", async () => {
  const { room, greet, say, clock } = visit();
  await greet(participant("admitted"));
  const bo = { id: "par_2", name: "Bo", role: "provider" };
  say({ type: "roster", people: [{ ...bo, join: "j", order: 1, media: {}, connection: "ok" }] });
  say({ type: "typing", from: "par_2", on: true });
  assert.deepEqual([...room.typing.values()], ["Bo"]);
  await clock.advance(5100);
  assert.equal(room.typing.size, 0);
  say({ type: "typing", from: "par_2", on: true });
  say({ type: "chat", id: "m1", number: 1, from: bo, text: "Hello", at: "" });
  assert.equal(room.typing.size, 0);
});

test("the end is told once, with its reason", async () => {
  const { room, greet, server } = visit();
  const ends: string[] = [];
  room.on("over", ({ code }) => ends.push(code));
  await greet(participant("in_call"));
  server().say({ type: "bye", code: "ended", sentence: "The visit is over.", retry: false });
  assert.deepEqual(ends, ["ended"]);
});

function desk() {
  const wire = connect();
  const room = new DeskRoom(new ResumableSocket<DeskWelcome>(wire.options), wire.clock);
  const arrivals: string[] = [];
  room.on("arrived", ({ person }) => arrivals.push(person?.name ?? ""));
  room.socket.start();
  const staff = { staff: { id: "user:1", name: "Bo", role: "provider" }, scope: "mine", day: "2026-03-02" };
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

test("the longest wait comes first, the day stays in its order", async () => {
  const { room, begin, say } = desk();
  await begin();
  const entries = [entry("11:00", "2026-03-02T08:00:00Z"), entry("09:00", "2026-03-02T08:50:00Z"), entry("10:00", null)];
  say({ type: "queue", day: "2026-03-02", entries });
  assert.deepEqual(room.waiting.map((one) => one.appointment), ["11:00", "09:00"]);
  assert.deepEqual(room.agenda.map((one) => one.appointment), ["09:00", "10:00", "11:00"]);
  say({ type: "entry_gone", id: "09:00" });
  assert.deepEqual(room.waiting.map((one) => one.appointment), ["11:00"]);
});

test("waiting time is counted on the server's clock", async () => {
  const { room, begin, clock } = desk();
  await begin();
  await clock.advance(60_000);
  assert.equal(new Date(room.now).toISOString(), "2026-03-02T09:01:00.000Z");
});
