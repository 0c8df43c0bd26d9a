import assert from "node:assert/strict";
import { test } from "node:test";
import { DataMeter } from "./data-use";

test("both directions of every connection count, and a new connection begins at zero", () => {
  const meter = new DataMeter();
  meter.add("ada", 1000, 0);
  meter.add("bo", 500, 0);
  meter.add("ada", 3000, 1000);
  meter.add("ada", 200, 2000); // made anew
  assert.equal(meter.use.bytes, 3700);
  meter.forget("bo");
  meter.add("bo", 100, 3000);
  assert.equal(meter.use.bytes, 3800);
});

test("a rate is given only after ten seconds, and follows what the last half minute used", () => {
  const meter = new DataMeter();
  for (let second = 0; second < 10; second += 1) meter.add("ada", second * 10_000, second * 1000);
  assert.equal(meter.use.bytesPerHour, null);
  meter.add("ada", 100_000, 10_000);
  assert.equal(meter.use.bytesPerHour, 36_000_000);
  for (let second = 11; second < 60; second += 1) meter.add("ada", 100_000, second * 1000);
  assert.equal(meter.use.bytesPerHour, 0);
});
