import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, settle } from "./testing/fake-clock";
import { Uploads, type Sendable } from "./upload";

const PART = 4;

/** A server that keeps what it is sent, and loses the network, or says no, when told. */
class FakeStore {
  content = "";
  readonly asked: string[] = [];
  finished = 0;
  down = false;
  /** The next part arrives, but its answer is lost. */
  loseAnswer = false;
  refuse: { status: number; detail?: string } | null = null;

  readonly fetch = async (url: string, { method, body, headers }: RequestInit): Promise<Response> => {
    this.asked.push(`${method} ${url}`);
    assert.equal((headers as Record<string, string>)["X-CSRFToken"], "token");
    if (this.down) throw new TypeError("network");
    if (this.refuse) return Response.json({ detail: this.refuse.detail }, { status: this.refuse.status });
    if (url.endsWith("/finish")) {
      this.finished++;
      return Response.json({ number: 1 }, { status: 201 });
    }
    if (method === "POST") return Response.json({ ref: "f1", offset: 0 }, { status: 201 });
    if (method === "PATCH") return this.part(Number((headers as Record<string, string>)["Upload-Offset"]), body as Blob);
    return new Response(null, { status: method === "HEAD" ? 200 : 204, headers: { "Upload-Offset": String(this.content.length) } });
  };

  private async part(offset: number, body: Blob): Promise<Response> {
    const fits = offset === this.content.length;
    if (fits) this.content += await body.text();
    const headers = { "Upload-Offset": String(this.content.length) };
    if (this.loseAnswer) {
      this.loseAnswer = false;
      throw new TypeError("network");
    }
    return new Response(null, { status: fits ? 204 : 409, headers });
  }
}

const file = (text: string, name = "scan.pdf"): Sendable => ({ name, size: text.length, slice: (from, to) => new Blob([text.slice(from, to)]) });

function setUp(most = 100) {
  const store = new FakeStore();
  const clock = new FakeClock();
  let key = 0;
  const uploads = new Uploads({
    files: () => ({ at: "/uploads", most_bytes: most, part_bytes: PART, accept: "" }),
    csrf: () => "token",
    meeting: () => "m1",
    newKey: () => `k${++key}`,
    words: (code) => code,
    fetch: store.fetch,
    clock,
  });
  const look = () => uploads.items.map(({ sent, state, reason }) => `${sent}:${state}${reason && `:${reason}`}`);
  return { store, clock, uploads, look };
}

test("a file goes in parts and is put into the thread", async () => {
  const { store, uploads, look, clock } = setUp();
  uploads.add([file("0123456789")]);
  await clock.advance(0);
  await settle();
  assert.deepEqual([store.content, store.finished, look()], ["0123456789", 1, []]);
});

test("after a lost network it goes on where the server stands", async () => {
  const { store, uploads, look, clock } = setUp();
  store.loseAnswer = true;
  uploads.add([file("0123456789")]);
  await clock.advance(0);
  assert.deepEqual(look(), ["0:offline"]);
  store.down = true;
  await clock.advance(3000);
  assert.deepEqual(look(), ["0:offline"]);
  store.down = false;
  await clock.advance(9000);
  assert.deepEqual([store.content, store.finished], ["0123456789", 1]);
});

test("a no of the server is shown in its words, and is not asked again", async () => {
  const { store, uploads, look, clock } = setUp();
  store.refuse = { status: 422, detail: "Not this kind." };
  uploads.add([file("0123")]);
  await clock.advance(0);
  uploads.retry("k1");
  await clock.advance(0);
  assert.deepEqual(look(), ["0:refused:Not this kind."]);
});

test("what failed for long may be tried again", async () => {
  const { store, uploads, look, clock } = setUp();
  store.refuse = { status: 503 };
  uploads.add([file("0123")]);
  await clock.advance(600_000);
  assert.deepEqual(look(), ["0:failed:failed"]);
  store.refuse = null;
  uploads.retry("k1");
  await clock.advance(0);
  assert.deepEqual([look(), store.finished], [[], 1]);
});

test("one that is too large is not sent at all", async () => {
  const { store, uploads, look, clock } = setUp(3);
  uploads.add([file("0123")]);
  await clock.advance(0);
  assert.deepEqual([look(), store.asked], [["0:refused:too_large"], []]);
});

test("one given up is forgotten here and there, and the next one goes", async () => {
  const { store, uploads, look, clock } = setUp();
  store.down = true;
  uploads.add([file("0123"), file("4567")]);
  await clock.advance(100);
  assert.deepEqual(look(), ["0:offline", "0:sending"]);
  uploads.cancel("k1");
  store.down = false;
  await clock.advance(10_000);
  assert.deepEqual([look(), store.content], [[], "4567"]);
});
