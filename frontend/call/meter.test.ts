import assert from "node:assert/strict";
import { test } from "node:test";
import { Meter, meterShare, rootMeanSquare, type MeterReading } from "./meter";
import { chime, wav } from "./speaker";
import { FakeClock } from "./testing/fake-clock";

function setUp() {
  const clock = new FakeClock();
  const source = { value: 0.1, closed: false };
  let muted = false;
  let last: MeterReading = { share: 0, silent: false };
  const meter = new Meter(
    { level: () => source.value, close: () => (source.closed = true) },
    (reading) => (last = reading),
    () => muted,
    clock,
  );
  return { clock, source, meter, last: () => last, mute: (on: boolean) => (muted = on) };
}

test("three seconds of nothing while unmuted mean that nobody is heard", async () => {
  const { clock, source, last } = setUp();
  source.value = 0;
  await clock.advance(2900);
  assert.equal(last().silent, false);
  await clock.advance(400);
  assert.equal(last().silent, true);
  source.value = 0.05;
  await clock.advance(100);
  assert.equal(last().silent, false);
});

test("a quiet room is not silence, and neither is being muted", async () => {
  const { clock, source, last, mute } = setUp();
  source.value = 0.001;
  await clock.advance(5000);
  assert.equal(last().silent, false);
  source.value = 0;
  mute(true);
  await clock.advance(5000);
  assert.equal(last().silent, false);
});

test("the bar grows as people hear: by decibels, from empty to full", () => {
  assert.equal(meterShare(0), 0);
  assert.equal(meterShare(1), 1);
  assert.ok(Math.abs(meterShare(0.0316) - 0.5) < 0.01);
  assert.equal(meterShare(0.0005), 0);
});

test("loudness is the root of the mean square", () => {
  assert.equal(rootMeanSquare(new Float32Array([0.5, -0.5, 0.5, -0.5])), 0.5);
  assert.equal(rootMeanSquare(new Float32Array()), 0);
});

test("stopping closes the source and ends the readings", async () => {
  const { clock, source, meter, last } = setUp();
  meter.stop();
  assert.ok(source.closed);
  const before = last();
  await clock.advance(1000);
  assert.equal(last(), before);
});

test("the test sound is a whole WAV file that stays below full loudness", () => {
  const samples = chime(16000);
  assert.ok(samples.every((sample) => Math.abs(sample) <= 0.4));
  assert.ok(samples.some((sample) => Math.abs(sample) > 0.3));
  const bytes = wav(samples, 16000);
  const text = (from: number, length: number) => String.fromCharCode(...bytes.slice(from, from + length));
  assert.equal(text(0, 4) + text(8, 4) + text(36, 4), "RIFFWAVEdata");
  const view = new DataView(bytes.buffer);
  assert.equal(view.getUint32(40, true), samples.length * 2);
  assert.equal(bytes.length, 44 + samples.length * 2);
});
