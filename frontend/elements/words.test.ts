import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ENGLISH, say, wordsFrom, type WordKey } from "./words";

const SOURCES = [
  ...["call-controls", "chat-panel", "connection-banner", "device-check", "device-menus", "verification-code"].map((name) => `elements/${name}`),
  ...["video-tile", "waiting-status"].map((name) => `elements/${name}`),
  ...["visit", "desk", "visit/call", "visit/ended", "visit/stage", "visit/waiting", "desk/view"].map((name) => `pages/${name}`),
];
const code = SOURCES.map((name) => readFileSync(`frontend/${name}.ts`, "utf8")).join("\n");

/** Keys made from a part of a sentence and a value: `quality.${level}`. */
const families = [...code.matchAll(/`([\w.]+[._])\$\{/g)].map((match) => match[1]!);
const isUsed = (key: string) => code.includes(`"${key}"`) || families.some((family) => key.startsWith(family));

test("every key is shown somewhere", () => {
  const unused = Object.keys(ENGLISH).filter((key) => !isUsed(key));
  assert.deepEqual(unused, []);
});

test("every family of keys has a text for each of its members", () => {
  const members: Record<string, string[]> = {
    "quality.": ["0", "1", "2", "3", "4"],
    "quality.tip.": ["loss", "delay", "freezes", "cpu", "bandwidth", "silence", "audio-only"],
    "waiting.provider_": ["away", "ready", "in_visit", "here"],
    "steps.": ["chrome", "edge", "firefox", "safari", "ios", "android", "other"],
    "status.": ["booked", "arrived", "waiting", "in_visit", "completed", "no_show", "not_seen", "cancelled"],
    "ended.": ["left", "ended", "denied", "removed", "taken_over", "cancelled", "moved", "not_authorised", "left_waiting", "failed"],
  };
  const missing = Object.entries(members).flatMap(([family, names]) => names.map((name) => family + name).filter((key) => !(key in ENGLISH)));
  assert.deepEqual(missing, []);
  for (const problem of ["denied", "none", "in-use", "overconstrained", "aborted", "insecure", "unknown"]) {
    assert.ok(`problem.${problem}.title` in ENGLISH, problem);
    assert.ok(problem === "denied" || `problem.${problem}.text` in ENGLISH, problem);
  }
});

test("a page's own words win, and what it lacks or spoils shows in English", () => {
  const words = wordsFrom({ "control.mute": "Stumm", "control.leave": "", "control.chat": 7, "no.such": "x" });
  assert.equal(words["control.mute"], "Stumm");
  assert.equal(words["control.leave"], ENGLISH["control.leave"]);
  assert.equal(words["control.chat"], ENGLISH["control.chat"]);
  assert.ok(!("no.such" in words));
  assert.deepEqual(wordsFrom("nonsense"), wordsFrom(null));
});

test("braces are filled in, and what is not known stays visible", () => {
  const words = wordsFrom({ "line.reconnecting": "{seconds} s {unknown}" });
  assert.equal(say(words, "line.reconnecting" as WordKey, { seconds: 7 }), "7 s {unknown}");
});
