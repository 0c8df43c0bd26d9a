import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, originOf } from "./address";
import { MOST_CHARACTERS, read } from "./messages";
import { word } from "./words";

const BOOKED = { appointment: "a1", service: "first", start: "2030-01-21T10:00:00Z", end: "2030-01-21T10:30:00Z", status: "booked" };
const said = (type: string, more: object = {}) => read({ vestibule: 1, type, ...more });

test("what happened is read with the texts of its detail and no others", () => {
  assert.deepEqual(said("booked", { detail: { ...BOOKED, email: "ada@example.org" } }), { type: "booked", detail: BOOKED });
  assert.deepEqual(said("joined", { detail: { secret: 1 } }), { type: "joined", detail: null });
  assert.deepEqual(said("ready", { detail: { page: "book" } }), { type: "ready", detail: { page: "book" } });
});

test("what a page says without words of its own is its type alone", () => {
  for (const type of ["loaded", "top", "escape"]) assert.deepEqual(said(type, { detail: { secret: 1 } }), { type });
});

test("a height is whole pixels within bounds", () => {
  assert.deepEqual(said("height", { pixels: 812.4 }), { type: "height", pixels: 813 });
  for (const pixels of [-1, 30_001, Number.NaN, Infinity, "900", null]) assert.equal(said("height", { pixels }), null);
});

test("nothing is read of what the contract does not name, or what misses something", () => {
  const { status: _status, ...unfinished } = BOOKED;
  for (const bad of [null, undefined, 7, "booked", [], {}, { vestibule: 2, type: "top" }, { type: "top" }])
    assert.equal(read(bad), null);
  for (const type of ["failed", "toString", "constructor", "__proto__", ""]) assert.equal(said(type), null);
  assert.equal(said("booked", { detail: unfinished }), null);
  assert.equal(said("booked", { detail: { ...BOOKED, start: 7 } }), null);
  assert.equal(said("ended", { detail: { reason: "x".repeat(301) } }), null);
});

test("what is too long or holds itself is dropped", () => {
  assert.equal(said("top", { more: "x".repeat(MOST_CHARACTERS) }), null);
  const circle: Record<string, unknown> = { vestibule: 1, type: "top" };
  circle["self"] = circle;
  assert.equal(read(circle), null);
});

test("an address names what was wished for and nothing about a person", () => {
  const wishes = { business: "a b/c", origin: "https://site.example", language: "de", theme: "", service: "first", provider: "" };
  const url = new URL(addressOf("https://server.example", "book", wishes));
  assert.equal(url.origin + url.pathname, "https://server.example/embed/a%20b%2Fc/book");
  assert.deepEqual([...url.searchParams.keys()].sort(), ["language", "origin", "service", "timezone"]);
});

test("only web addresses are servers", () => {
  assert.equal(originOf("https://server.example/embed.js?x"), "https://server.example");
  for (const bad of [null, "", "server.example", "javascript:alert(1)", "file:///embed.js", "data:text/javascript,1"])
    assert.equal(originOf(bad), "");
});

test("words are in the language that was asked for, else in English", () => {
  assert.equal(word("de-CH", "book"), "Termin buchen");
  assert.equal(word("tlh", "close"), "Close");
  for (const language of ["en", "de", "fr", "es", "pt", "it", "nl", "pl", "ar"])
    for (const which of ["book", "visit", "survey", "close"] as const) assert.ok(word(language, which), `${language} ${which}`);
});
