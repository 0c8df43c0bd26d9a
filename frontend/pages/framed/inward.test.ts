import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_CHARACTERS, wishIn } from "./inward";

const said = (type: string, more: object = {}) => wishIn({ vestibule: 1, type, ...more });

test("words for empty fields are read, one line each", () => {
  const wish = said("fill", { name: " Ada Ng ", email: "ada@example.org", phone: 7, ticket: "x" });
  assert.deepEqual(wish, { type: "fill", texts: new Map([["name", "Ada Ng"], ["email", "ada@example.org"]]) });
});

test("a link is read as it is", () => {
  assert.deepEqual(said("open", { link: "https://server.example/visit?v=abc" }), { type: "open", link: "https://server.example/visit?v=abc" });
});

test("nothing is read of what the contract does not name", () => {
  for (const bad of [null, 7, "fill", [], {}, { type: "fill", name: "Ada" }, { vestibule: 2, type: "fill", name: "Ada" }])
    assert.equal(wishIn(bad), null);
  for (const bad of [{}, { name: "" }, { name: "two\nlines" }, { name: "x".repeat(321) }, { name: { toString: () => "Ada" } }])
    assert.equal(said("fill", bad), null);
  for (const link of ["", null, 7, "x".repeat(4097), "https://server.example/\u0000"]) assert.equal(said("open", { link }), null);
  assert.equal(said("ready"), null);
});

test("what is too long or holds itself is dropped", () => {
  assert.equal(said("fill", { name: "Ada", more: "x".repeat(MOST_CHARACTERS) }), null);
  const circle: Record<string, unknown> = { vestibule: 1, type: "fill", name: "Ada" };
  circle["self"] = circle;
  assert.equal(wishIn(circle), null);
});
