import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../../call/emitter";
import type { SocketStatus } from "../../call/socket";
import { FakeClock } from "../../call/testing/fake-clock";
import { LOST_AFTER_MS, ServerLine } from "./server-line";

class Socket extends Emitter<{ status: { status: SocketStatus } }> {
  status: SocketStatus = "open";

  become(status: SocketStatus): void {
    this.status = status;
    this.emit("status", { status });
  }
}

function watched() {
  const [socket, clock, told] = [new Socket(), new FakeClock(), [] as boolean[]];
  return { socket, clock, told, line: new ServerLine(socket, (lost) => told.push(lost), clock) };
}

test("a socket that is lost for a while is said to be, and that it is back", async () => {
  const { socket, clock, told } = watched();
  socket.become("lost");
  await clock.advance(LOST_AFTER_MS);
  socket.become("open");
  assert.deepEqual(told, [true, false]);
});

test("a socket that is back at once is nobody's concern", async () => {
  const { socket, clock, told, line } = watched();
  socket.become("lost");
  await clock.advance(LOST_AFTER_MS - 100);
  socket.become("open");
  await clock.advance(LOST_AFTER_MS);
  assert.deepEqual(told, []);
  assert.equal(line.lost, false);
});

test("tries that fail do not begin the wait anew, and nothing is said after the end", async () => {
  const { socket, clock, told, line } = watched();
  socket.become("lost");
  await clock.advance(LOST_AFTER_MS / 2);
  socket.become("lost");
  await clock.advance(LOST_AFTER_MS / 2);
  assert.deepEqual(told, [true]);
  socket.become("open");
  socket.become("lost");
  line.stop();
  await clock.advance(LOST_AFTER_MS);
  assert.deepEqual(told, [true, false]);
});
