import assert from "node:assert/strict";
import { test } from "node:test";
import { Ladder } from "./ladder";

/** Feed one estimate each second, from `from` for `seconds`. */
function feed(ladder: Ladder, from: number, seconds: number, estimate: number | null) {
  for (let second = 0; second < seconds; second += 1) ladder.step(estimate, (from + second) * 1000);
  return ladder.rung;
}

test("an estimate that is still climbing is no reason to send less", () => {
  assert.equal(feed(new Ladder(0), 0, 10, 60_000), "full");
});

test("below a hundred kilobits the picture goes, so that the sound gets through", () => {
  const ladder = new Ladder(0);
  assert.equal(feed(ladder, 10, 6, 60_000), "small");
  assert.equal(feed(ladder, 16, 7, 60_000), "audio-only");
});

test("a short dip changes nothing", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 3, 60_000);
  feed(ladder, 13, 1, 900_000);
  assert.equal(feed(ladder, 14, 4, 60_000), "full");
});

test("the picture comes back after a while, and waits longer each time it failed", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 13, 60_000);
  assert.equal(ladder.rung, "audio-only");
  assert.equal(feed(ladder, 23, 17, 60_000), "audio-only");
  assert.equal(feed(ladder, 40, 3, 60_000), "small");
  assert.equal(feed(ladder, 43, 6, 60_000), "audio-only");
  assert.equal(feed(ladder, 49, 30, 60_000), "audio-only");
});

test("a good estimate that lasts brings the full picture back", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 6, 200_000);
  assert.equal(ladder.rung, "small");
  assert.equal(feed(ladder, 16, 6, 900_000), "full");
});

test("without an estimate nothing is decided", () => {
  assert.equal(feed(new Ladder(0), 20, 60, null), "full");
});
