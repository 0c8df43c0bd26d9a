import assert from "node:assert/strict";
import { test } from "node:test";
import { Playback } from "./playback";
import type { CallTrack } from "./session";
import { settle } from "./testing/fake-clock";

class FakeAudio {
  srcObject: unknown = null;
  sink = "";
  plays = 0;
  removed = false;
  constructor(private readonly mood: { refuses: boolean }) {}
  play(): Promise<void> {
    this.plays += 1;
    return this.mood.refuses ? Promise.reject(new DOMException("no tap yet", "NotAllowedError")) : Promise.resolve();
  }
  setSinkId(id: string): Promise<void> {
    this.sink = id;
    return Promise.resolve();
  }
  pause(): void {}
  remove(): void {
    this.removed = true;
  }
}

function setUp() {
  const mood = { refuses: false };
  const made: FakeAudio[] = [];
  const retries: (() => Promise<void>)[] = [];
  const create = () => made[made.push(new FakeAudio(mood)) - 1] as unknown as HTMLAudioElement;
  const playback = new Playback(create, (retry) => retries.push(retry));
  return { mood, made, retries, playback };
}

const track = (id: string): CallTrack => ({
  id,
  participant: id,
  kind: "audio",
  source: "microphone",
  attach: (element) => (element.srcObject = id as unknown as MediaStream),
  detach: (element) => (element.srcObject = null),
  setVisible: () => undefined,
});

test("the element is there before anybody speaks, and a call between two needs no other", () => {
  const { made, playback } = setUp();
  assert.equal(made.length, 1);
  playback.add(track("bo"));
  playback.add(track("bo"));
  assert.equal(made.length, 1);
  assert.equal(made[0]!.srcObject, "bo");
});

test("an element whose person left plays the next one", () => {
  const { made, playback } = setUp();
  const bo = track("bo");
  playback.add(bo);
  playback.remove(bo);
  assert.equal(made[0]!.srcObject, null);
  playback.add(track("cy"));
  assert.equal(made.length, 1);
  assert.equal(made[0]!.srcObject, "cy");
});

test("a browser that wants a tap is asked again by the tap, and only then", async () => {
  const { mood, made, retries, playback } = setUp();
  mood.refuses = true;
  playback.add(track("bo"));
  await settle();
  assert.equal(retries.length, 1);
  await assert.rejects(retries[0]!(), { name: "NotAllowedError" });
  mood.refuses = false;
  await retries[0]!();
  assert.equal(made[0]!.plays, 3);
});

test("a chosen loudspeaker holds for everybody, those who come later included", async () => {
  const { made, playback } = setUp();
  playback.add(track("bo"));
  await playback.setSink("headset");
  playback.add(track("cy"));
  await settle();
  assert.deepEqual(made.map((one) => one.sink), ["headset", "headset"]);
});

test("at the end everything is silent and gone", () => {
  const { made, playback } = setUp();
  playback.add(track("bo"));
  playback.add(track("cy"));
  playback.stop();
  assert.ok(made.every((one) => one.removed && one.srcObject === null));
});
