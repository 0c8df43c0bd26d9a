import assert from "node:assert/strict";
import { test } from "node:test";
import { Captions, LINE_STAYS_MS, type CaptionSource, type CaptionWords } from "./captions";
import { SpeechCaptions, type RecogniserMaker } from "./speech-captions";
import { FakeClock } from "./testing/fake-clock";

type Sent = CaptionWords & { line: number; spoken: boolean };

function setUp() {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const captions = new Captions({ send: (words) => sent.push(words) }, clock);
  return { clock, sent, captions };
}

/** Hears what the test says. */
class Ear implements CaptionSource {
  stopped = false;
  hear: (words: CaptionWords) => void = () => undefined;
  fail: (reason: string) => void = () => undefined;
  constructor(readonly needsConsent = true) {}
  start(_language: string, heard: (words: CaptionWords) => void, failed: (reason: string) => void): Promise<void> {
    this.hear = heard;
    this.fail = failed;
    return Promise.resolve();
  }
  stop(): void {
    this.stopped = true;
  }
}

test("a typed line goes out as one that nobody heard, and an empty one not at all", () => {
  const { sent, captions } = setUp();
  captions.type("  I cannot hear you  ");
  captions.type("   ");
  assert.deepEqual(sent, [{ line: 1, text: "I cannot hear you", final: true, spoken: false }]);
});

test("nothing listens before the person agreed", async () => {
  const { captions } = setUp();
  const ear = new Ear();
  await assert.rejects(captions.listen(ear, "de", false), { name: "NotAllowedError" });
  assert.equal(captions.listening, false);
  await captions.listen(ear, "de", true);
  assert.equal(captions.listening, true);
});

test("a sentence being said replaces itself, under one number, until it is finished", async () => {
  const { clock, sent, captions } = setUp();
  const ear = new Ear();
  await captions.listen(ear, "en", true);
  ear.hear({ text: "good", final: false });
  ear.hear({ text: "good mor", final: false }); // too soon after the last
  await clock.advance(500);
  ear.hear({ text: "good morning", final: false });
  captions.type("typed meanwhile");
  ear.hear({ text: "good morning Ada", final: true });
  ear.hear({ text: "how", final: true });
  assert.deepEqual(sent.map(({ line, text, spoken }) => [line, text, spoken]), [
    [1, "good", true],
    [1, "good morning", true],
    [2, "typed meanwhile", false],
    [1, "good morning Ada", true],
    [3, "how", true],
  ]);
});

test("lines stand in the order they began, at most three, and leave after a while", async () => {
  const { clock, captions } = setUp();
  const show = (from: string, line: number, text: string, final = true) => captions.show({ from, line, text, final, spoken: true }, from);
  show("ada", 1, "one", false);
  show("bo", 1, "two");
  show("ada", 1, "one and more");
  assert.deepEqual(captions.lines.map((line) => line.text), ["one and more", "two"]);
  show("bo", 2, "three");
  show("bo", 3, "four");
  assert.deepEqual(captions.lines.map((line) => line.text), ["two", "three", "four"]);
  await clock.advance(LINE_STAYS_MS);
  assert.deepEqual(captions.lines, []);
});

test("a source that fails is let go and says why", async () => {
  const { captions } = setUp();
  const ear = new Ear();
  const reasons: string[] = [];
  captions.on("stopped", ({ reason }) => reasons.push(reason));
  await captions.listen(ear, "en", true);
  ear.fail("network");
  assert.deepEqual([reasons, ear.stopped, captions.listening], [["network"], true, false]);
});

test("the browser's recognition goes on after its pauses and ends when it is refused", async () => {
  const starts: string[] = [];
  class Browser {
    continuous = false;
    interimResults = false;
    lang = "";
    onresult = null;
    onerror: ((event: { error: string }) => void) | null = null;
    onend: (() => void) | null = null;
    start() {
      starts.push(this.lang);
      made = this;
    }
    abort() {}
  }
  let made: Browser | null = null;
  const speech = new SpeechCaptions(Browser as unknown as RecogniserMaker);
  const failed: string[] = [];
  await speech.start("de-CH", () => undefined, (reason) => failed.push(reason));
  const running = made as unknown as Browser;
  running.onerror?.({ error: "no-speech" });
  running.onend?.();
  assert.deepEqual([starts, failed], [["de-CH", "de-CH"], []]);
  running.onerror?.({ error: "not-allowed" });
  assert.deepEqual(failed, ["denied"]);
  speech.stop();
  running.onend?.();
  assert.equal(starts.length, 2);
});
