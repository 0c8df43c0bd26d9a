import assert from "node:assert/strict";
import { test } from "node:test";
import { initials, minutesSince, waitLevel } from "./view";

test("initials are those of the first and the last word; titles do not count", () => {
  const names = { "Ada Ng": "AN", "Dr Bo Lund": "BL", "Prof. Dr. Mia van der Berg": "MB", Cher: "C", "": "", "山田 太郎": "山太", "(guest)": "" };
  for (const [name, letters] of Object.entries(names)) assert.equal(initials(name), letters, name);
});

test("a wait is long after ten minutes and too long after twenty", () => {
  assert.deepEqual([0, 9, 10, 19, 20, 90].map(waitLevel), ["fresh", "fresh", "long", "long", "late", "late"]);
});

test("minutes are whole and never negative, even when clocks disagree", () => {
  const now = Date.parse("2026-03-02T09:10:59Z");
  assert.equal(minutesSince("2026-03-02T09:00:00Z", now), 10);
  assert.equal(minutesSince("2026-03-02T09:12:00Z", now), 0);
});
