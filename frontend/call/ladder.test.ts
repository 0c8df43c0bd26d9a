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
  const ladder = new Ladder(0);
  assert.equal(feed(ladder, 10, 7, STARVING), "audio-only");
  assert.equal(ladder.reason, "network");
});

test("the picture gets as small as the network is thin", () => {
  assert.equal(feed(new Ladder(0), 10, 7, { ...STARVING, estimate: 700_000 }), "full");
  assert.equal(feed(new Ladder(0), 10, 7, { ...STARVING, estimate: 500_000 }), "medium");
  assert.equal(feed(new Ladder(0), 10, 7, { ...STARVING, estimate: 200_000 }), "small");
});

test("a network that gets worse takes it down step by step", () => {
  const ladder = new Ladder(0);
  assert.equal(feed(ladder, 10, 5, { ...STARVING, estimate: 500_000 }), "medium");
  assert.equal(feed(ladder, 15, 15, { ...STARVING, estimate: 180_000 }), "small");
  assert.equal(feed(ladder, 30, 15, STARVING), "audio-only");
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
  assert.equal(feed(new Ladder(0), 10, 7, { ...STARVING, estimate: 900_000, loss: 0.4 }), "audio-only");
  assert.equal(feed(new Ladder(0), 10, 60, { ...STARVING, estimate: 900_000, loss: 0.15 }), "medium");
});

test("a long queue on a thin line counts, on a thick one or a long way it does not", () => {
  const clogged = { ...STARVING, estimate: 160_000, rtt: 800 };
  assert.equal(feed(new Ladder(0), 10, 7, clogged), "audio-only");
  assert.equal(feed(new Ladder(0), 10, 60, { ...clogged, estimate: 400_000 }), "medium");
  assert.equal(feed(new Ladder(0), 10, 60, { ...clogged, rtt: 600 }), "small");
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

test("a larger picture comes back once there is clearly room for it, one step at a time", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 5, { ...STARVING, estimate: 200_000 }); // small at 14
  assert.equal(feed(ladder, 15, 7, FINE), "small");
  assert.equal(feed(ladder, 22, 3, FINE), "medium");
  assert.equal(feed(ladder, 25, 9, FINE), "full");
  assert.equal(ladder.reason, "none");
});

test("room that is just enough is no room: the picture does not jump to and fro", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 5, { ...STARVING, estimate: 500_000 }); // medium at 14
  assert.equal(feed(ladder, 15, 19, { ...FINE, estimate: 650_000 }), "medium");
});

test("after a try that failed the next waits twice as long", () => {
  const ladder = new Ladder(0);
  const thin = { ...STARVING, estimate: 500_000 };
  feed(ladder, 10, 5, thin); // medium at 14
  feed(ladder, 15, 9, FINE); // full at 22
  assert.equal(feed(ladder, 24, 20, thin), "medium"); // at 36: that try failed
  assert.equal(feed(ladder, 44, 10, FINE), "medium");
  assert.equal(feed(ladder, 54, 4, FINE), "full"); // at 56, 20 s later
  assert.equal(feed(ladder, 58, 20, thin), "medium"); // at 70
  assert.equal(feed(ladder, 78, 30, FINE), "medium");
  assert.equal(feed(ladder, 108, 4, FINE), "full"); // at 110, 40 s later
});

test("without a picture a small one is tried after twenty seconds, and later each time it failed", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 5, STARVING); // gone at 14
  assert.equal(feed(ladder, 15, 19, STARVING), "audio-only");
  assert.equal(feed(ladder, 34, 1, STARVING), "small");
  assert.equal(feed(ladder, 35, 14, STARVING), "audio-only"); // gone at 48
  assert.equal(feed(ladder, 49, 39, STARVING), "audio-only");
  assert.equal(feed(ladder, 88, 1, STARVING), "small");
});

test("a first picture that drowns the sound goes at once, not after the grace that its estimate is given", () => {
  for (const drowned of [{ loss: 0.2 }, { rtt: 400 }, { loss: 0.6, rtt: 700 }]) {
    const ladder = new Ladder(0, "audio-only");
    assert.equal(feed(ladder, 20, 3, STARVING), "small");
    feed(ladder, 23, 1, { ...STARVING, ...drowned });
    assert.equal(feed(ladder, 24, 3, STARVING), "small", "one bad second is no verdict");
    assert.equal(feed(ladder, 27, 2, { ...STARVING, ...drowned }), "audio-only");
    assert.equal(ladder.reason, "network");
    assert.equal(feed(ladder, 29, 39, STARVING), "audio-only", "the next try waits twice as long");
    assert.equal(feed(ladder, 68, 1, STARVING), "small");
  }
});

test("a first picture is not judged by what was lost before it, nor by a way that is always long", () => {
  const ladder = new Ladder(0, "audio-only");
  feed(ladder, 20, 2, { ...STARVING, rtt: 600, loss: 0.5 });
  assert.equal(feed(ladder, 22, 8, { ...STARVING, rtt: 650 }), "small");
});

test("a first picture on a line with room is kept, though some of it is lost by chance", () => {
  for (const chance of [{ limited: false, loss: 0.2 }, { limited: false, rtt: 900 }, { estimate: 400_000, loss: 0.2 }]) {
    const ladder = new Ladder(0, "audio-only");
    assert.equal(feed(ladder, 20, 10, { ...STARVING, ...chance }), "small");
  }
});

test("a picture that lasted a minute is tried again soon", () => {
  const ladder = new Ladder(0);
  feed(ladder, 10, 5, STARVING); // gone at 14, back at 34, and the next try would take 40 s
  feed(ladder, 34, 90, FINE);
  feed(ladder, 124, 5, STARVING);
  assert.equal(ladder.rung, "audio-only");
  assert.equal(feed(ladder, 129, 20, STARVING), "small");
});

test("whoever the device check found on a thin line begins without a picture", () => {
  const ladder = new Ladder(0, "audio-only");
  assert.equal(feed(ladder, 0, 20, FINE), "audio-only");
  assert.equal(ladder.reason, "device-check");
  assert.equal(feed(ladder, 20, 1, FINE), "small");
});

test("a busy computer sends less, but always a picture", () => {
  const ladder = new Ladder(0);
  assert.equal(feed(ladder, 10, 7, { ...FINE, busy: true }), "full");
  assert.equal(feed(ladder, 17, 60, { ...FINE, busy: true }), "small");
  assert.equal(ladder.reason, "processor");
});
