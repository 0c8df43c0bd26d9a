import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, stateBefore, type Around } from "./push";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1";
const IPAD = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15";

function seen(change: Partial<Around> = {}, userAgent = FIREFOX, maxTouchPoints = 0): Around {
  return { isSecureContext: true, navigator: { userAgent, maxTouchPoints }, canPush: true, permission: "default", ...change };
}

test("a browser that was not asked yet is off, one that allowed it is looked into", () => {
  assert.equal(stateBefore(seen()), "off");
  assert.equal(stateBefore(seen({ permission: "granted" })), null);
  assert.equal(stateBefore(seen({ permission: "denied" })), "denied");
});

test("without HTTPS nothing else matters", () => {
  assert.equal(stateBefore(seen({ isSecureContext: false, permission: "denied" })), "insecure");
});

test("a phone of Apple has to have the page on its home screen, another browser just cannot", () => {
  assert.equal(stateBefore(seen({ canPush: false }, IPHONE)), "install");
  assert.equal(stateBefore(seen({ permission: null }, IPAD, 5)), "install");
  assert.equal(stateBefore(seen({ canPush: false }, IPAD, 0)), "unsupported");
  assert.equal(stateBefore(seen({ canPush: false })), "unsupported");
  assert.equal(stateBefore(seen({}, IPHONE)), "off");
});

test("a key is read as it is written", () => {
  assert.deepEqual([...bytesOf("-_8A")], [251, 255, 0]);
});
