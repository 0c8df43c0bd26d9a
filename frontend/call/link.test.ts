import assert from "node:assert/strict";
import { test } from "node:test";
import { Link } from "./link";
import type { Peer } from "./peer";
import type { RosterPerson } from "./wire";

const connection = {} as RTCPeerConnection;

function setUp() {
  const person = { id: "bo", media: { mic: true, cam: true, screen: false } } as RosterPerson;
  const peer = { state: "connected", connection, silentFor: 0 };
  const link = new Link(person, peer as unknown as Peer, 0, false);
  let now = 0;
  /** One report each second, with so much picture; the answer tells in which seconds the picture counted as stalled. */
  const feed = (pictures: readonly number[]) =>
    pictures.flatMap((bytesReceived) => {
      now += 1000;
      link.learn([{ id: "v", type: "inbound-rtp", kind: "video", bytesReceived }], now);
      return link.pictureStalled(now) ? [now / 1000] : [];
    });
  return { link, peer, feed };
}

const same = (count: number, bytes: number) => Array.from({ length: count }, () => bytes);

test("a picture that stops while everything else arrives has its connection made anew after five seconds", () => {
  const { feed } = setUp();
  assert.deepEqual(feed([100, 200, 300, ...same(6, 300)]), [8]);
});

test("a camera that itself stands still is not tried a third time", () => {
  const { feed } = setUp();
  assert.deepEqual(feed([100, 200, ...same(40, 200)]).length, 2);
});

test("no picture is missed before the first, nor while the camera is off or the picture is saved", () => {
  assert.deepEqual(setUp().feed(same(20, 0)), []);
  const off = setUp();
  off.feed([100, 200]);
  off.link.person = { ...off.link.person, media: { mic: true, cam: false, screen: false } };
  assert.deepEqual(off.feed(same(20, 200)), []);
  const saved = setUp();
  saved.feed([100, 200]);
  saved.link.pictureSaved = true;
  assert.deepEqual(saved.feed(same(20, 200)), []);
});

test("while nothing at all arrives it is not the picture that is missed", () => {
  const { peer, feed } = setUp();
  feed([100, 200]);
  peer.state = "reconnecting";
  assert.deepEqual(feed(same(20, 200)), []);
});
