import assert from "node:assert/strict";
import { test } from "node:test";
import { begun } from "./begun";

function kept(): Storage {
  const values = new Map<string, string>();
  return { getItem: (name: string) => values.get(name) ?? null, setItem: (name: string, value: string) => void values.set(name, value) } as Storage;
}

test("the clock of a call goes on after a reload, and begins anew in another visit", () => {
  const store = kept();
  assert.equal(begun("one", 1_000, store), 1_000);
  assert.equal(begun("one", 61_000, store), 1_000);
  assert.equal(begun("two", 61_000, store), 61_000);
});

test("without a store, and with a clock set back, it begins now", () => {
  assert.equal(begun("one", 5_000, null), 5_000);
  const store = kept();
  begun("one", 9_000, store);
  assert.equal(begun("one", 5_000, store), 5_000);
});
