import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { DOOR_ENGLISH } from "./door-words";
import { ELSEWHERE_HOST_ENGLISH } from "./elsewhere-host-words";
import { ELSEWHERE_ENGLISH } from "./elsewhere-words";
import { OUTSIDE_ENGLISH } from "./outside-words";
import { STAGE_ENGLISH } from "./stage-words";
import { ENGLISH, say, wordsFrom, type WordKey } from "./words";

/** Every source but the list itself. */
const FOLDERS = ["frontend/elements", "frontend/pages"];
const code = FOLDERS.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`))
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.endsWith("words.ts"))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

/** Keys made from a part of a sentence and a value: `quality.${level}`. */
const families = [...code.matchAll(/`([\w.]+[._])\$\{/g)].map((match) => match[1]!);
const isUsed = (key: string) => code.includes(`"${key}"`) || families.some((family) => key.startsWith(family));

test("every key is shown somewhere", () => {
  const unused = Object.keys({ ...ENGLISH, ...DOOR_ENGLISH, ...STAGE_ENGLISH, ...ELSEWHERE_ENGLISH, ...ELSEWHERE_HOST_ENGLISH, ...OUTSIDE_ENGLISH }).filter((key) => !isUsed(key));
  assert.deepEqual(unused, []);
});

test("every family of keys has a text for each of its members", () => {
  const members: Record<string, string[]> = {
    "quality.": ["0", "1", "2", "3", "4"],
    "quality.tip.": ["loss", "delay", "freezes", "cpu", "bandwidth", "silence", "audio-only"],
    "waiting.provider_": ["away", "ready", "in_visit", "here"],
    "steps.": ["chrome", "edge", "firefox", "safari", "ios", "ios_app", "android", "android_firefox", "other"],
    "system.": ["windows", "mac", "ios", "android", "other"],
    "line_check.": ["video", "audio", "phone", "unknown"],
    "listen.": ["ready", "recording", "playing", "done", "failed"],
    "check.lost_": ["microphone", "camera"],
    "found.cam_": ["ok", "open", "problem"],
    "found.mic_": ["ok", "problem", "silent"],
    "found.speaker_": ["ok", "open", "problem"],
    "standing.": ["ready", "almost", "not_yet", "ready_text", "almost_text", "not_yet_text"],
    "status.": ["booked", "arrived", "waiting", "in_visit", "completed", "no_show", "not_seen", "left", "cancelled"],
    "ended.": ["left", "ended", "denied", "removed", "taken_over", "cancelled", "moved", "not_authorised", "left_waiting", "failed"],
  };
  const missing = Object.entries(members).flatMap(([family, names]) => names.map((name) => family + name).filter((key) => !(key in { ...ENGLISH, ...DOOR_ENGLISH })));
  assert.deepEqual(missing, []);
  for (const problem of ["denied", "none", "in-use", "overconstrained", "aborted", "insecure", "unknown", "dismissed", "system"]) {
    assert.ok(`problem.${problem}.title` in ENGLISH, problem);
    assert.ok(problem === "denied" || problem === "system" || `problem.${problem}.text` in ENGLISH, problem);
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
