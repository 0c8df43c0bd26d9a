import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../call/testing/fake-clock";
import { Announcer } from "./announcer";

function listening() {
  const clock = new FakeClock();
  const heard: string[] = [];
  return { clock, heard, announcer: new Announcer((words) => heard.push(words), clock) };
}

test("several things of one moment are one sentence", async () => {
  const { clock, heard, announcer } = listening();
  announcer.joined("a", "Ada joined.");
  announcer.say("You are muted.");
  await clock.advance(1000);
  assert.deepEqual(heard, ["Ada joined. You are muted."]);
});

test("nothing is said twice within ten seconds", async () => {
  const { clock, heard, announcer } = listening();
  for (let second = 0; second < 9; second += 1) {
    announcer.say("Ada has a weak connection.");
    await clock.advance(1000);
  }
  assert.equal(heard.length, 1);
  await clock.advance(2000);
  announcer.say("Ada has a weak connection.");
  await clock.advance(1000);
  assert.equal(heard.length, 2);
});

test("who is back in a moment has neither left nor joined aloud", async () => {
  const { clock, heard, announcer } = listening();
  announcer.left("a", "Ada left.");
  await clock.advance(2000);
  announcer.joined("a", "Ada joined.");
  await clock.advance(5000);
  assert.deepEqual(heard, []);
});

test("who stays away has left", async () => {
  const { clock, heard, announcer } = listening();
  announcer.left("a", "Ada left.");
  await clock.advance(5000);
  assert.deepEqual(heard, ["Ada left."]);
});
