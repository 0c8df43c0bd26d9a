import assert from "node:assert/strict";
import { test } from "node:test";
import { ACTIONS, Keymap, comboOf } from "./keymap";

const press = (code: string, keys: Partial<Record<"altKey" | "ctrlKey" | "metaKey" | "shiftKey", boolean>> = {}) =>
  comboOf({ code, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...keys });

test("a single letter is nobody's shortcut: it belongs to who types, and to screen readers", () => {
  assert.equal(press("KeyM"), "");
  assert.equal(press("KeyM", { shiftKey: true }), "");
  assert.equal(press("KeyM", { ctrlKey: true }), "");
  assert.equal(press("KeyM", { altKey: true, ctrlKey: true }), "", "that is AltGr, and the screen readers' own");
});

test("keys are named by their place, whatever sign the layout puts there", () => {
  assert.equal(press("KeyM", { altKey: true }), "Alt+M");
  assert.equal(press("Digit1", { ctrlKey: true, shiftKey: true }), "Ctrl+Shift+1");
});

test("no two actions share their usual keys", () => {
  const keymap = new Keymap();
  assert.equal(new Set(ACTIONS.map((action) => keymap.of(action))).size, ACTIONS.length);
});

test("changed keys do the action, and the old ones no longer do", () => {
  const keymap = new Keymap();
  assert.deepEqual(keymap.change("mic", "Alt+Y"), { keys: { mic: "Alt+Y" } });
  assert.equal(keymap.actionFor("Alt+Y"), "mic");
  assert.equal(keymap.actionFor("Alt+M"), null);
  assert.equal(keymap.aria("mic"), "Alt+Y");
});

test("keys that do something else, or that the browser needs, are refused", () => {
  const keymap = new Keymap();
  assert.deepEqual(keymap.change("mic", "Alt+V"), { refused: "clash", by: "cam" });
  assert.deepEqual(keymap.change("mic", "Alt+D"), { refused: "bad" });
  assert.deepEqual(keymap.change("mic", ""), { refused: "bad" });
  assert.equal(keymap.of("mic"), "Alt+M");
});

test("going back to the usual keys keeps nothing", () => {
  const keymap = new Keymap({ mic: "Alt+Y" });
  assert.deepEqual(keymap.change("mic", "Alt+M"), { keys: {} });
});
