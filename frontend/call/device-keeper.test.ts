import assert from "node:assert/strict";
import { test } from "node:test";
import { blurOf } from "./blur";
import { DeviceKeeper, type KeeperEvents } from "./device-keeper";
import { Emitter } from "./emitter";
import { LocalMedia } from "./local-media";
import type { CallEvents } from "./session";
import { FakeClock } from "./testing/fake-clock";
import { FakeTrack, fakeStream } from "./testing/fake-hub";

class Device extends FakeTrack {
  muted = false;
  readyState = "live";
  blurred = false;
  copies: Device[] = [];
  constructor(
    kind: "audio" | "video",
    readonly label: string,
    private readonly blurs: readonly boolean[] = [],
  ) {
    super(kind);
  }
  clone(): Device {
    const copy = new Device(this.kind, this.label);
    copy.enabled = this.enabled;
    this.copies.push(copy);
    return copy;
  }
  getCapabilities() {
    return { backgroundBlur: this.blurs };
  }
  getConstraints() {
    return {};
  }
  override getSettings() {
    return { backgroundBlur: this.blurred };
  }
  applyConstraints({ backgroundBlur }: { backgroundBlur: boolean }): Promise<void> {
    this.blurred = backgroundBlur;
    return Promise.resolve();
  }
}

async function inACall({ blurs = [] as readonly boolean[] } = {}) {
  const clock = new FakeClock();
  const microphone = new Device("audio", "Headset");
  const camera = new Device("video", "Webcam", blurs);
  const asked: MediaStreamConstraints[] = [];
  let broken = false;
  let newIsMuted = false;
  const open = (constraints: MediaStreamConstraints) => {
    asked.push(constraints);
    if (broken) return Promise.reject(new DOMException("none", "NotFoundError"));
    const track = constraints.audio ? new Device("audio", "Built-in microphone") : new Device("video", "Built-in camera");
    track.muted = newIsMuted;
    return Promise.resolve({ ...fakeStream(), getTracks: () => [track], getAudioTracks: () => (constraints.audio ? [track] : []), getVideoTracks: () => (constraints.video ? [track] : []) } as unknown as MediaStream);
  };
  const local = new LocalMedia(open);
  const first = { getAudioTracks: () => [microphone], getVideoTracks: () => [camera] };
  local.adopt(first as unknown as MediaStream);
  let there = [{ deviceId: "a", label: "Headset" }];
  let changed: () => void = () => undefined;
  let loud = 0;
  let lookedAt: () => void = () => undefined;
  const session = new Emitter<CallEvents>();
  const keeper = new DeviceKeeper(local, session, {
    clock,
    list: (kind) => Promise.resolve(kind === "audioinput" ? there : []),
    onDevices: (listener) => {
      changed = listener;
      return () => undefined;
    },
    onLookedAt: (listener) => {
      lookedAt = listener;
      return () => undefined;
    },
    level: (track) => ({ level: () => ((track as unknown as Device).enabled ? loud : 0), close: () => undefined }),
  });
  const log: [keyof KeeperEvents, unknown][] = [];
  for (const name of ["fellBack", "gone", "offer", "interrupted", "restored", "stuck", "talkingWhileMuted", "blur"] as const) {
    keeper.on(name, (detail) => log.push([name, detail]));
  }
  await clock.advance(0);
  return {
    clock, local, microphone, camera, keeper, session, log, asked,
    unplug: (device: Device) => device.dispatchEvent(new Event("ended")),
    plug: async (id: string, label: string) => {
      there = [...there, { deviceId: id, label }];
      changed();
      await clock.advance(0);
    },
    holdBackNew: () => (newIsMuted = true),
    comeBack: async () => {
      lookedAt();
      await clock.advance(0);
    },
    breakAll: () => (broken = true),
    speak: (level: number) => (loud = level),
  };
}

test("an unplugged microphone is replaced by another, as loud or as muted as it was", async () => {
  for (const muted of [false, true]) {
    const { clock, local, microphone, log, unplug } = await inACall();
    await local.setMic(!muted);
    unplug(microphone);
    await clock.advance(10);
    assert.deepEqual(log, [["fellBack", { source: "microphone", label: "Built-in microphone" }]]);
    assert.equal(local.micOn, !muted);
    assert.equal(local.track("microphone")?.enabled, !muted);
  }
});

test("an unplugged camera is replaced by another", async () => {
  const { clock, local, camera, log, unplug } = await inACall();
  unplug(camera);
  await clock.advance(10);
  assert.deepEqual(log, [["fellBack", { source: "camera", label: "Built-in camera" }]]);
  assert.ok(local.camOn);
});

test("without another device the person is told that theirs is gone", async () => {
  const { clock, local, microphone, log, unplug, breakAll } = await inACall();
  breakAll();
  unplug(microphone);
  await clock.advance(10);
  assert.deepEqual(log, [["gone", { source: "microphone" }]]);
  assert.equal(local.micOn, false);
});

test("a device that is plugged in is offered, not taken", async () => {
  const { local, microphone, log, plug, asked } = await inACall();
  await plug("b", "Conference microphone");
  const [name, offer] = log[0] as ["offer", KeeperEvents["offer"]];
  assert.deepEqual([name, offer.kind, offer.label], ["offer", "audioinput", "Conference microphone"]);
  assert.equal(local.track("microphone"), microphone as unknown as MediaStreamTrack);
  await offer.use();
  assert.deepEqual((asked.at(-1)?.audio as MediaTrackConstraints).deviceId, { exact: "b" });
});

test("a telephone call that takes the microphone is told after three seconds, and its end too; a hiccup is not", async () => {
  const { clock, microphone, log } = await inACall();
  microphone.dispatchEvent(new Event("mute"));
  await clock.advance(1000);
  microphone.dispatchEvent(new Event("unmute"));
  await clock.advance(5000);
  assert.deepEqual(log, []);
  microphone.dispatchEvent(new Event("mute"));
  await clock.advance(3100);
  microphone.dispatchEvent(new Event("unmute"));
  assert.deepEqual(log, [["interrupted", { source: "microphone" }], ["restored", { source: "microphone" }]]);
});

test("after a telephone call a phone that gives nothing back is asked anew when the person looks again", async () => {
  const { clock, local, microphone, log, comeBack } = await inACall();
  microphone.dispatchEvent(new Event("mute"));
  await clock.advance(3100);
  await comeBack();
  assert.deepEqual(log.map(([name]) => name), ["interrupted", "restored"]);
  assert.notEqual(local.track("microphone"), microphone as unknown as MediaStreamTrack);
  assert.ok(local.micOn);
});

test("a phone whose microphone stays dead even then can only load the page again, and is told so", async () => {
  const { clock, microphone, log, comeBack, holdBackNew } = await inACall();
  microphone.dispatchEvent(new Event("mute"));
  await clock.advance(3100);
  holdBackNew();
  await comeBack();
  await clock.advance(3100);
  assert.deepEqual(log.map(([name]) => name), ["interrupted", "stuck"]);
});

test("who talks while muted is told, once in a while; who is not muted, or silent, is not", async () => {
  const { clock, local, log, speak } = await inACall();
  speak(0.2);
  await clock.advance(3000);
  assert.deepEqual(log, [], "not muted");
  await local.setMic(false);
  speak(0.001);
  await clock.advance(3000);
  assert.deepEqual(log, [], "a quiet room");
  speak(0.2);
  await clock.advance(10_000);
  assert.equal(log.length, 1);
  await clock.advance(20_000);
  assert.equal(log.length, 2);
});

test("the copy that listens while muted is closed on unmuting and at the end", async () => {
  const { local, microphone, keeper } = await inACall();
  await local.setMic(false);
  await local.setMic(true);
  assert.deepEqual(microphone.copies.map((copy) => copy.stopped), [true]);
  await local.setMic(false);
  keeper.close();
  assert.deepEqual(microphone.copies.map((copy) => copy.stopped), [true, true]);
});

test("blur is offered only where the camera itself can make it and the page may switch it", async () => {
  const reason = async (blurs: readonly boolean[]) => (await inACall({ blurs })).keeper.blur.reason;
  assert.equal(await reason([]), "unsupported");
  assert.equal(await reason([false]), "fixed");
  assert.equal(await reason([false, true]), "");
  assert.equal(blurOf(null).reason, "no-camera");
});

test("blur goes off by itself when the computer is too busy, and says so", async () => {
  const { clock, camera, keeper, session, log } = await inACall({ blurs: [false, true] });
  assert.equal((await keeper.setBlur(true)).on, true);
  const busy = { limitation: "cpu" } as CallEvents["stats"];
  for (let second = 0; second < 5; second += 1) session.emit("stats", busy);
  await clock.advance(10);
  assert.equal(camera.blurred, false);
  assert.deepEqual(log.at(-1), ["blur", { available: true, on: false, reason: "processor" }]);
});
