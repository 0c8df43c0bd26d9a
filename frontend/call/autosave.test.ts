import assert from "node:assert/strict";
import { test } from "node:test";
import { Autosave, type Kept } from "./autosave";
import type { Clock } from "./clock";

/** A clock whose tasks run when the test says so. */
class Hand implements Clock {
  tasks: { delay: number; task: () => void }[] = [];
  now = () => 0;
  every = () => () => undefined;
  after(delay: number, task: () => void): () => void {
    const entry = { delay, task };
    this.tasks.push(entry);
    return () => void (this.tasks = this.tasks.filter((other) => other !== entry));
  }
  async ring(): Promise<number> {
    const [next] = this.tasks.splice(0);
    next?.task();
    await new Promise((done) => setTimeout(done, 0));
    return next?.delay ?? -1;
  }
}

function saving(answers: (Kept | Error)[]) {
  const sent: string[] = [];
  const hand = new Hand();
  const send = async (text: string) => {
    sent.push(text);
    const answer = answers.shift() ?? { ok: true };
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const save = new Autosave("", send, () => undefined, hand);
  return { sent, hand, save };
}

void test("what is typed is sent once, a moment after the last key", async () => {
  const { sent, hand, save } = saving([]);
  for (const text of ["a", "ab", "abc"]) save.typed(text);
  assert.equal(hand.tasks.length, 1);
  await hand.ring();
  assert.deepEqual(sent, ["abc"]);
  assert.equal(save.state, "saved");
});

void test("without a network it is tried again until it is kept", async () => {
  const { sent, hand, save } = saving([new Error("offline"), new Error("offline")]);
  save.typed("a");
  await hand.ring();
  assert.equal(save.state, "waiting");
  assert.equal(await hand.ring(), 5000);
  await hand.ring();
  assert.deepEqual(sent, ["a", "a", "a"]);
  assert.equal(save.dirty, false);
});

void test("a refusal is shown and not repeated by itself", async () => {
  const { sent, hand, save } = saving([{ ok: false, sentence: "Changed in another tab." }]);
  save.typed("a");
  await hand.ring();
  assert.equal(save.state, "refused");
  assert.equal(save.sentence, "Changed in another tab.");
  assert.equal(await hand.ring(), -1);
  assert.deepEqual(sent, ["a"]);
});

void test("leaving the page keeps what is not kept yet", async () => {
  const { sent, save } = saving([]);
  await save.now();
  save.typed("last words");
  await save.now();
  assert.deepEqual(sent, ["last words"]);
});
