import assert from "node:assert/strict";
import { test } from "node:test";
import { bandwidthOf, checkLine, wayOut, type LineSource } from "./line-check";

const bodyOf = (chunks: number): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async start(controller) {
      for (let i = 0; i < chunks; i += 1) {
        controller.enqueue(new Uint8Array(10_000));
        await new Promise((done) => setTimeout(done, 5));
      }
      controller.close();
    },
  });

const line = (body: () => Promise<ReadableStream<Uint8Array> | null>): LineSource => ({ servers: async () => [], body });

test("what passes says what the line is good for, and loss says it too", () => {
  assert.equal(bandwidthOf({ kbps: 900, loss: 0.01 }), "video");
  assert.equal(bandwidthOf({ kbps: 900, loss: 0.25 }), "audio");
  assert.equal(bandwidthOf({ kbps: 120, loss: 0 }), "audio");
  assert.equal(bandwidthOf({ kbps: 60, loss: 0 }), "phone");
  assert.equal(bandwidthOf(null), "unknown");
});

test("the way to the relay is read from wherever the browser says it", () => {
  assert.equal(wayOut({ relayProtocol: "udp", url: "turn:a:1?transport=udp" }), "udp");
  assert.equal(wayOut({ relayProtocol: "tls" }), "tcp");
  assert.equal(wayOut({ url: "turn:a:1?transport=tcp" }), "tcp");
  assert.equal(wayOut({ url: "turns:a:443?transport=tcp" }), "tcp");
  assert.equal(wayOut({}), "udp");
});

test("without a relay the line is timed by a download and nothing is said about ways through", async () => {
  const verdict = await checkLine(line(async () => bodyOf(20)));
  assert.equal(verdict.network, "unknown");
  assert.equal(verdict.bandwidth, "video");
});

test("a server that gives nothing, or fails, leaves it open", async () => {
  assert.deepEqual(await checkLine(line(async () => null)), { network: "unknown", bandwidth: "unknown", kbps: null });
  const failing = line(() => Promise.reject(new Error("offline")));
  assert.deepEqual(await checkLine(failing), { network: "unknown", bandwidth: "unknown", kbps: null });
});
