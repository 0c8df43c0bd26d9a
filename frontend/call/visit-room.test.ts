import assert from "node:assert/strict";
import { test } from "node:test";
import { ResumableSocket } from "./socket";
import { VisitRoom } from "./visit-room";
import { connect } from "./testing/fake-server";
import type { VisitState, VisitWelcome } from "./wire";

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

test("who waits, or is on hold, may write first; who has only arrived may once somebody has written to them", async () => {
  const { room, greet, say } = visit();
  await greet(participant("arrived"));
  assert.equal(room.mayWrite, false);
  say({ type: "state", state: "waiting", since: "" });
  assert.equal(room.mayWrite, true);
  say({ type: "state", state: "on_hold", since: "" });
  assert.equal(room.mayWrite, true);
  say({ type: "state", state: "arrived", since: "" });
  say({ type: "notice", id: "n1", participant: "par_1", from: { id: "user:1", name: "Bo", role: "provider" }, text: "Soon", at: "" });
  assert.equal(room.mayWrite, true);
});

test("somebody who writes is shown for five seconds, or until their message is there", async () => {
  const { room, greet, say, clock } = visit();
  await greet(participant("admitted"));
  const bo = { id: "par_2", name: "Bo", role: "provider" };
  say({ type: "roster", people: [{ ...bo, join: "j", order: 1, media: {}, connection: "ok" }] });
  say({ type: "typing", from: "par_2", name: "Bo", on: true });
  assert.deepEqual([...room.chat.typing.values()], ["Bo"]);
  await clock.advance(5100);
  assert.equal(room.chat.typing.size, 0);
  say({ type: "typing", from: "par_2", name: "Bo", on: true });
  say({ type: "chat", id: "m1", number: 1, from: bo, text: "Hello", at: "" });
  assert.equal(room.chat.typing.size, 0);
});

test("the end is told once, with its reason", async () => {
  const { room, greet, server } = visit();
  const ends: string[] = [];
  room.on("over", ({ code }) => ends.push(code));
  await greet(participant("in_call"));
  server().say({ type: "bye", code: "ended", sentence: "The visit is over.", retry: false });
  assert.deepEqual(ends, ["ended"]);
});

test("who asks before the server has spoken is told once it has", async () => {
  const { room, greet } = visit();
  let told = false;
  const known = room.known().then(() => (told = true));
  await Promise.resolve();
  assert.equal(told, false);
  await greet(participant("admitted"));
  await known;
  assert.equal(room.state, "admitted");
  await room.known();
});

test("who asks and is turned away is told why", async () => {
  const { room, server, clock } = visit();
  const known = room.known();
  await clock.advance(0);
  server().onopen?.();
  server().say({ type: "bye", code: "ended", sentence: "The visit is over.", retry: false });
  await assert.rejects(known, { code: "ended" });
});
