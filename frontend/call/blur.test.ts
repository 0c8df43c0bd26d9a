import assert from "node:assert/strict";
import { test } from "node:test";
import { Blur } from "./blur";
import type { BlurLens } from "./blur-lens";
import { BlurPace, type Pace } from "./blur-pace";
import { LocalMedia } from "./local-media";
import { FakeTrack } from "./testing/fake-hub";

class Lens implements BlurLens {
  readonly made: FakeTrack[] = [];
  closed = false;
  pace: Pace | "broken" = "well";
  readonly ready: Promise<void>;
  arrive: () => void = () => undefined;
  fail: () => void = () => undefined;
  constructor() {
    this.ready = new Promise((resolve, reject) => {
      this.arrive = resolve;
      this.fail = () => reject(new Error("no"));
    });
  }
  through(): MediaStreamTrack {
    const track = new FakeTrack("video");
    this.made.push(track);
    return track as unknown as MediaStreamTrack;
  }
  second(): Pace | "broken" {
    return this.pace;
  }
  close(): void {
    this.closed = true;
  }
}

/** A call with a camera open; `lenses` are those made so far. */
function inACall({ able = true } = {}) {
  const opened: FakeTrack[] = [];
  const open = () => {
    const camera = new FakeTrack("video");
    opened.push(camera);
    return Promise.resolve({ getAudioTracks: () => [], getVideoTracks: () => [camera] } as unknown as MediaStream);
  };
  const local = new LocalMedia(open);
  const sent: (MediaStreamTrack | null)[] = [];
  local.on("track", ({ source, track }) => source === "camera" && sent.push(track));
  const first = new FakeTrack("video");
  local.adopt({ getAudioTracks: () => [], getVideoTracks: () => [first] } as unknown as MediaStream);
  const lenses: Lens[] = [];
  const ended: string[] = [];
  const make = () => {
    lenses.push(new Lens());
    return Promise.resolve<BlurLens>(lenses.at(-1)!);
  };
  const blur = new Blur(local, able ? make : null, { changed: () => undefined, ended: (reason) => ended.push(reason) });
  return { local, blur, first, opened, sent, lenses, ended, current: () => local.track("camera") as unknown as FakeTrack };
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Blur is on, and the lens stands before the camera. */
async function blurred() {
  const call = inACall();
  const switched = call.blur.set(true);
  await moment();
  call.lenses[0]!.arrive();
  await switched;
  return call;
}

test("nothing is fetched until blur is switched on, and the camera is sent as it is until it can be blurred", async () => {
  const { blur, lenses, current, first } = inACall();
  assert.deepEqual(blur.state, { available: true, on: false, reason: "" });
  assert.equal(lenses.length, 0);
  const switched = blur.set(true);
  await moment();
  assert.equal(blur.state.reason, "loading");
  assert.equal(current(), first);
  lenses[0]!.arrive();
  await switched;
  assert.deepEqual(blur.state, { available: true, on: true, reason: "" });
  assert.equal(current(), lenses[0]!.made[0]);
  assert.equal(first.stopped, false);
});

test("switched off, the same camera is sent as it is, and what blurred is closed", async () => {
  const { blur, lenses, current, first } = await blurred();
  await blur.set(false);
  assert.equal(current(), first);
  assert.equal(first.stopped, false);
  assert.ok(lenses[0]!.closed && lenses[0]!.made[0]!.stopped);
});

test("a camera switched off and on, or another one, is blurred from its first picture", async () => {
  const { local, lenses, opened, sent } = await blurred();
  await local.setCam(false);
  assert.ok(lenses[0]!.made[0]!.stopped);
  await local.setCam(true);
  await local.useDevice("videoinput", "other");
  assert.equal(lenses[0]!.made.length, 3);
  for (const camera of opened) assert.ok(!sent.includes(camera as unknown as MediaStreamTrack), "never sent as it is");
  assert.ok(opened[0]!.stopped);
});

test("who had blur on in their last call is not seen before it is on again", async () => {
  const { blur, lenses, current, first } = inACall();
  blur.begin();
  assert.equal(current(), first);
  assert.equal(first.enabled, false, "dark");
  await moment();
  lenses[0]!.arrive();
  await moment();
  assert.equal(current(), lenses[0]!.made[0]);
  assert.equal(first.enabled, true);
});

test("a lens that cannot be had leaves the call as it was when it was asked for by hand", async () => {
  const { blur, lenses, current, first, ended } = inACall();
  const switched = blur.set(true);
  await moment();
  lenses[0]!.fail();
  await switched;
  assert.deepEqual(blur.state, { available: true, on: false, reason: "failed" });
  assert.equal(current(), first);
  assert.deepEqual(ended, []);
});

test("whoever relies on blur is not shown without it: it ends with the camera, whatever ends it", async () => {
  const late = inACall();
  late.blur.begin();
  await moment();
  late.lenses[0]!.fail();
  await moment();
  assert.equal(late.local.camOn, false);
  assert.deepEqual(late.ended, ["failed"]);
  for (const [pace, reason] of [["too-busy", "processor"], ["broken", "failed"]] as const) {
    const call = await blurred();
    call.lenses[0]!.pace = pace;
    call.blur.second(false);
    assert.deepEqual(call.ended, [reason]);
    assert.equal(call.local.camOn, false);
    assert.ok(call.lenses[0]!.closed);
    assert.ok(!call.sent.slice(1).includes(call.first as unknown as MediaStreamTrack));
    assert.deepEqual(call.blur.state, { available: true, on: false, reason });
    await call.local.setCam(true);
    assert.equal(call.current(), call.opened.at(-1), "asked to be seen, they are");
  }
});

test("where no picture can be blurred the switch says so", () => {
  assert.deepEqual(inACall({ able: false }).blur.state, { available: false, on: false, reason: "unsupported" });
});

test("a computer that takes over 80 ms a picture for five seconds gets lighter work, and after five more none", () => {
  const pace = new BlurPace();
  const seconds = (milliseconds: number, count: number, limited = false) =>
    Array.from({ length: count }, () => {
      pace.painted(milliseconds);
      return pace.second(limited);
    });
  assert.deepEqual(new Set(seconds(79, 20)), new Set(["well"]));
  assert.deepEqual(seconds(120, 4), ["well", "well", "well", "well"]);
  assert.deepEqual(seconds(20, 1), ["well"], "one good second begins anew");
  assert.deepEqual(seconds(120, 5).at(-1), "lighter");
  assert.deepEqual(seconds(20, 4, true).at(-1), "well");
  assert.deepEqual(seconds(20, 1, true), ["too-busy"], "the encoder's word counts too");
});

test("a camera that is off strains nobody", () => {
  const pace = new BlurPace();
  assert.deepEqual(new Set(Array.from({ length: 20 }, () => pace.second(false))), new Set(["well"]));
});
