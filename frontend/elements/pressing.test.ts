import assert from "node:assert/strict";
import { test } from "node:test";
import { Pressing } from "./pressing";

const button = { closest: () => ({}) };
const menu = { closest: () => null };

function press(pressing: Pressing, target: object = button, what: object = {}): void {
  pressing.begin({ button: 0, target, ...what } as unknown as PointerEvent);
}

function made(): { page: EventTarget; pressing: Pressing; say: (name: string) => void } {
  const page = new EventTarget();
  return { page, pressing: new Pressing(page), say: (name) => void page.dispatchEvent(new Event(name)) };
}

test("a button is held from when it is pressed until its click was told", (told) => {
  told.mock.timers.enable({ apis: ["setTimeout"] });
  const { pressing, say } = made();
  press(pressing);
  say("pointerup");
  assert.ok(pressing.held);
  say("click");
  told.mock.timers.tick(1);
  assert.equal(pressing.held, null);
});

test("what is drawn waits for it", async () => {
  const { pressing, say } = made();
  press(pressing);
  const { held } = pressing;
  say("click");
  await held;
  assert.equal(pressing.held, null);
});

test("a press without a click ends a moment after the finger was lifted", (told) => {
  told.mock.timers.enable({ apis: ["setTimeout"] });
  for (const end of ["pointerup", "pointercancel"]) {
    const { pressing, say } = made();
    press(pressing);
    say(end);
    told.mock.timers.tick(99);
    assert.ok(pressing.held, end);
    told.mock.timers.tick(1);
    assert.equal(pressing.held, null, end);
  }
});

test("a press of which the page is never told the end holds nothing for long", (told) => {
  told.mock.timers.enable({ apis: ["setTimeout"] });
  for (const end of ["blur", "contextmenu"]) {
    const { pressing, say } = made();
    press(pressing);
    say(end);
    told.mock.timers.tick(100);
    assert.equal(pressing.held, null, end);
  }
  const { pressing } = made();
  press(pressing);
  told.mock.timers.tick(3000);
  assert.equal(pressing.held, null);
});

test("the second press of a double click is held as the first was", (told) => {
  told.mock.timers.enable({ apis: ["setTimeout"] });
  const { pressing, say } = made();
  press(pressing);
  say("pointerup");
  say("click");
  told.mock.timers.tick(50);
  press(pressing);
  told.mock.timers.tick(60);
  assert.ok(pressing.held, "the end of the first press is not that of the second");
});

test("menus, fields and other buttons of a mouse are held by nothing: browsers tell no end of theirs", () => {
  const { pressing } = made();
  press(pressing, menu);
  press(pressing, button, { button: 2 });
  press(pressing, button, { ctrlKey: true });
  assert.equal(pressing.held, null);
});
