import assert from "node:assert/strict";
import { test } from "node:test";
import { pieces } from "./links";

const hrefs = (text: string) => pieces(text).flatMap((piece) => piece.href ?? []);

test("an address becomes a link, the mark after it does not belong to it", () => {
  assert.deepEqual(pieces("See https://example.org/a?b=1, please."), [
    { text: "See " },
    { text: "https://example.org/a?b=1", href: "https://example.org/a?b=1" },
    { text: ", please." },
  ]);
});

test("only http and https become links", () => {
  assert.deepEqual(hrefs("javascript:alert(1) data:text/html,x ftp://a/b file:///etc/passwd mailto:a@b.org"), []);
});

test("an address that poses as another site does not become a link", () => {
  assert.deepEqual(hrefs("https://bank.example@evil.example/"), []);
});

test("markup stays text", () => {
  const text = '<a href="https://a.example/">x</a><script>alert(1)</script>';
  assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
  assert.deepEqual(hrefs(text), ["https://a.example/"]);
});

test("nothing is lost of any text", () => {
  for (const text of ["", " ", "https://", "a https://x.example b https://y.example", "https://x.example)."]) {
    assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
  }
});
