import assert from "node:assert/strict";
import { test } from "node:test";
import { askDevices, troubleOf } from "./asking";

const no = (name: string, message = "") => new DOMException(message, name);
const BOTH = { audio: true, video: true };

/** A browser that answers by `answer`, with these permissions; `asked` counts its questions. */
function browser(answer: (audio: boolean, video: boolean) => void, audio: PermissionState | null, video: PermissionState | null) {
  const asked: string[] = [];
  const media = async (wanted: MediaStreamConstraints): Promise<MediaStream> => {
    asked.push(`${wanted.audio ? "a" : ""}${wanted.video ? "v" : ""}`);
    answer(Boolean(wanted.audio), Boolean(wanted.video));
    return { getTracks: () => [], addTrack: () => undefined } as unknown as MediaStream;
  };
  return { asked, media, permissions: async (kind: "audio" | "video") => (kind === "audio" ? audio : video) };
}

test("whoever closed the question is not asked twice more", async () => {
  const one = browser(() => {
    throw no("NotAllowedError", "Permission dismissed");
  }, "prompt", "prompt");
  const answer = await askDevices(BOTH, one.media, one.permissions);
  assert.deepEqual(one.asked, ["av"]);
  assert.deepEqual([answer.stream, answer.audio, answer.video], [null, "dismissed", "dismissed"]);
});

test("a camera that was blocked long ago does not take the microphone with it", async () => {
  const one = browser((_audio, video) => {
    if (video) throw no("NotAllowedError", "Permission denied");
  }, "prompt", "denied");
  const answer = await askDevices(BOTH, one.media, one.permissions);
  assert.deepEqual(one.asked, ["av", "a"]);
  assert.deepEqual([answer.audio, answer.video], [null, "denied"]);
  assert.ok(answer.stream);
});

test("where a browser does not tell its permissions, each is asked for alone", async () => {
  const one = browser((audio, video) => {
    if (audio && video) throw no("NotAllowedError");
    if (video) throw no("NotFoundError");
  }, null, null);
  const answer = await askDevices(BOTH, one.media, one.permissions);
  assert.deepEqual(one.asked, ["av", "a", "v"]);
  assert.deepEqual([answer.audio, answer.video], [null, "none"]);
});

test("no device, one in use and none of both are told apart by kind", async () => {
  const one = browser((audio) => {
    throw no(audio ? "NotReadableError" : "NotFoundError");
  }, "granted", "granted");
  const answer = await askDevices(BOTH, one.media, one.permissions);
  assert.deepEqual([answer.stream, answer.audio, answer.video], [null, "in-use", "none"]);
});

test("what the site may do and the system forbids is the system's doing", () => {
  assert.equal(troubleOf("denied", no("NotAllowedError", "Permission denied by system"), "prompt"), "system");
  assert.equal(troubleOf("denied", no("NotAllowedError", "Permission denied"), "granted"), "system");
  assert.equal(troubleOf("denied", no("NotAllowedError", "Permission denied"), "denied"), "denied");
  assert.equal(troubleOf("denied", no("NotAllowedError"), null), "denied");
  assert.equal(troubleOf("in-use", no("NotReadableError"), "granted"), "in-use");
});
