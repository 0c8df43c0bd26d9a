import assert from "node:assert/strict";
import { test } from "node:test";
import { CarriedSession } from "./carried";
import { LocalMedia } from "./local-media";
import { P2PSession, SETTLING_MS } from "./p2p";
import type { CallEvents, CallState } from "./session";
import { FakeClock } from "./testing/fake-clock";
import { FakeHub, FakeTrack, fakeStream } from "./testing/fake-hub";
import { FakeNetwork } from "./testing/fake-peers";

function setUp() {
  const clock = new FakeClock();
  const network = new FakeNetwork();
  const hub = new FakeHub();
  const open = (constraints: MediaStreamConstraints) => Promise.resolve(fakeStream(constraints.audio ? "audio" : "video"));
  const display = () => Promise.resolve(fakeStream("video", "audio"));

  const person = (id: string) => {
    const line = hub.line(id);
    const local = new LocalMedia(open, display);
    local.adopt(fakeStream("audio", "video"));
    const make = () => new P2PSession({ signalling: line, local, clock, connection: network.connection });
    const session = new CarriedSession({ signalling: line, local, clock, make });
    const log: string[] = [];
    const states: CallState[] = [];
    const codes: (string | null)[] = [];
    session.on("track", ({ change, track }) => log.push(`${change} ${track.id}`));
    session.on("participant", ({ change, participant }) => log.push(`${change} ${participant.id}`));
    session.on("state", ({ state }) => state !== states.at(-1) && states.push(state));
    session.on("code", ({ code }) => codes.push(code));
    return { id, line, local, session, log, states, codes };
  };
  const join = async (...people: ReturnType<typeof person>[]) => {
    for (const one of people) {
      await one.session.prepare({ kind: "p2p", iceServers: [{ urls: "stun:given" }] });
      await one.session.connect();
      await clock.advance(300);
    }
    await clock.advance(1500);
  };
  return { clock, network, hub, person, join };
}

test("two people connect, see each other named, and read the same code", async () => {
  const { clock, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  // Hashes are made by threads of the runtime, which the test's clock does not move.
  for (let tries = 0; tries < 400 && !(ada.codes.at(-1) && bo.codes.at(-1)); tries++) {
    await new Promise((resume) => setTimeout(resume, 5));
    await clock.advance(10);
  }
  assert.equal(ada.session.state, "connected");
  assert.deepEqual([...ada.session.tracks.keys()].sort(), ["bo/camera", "bo/microphone"]);
  assert.deepEqual([...bo.session.participants.keys()], ["ada"]);
  assert.match(ada.codes.at(-1) ?? "", /^\d{6}$/);
  assert.equal(ada.codes.at(-1), bo.codes.at(-1));
});

test("four people are connected each with each", async () => {
  const { network, person, join } = setUp();
  const all = ["ada", "bo", "cy", "di"].map(person);
  await join(...all);
  assert.ok(all.every(({ session }) => session.state === "connected" && session.participants.size === 3));
  assert.equal(network.open.length, 12);
});

test("whoever is alone in the call is connected, not connecting for ever", async () => {
  const { person, join } = setUp();
  const ada = person("ada");
  await join(ada);
  assert.equal(ada.session.state, "connected");
});

test("mute keeps the microphone open and is told; camera off stops it and opens it anew", async () => {
  const { clock, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  const microphone = ada.local.track("microphone") as unknown as FakeTrack;
  const camera = ada.local.track("camera") as unknown as FakeTrack;
  await ada.session.setMic(false);
  await ada.session.setCam(false);
  await clock.advance(100);
  assert.deepEqual([microphone.enabled, microphone.stopped, camera.stopped], [false, false, true]);
  const seen = bo.session.participants.get("ada")!;
  assert.deepEqual([seen.micOn, seen.camOn], [false, false]);
  assert.ok(bo.log.includes("removed ada/camera"));
  await ada.session.setCam(true);
  await clock.advance(100);
  assert.ok(bo.session.tracks.has("ada/camera"));
  assert.notEqual(ada.local.track("camera"), camera as unknown as MediaStreamTrack);
});

test("a screen is shared beside the camera, without another offer", async () => {
  const { clock, network, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  const offers = () => network.made.reduce((sum, one) => sum + one.offers, 0);
  const before = offers();
  await ada.session.shareScreen();
  await clock.advance(100);
  assert.deepEqual([...bo.session.tracks.keys()].sort(), ["ada/camera", "ada/microphone", "ada/screen", "ada/screen-audio"]);
  assert.equal(offers(), before);
  await ada.session.stopShare();
  await clock.advance(100);
  assert.ok(!bo.session.tracks.has("ada/screen"));
});

test("a share that is stopped from the browser's own bar stops for everyone", async () => {
  const { clock, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  await ada.session.shareScreen();
  await clock.advance(100);
  (ada.local.track("screen") as unknown as FakeTrack).dispatchEvent(new Event("ended"));
  await clock.advance(100);
  assert.equal(ada.session.sharing, false);
  assert.equal(ada.local.track("screen-audio"), null);
  assert.ok(!bo.session.tracks.has("ada/screen"));
});

test("losing the socket leaves media alone, and coming back restarts ICE at once", async () => {
  const { clock, network, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  const made = network.made.length;
  ada.line.lose();
  await clock.advance(20_000);
  assert.equal(ada.session.state, "connected");
  assert.equal(bo.session.participants.get("ada")?.present, false);
  const generation = () => Math.max(...network.made.map((one) => one.generation));
  assert.equal(generation(), 0);
  ada.line.resume();
  await clock.advance(500);
  assert.equal(generation(), 1);
  assert.equal(network.made.length, made);
});

test("a person with a new page is a new connection, and the old one is closed", async () => {
  const { clock, network, person, join, hub } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  ada.session.abandon();
  hub.lines.delete("ada");
  const again = person("ada");
  await join(again);
  await clock.advance(1000);
  assert.equal(bo.session.state, "connected");
  assert.equal(again.session.state, "connected");
  assert.equal(network.open.length, 2);
});

test("a new session takes the seat again and both sides connect anew", async () => {
  const { clock, network, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  ada.line.seat = null;
  ada.line.emit("fresh", undefined);
  await clock.advance(2000);
  assert.equal(ada.session.state, "connected");
  assert.equal(bo.session.state, "connected");
  assert.equal(network.open.length, 2);
});

test("when the server dies under both, who keeps the place keeps the connection", async () => {
  const { clock, hub, network, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  const before = [...network.open];
  for (const { line } of [ada, bo]) {
    line.kept = line.seat;
    line.seat = null;
  }
  for (const { line } of [ada, bo]) {
    hub.showRoster();
    await clock.advance(300);
    line.emit("fresh", undefined);
    await clock.advance(300);
  }
  await clock.advance(2000);
  assert.deepEqual([...network.open], before);
  assert.deepEqual([...ada.session.participants.keys()], ["bo"]);
  assert.equal(bo.log.filter((line) => line.startsWith("removed")).length, 0);
});

test("who was not seen to come back after the server died is gone after a while", async () => {
  const { clock, hub, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  ada.line.kept = ada.line.seat;
  ada.line.seat = bo.line.seat = null;
  bo.line.alive = false;
  hub.showRoster();
  ada.line.emit("fresh", undefined);
  await clock.advance(10_000);
  assert.deepEqual([...ada.session.participants.keys()], ["bo"]);
  await clock.advance(6000);
  assert.deepEqual([...ada.session.participants.keys()], []);
});

test("who kept a place that the others saw leave is connected anew", async () => {
  const { clock, hub, network, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  for (const keeper of [ada, bo]) {
    const before = [...network.open];
    keeper.line.kept = keeper.line.seat;
    keeper.line.seat = null;
    hub.showRoster();
    await clock.advance(1000);
    keeper.line.emit("fresh", undefined);
    await clock.advance(SETTLING_MS + 1000);
    assert.equal(ada.session.state, "connected", keeper.id);
    assert.equal(bo.session.state, "connected", keeper.id);
    assert.equal(network.open.length, 2);
    assert.ok(network.open.every((one) => !before.includes(one)), keeper.id);
  }
});

test("a seat that is refused ends the attempt with the server's reason", async () => {
  const { person } = setUp();
  const ada = person("ada");
  ada.line.refuse = Object.assign(new Error("call_full"), { code: "call_full" });
  await assert.rejects(ada.session.connect(), { code: "call_full" });
  assert.equal(ada.session.state, "ended");
});

test("a session that ends while the seat is being taken is no reason to give up", async () => {
  const { clock, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada);
  bo.line.refuse = Object.assign(new Error("session_lost"), { code: "session_lost" });
  await bo.session.connect();
  assert.notEqual(bo.session.state, "ended");
  bo.line.refuse = null;
  bo.line.emit("fresh", undefined);
  await clock.advance(2000);
  assert.equal(bo.session.state, "connected");
  assert.equal(ada.session.participants.size, 1);
});

test("being taken out of the meeting closes every connection and says why", async () => {
  const { network, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  const reasons: string[] = [];
  ada.session.on("removed", ({ reason }) => reasons.push(reason));
  ada.line.emit("ended", { reason: "removed" });
  assert.deepEqual(reasons, ["removed"]);
  assert.equal(ada.session.state, "ended");
  assert.equal(network.open.length, 1);
});

test("who left is gone at once: their connection is closed whatever they do", async () => {
  const { clock, network, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  ada.line.seat = null;
  ada.line.tellMedia(ada.line.media);
  await clock.advance(100);
  assert.equal(bo.session.participants.size, 0);
  assert.deepEqual(bo.log.slice(-3).sort(), ["left ada", "removed ada/camera", "removed ada/microphone"]);
  assert.equal(network.open.length, 1);
});

test("when nothing arrives any more the call says so, counts, and gives up hope only after a minute", async () => {
  const { clock, network, person, join } = setUp();
  const [ada, bo] = [person("ada"), person("bo")];
  await join(ada, bo);
  const counted: number[] = [];
  ada.session.on("state", ({ state, silentFor }) => state === "reconnecting" && counted.push(Math.floor(silentFor / 1000)));
  network.up = false;
  await clock.advance(70_000);
  assert.deepEqual(ada.states.slice(-3), ["unstable", "reconnecting", "failed"]);
  assert.ok(counted.includes(7) && counted.includes(20));
  network.up = true;
  await clock.advance(10_000);
  assert.equal(ada.session.state, "connected");
});

test("a small message reaches everybody in the call", async () => {
  const { person, join } = setUp();
  const all = ["ada", "bo", "cy"].map(person);
  await join(...all);
  const heard: CallEvents["message"][] = [];
  for (const one of all) one.session.on("message", (message) => heard.push(message));
  all[0]!.session.send({ wave: true });
  assert.deepEqual(heard, [
    { participant: "ada", body: { wave: true } },
    { participant: "ada", body: { wave: true } },
  ]);
});

test("servers of the join are used until the server names newer ones", async () => {
  const { network, person, join } = setUp();
  const seen: RTCConfiguration[] = [];
  const real = network.connection;
  const [ada, bo] = [person("ada"), person("bo")];
  const spy = (config: RTCConfiguration) => {
    seen.push(config);
    return real();
  };
  const make = () => new P2PSession({ signalling: bo.line, local: bo.local, clock: new FakeClock(), connection: spy });
  const session = new CarriedSession({ signalling: bo.line, local: bo.local, clock: new FakeClock(), make });
  bo.line.servers = [{ urls: "turn:newer" }];
  await join(ada);
  await session.prepare({ kind: "p2p", iceServers: [{ urls: "stun:given" }], relayOnly: true });
  await session.connect();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(seen[0]?.iceServers, [{ urls: "turn:newer" }]);
  assert.equal(seen[0]?.iceTransportPolicy, "relay");
  session.abandon();
});
