import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalMedia } from "./local-media";
import { FakeTrack } from "./testing/fake-hub";

class Camera extends FakeTrack {
  constructor(private readonly facingMode: string) {
    super("video");
  }
  override getSettings() {
    return { facingMode: this.facingMode };
  }
}

/** A device with both, whose camera looks where it is asked to. */
function setUp({ together = false, refuse = "" } = {}) {
  const asked: MediaStreamConstraints[] = [];
  const open = (constraints: MediaStreamConstraints) => {
    asked.push(constraints);
    if (refuse) return Promise.reject(new DOMException("refused", refuse));
    const wanted = (constraints.video || {}) as { facingMode?: { ideal: string } };
    const video = constraints.video ? [new Camera(wanted.facingMode?.ideal ?? "user")] : [];
    const audio = constraints.audio ? [new FakeTrack("audio")] : [];
    return Promise.resolve({ getTracks: () => [...audio, ...video], getAudioTracks: () => audio, getVideoTracks: () => video } as unknown as MediaStream);
  };
  const local = new LocalMedia(open, undefined, together);
  const microphone = new FakeTrack("audio");
  const camera = new Camera("user");
  local.adopt({ getAudioTracks: () => [microphone], getVideoTracks: () => [camera] } as unknown as MediaStream);
  return { local, asked, microphone, camera };
}

const sound = (asked: MediaStreamConstraints[]) => asked.at(-1)?.audio as MediaTrackConstraints;

test("original sound opens the microphone anew with nothing in between, as muted as it was, and back again", async () => {
  const { local, asked, microphone } = setUp();
  await local.setMic(false);
  await local.setOriginalSound(true);
  const { echoCancellation, noiseSuppression, autoGainControl } = sound(asked);
  assert.deepEqual([echoCancellation, noiseSuppression, autoGainControl], [false, false, false]);
  assert.equal(local.track("microphone")?.enabled, false);
  assert.ok(microphone.stopped);
  await local.setOriginalSound(false);
  assert.equal(sound(asked).noiseSuppression, true);
});

test("when the microphone cannot be opened anew the sound stays as it was", async () => {
  const { local, microphone } = setUp({ refuse: "NotReadableError" });
  await assert.rejects(local.setOriginalSound(true));
  assert.equal(local.originalSound, false);
  assert.equal(local.track("microphone"), microphone as unknown as MediaStreamTrack);
});

test("the camera turns from the front to the back and round again, and is off afterwards if it was", async () => {
  const { local, asked } = setUp();
  await local.turnCamera();
  assert.equal(local.facing, "environment");
  await local.turnCamera();
  assert.equal(local.facing, "user");
  await local.setCam(false);
  await local.turnCamera();
  assert.equal(asked.length, 2);
  assert.equal(local.camOn, false);
});

test("on Apple's phones both devices are opened together, as one alone breaks the other", async () => {
  const { local, asked, microphone } = setUp({ together: true });
  await local.turnCamera();
  assert.ok(asked[0]?.audio && asked[0].video);
  assert.ok(microphone.stopped);
  assert.ok(local.micOn && local.track("microphone")?.enabled);
});

test("elsewhere only the device that is meant is opened", async () => {
  const { local, asked, microphone } = setUp();
  await local.turnCamera();
  assert.equal(asked[0]?.audio, false);
  assert.equal(microphone.stopped, false);
});
