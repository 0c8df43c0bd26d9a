import assert from "node:assert/strict";
import { test } from "node:test";
import { Ladder, type Outlook } from "./ladder";

const STARVING: Outlook = { estimate: 60_000, limited: true, loss: 0, rtt: 50 };
const FINE: Outlook = { estimate: 900_000, limited: false, loss: 0, rtt: 50 };

/** Feed the same outlook each second, from `from` for `seconds`. */
function feed(ladder: Ladder, from: number, seconds: number, outlook: Outlook) {
  for (let second = 0; second < seconds; second += 1) ladder.step(outlook, (from + second) * 1000);
  return ladder.rung;
}

test("an estimate that is still climbing is no reason to send less", () => {
  assert.equal(feed(new Ladder(0), 0, 14, STARVING), "full");
});

test("below a hundred kilobits for some seconds the picture goes, so that the sound gets through", () => {
  assert.equal(feed(new Ladder(0), 10, 7, STARVING), "audio-only");
});

test("a short dip changes nothing", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 3, STARVING);
  feed(ladder, 13, 3, FINE);
  assert.equal(feed(ladder, 16, 3, STARVING), "full");
});

test("a small camera on a good network keeps its picture, however low the estimate", () => {
  assert.equal(feed(new Ladder(0), 10, 120, { ...STARVING, limited: false, loss: 0.01 }), "full");
});

test("when a third of what we send gets lost the estimate no longer counts", () => {
  assert.equal(feed(new Ladder(0), 10, 7, { ...STARVING, estimate: 300_000, loss: 0.4 }), "audio-only");
  assert.equal(feed(new Ladder(0), 10, 60, { ...STARVING, estimate: 300_000, loss: 0.15 }), "full");
});

test("a long queue on a thin line counts, on a thick one or a long way it does not", () => {
  const clogged = { ...STARVING, estimate: 160_000, rtt: 800 };
  assert.equal(feed(new Ladder(0), 10, 7, clogged), "audio-only");
  assert.equal(feed(new Ladder(0), 10, 60, { ...clogged, estimate: 400_000 }), "full");
  assert.equal(feed(new Ladder(0), 10, 60, { ...clogged, rtt: 600 }), "full");
});

test("bad seconds with good ones between them still add up", () => {
  const ladder = new Ladder(0);
  for (let second = 10; second < 24; second += 2) {
    feed(ladder, second, 1, STARVING);
    feed(ladder, second + 1, 1, FINE);
  }
  assert.equal(ladder.rung, "full");
  for (let second = 24; second < 30; second += 3) {
    feed(ladder, second, 2, STARVING);
    feed(ladder, second + 2, 1, FINE);
  }
  assert.equal(ladder.rung, "audio-only");
});

test("without an estimate and without loss nothing is decided", () => {
  assert.equal(feed(new Ladder(0), 20, 60, { ...STARVING, estimate: null }), "full");
});

test("the picture is tried again after twenty seconds, and later each time it failed", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 5, STARVING); // gone at 14
  assert.equal(feed(ladder, 15, 19, STARVING), "audio-only");
  assert.equal(feed(ladder, 34, 1, STARVING), "full");
  assert.equal(feed(ladder, 35, 14, STARVING), "audio-only"); // gone at 48
  assert.equal(feed(ladder, 49, 39, STARVING), "audio-only");
  assert.equal(feed(ladder, 88, 1, STARVING), "full");
});

test("a picture that lasted a minute is tried again soon", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 5, STARVING); // gone at 14, back at 34, and the next try would take 40 s
  feed(ladder, 34, 66, FINE);
  feed(ladder, 100, 5, STARVING); // gone at 104
  assert.equal(ladder.rung, "audio-only");
  assert.equal(feed(ladder, 105, 20, STARVING), "full");
});
