import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./testing/fake-clock";
import { Thread, mayChange } from "./thread";
import type { ChatHistory, ChatMessage, Person } from "./wire";

const ADA: Person = { id: "par_ada", name: "Ada", role: "consumer" };
const BO: Person = { id: "par_bo", name: "Bo", role: "provider" };

const message = (number: number, from: Person, text: string, more: object = {}): ChatMessage => ({
  id: `msg_${number}`,
  number,
  from,
  text,
  at: `2026-03-02T09:00:0${number}Z`,
  ...more,
});

const page = (items: ChatMessage[], more: boolean, read: number): ChatHistory => ({
  items, more, read, marks: {}, programs: [], write: true, files: null,
});

function setUp(deliver: () => Promise<unknown> = () => Promise.resolve()) {
  const sent: string[] = [];
  const thread = new Thread(
    () => ADA,
    (text) => {
      sent.push(text);
      return deliver();
    },
    "t",
  );
  const look = () => thread.items.map((item) => `${item.text}:${item.status}`);
  return { thread, sent, look };
}

test("a message shows at once and turns into the server's in its place", () => {
  const { thread, look } = setUp();
  thread.send("hello");
  const { key } = thread.items[0]!;
  assert.deepEqual(look(), ["hello:pending"]);
  thread.add(message(1, ADA, "hello", { client_id: key }));
  assert.deepEqual(look(), ["hello:sent"]);
  assert.equal(thread.items[0]!.key, key);
});

test("a message that was not taken stays, marked, until it is sent again", async () => {
  let broken = true;
  const { thread, sent, look } = setUp(() => (broken ? Promise.reject(new Error("refused")) : Promise.resolve()));
  thread.send("hello");
  await settle();
  assert.deepEqual(look(), ["hello:failed"]);
  broken = false;
  thread.retry(thread.items[0]!);
  assert.deepEqual(look(), ["hello:pending"]);
  assert.deepEqual(sent, ["hello", "hello"]);
});

test("a message that arrives twice, live and in the history, is shown once and in order", () => {
  const { thread, look } = setUp();
  thread.add(message(2, BO, "two"));
  thread.history(page([message(1, ADA, "one"), message(2, BO, "two")], false, 0));
  assert.deepEqual(look(), ["one:sent", "two:sent"]);
});

test("unread counts what others wrote since it was last looked at", () => {
  const { thread } = setUp();
  thread.history(page([message(1, BO, "old"), message(2, BO, "seen")], false, 2));
  thread.add(message(3, BO, "new"));
  thread.add(message(4, ADA, "own"));
  assert.equal(thread.unread, 1);
  assert.equal(thread.markRead(), 4);
  assert.equal(thread.unread, 0);
  assert.equal(thread.markRead(), null);
});

test("only what others write anew is announced", () => {
  const { thread } = setUp();
  const announced: string[] = [];
  thread.on("arrived", (item) => announced.push(item.text));
  thread.history(page([message(1, BO, "old")], false, 0));
  thread.add(message(2, BO, "new"));
  thread.add(message(2, BO, "new"));
  thread.add(message(3, ADA, "own"));
  assert.deepEqual(announced, ["new"]);
});

test("older messages are there as long as the oldest known page says so", () => {
  const { thread } = setUp();
  thread.history(page([message(5, BO, "five")], true, 0));
  assert.equal(thread.more, true);
  assert.equal(thread.oldestNumber, 5);
  thread.history(page([message(4, BO, "four")], false, 0));
  assert.equal(thread.more, false);
});

test("words without a number stand in the order of their time", () => {
  const { thread, look } = setUp();
  const words = (id: string, at: string) => ({ id, from: BO, text: id, at });
  thread.add(words("late", "2026-03-02T09:05:00Z"));
  thread.add(words("early", "2026-03-02T09:01:00Z"));
  assert.deepEqual(look(), ["early:sent", "late:sent"]);
});

test("a message that was edited or taken back changes in its place; one that is not ours to read stays away", () => {
  const { thread, look } = setUp();
  thread.history(page([message(1, BO, "at tree"), message(2, BO, "oops")], false, 0));
  thread.changed(message(1, BO, "at three", { edited_at: "2026-03-02T09:10:00Z" }));
  thread.changed(message(2, BO, "", { deleted: true }));
  thread.changed(message(7, BO, "from before we came"));
  assert.deepEqual(look(), ["at three:sent", ":sent"]);
  assert.deepEqual([thread.items[0]!.edited, thread.items[1]!.deleted, thread.unread], [true, true, 1]);
});

test("what the other side has read is known, from the history and live", () => {
  const { thread } = setUp();
  thread.history({ ...page([message(1, ADA, "one"), message(2, ADA, "two")], false, 2), marks: { par_bo: 1, par_ada: 2 } });
  assert.equal(thread.seen, 1);
  thread.read("par_bo", 2);
  thread.read("par_bo", 1);
  assert.equal(thread.seen, 2);
});

test("an own message may be changed for a quarter of an hour", () => {
  const { thread } = setUp();
  thread.add(message(1, ADA, "one"));
  const [item] = thread.items;
  const at = Date.parse(item!.at);
  assert.deepEqual([mayChange(item!, at + 14 * 60_000), mayChange(item!, at + 16 * 60_000)], [true, false]);
});
