import assert from "node:assert/strict";
import { test } from "node:test";
import { DeviceMemory, DeviceRefused, matchDevice, openDevices, problemOf } from "./devices";

type Asked = { audio: boolean; video: boolean; exact: boolean };

const fault = (name: string) => new DOMException("refused", name);

class FakeStream {
  constructor(private readonly tracks: { kind: string }[]) {}
  getTracks() {
    return this.tracks;
  }
  addTrack(track: { kind: string }) {
    this.tracks.push(track);
  }
}

/** A browser that answers each request by `answer`, which throws or not. */
function browser(answer: (asked: Asked) => void) {
  const asked: Asked[] = [];
  const media = (constraints: MediaStreamConstraints): Promise<MediaStream> => {
    const exact = JSON.stringify(constraints).includes("exact");
    const one = { audio: Boolean(constraints.audio), video: Boolean(constraints.video), exact };
    asked.push(one);
    answer(one);
    const kinds = [...(one.audio ? ["audio"] : []), ...(one.video ? ["video"] : [])];
    return Promise.resolve(new FakeStream(kinds.map((kind) => ({ kind }))) as unknown as MediaStream);
  };
  const wrapped = (constraints: MediaStreamConstraints) => {
    try {
      return media(constraints);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  };
  return { asked, media: wrapped };
}

const kinds = (stream: MediaStream) => stream.getTracks().map((track) => track.kind);
const BOTH = { audio: true, video: true };

test("camera and microphone are asked for in one question", async () => {
  const { asked, media } = browser(() => {});
  const { stream } = await openDevices(BOTH, media);
  assert.equal(asked.length, 1);
  assert.deepEqual(kinds(stream), ["audio", "video"]);
});

test("a missing camera does not stop the microphone", async () => {
  const { media } = browser(({ video }) => {
    if (video) throw fault("NotFoundError");
  });
  const opened = await openDevices(BOTH, media);
  assert.deepEqual(kinds(opened.stream), ["audio"]);
  assert.equal(opened.videoProblem, "none");
  assert.equal(opened.audioProblem, null);
});

test("a microphone in use does not stop the camera", async () => {
  const { media } = browser(({ audio }) => {
    if (audio) throw fault("NotReadableError");
  });
  const opened = await openDevices(BOTH, media);
  assert.deepEqual(kinds(opened.stream), ["video"]);
  assert.equal(opened.audioProblem, "in-use");
});

test("a remembered device that is gone is replaced by whichever is there", async () => {
  const { asked, media } = browser(({ exact }) => {
    if (exact) throw fault("OverconstrainedError");
  });
  const { stream } = await openDevices({ ...BOTH, videoId: "gone" }, media);
  assert.deepEqual(asked.map((one) => one.exact), [true, false]);
  assert.deepEqual(kinds(stream), ["audio", "video"]);
});

test("a refusal is asked about again only for each kind alone, never with the same question", async () => {
  const { asked, media } = browser(() => {
    throw fault("NotAllowedError");
  });
  await assert.rejects(openDevices(BOTH, media), { problem: "denied" });
  assert.deepEqual(asked, [
    { audio: true, video: true, exact: false },
    { audio: true, video: false, exact: false },
    { audio: false, video: true, exact: false },
  ]);
});

test("a refusal says more than an absence: only it can be undone here", async () => {
  const { media } = browser(({ audio, video }) => {
    throw fault(video && !audio ? "NotAllowedError" : "NotFoundError");
  });
  await assert.rejects(openDevices(BOTH, media), { problem: "denied" });
});

test("every browser error has our own word", () => {
  const words = {
    NotAllowedError: "denied",
    NotFoundError: "none",
    NotReadableError: "in-use",
    OverconstrainedError: "overconstrained",
    AbortError: "aborted",
    TypeError: "unknown",
  };
  for (const [name, word] of Object.entries(words)) assert.equal(problemOf(fault(name)), word, name);
  assert.equal(problemOf(new DeviceRefused("insecure", null)), "insecure");
  assert.equal(problemOf(null), "unknown");
});

test("a device is found by its id, or by its label when ids have changed", () => {
  const devices = [
    { deviceId: "1", label: "Built-in" },
    { deviceId: "2", label: "Headset" },
  ];
  assert.equal(matchDevice({ id: "2", label: "Headset" }, devices), "2");
  assert.equal(matchDevice({ id: "old", label: "Headset" }, devices), "2");
  assert.equal(matchDevice({ id: "old", label: "Other" }, devices), undefined);
  assert.equal(matchDevice({ id: "old", label: "" }, [{ deviceId: "1", label: "" }]), undefined);
  assert.equal(matchDevice(null, devices), undefined);
});

test("memory that cannot be read or written never stops a visit", () => {
  const broken = new DeviceMemory({
    getItem: () => {
      throw new Error("forbidden");
    },
    setItem: () => {
      throw new Error("full");
    },
  });
  broken.remember("audioinput", { id: "1", label: "" });
  assert.equal(broken.recall("audioinput"), null);
  const spoilt = new DeviceMemory({ getItem: () => "{", setItem: () => undefined });
  assert.equal(spoilt.recall("audioinput"), null);
});
