import assert from "node:assert/strict";
import { test } from "node:test";
import { CarriedSession, LATER_MS, LINGER_MS, MOVE_MS, SETTLE_MS } from "./carried";
import { Emitter } from "./emitter";
import { LocalMedia } from "./local-media";
import { participantOf, type CallEvents, type CallSession, type CallState, type CallTrack, type DataUse, type JoinInfo, type Participant } from "./session";
import type { Signalling } from "./signalling";
import { FakeClock } from "./testing/fake-clock";
import { FakeHub, fakeStream } from "./testing/fake-hub";
import type { RosterPerson } from "./wire";

/** A backend that does what it is told: connects when the test says so, and has the tracks the test gives it. */
class Played extends Emitter<CallEvents> implements CallSession {
  state: CallState = "connecting";
  readonly participants = new Map<string, Participant>();
  readonly tracks = new Map<string, CallTrack>();
  readonly stats = new Map();
  readonly capabilities = { screenShare: true, endToEndEncrypted: false, maxParticipants: 50 };
  readonly sending = { rung: "full", reason: "none" } as const;
  dataUse: DataUse = { bytes: 1000, bytesPerHour: null };
  lowBandwidth = false;
  micOn = true;
  camOn = true;
  sharing = false;
  given: JoinInfo | null = null;
  fails = false;
  constructor(
    readonly kind: string,
    private readonly signalling: Signalling,
  ) {
    super();
  }
  prepare(join: JoinInfo): Promise<void> {
    this.given = join;
    return Promise.resolve();
  }
  connect(): Promise<void> {
    if (this.fails) return Promise.reject(new Error("refused"));
    const others = (people: readonly RosterPerson[]) => people.filter((one) => one.id !== this.signalling.selfId);
    for (const one of others(this.signalling.people)) this.participants.set(one.id, participantOf(one));
    return Promise.resolve();
  }
  become(state: CallState): void {
    this.state = state;
    this.emit("state", { state, silentFor: 0 });
  }
  add(source: "camera" | "microphone"): CallTrack {
    const kind = source === "camera" ? ("video" as const) : ("audio" as const);
    const track = { id: `bo/${source}`, participant: "bo", kind, source, attach() {}, detach() {}, setVisible() {} };
    this.tracks.set(track.id, track);
    this.emit("track", { change: "added", track });
    return track;
  }
  leave(): Promise<void> {
    return Promise.resolve(this.abandon());
  }
  abandon(): void {
    this.become("ended");
  }
  setLowBandwidth(on: boolean): Promise<void> {
    this.lowBandwidth = on;
    return Promise.resolve();
  }
  retry(): void {}
  send(): void {}
  setMic = () => Promise.resolve();
  setCam = () => Promise.resolve();
  useDevice = () => Promise.resolve();
  shareScreen = () => Promise.resolve();
  stopShare = () => Promise.resolve();
}

async function inACall() {
  const clock = new FakeClock();
  const hub = new FakeHub();
  const line = hub.line("ada");
  const bo = hub.line("bo");
  const local = new LocalMedia(() => Promise.resolve(fakeStream("audio", "video")));
  const made: Played[] = [];
  let failing = 0;
  const make = (kind: string) => {
    const one = new Played(kind, line);
    one.fails = failing-- > 0;
    made.push(one);
    return one;
  };
  const session = new CarriedSession({ signalling: line, local, clock, make });
  const log: string[] = [];
  session.on("note", ({ what, detail }) => log.push(`${what} ${detail}`));
  session.on("participant", ({ change, participant }) => log.push(`${change} ${participant.id}`));
  await bo.takeSeat({ mic: true, cam: true, screen: false });
  await session.connect();
  await clock.advance(0);
  bo.carried(1);
  const first = made[0]!;
  first.become("connected");
  const old = first.add("camera");
  const move = async (failures = 0) => {
    failing = failures;
    line.emit("backend", { backend: { kind: "livekit", room: "r", epoch: 2, token: "t", url: "wss://u" }, why: "people" });
    await clock.advance(60);
  };
  return { clock, line, bo, session, made, first, old, log, move };
}

test("what carries the call is learnt with the seat", async () => {
  const { session, first, line } = await inACall();
  assert.equal(first.kind, "p2p");
  assert.equal(first.given?.epoch, 1);
  assert.equal(session.state, "connected");
  assert.deepEqual(line.carriedBy, [1]);
});

test("a move is told with its address and token, and the old one plays until the new one is connected", async () => {
  const { clock, session, made, first, old, move, line } = await inACall();
  await move();
  const next = made[1]!;
  assert.deepEqual([next.kind, next.given?.token, next.given?.epoch], ["livekit", "t", 2]);
  await clock.advance(3000);
  assert.equal(session.kind, "p2p");
  assert.equal(session.tracks.get("bo/camera"), old);
  next.become("connected");
  await clock.advance(100);
  assert.equal(session.kind, "livekit");
  assert.equal(session.capabilities.endToEndEncrypted, false);
  assert.equal(session.tracks.get("bo/camera"), old, "until the new one has that picture");
  assert.notEqual(first.state, "ended", "others may still play over it");
  assert.deepEqual(line.carriedBy, [1], "so the others do not close it yet");
  const track = next.add("camera");
  assert.equal(session.tracks.get("bo/camera"), track);
  await clock.advance(100);
  assert.deepEqual(line.carriedBy, [1, 2]);
});

test("what never comes over the new backend keeps nobody from closing the old one", async () => {
  const { clock, made, move, line } = await inACall();
  await move();
  made[1]!.become("connected");
  await clock.advance(SETTLE_MS - 100);
  assert.deepEqual(line.carriedBy, [1]);
  await clock.advance(300);
  assert.deepEqual(line.carriedBy, [1, 2]);
});

test("the old backend is closed when everybody plays over the new one", async () => {
  const { clock, bo, made, first, move, session } = await inACall();
  await move();
  made[1]!.become("connected");
  await clock.advance(100);
  bo.carried(2);
  await clock.advance(0);
  assert.notEqual(first.state, "ended");
  made[1]!.add("camera");
  await clock.advance(100);
  assert.equal(first.state, "ended");
  assert.equal(session.state, "connected");
  assert.equal(session.dataUse.bytes, 2000, "what the old one used still counts");
});

test("somebody who never changes over does not keep the old backend open for ever", async () => {
  const { clock, made, first, move, session } = await inACall();
  await move();
  made[1]!.become("connected");
  await clock.advance(LINGER_MS + 100);
  assert.equal(first.state, "ended");
  assert.equal(session.tracks.size, 0);
});

test("nobody is said to leave or come while the call moves", async () => {
  const { clock, made, move, log } = await inACall();
  log.length = 0;
  await move();
  made[1]!.become("connected");
  await clock.advance(LINGER_MS + 100);
  assert.deepEqual(log, ["moved livekit 2"]);
});

test("a backend that cannot be reached is tried again while the old one plays on", async () => {
  const { clock, made, move, log, session } = await inACall();
  await move(1);
  assert.ok(log.includes("move_failed livekit refused"));
  assert.equal(session.state, "connected");
  await clock.advance(3100);
  made[2]!.become("connected");
  await clock.advance(100);
  assert.equal(session.kind, "livekit");
});

test("a move that never succeeds is given up, which is said, and the old one plays on", async () => {
  const { clock, move, log, session } = await inACall();
  await move(9);
  await clock.advance(20_000);
  assert.equal(log.filter((line) => line.startsWith("move_given_up")).length, 1);
  assert.deepEqual([session.kind, session.state], ["p2p", "connected"]);
});

test("whoever could not be moved is asked later where the call is, and comes after the others", async () => {
  const { clock, line, made, move, log, session } = await inACall();
  await move(3);
  await clock.advance(20_000);
  assert.ok(log.includes("move_given_up livekit"));
  const tries = made.length;
  line.alive = false;
  await clock.advance(LATER_MS);
  assert.equal(made.length, tries, "nobody can be asked while the line is away");
  line.alive = true;
  line.backend = { kind: "livekit", room: "r", epoch: 2, token: "newer", url: "wss://u" };
  await clock.advance(LATER_MS);
  assert.equal(made.at(-1)!.given?.token, "newer");
  made.at(-1)!.become("connected");
  await clock.advance(100);
  assert.equal(session.kind, "livekit");
  await clock.advance(10 * LATER_MS);
  assert.equal(made.length, tries + 1, "and nobody asks any more");
});

test("a move that goes on failing is said once, and tried until somebody leaves", async () => {
  const { clock, line, made, move, log, session } = await inACall();
  line.backend = { kind: "livekit", room: "r", epoch: 2, token: "t", url: "wss://u" };
  await move(99);
  await clock.advance(10 * LATER_MS);
  assert.ok(made.length > 12);
  assert.equal(log.filter((words) => words.startsWith("move_given_up")).length, 1);
  assert.equal(log.filter((words) => words.startsWith("move_failed")).length, 3, "the log is not filled with it");
  await session.leave("left");
  const tries = made.length;
  await clock.advance(10 * LATER_MS);
  assert.equal(made.length, tries);
});

test("a backend that never connects is given up", async () => {
  const { clock, made, move, session, first } = await inACall();
  await move();
  await clock.advance(MOVE_MS + 100);
  assert.equal(made[1]!.state, "ended");
  assert.equal(session.kind, "p2p");
  assert.equal(first.state, "connected");
});

test("an older epoch, or the same again, moves nothing", async () => {
  const { clock, line, made } = await inACall();
  line.emit("backend", { backend: { kind: "livekit", room: "r", epoch: 1 }, why: "" });
  await clock.advance(100);
  assert.equal(made.length, 1);
});

test("the switch for a dear line stays on when the call moves", async () => {
  const { made, move, session } = await inACall();
  await session.setLowBandwidth(true);
  await move();
  assert.equal(made[1]!.lowBandwidth, true);
});

test("when browsers do not reach each other the server is told, once", async () => {
  const { first, line } = await inACall();
  first.become("failed");
  first.become("failed");
  assert.equal(line.lineFailures, 1);
});

test("leaving while the call moves closes both", async () => {
  const { clock, made, move, session, first, line } = await inACall();
  await move();
  made[1]!.become("connected");
  await clock.advance(100);
  await session.leave("left");
  assert.deepEqual([first.state, made[1]!.state, session.state, line.seat], ["ended", "ended", "ended", null]);
});
