import assert from "node:assert/strict";
import { test } from "node:test";
import { Keeper, type Post } from "./survey-keeper";

function shelf(): Map<string, string> & { getItem(key: string): string | null; setItem(key: string, value: string): void; removeItem(key: string): void } {
  const held = new Map<string, string>();
  return Object.assign(held, {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  });
}

const saying =
  (status: number, told: unknown): Post =>
  () =>
    Promise.resolve({ ok: status < 300, status, json: () => Promise.resolve(told) });
const offline: Post = () => Promise.reject(new TypeError("no network"));

test("what cannot be sent waits on the device, also for another page, until the server has it", async () => {
  const store = shelf();
  const keeper = new Keeper(store, "seat");
  keeper.keep("asked=a&score-a=5");
  assert.deepEqual(await keeper.send(offline), { kind: "offline" });
  const later = new Keeper(store, "seat");
  assert.equal(later.kept, "asked=a&score-a=5");
  assert.deepEqual(await later.send(saying(200, { kept: true, sentence: "Thank you" })), { kind: "kept", sentence: "Thank you" });
  assert.equal(new Keeper(store, "seat").kept, null);
});

test("an answer without the server's word for it keeps what waits", async () => {
  for (const [status, kind] of [[500, "busy"], [429, "busy"], [404, "closed"], [200, "closed"]] as const) {
    const keeper = new Keeper(shelf(), "seat");
    keeper.keep("score=1");
    assert.equal((await keeper.send(saying(status, {})))?.kind, kind);
    assert.equal(keeper.kept, "score=1");
  }
});

test("a refusal names its question and is not sent again", async () => {
  const keeper = new Keeper(shelf(), "seat");
  keeper.keep("asked=a");
  const refused = await keeper.send(saying(422, { sentence: "This answer is needed.", field: "a" }));
  assert.deepEqual(refused, { kind: "refused", sentence: "This answer is needed.", field: "a" });
  assert.equal(keeper.kept, null);
});

test("what is changed while it is sent is sent too, and only the last is let go of", async () => {
  const keeper = new Keeper(shelf(), "seat");
  const sent: string[] = [];
  keeper.keep("score=1");
  const post: Post = async (body) => {
    sent.push(body);
    if (body === "score=1") keeper.keep("score=2");
    return saying(200, { kept: true })(body);
  };
  await keeper.send(post);
  assert.deepEqual(sent, ["score=1", "score=2"]);
  assert.equal(keeper.kept, null);
});

test("of one visit nothing is said for another, and after a week nothing at all", () => {
  const store = shelf();
  new Keeper(store, "seat", () => 0).keep("score=1");
  assert.equal(new Keeper(store, "other", () => 1).kept, null);
  assert.equal(new Keeper(store, "seat", () => 8 * 24 * 3600 * 1000).kept, null);
});

test("a browser that keeps nothing still sends", async () => {
  const keeper = new Keeper(undefined, "seat");
  keeper.keep("score=1");
  assert.equal((await keeper.send(saying(200, { kept: true })))?.kind, "kept");
});
