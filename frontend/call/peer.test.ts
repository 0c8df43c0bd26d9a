import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWER_MS, CONNECT_MS, Peer, type PeerPorts } from "./peer";
import { FakeClock, settle } from "./testing/fake-clock";
import { FakeNetwork, type FakeConnection } from "./testing/fake-peers";
import type { SignalData } from "./wire";

interface Side {
  peer: Peer;
  alive: boolean;
  states: string[];
  code: string | null;
  asked: number;
  /** Answers whether this signal is to be lost on its way. */
  loses: (data: SignalData) => boolean;
  sent: { epoch: number; data: SignalData }[];
  readonly connection: FakeConnection;
}

const FRESH = [{ urls: "turn:fresh" }];

function pair() {
  const clock = new FakeClock();
  const network = new FakeNetwork();
  const side = (owner: boolean, other: () => Side): Side => {
    const made: Side = {
      peer: null as unknown as Peer,
      alive: true,
      states: [],
      code: null,
      asked: 0,
      loses: () => false,
      sent: [],
      get connection() {
        return made.peer.connection as unknown as FakeConnection;
      },
    };
    const ports: PeerPorts = {
      clock,
      connection: network.connection,
      config: () => ({ iceServers: [] }),
      iceServers: () => {
        made.asked += 1;
        return Promise.resolve(FRESH);
      },
      alive: () => made.alive,
      send: (epoch, data) => {
        made.sent.push({ epoch, data });
        if (!made.loses(data)) queueMicrotask(() => other().peer.receive(epoch, data));
      },
      localTrack: () => null,
      onTrack: () => undefined,
      onState: (state) => made.states.push(state),
      onCode: (code) => (made.code = code),
      onWord: () => undefined,
      onOpen: () => undefined,
      onNote: () => undefined,
      tune: () => undefined,
    };
    made.peer = new Peer(owner, ports);
    return made;
  };
  const owner: Side = side(true, () => other);
  const other: Side = side(false, () => owner);
  return { clock, network, owner, other };
}

async function connected() {
  const set = pair();
  set.other.peer.start();
  set.owner.peer.start();
  await set.clock.advance(500);
  assert.equal(set.owner.peer.state, "connected");
  assert.equal(set.other.peer.state, "connected");
  return set;
}

const offer = (data: SignalData) => data.kind === "description" && data.description.type === "offer";
const answer = (data: SignalData) => data.kind === "description" && data.description.type === "answer";
const offersOf = (side: Side) => side.sent.filter(({ data }) => offer(data));

test("the later joiner offers and the earlier one answers on the same lines", async () => {
  const { owner, other } = await connected();
  assert.equal(offersOf(owner).length, 1);
  assert.equal(offersOf(other).length, 0);
  assert.deepEqual(
    other.connection.getTransceivers().map((one) => one.direction),
    ["sendrecv", "sendrecv", "sendrecv", "sendrecv"],
  );
});

test("both sides arrive at the same six digits", async () => {
  const { owner, other } = await connected();
  assert.match(owner.code ?? "", /^\d{6}$/);
  assert.equal(owner.code, other.code);
});

test("an offer that meets our own is ignored by the owner and followed by the other", async () => {
  const { clock, owner, other } = await connected();
  owner.connection.onnegotiationneeded?.();
  other.connection.onnegotiationneeded?.();
  await clock.advance(100);
  assert.equal(other.connection.rollbacks, 1);
  assert.equal(owner.connection.rollbacks, 0);
  assert.equal(owner.connection.signalingState, "stable");
  assert.equal(other.connection.signalingState, "stable");
  assert.equal(owner.peer.epoch, 1);
});

test("a lost offer is replaced by a new connection under the next epoch after eight seconds", async () => {
  const { clock, owner, other } = pair();
  let lost = 0;
  owner.loses = (data) => offer(data) && lost++ === 0;
  other.peer.start();
  owner.peer.start();
  await clock.advance(ANSWER_MS - 100);
  assert.equal(owner.peer.epoch, 1);
  await clock.advance(600);
  assert.equal(owner.peer.epoch, 2);
  assert.equal(other.peer.epoch, 2);
  assert.equal(other.peer.state, "connected");
});

test("a lost answer to a restart leads to a new connection, not to waiting for ever", async () => {
  const { clock, owner, other } = await connected();
  let lost = 0;
  other.loses = (data) => answer(data) && lost++ === 0;
  owner.peer.restart();
  await clock.advance(ANSWER_MS + 500);
  assert.equal(owner.peer.epoch, 2);
  assert.equal(other.peer.epoch, 2);
  assert.equal(owner.connection.signalingState, "stable");
});

test("no epoch begins while signalling is away, as no answer could come", async () => {
  const { clock, owner, other } = await connected();
  other.loses = answer;
  owner.peer.restart();
  await settle();
  owner.alive = false;
  await clock.advance(3 * ANSWER_MS);
  assert.equal(owner.peer.epoch, 1);
  other.loses = () => false;
  owner.alive = true;
  await clock.advance(2 * ANSWER_MS);
  assert.equal(other.peer.epoch, 2);
});

test("only the owner restarts; the other side asks for it", async () => {
  const { clock, owner, other } = await connected();
  other.peer.restart();
  await clock.advance(500);
  assert.equal(other.sent.filter(({ data }) => data.kind === "please_restart").length, 1);
  assert.equal(offersOf(other).length, 0);
  assert.equal(offersOf(owner).length, 2);
  assert.equal(owner.connection.generation, 1);
});

test("both sides fetch fresh servers for a restart, as both look for a way anew", async () => {
  const { clock, owner, other } = await connected();
  assert.deepEqual([owner.asked, other.asked], [0, 0], "those of the join are fresh");
  owner.peer.restart();
  await clock.advance(100);
  for (const side of [owner, other]) {
    assert.equal(side.asked, 1);
    assert.deepEqual(side.connection.configurations.at(-1)?.iceServers, FRESH);
  }
});

test("a restart waits until signalling is back and the negotiation under way is over", async () => {
  const { clock, owner } = await connected();
  owner.alive = false;
  owner.peer.restart();
  await clock.advance(500);
  assert.equal(offersOf(owner).length, 1);
  owner.alive = true;
  owner.peer.restart();
  owner.peer.restart();
  await clock.advance(500);
  assert.ok(offersOf(owner).length <= 3);
  assert.equal(owner.connection.signalingState, "stable");
});

test("a description the owner cannot take begins a new epoch at once", async () => {
  const { clock, owner, other } = await connected();
  owner.connection.refuseNext = true;
  owner.peer.restart();
  await clock.advance(500);
  assert.equal(owner.peer.epoch, 2);
  assert.equal(other.peer.epoch, 2);
  assert.equal(other.peer.state, "connected");
});

test("a description the other side cannot take makes it ask the owner for a new connection", async () => {
  const { clock, owner, other } = await connected();
  other.connection.refuseNext = true;
  owner.peer.restart();
  await clock.advance(500);
  assert.equal(owner.peer.epoch, 2);
  assert.equal(other.peer.epoch, 2);
});

test("what arrives from an older epoch is ignored", async () => {
  const { clock, owner, other } = await connected();
  const old = other.sent.find(({ data }) => answer(data))!;
  owner.connection.refuseNext = true;
  owner.peer.restart();
  await clock.advance(500);
  const now = owner.connection.remoteDescription;
  owner.peer.receive(old.epoch, old.data);
  await settle();
  assert.equal(owner.connection.remoteDescription, now);
});

test("a new epoch closes the old connection", async () => {
  const { clock, network, owner } = await connected();
  owner.connection.refuseNext = true;
  owner.peer.restart();
  await clock.advance(500);
  assert.equal(network.open.length, 2);
});

test("an answer that arrives twice is taken once", async () => {
  const { owner, other } = await connected();
  const { epoch, data } = other.sent.find((one) => answer(one.data))!;
  owner.peer.receive(epoch, data);
  await settle();
  assert.equal(owner.peer.epoch, 1);
});

test("silence is unstable at two seconds and reconnecting at five, whatever ICE says", async () => {
  const { clock, network, owner } = await connected();
  network.up = false;
  const states: [number, string][] = [];
  const began = clock.now();
  let last = owner.peer.state;
  for (let i = 0; i < 70; i += 1) {
    await clock.advance(100);
    if (owner.peer.state !== last) states.push([clock.now() - began, (last = owner.peer.state)]);
  }
  assert.deepEqual(states.map(([, state]) => state), ["unstable", "reconnecting"]);
  assert.ok(states[0]![0] >= 1500 && states[0]![0] <= 3100, String(states));
  assert.ok(states[1]![0] >= 4500 && states[1]![0] <= 6100, String(states));
});

test("while nothing arrives a restart is tried, and once something does the picture is refreshed", async () => {
  const { clock, network, owner, other } = await connected();
  const track = { kind: "video" } as MediaStreamTrack;
  await other.peer.setTrack("camera", track);
  const sender = other.connection.getTransceivers()[1]!.sender;
  const before = sender.wholePictures;
  network.up = false;
  await clock.advance(9000);
  const restarts = offersOf(owner).length - 1;
  assert.ok(restarts >= 1 && restarts <= 3, String(restarts));
  network.up = true;
  await clock.advance(2000);
  assert.equal(owner.peer.state, "connected");
  assert.equal(owner.peer.epoch, 1);
  assert.ok(sender.wholePictures > before);
});

test("after restarts in vain the connection is built anew", async () => {
  const { clock, network, owner, other } = await connected();
  network.up = false;
  await clock.advance(13_000);
  assert.equal(owner.peer.epoch, 2);
  network.up = true;
  await clock.advance(6000);
  assert.deepEqual([owner.peer.state, other.peer.state, other.peer.epoch], ["connected", "connected", owner.peer.epoch]);
});

test("a connection whose encryption failed is not restarted but built anew, whichever side notices", async () => {
  for (const side of ["owner", "other"] as const) {
    const set = await connected();
    const broken = set[side].connection;
    broken.encryption = broken.connectionState = "failed";
    broken.onconnectionstatechange?.();
    await set.clock.advance(500);
    assert.deepEqual([set.owner.peer.epoch, set.other.peer.epoch], [2, 2], side);
    assert.equal(set.owner.peer.state, "connected");
  }
});

test("when both sides come back at once there is one restart, not two", async () => {
  const { clock, owner, other } = await connected();
  const before = offersOf(owner).length;
  other.peer.restart();
  owner.peer.restart();
  await clock.advance(1000);
  assert.equal(offersOf(owner).length, before + 1);
  await clock.advance(1000);
  other.peer.restart();
  await clock.advance(500);
  assert.equal(offersOf(owner).length, before + 2, "a later wish is another one");
});

test("a connection that never carries anything is tried anew every ten seconds", async () => {
  const { clock, network, owner, other } = pair();
  network.up = false;
  other.peer.start();
  owner.peer.start();
  await clock.advance(CONNECT_MS + 500);
  assert.equal(owner.peer.epoch, 2);
  await clock.advance(CONNECT_MS + 500);
  assert.ok(owner.peer.epoch >= 3);
  assert.ok(owner.peer.failures >= 2);
});

test("closing closes the connection and ignores what still arrives", async () => {
  const { network, owner, other } = await connected();
  owner.peer.close();
  owner.peer.receive(5, { kind: "candidate", candidate: null });
  await settle();
  assert.equal(owner.peer.connection, null);
  other.peer.close();
  assert.equal(network.open.length, 0);
});
