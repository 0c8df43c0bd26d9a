import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsFor, type Circumstances } from "./tuning";

const CALL: Circumstances = { others: 1, active: true, rung: "full", sparing: false, height: 720 };

test("one to one the whole camera goes out, and each rung halves its lines", () => {
  const divided = (["full", "medium", "small"] as const).map((rung) => limitsFor("camera", { ...CALL, rung }).scaleResolutionDownBy);
  assert.deepEqual(divided, [1, 2, 4]);
});

test("among three and four each link gets at most 500 kbit/s and 15 frames, of 360 lines", () => {
  for (const others of [2, 3]) {
    assert.deepEqual(limitsFor("camera", { ...CALL, others }), { active: true, maxBitrate: 500_000, maxFramerate: 15, scaleResolutionDownBy: 2 });
  }
});

test("who is pinned sends thirty frames of 360 lines, also among several", () => {
  const sent = limitsFor("camera", { ...CALL, others: 3, smooth: true });
  assert.deepEqual([sent.maxFramerate, sent.scaleResolutionDownBy], [30, 2]);
  assert.equal(limitsFor("camera", { ...CALL, smooth: true, sparing: true }).maxFramerate, 8);
});

test("a small camera is not blown up, and one that does not say its size counts as 720 lines", () => {
  assert.equal(limitsFor("camera", { ...CALL, rung: "medium", height: 180 }).scaleResolutionDownBy, 1);
  assert.equal(limitsFor("camera", { ...CALL, rung: "medium", height: 0 }).scaleResolutionDownBy, 2);
});

test("whoever pays for every megabyte sends and is sent the least", () => {
  const { maxBitrate, maxFramerate } = limitsFor("camera", { ...CALL, sparing: true });
  assert.deepEqual([maxBitrate, maxFramerate], [80_000, 8]);
  assert.equal(limitsFor("screen", { ...CALL, sparing: true }).maxBitrate, 250_000);
});

test("a line without a track is not active, so that no bandwidth is kept for it", () => {
  assert.deepEqual(limitsFor("screen-audio", { ...CALL, active: false }), { active: false });
});
