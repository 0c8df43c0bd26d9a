import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "./emitter";
import { Journal } from "./journal";
import type { CallEvents } from "./session";
import { FakeClock } from "./testing/fake-clock";
import type { CallEvent } from "./wire";

function keeping() {
  const clock = new FakeClock();
  const session = new Emitter<CallEvents>();
  const sent: (readonly CallEvent[])[] = [];
  return { clock, session, sent, journal: new Journal(session, (events) => sent.push(events), clock) };
}

test("what happened is told in batches, with how long ago it was", async () => {
  const { clock, session, sent } = keeping();
  session.emit("note", { what: "route", detail: "host/relay udp", participant: "p1" });
  await clock.advance(6000);
  assert.deepEqual(sent, [[{ kind: "route", detail: "host/relay udp", about: "p1", ago_ms: 5000 }]]);
});

test("an address never leaves, whatever a detail holds", async () => {
  const { journal, sent } = keeping();
  journal.note({ kind: "failed", detail: "no route to 192.168.1.7 (fe80::1)" });
  journal.flush();
  assert.match(sent[0]![0]!.detail!, /^[A-Za-z0-9 /_-]+$/);
});

test("quality is news only when it turns bad or good again", async () => {
  const { clock, session, sent } = keeping();
  for (const level of [4, 3, 1, 1, 2, 4, 3] as const) session.emit("quality", { participant: "p1", level, reason: "loss" });
  await clock.advance(6000);
  assert.deepEqual(sent[0]!.map((event) => event.level), [1, 2, 4]);
});

test("a line that flickers does not flood the server", async () => {
  const { clock, session, sent } = keeping();
  for (let number = 0; number < 500; number += 1) session.emit("note", { what: "restart", detail: "again" });
  await clock.advance(6000);
  assert.ok(sent.every((batch) => batch.length <= 20));
  assert.ok(sent.flat().length <= 60);
});
