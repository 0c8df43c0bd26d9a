import assert from "node:assert/strict";
import { test } from "node:test";
import { CarriedSession } from "../../call/carried";
import { LocalMedia } from "../../call/local-media";
import type { CallEvents } from "../../call/session";
import { FakeClock, settle } from "../../call/testing/fake-clock";
import { FakeHub, FakeTrack } from "../../call/testing/fake-hub";
import type { BackendInfo, OutsideCall } from "../../call/wire";
import { AcsSession } from "./acs";
import { languageFor } from "./captioning";
import { causeOf, endOf, reasonOf } from "./reasons";
import { FakeElement, FakeKit, FakePerson, FakeRenderer, FakeVideo, type FakeStream } from "./testing/fake-kit";

const TEAMS = "https://teams.microsoft.com/l/meetup-join/19%3Ameeting_x%40thread.v2/0?context=%7B%7D";
const OUTSIDE: OutsideCall = { identity: "8:acs:a_b", name: "Ada Ng", locator: { meetingLink: TEAMS }, elsewhere: TEAMS };

class Copied extends FakeTrack {
  readonly copies: Copied[] = [];
  clone(): Copied {
    const copy = new Copied(this.kind);
    copy.enabled = this.enabled;
    this.copies.push(copy);
    return copy;
  }
}

class Stream {
  constructor(readonly tracks: Copied[] = []) {}
  getTracks = () => this.tracks;
  getAudioTracks = () => this.tracks.filter((track) => track.kind === "audio");
  getVideoTracks = () => this.tracks.filter((track) => track.kind === "video");
}
(globalThis as { MediaStream?: unknown }).MediaStream = Stream;

function place(outside: Partial<OutsideCall> = {}) {
  const kit = new FakeKit();
  const clock = new FakeClock();
  const hub = new FakeHub();
  const signalling = hub.line("ada");
  const backend: BackendInfo = { kind: "acs", room: "m", epoch: 1, url: "/x.js", token: "first", outside: { ...OUTSIDE, ...outside } };
  signalling.backend = backend;
  const open = ({ audio, video }: MediaStreamConstraints) =>
    Promise.resolve(new Stream([...(audio ? [new Copied("audio")] : []), ...(video ? [new Copied("video")] : [])]) as unknown as MediaStream);
  const display = () => Promise.resolve(new Stream([new Copied("video")]) as unknown as MediaStream);
  const local = new LocalMedia(open, display, false);
  const session = new AcsSession(kit.kit, { signalling, local, clock });
  const log: string[] = [];
  const last: { removed?: CallEvents["removed"]; outside?: CallEvents["outside"] } = {};
  session.on("state", ({ state }) => log.push(state));
  session.on("removed", (end) => (last.removed = end));
  session.on("outside", (state) => (last.outside = state));
  return { kit, clock, hub, signalling, backend, local, session, log, last };
}

async function joined(outside: Partial<OutsideCall> = {}, { mic = true, cam = true } = {}) {
  const all = place(outside);
  if (mic) await all.local.setMic(true);
  if (cam) await all.local.setCam(true);
  await all.session.prepare({ ...all.backend, iceServers: [] });
  await all.session.connect();
  await settle();
  return all;
}

async function inside(options?: { mic?: boolean; cam?: boolean }) {
  const all = await joined({}, options);
  all.kit.call.become("Connected");
  await settle();
  return all;
}

for (const locator of [{ meetingLink: TEAMS }, { meetingId: "234567890123", passcode: "aB3dE9" }, { roomId: "99199690362660524" }]) {
  test(`a meeting is joined by ${Object.keys(locator).join(" and ")}, under the person's name`, async () => {
    const { kit } = await joined({ locator });
    assert.deepEqual(kit.call.locator, locator);
    assert.deepEqual(kit.names, ["Ada Ng"]);
    assert.equal(kit.credentials[0]?.token, "first");
  });
}

test("who comes with everything off is neither heard nor seen", async () => {
  const { kit } = await joined({}, { mic: false, cam: false });
  assert.deepEqual(kit.call.options, { audioOptions: { muted: true } });
});

test("who waits in the lobby is told so, until they are in", async () => {
  const { kit, session, last, log } = await joined();
  kit.call.become("InLobby");
  assert.equal(last.outside?.lobby, true);
  assert.equal(session.state, "connecting");
  kit.call.become("Connected");
  assert.equal(last.outside?.lobby, false);
  assert.deepEqual(log, ["connected"]);
});

test("nobody is heard from the moment they mute, whatever the kit does and when", async () => {
  const { kit, local } = await inside();
  const stream = kit.call.options.audioOptions.localAudioStreams?.[0] as FakeStream;
  const copy = (stream.media as unknown as Stream).tracks[0];
  assert.equal(copy?.enabled, true);
  const muting = local.setMic(false);
  assert.equal(copy?.enabled, false);
  await muting;
  await settle();
  assert.deepEqual(kit.call.done, ["mute"]);
  await local.setMic(true);
  await settle();
  assert.deepEqual(kit.call.done, ["mute", "unmute"]);
});

test("a host there who mutes somebody is seen in their own switch", async () => {
  const { kit, local } = await inside();
  kit.call.isMuted = true;
  kit.call.say("isMutedChanged");
  await settle();
  assert.equal(local.micOn, false);
});

test("the camera's copy ends when the camera does, so that its light goes out", async () => {
  const { kit, local } = await inside();
  const stream = kit.call.options.videoOptions?.localVideoStreams[0] as FakeStream;
  const copy = (stream.media as unknown as Stream).tracks[0];
  const closing = local.setCam(false);
  assert.equal(copy?.stopped, true);
  await closing;
  await settle();
  assert.deepEqual(kit.call.done, ["stopVideo"]);
  assert.equal(stream.disposed, true);
  await local.setCam(true);
  await settle();
  assert.deepEqual(kit.call.done, ["stopVideo", "startVideo"]);
});

test("another camera takes the place of the first without a gap", async () => {
  const { kit, local } = await inside();
  const stream = kit.call.options.videoOptions?.localVideoStreams[0] as FakeStream;
  const before = stream.media;
  await local.useDevice("videoinput", "other");
  await settle();
  assert.notEqual(stream.media, before);
  assert.deepEqual(kit.call.done, []);
});

test("a screen is shared, and ends on either side", async () => {
  const { kit, local, session } = await inside();
  await session.shareScreen();
  await settle();
  assert.deepEqual(kit.call.done, ["startScreenSharing"]);
  kit.call.shares(false);
  await settle();
  assert.equal(local.sharing, false);
  await session.shareScreen();
  await settle();
  await session.stopShare();
  await settle();
  assert.deepEqual(kit.call.done, ["startScreenSharing", "startScreenSharing", "stopScreenSharing"]);
});

test("people of the meeting are shown while they are in it, with what they send", async () => {
  const { kit, session } = await inside();
  const news: string[] = [];
  session.on("participant", ({ change, participant }) => news.push(`${change} ${participant.name} ${participant.micOn} ${participant.camOn}`));
  session.on("track", ({ change, track }) => news.push(`${change} ${track.source}`));
  const bo = new FakePerson("Dr Bo Lund");
  const knocking = new FakePerson("Cy");
  knocking.state = "InLobby";
  kit.call.meet(bo, knocking);
  const camera = bo.add(new FakeVideo());
  camera.show(false);
  const screen = bo.add(new FakeVideo("ScreenSharing"));
  bo.become("Disconnected");
  assert.deepEqual(news, [
    "joined Dr Bo Lund true false",
    "changed Dr Bo Lund true true",
    "added camera",
    "changed Dr Bo Lund true false",
    "removed camera",
    "changed Dr Bo Lund true false",
    "added screen",
    "left Dr Bo Lund true false",
    "removed screen",
  ]);
  kit.call.part(bo);
  assert.deepEqual([bo.heard, camera.heard, screen.heard], [0, 0, 0], "nobody who left is listened to");
});

test("a picture is drawn by the kit beside our element, and taken away with it", async () => {
  const { kit, session } = await inside();
  const bo = new FakePerson("Dr Bo Lund");
  kit.call.meet(bo);
  bo.add(new FakeVideo());
  const [track] = session.tracks.values();
  const element = new FakeElement();
  element.className = "call__remote";
  track?.attach(element as unknown as HTMLMediaElement);
  await settle();
  assert.equal(element.next?.className, "call__remote");
  assert.equal(element.style.display, "none");
  track?.detach(element as unknown as HTMLMediaElement);
  assert.equal(element.next?.removed, true);
  assert.equal(element.style.display, "");
  assert.equal(FakeRenderer.made.at(-1)?.disposed, true);
});

test("a picture that is no longer wanted when the kit has drawn it is not shown", async () => {
  const { kit, session } = await inside();
  const bo = new FakePerson("Dr Bo Lund");
  kit.call.meet(bo);
  bo.add(new FakeVideo());
  const [track] = session.tracks.values();
  const element = new FakeElement();
  track?.attach(element as unknown as HTMLMediaElement);
  track?.detach(element as unknown as HTMLMediaElement);
  await settle();
  assert.equal(element.next, null);
});

test("recording and writing down are told the moment they begin, and when they end", async () => {
  const { kit, last } = await inside();
  const { Recording, Transcription } = kit.call.features;
  Recording.isRecordingActive = true;
  Recording.say("isRecordingActiveChanged");
  assert.deepEqual([last.outside?.recording, last.outside?.transcription], [true, false]);
  Transcription.isTranscriptionActive = true;
  Transcription.say("isTranscriptionActiveChanged");
  Recording.isRecordingActive = false;
  Recording.say("isRecordingActiveChanged");
  assert.deepEqual([last.outside?.recording, last.outside?.transcription], [false, true]);
});

test("what is recorded already is told on the way in", async () => {
  const { kit, session } = place();
  await session.prepare({ kind: "acs", token: "t", outside: OUTSIDE, iceServers: [] });
  await session.connect();
  await settle();
  kit.call.features.Recording.isRecordingActive = true;
  kit.call.features.Recording.say("isRecordingActiveChanged");
  kit.call.become("Connected");
  assert.equal(session.outside.recording, true);
});

test("captions come in the language of the page, one line for each sentence", async () => {
  const { kit, session, last } = await inside();
  const lines: string[] = [];
  session.on("caption", ({ name, line, text, final }) => lines.push(`${line} ${name}: ${text}${final ? "." : ""}`));
  assert.equal(last.outside?.captions, "offered");
  await session.setCaptions(true, "de");
  const { captions } = kit.call.features.Captions;
  assert.equal(captions.started, "de-de");
  assert.equal(last.outside?.captions, "on");
  const bo = { displayName: "Bo" };
  captions.hear({ captionText: "Guten", resultType: "Partial", speaker: bo });
  captions.hear({ spokenText: "Hallo", resultType: "Final", speaker: { displayName: "Ada" } });
  captions.hear({ captionText: "Guten Tag", resultType: "Final", speaker: bo });
  captions.hear({ captionText: "Wie", resultType: "Partial", speaker: bo });
  assert.deepEqual(lines, ["1 Bo: Guten", "2 Ada: Hallo.", "1 Bo: Guten Tag.", "3 Bo: Wie"]);
  await session.setCaptions(false, "de");
  assert.equal(captions.started, undefined);
  captions.hear({ captionText: "?", resultType: "Final", speaker: bo });
  assert.equal(lines.length, 4);
});

test("captions that are refused are not shown as if they came", async () => {
  const { kit, session, last } = await inside();
  kit.call.features.Captions.captions.refuses = true;
  await assert.rejects(session.setCaptions(true, "en"));
  assert.equal(last.outside?.captions, "offered");
  assert.equal(kit.call.features.Captions.captions.heard, 0);
});

test("a language the meeting does not know is left to the meeting", () => {
  assert.equal(languageFor("en", ["de-de", "en-gb"]), "en-gb");
  assert.equal(languageFor("en-GB", ["en-us", "en-gb"]), "en-gb");
  assert.equal(languageFor("ar", ["en-us"]), "");
});

test("a lost network is said at once, with how long it has lasted", async () => {
  const { kit, clock, session } = await inside();
  const told: string[] = [];
  session.on("state", ({ state, silentFor }) => told.push(`${state} ${Math.round(silentFor / 1000)}`));
  const { network } = kit.call.features.UserFacingDiagnostics;
  network.say("diagnosticChanged", { diagnostic: "networkReconnect", value: 3 });
  await clock.advance(2000);
  network.say("diagnosticChanged", { diagnostic: "networkReconnect", value: 1 });
  assert.deepEqual(told, ["reconnecting 0", "reconnecting 1", "reconnecting 2", "connected 0"]);
});

test("quality is told for everybody of the meeting", async () => {
  const { kit, session } = await inside();
  kit.call.meet(new FakePerson("Bo"));
  const told: unknown[] = [];
  session.on("quality", ({ level, reason }) => told.push([level, reason]));
  for (const value of [3, 2, 1]) kit.call.features.UserFacingDiagnostics.network.say("diagnosticChanged", { diagnostic: "networkReceiveQuality", value });
  assert.deepEqual(told, [[1, "loss"], [2, "loss"], [4, "none"]]);
});

test("a token near its end is replaced over the socket, again after a while where that does not answer", async () => {
  const { kit, signalling, backend, clock } = await joined();
  signalling.backend = { ...backend, token: "second" };
  assert.equal(await kit.credentials[0]?.refresh(), "second");
  signalling.alive = false;
  const asked = kit.credentials[0]!.refresh();
  await clock.advance(1000);
  signalling.alive = true;
  signalling.backend = { ...backend, token: "third" };
  await clock.advance(1500);
  assert.equal(await asked, "third");
});

test("no token is made up where the call is carried otherwise by now", async () => {
  const { kit, signalling } = await joined();
  signalling.backend = { kind: "p2p", room: "m", epoch: 2 };
  await assert.rejects(kit.credentials[0]!.refresh());
});

test("an end is told with its reason, its cause and the way to Teams, and everything is closed", async () => {
  const { kit, session, last, local } = await inside();
  const stream = kit.call.options.videoOptions?.localVideoStreams[0] as FakeStream;
  kit.call.end(0, 5300);
  await settle();
  assert.deepEqual(last.removed, { reason: "outside_removed", cause: "0/5300", elsewhere: TEAMS });
  assert.equal(session.state, "ended");
  assert.equal(stream.disposed, true);
  assert.equal(local.camOn, true, "devices are the page's");
  assert.equal(kit.agentsGone, 1);
  assert.equal(kit.credentials[0]?.disposed, true);
});

test("a kit that cannot begin says why", async () => {
  const all = place();
  all.kit.refuses = Object.assign(new Error("no"), { code: 401, subCode: 71005 });
  await all.session.prepare({ ...all.backend, iceServers: [] });
  await all.session.connect();
  await settle();
  assert.deepEqual(all.last.removed, { reason: "outside_refused", cause: "401/71005", elsewhere: TEAMS });
});

test("nobody is left wondering when nothing happens for a minute and a half; in the lobby everybody may wait longer", async () => {
  const stuck = await joined();
  await stuck.clock.advance(90_000);
  assert.equal(stuck.last.removed?.reason, "outside_network");
  const waiting = await joined();
  waiting.kit.call.become("InLobby");
  await waiting.clock.advance(600_000);
  assert.equal(waiting.last.removed, undefined);
});

test("who leaves hangs up, and hears nothing of it as if it were an end", async () => {
  const { kit, session, last } = await inside();
  await session.leave("left");
  assert.deepEqual(kit.call.done, ["hangUp"]);
  assert.equal(last.removed, undefined);
  assert.equal(kit.call.heard, 0);
});

test("the chosen speaker is the kit's, by the browser's id", async () => {
  const { kit, session } = await inside();
  await session.useDevice("audiooutput", "two");
  assert.equal(kit.speaker, "speaker:two");
});

test("the page's session gives the seat up when Microsoft ends the call, and passes on what is said there", async () => {
  const all = place();
  const carried = new CarriedSession({ signalling: all.signalling, local: all.local, make: () => all.session, clock: all.clock });
  const heard: unknown[] = [];
  carried.on("removed", (end) => heard.push(end.reason));
  carried.on("outside", ({ lobby }) => heard.at(-1) !== lobby && heard.push(lobby));
  await carried.prepare({ kind: "p2p", iceServers: [] });
  await carried.connect();
  await settle();
  assert.notEqual(all.signalling.seat, null);
  all.kit.call.become("InLobby");
  assert.equal(carried.outside?.lobby, true);
  all.kit.call.end(0, 5854);
  await settle();
  assert.deepEqual(heard, [false, true, "outside_denied"]);
  assert.equal(all.signalling.seat, null);
});

test("each end has words of ours, and none is unknown", () => {
  const told = (code: number, subCode: number | undefined, wasIn: boolean) => reasonOf({ code, ...(subCode === undefined ? {} : { subCode }) }, wasIn);
  assert.equal(told(0, 0, true), "outside_over");
  assert.equal(told(0, 0, false), "outside_denied");
  assert.equal(told(490, 4525, false), "outside_network");
  assert.equal(told(403, 5828, false), "outside_refused");
  assert.equal(told(404, 5732, false), "outside_gone");
  assert.equal(told(400, undefined, false), "outside_failed");
  assert.equal(causeOf({ code: 490, subCode: 4525 }), "490/4525");
  assert.deepEqual(endOf(new Error("x")), { code: -1 });
  assert.deepEqual(endOf({ code: 408, subCode: 1 }), { code: 408, subCode: 1 });
});
