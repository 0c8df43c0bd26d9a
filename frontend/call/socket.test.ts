import assert from "node:assert/strict";
import { test } from "node:test";
import { BACKOFF_MAX_MS, BACKOFF_MIN_MS, CommandRefused, ResumableSocket, backoff } from "./socket";
import { FakeClock, settle } from "./testing/fake-clock";
import { FakeSocket } from "./testing/fake-socket";

function setUp() {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  let online = () => {};
  const socket = new ResumableSocket({
    url: "ws://test/ws/visit",
    clock,
    random: () => 1,
    open: () => {
      const made = new FakeSocket();
      sockets.push(made);
      return made;
    },
    onOnline: (listener) => {
      online = listener;
      return () => {};
    },
  });
  const heard: string[] = [];
  socket.on("message", (frame) => heard.push(String(frame["text"] ?? frame.type)));
  const newest = () => sockets.at(-1)!;
  const welcome = async (more: object = {}) => {
    newest().onopen?.();
    await settle();
    newest().say({ type: "welcome", session: "ses_1", resumed: false, seq: 0, server_time: "", ...more });
    await settle();
  };
  socket.start();
  return { clock, socket, sockets, heard, newest, welcome, goOnline: () => online() };
}

const lose = (socket: FakeSocket) => socket.onclose?.();

test("the first hello asks for a new session, a later one resumes after the last message handled", async () => {
  const { clock, newest, welcome } = setUp();
  await welcome();
  assert.deepEqual(newest().said, [{ type: "hello", v: 1 }]);
  newest().say({ type: "chat", seq: 1, text: "hello" });
  lose(newest());
  await clock.advance(BACKOFF_MIN_MS);
  newest().onopen?.();
  await settle();
  assert.deepEqual(newest().said, [{ type: "hello", v: 1, resume: "ses_1", last: 1 }]);
});

test("a replayed message is handled once", async () => {
  const { clock, newest, welcome, heard } = setUp();
  await welcome();
  newest().say({ type: "chat", seq: 1, text: "one" });
  lose(newest());
  await clock.advance(BACKOFF_MIN_MS);
  await welcome({ resumed: true, seq: 2 });
  newest().say({ type: "chat", seq: 1, text: "one" });
  newest().say({ type: "chat", seq: 2, text: "two" });
  assert.deepEqual(heard, ["one", "two"]);
});

test("it pings each second with the last message handled", async () => {
  const { clock, newest, welcome } = setUp();
  await welcome();
  newest().say({ type: "chat", seq: 1, text: "one" });
  newest().say({ type: "pong" });
  await clock.advance(1000);
  assert.deepEqual(newest().sent.at(-1), { type: "ping", last: 1 });
});

test("three and a half seconds without an answer to a ping drop the socket", async () => {
  const { clock, socket, newest, welcome } = setUp();
  await welcome();
  const first = newest();
  await clock.advance(3400);
  assert.equal(socket.status, "open");
  await clock.advance(200);
  assert.equal(socket.status, "lost");
  assert.ok(first.closed);
});

test("any message counts as an answer", async () => {
  const { clock, socket, newest, welcome } = setUp();
  await welcome();
  for (let seq = 1; seq <= 5; seq += 1) {
    await clock.advance(2000);
    newest().say({ type: "chat", seq, text: "still here" });
  }
  assert.equal(socket.status, "open");
});

test("tries come further apart, up to three seconds, and never closer than 0.3 s", () => {
  const steady = [0, 1, 2, 3, 4, 9].map((attempt) => backoff(attempt, () => 1));
  assert.deepEqual(steady, [300, 600, 1200, 2400, BACKOFF_MAX_MS, BACKOFF_MAX_MS]);
  assert.equal(backoff(0, () => 0), BACKOFF_MIN_MS);
  assert.equal(backoff(4, () => 0), BACKOFF_MAX_MS / 2);
});

test("a connection that is not welcomed within nine seconds is given up", async () => {
  const { clock, sockets } = setUp();
  await clock.advance(8900);
  assert.equal(sockets.length, 1);
  await clock.advance(500);
  assert.equal(sockets.length, 2);
});

test("it tries at once when the browser is online again", async () => {
  const { clock, sockets, newest, goOnline } = setUp();
  for (let i = 0; i < 5; i += 1) {
    lose(newest());
    await clock.advance(BACKOFF_MAX_MS);
  }
  lose(newest());
  const before = sockets.length;
  goOnline();
  assert.equal(sockets.length, before + 1);
});

test("a signal written into a dead socket is sent again in the same session, an acknowledged one is not", async () => {
  const { clock, socket, newest, welcome } = setUp();
  await welcome();
  socket.tell({ type: "signal", data: "arrived" });
  await clock.advance(1000); // a ping after it
  newest().say({ type: "pong" });
  newest().say({ type: "pong" });
  socket.tell({ type: "signal", data: "lost" });
  lose(newest());
  await clock.advance(BACKOFF_MIN_MS);
  await welcome({ resumed: true });
  const again = newest().said.filter((frame) => frame.type === "signal");
  assert.deepEqual(again, [{ type: "signal", data: "lost" }]);
});

test("signals of an old session are not sent in a new one", async () => {
  const { clock, socket, newest, welcome } = setUp();
  await welcome();
  socket.tell({ type: "signal", data: "old" });
  lose(newest());
  await clock.advance(BACKOFF_MIN_MS);
  await welcome({ session: "ses_2" });
  assert.deepEqual(newest().said.map((frame) => frame.type), ["hello"]);
});

test("a command answered by a replayed message is not sent again", async () => {
  const { clock, socket, newest, welcome } = setUp();
  await welcome();
  const joined = socket.ask({ type: "join_call" });
  const ref = newest().said.at(-1)!["ref"];
  lose(newest());
  await clock.advance(BACKOFF_MIN_MS);
  await welcome({ resumed: true, seq: 1 });
  newest().say({ type: "done", seq: 1, ref });
  await joined;
  assert.deepEqual(newest().said.map((frame) => frame.type), ["hello"]);
});

test("a command that was lost on the way is sent again after the replay", async () => {
  const { clock, socket, newest, welcome } = setUp();
  await welcome();
  void socket.ask({ type: "join_call" });
  lose(newest());
  await clock.advance(BACKOFF_MIN_MS);
  await welcome({ resumed: true, seq: 0 });
  assert.deepEqual(newest().said.map((frame) => frame.type), ["hello", "join_call"]);
});

test("in a new session only what the server stores once is sent again", async () => {
  const { clock, socket, newest, welcome } = setUp();
  await welcome();
  const join = socket.ask({ type: "join_call" });
  const chat = socket.ask({ type: "chat_send", text: "hello" }, { survives: true });
  chat.catch(() => undefined);
  lose(newest());
  const refused = assert.rejects(join, { code: "session_lost" });
  await clock.advance(BACKOFF_MIN_MS);
  await welcome({ session: "ses_2" });
  await refused;
  assert.deepEqual(newest().said.map((frame) => frame.type), ["hello", "chat_send"]);
});

test("a refusal carries the server's code and sentence", async () => {
  const { socket, newest, welcome } = setUp();
  await welcome();
  const asked = socket.ask({ type: "join_call" });
  const ref = newest().said.at(-1)!["ref"];
  newest().say({ type: "error", seq: 1, ref, code: "call_full", sentence: "Four people are in the call already." });
  await assert.rejects(asked, (error: CommandRefused) => error.code === "call_full" && error.sentence.includes("Four"));
});

test("after a final bye it stays closed, and the network coming back changes nothing", async () => {
  const { clock, socket, sockets, newest, welcome, goOnline } = setUp();
  await welcome();
  newest().say({ type: "bye", code: "taken_over", sentence: "Opened in another tab.", retry: false });
  goOnline();
  await clock.advance(60_000);
  assert.equal(socket.status, "closed");
  assert.equal(sockets.length, 1);
});

test("a server that restarts is asked for a new session", async () => {
  const { clock, newest, welcome } = setUp();
  await welcome();
  newest().say({ type: "bye", code: "restarting", sentence: "", retry: true });
  await clock.advance(BACKOFF_MIN_MS);
  newest().onopen?.();
  await settle();
  assert.deepEqual(newest().said, [{ type: "hello", v: 1 }]);
});

test("frames that are not messages are ignored", async () => {
  const { socket, newest, welcome, heard } = setUp();
  await welcome();
  newest().onmessage?.({ data: "not JSON" });
  newest().onmessage?.({ data: "null" });
  newest().onmessage?.({ data: new ArrayBuffer(1) });
  assert.deepEqual(heard, []);
  assert.equal(socket.status, "open");
});
