import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatsSnapshot } from "./session";
import { judge, read } from "./stats";

const inbound = (kind: string, more: object) => ({ id: `in-${kind}`, type: "inbound-rtp", kind, ...more });

test("rates are counted between two reports, not since the beginning", () => {
  const first = [inbound("audio", { packetsReceived: 1000, packetsLost: 500, bytesReceived: 100 })];
  const second = [inbound("audio", { packetsReceived: 1090, packetsLost: 510, bytesReceived: 300 })];
  const { totals } = read("par_1", first, 0, null);
  const { snapshot } = read("par_1", second, 1000, totals);
  assert.equal(snapshot.loss, 0.1);
  assert.equal(snapshot.bytesReceived, 300);
});

test("the route names both ends and the protocol to the relay", () => {
  const rows = [
    { id: "T", type: "transport", selectedCandidatePairId: "P" },
    { id: "P", type: "candidate-pair", localCandidateId: "L", remoteCandidateId: "R", currentRoundTripTime: 0.12, availableOutgoingBitrate: 5e5 },
    { id: "L", type: "local-candidate", candidateType: "relay", protocol: "udp", relayProtocol: "tls" },
    { id: "R", type: "remote-candidate", candidateType: "host", protocol: "udp" },
  ];
  const { snapshot } = read("par_1", rows, 0, null);
  assert.equal(snapshot.route, "relay/host tls");
  assert.equal(snapshot.rtt, 120);
  assert.equal(snapshot.outgoing, 5e5);
});

test("what the other side missed of ours is the worst of its reports", () => {
  const rows = [
    { id: "a", type: "remote-inbound-rtp", fractionLost: 0.02 },
    { id: "v", type: "remote-inbound-rtp", fractionLost: 0.3 },
    { id: "o", type: "outbound-rtp", kind: "video", bytesSent: 9, qualityLimitationReason: "bandwidth" },
  ];
  const { snapshot } = read("par_1", rows, 0, null);
  assert.equal(snapshot.lossSent, 0.3);
  assert.equal(snapshot.limitation, "bandwidth");
});

test("a report without anything is a report of nothing", () => {
  const { snapshot } = read("par_1", [], 0, null);
  assert.equal(snapshot.loss, 0);
  assert.equal(snapshot.rtt, null);
  assert.equal(snapshot.route, "");
});

const good: StatsSnapshot = {
  participant: "par_1", route: "", rtt: 40, loss: 0, jitter: 2, concealed: 0, freezes: 0, codec: "", width: 0, height: 0,
  fps: 0, outgoing: null, limitation: "none", lossSent: 0, bytesReceived: 0,
  bytesSent: 0, level: null, sentWidth: 0, sentHeight: 0, sentFps: 0,
};
const level = (more: Partial<StatsSnapshot>, silentFor = 0) => judge({ ...good, ...more }, silentFor);

test("bars fall with loss, delay and what the ear misses, and the reason is the worst of them", () => {
  assert.deepEqual(level({}), { level: 4, reason: "none" });
  assert.deepEqual(level({ loss: 0.04 }), { level: 3, reason: "loss" });
  assert.deepEqual(level({ rtt: 500 }), { level: 2, reason: "delay" });
  assert.deepEqual(level({ concealed: 0.3 }), { level: 1, reason: "loss" });
});

test("silence counts more than any number", () => {
  assert.deepEqual(level({}, 2500), { level: 1, reason: "silence" });
  assert.deepEqual(level({}, 6000), { level: 0, reason: "silence" });
});

test("freezes and a busy computer take the last bar", () => {
  assert.deepEqual(level({ freezes: 1 }), { level: 3, reason: "freezes" });
  assert.deepEqual(level({ limitation: "cpu" }), { level: 3, reason: "cpu" });
});
