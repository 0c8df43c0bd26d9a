import assert from "node:assert/strict";
import { test } from "node:test";
import type { Participant } from "../../call/session";
import { Speaking, arrange } from "./arrangement";

const person = (id: string): Participant => ({ id, name: id, role: "helper", micOn: true, camOn: true, sharing: false, present: true });
const three = ["ada", "bo", "cleo"].map(person);
const wishes = { layout: "speaker", pinned: "", speaking: "" } as const;
const noScreen = () => false;

test("one other person fills the stage, whatever was chosen", () => {
  assert.deepEqual(arrange([person("ada")], noScreen, { ...wishes, layout: "grid" }).layout, "single");
});

test("whoever speaks is large", () => {
  const shown = arrange(three, noScreen, { ...wishes, speaking: "bo" });
  assert.deepEqual([shown.layout, shown.main], ["speaker", "bo/camera"]);
});

test("a shared screen comes first, with the people beside it", () => {
  const shown = arrange(three, (id) => id === "cleo", { ...wishes, layout: "grid", speaking: "bo" });
  assert.deepEqual([shown.layout, shown.main, shown.tiles.length], ["content", "cleo/screen", 4]);
});

test("who is pinned stays large, even beside a shared screen", () => {
  const shown = arrange(three, (id) => id === "cleo", { ...wishes, pinned: "ada/camera", speaking: "bo" });
  assert.deepEqual([shown.layout, shown.main], ["speaker", "ada/camera"]);
});

test("a pin of somebody who left counts no more", () => {
  assert.equal(arrange(three, noScreen, { ...wishes, pinned: "dan/camera" }).main, "ada/camera");
});

test("a cough does not take the stage, a speech does, and silence keeps it", () => {
  const speaking = new Speaking();
  speaking.hear("ada", 0.2, 0);
  assert.equal(speaking.current, "ada");
  speaking.hear("ada", 0, 1000);
  speaking.hear("bo", 0.3, 1000);
  speaking.hear("bo", 0, 2000);
  assert.equal(speaking.current, "ada");
  for (const at of [3000, 4000, 5000]) speaking.hear("bo", 0.3, at);
  assert.equal(speaking.current, "bo");
  speaking.hear("bo", 0, 9000);
  assert.equal(speaking.current, "bo");
  assert.equal(speaking.isSpeaking("bo", 9000), false);
});
