"""Time in which a page stood still, because the machine gave it none: a test that counts seconds leaves it out.

Everything is told in milliseconds of the clock on the wall, which all browsers of a machine and the test itself share.
"""

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from playwright.sync_api import Page

Span = tuple[float, float]

# Runs first in a page. Keeps when each of the awaited words began to be shown, and every time the page stood still:
# what a beat of 50 ms came later than 200 ms. What was kept outlives the next page of the visit.
NOTE = """((awaited) => {
  const stalls = [], shown = {}, there = {};
  const key = 'test.stalls';
  let kept = null; // a blank page keeps nothing
  try { kept = window.sessionStorage; } catch {}
  stalls.push(...JSON.parse(kept?.getItem(key) ?? '[]'));
  const visible = (one) => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().height > 0;
  const look = () => {
    for (const [words, selector] of Object.entries(awaited)) {
      const all = [...document.querySelectorAll(selector)];
      const is = all.some((one) => one.textContent.includes(words) && visible(one));
      if (is && !there[words]) (shown[words] ??= []).push(Date.now());
      there[words] = is;
    }
  };
  let last = Date.now();
  const beat = () => {
    const now = Date.now();
    if (now - last > 200) {
      stalls.push([last + 200, now]);
      kept?.setItem(key, JSON.stringify(stalls));
    }
    last = now;
    look();
  };
  setInterval(beat, 50);
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
  window.noted = () => { beat(); return {stalls, shown}; };
})"""

# Watches the picture and the sound of the other. Keeps the times without each; of our own side, the times in which we
# could not have seen or heard anything (`missed`), and those in which others had nothing of us (`stalls`).
WATCH = """([selector, red, green, blue, hz]) => {
  clearInterval(window.watching);
  const gaps = window.gaps = {picture: [], sound: [], missed: [], stalls: []};
  let looked = Date.now();
  let [camera, going, own, lived] = ['', false, -1, looked];
  for (const kind of ['picture', 'sound']) gaps[kind].push([looked, looked]);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const draw = canvas.getContext('2d', {willReadFrequently: true});
  // Listening alone: small buffers and a loudspeaker would take a quarter of a small machine from the call.
  const context = new AudioContext({latencyHint: 'playback', sinkId: {type: 'none'}});
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096;
  analyser.smoothingTimeConstant = 0;
  const bins = new Float32Array(analyser.frequencyBinCount);
  const sources = new Map();
  let last = -1;
  const note = (spans, from, to) => {
    const before = spans.at(-1);
    if (before && from <= before[1]) spans[spans.length - 1] = [Math.min(before[0], from), to];
    else spans.push([from, to]);
  };
  const met = (kind, is, now) => {
    const gap = gaps[kind].at(-1);
    if (!is) gap[1] = now;
    else if (gap[1] - gap[0] > 300) gaps[kind].push([now, now]);
    else [gap[0], gap[1]] = [now, now];
  };
  // A camera that was showing us and stands still, though nobody changed it or turned it off, tells of the machine.
  const lookAtOurselves = (now) => {
    const self = document.querySelector('.call__self video');
    const track = self?.srcObject?.getVideoTracks()[0];
    const id = track?.readyState === 'live' && track.enabled ? track.id : '';
    if (!id || id !== camera) [camera, going] = [id, false];
    else if (self.currentTime !== own) [going, lived] = [true, now];
    if (!going) lived = now;
    own = self?.currentTime ?? -1;
  };
  // A machine too busy to let the page look, or to show its own camera, says nothing about the call.
  const countOurTime = (now) => {
    if (now - lived > 400) {
      note(gaps.missed, looked, now);
      note(gaps.stalls, lived, now);
    } else if (now - looked > 100) note(gaps.missed, looked + 100, now);
    if (now - looked > 400) note(gaps.stalls, looked, now);
    looked = now;
  };
  const picture = () => {
    const video = document.querySelector(selector);
    if (!video || !video.videoWidth || video.paused) return false;
    draw.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
    const [r, g, b] = draw.getImageData(0, 0, 1, 1).data;
    const right = Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue) < 90;
    if (!right || video.currentTime === last) return false;
    last = video.currentTime;
    return true;
  };
  const sound = () => {
    for (const audio of document.querySelectorAll('#visit audio')) {
      const track = audio.srcObject?.getAudioTracks()[0];
      if (track && !sources.has(track)) {
        const source = context.createMediaStreamSource(new MediaStream([track]));
        source.connect(analyser);
        sources.set(track, source);
      }
    }
    analyser.getFloatFrequencyData(bins);
    const at = Math.round(hz / (context.sampleRate / analyser.fftSize));
    return Math.max(...bins.slice(at - 2, at + 3)) > -50;
  };
  window.watching = setInterval(() => {
    const now = Date.now();
    lookAtOurselves(now);
    countOurTime(now);
    met('picture', picture(), now);
    met('sound', sound(), now);
  }, 50);
}"""


def noting(awaited: Mapping[str, str]) -> str:
    """The script that must run first in a page, to say later what time it was given until words were shown in it.

    `awaited` are words and the selector of what shows them.
    """
    return f"{NOTE}({json.dumps(awaited)});"


def wall() -> float:
    """Now."""
    return time.time() * 1000


def left(span: Span, without: Iterable[Span]) -> float:
    """How much of a span, in ms, is in none of the others; they may overlap. A span that ends before it begins is
    negative.
    """
    begin, end = span
    total, at = end - begin, begin
    for start, stop in sorted(without):
        start, stop = max(start, at), min(stop, end)
        if stop > start:
            total, at = total - (stop - start), stop
    return total


def first_shown(page: Page, *words: str, since: float = 0.0) -> float | None:
    """When the first of some awaited words appeared, after `since`; None while none did."""
    shown: dict[str, list[float]] = page.evaluate("window.noted().shown")
    return min((at for one in words for at in shown.get(one, ()) if at >= since), default=None)


def given(page: Page, since: float, until: float) -> float:
    """How much time, in seconds, a page had between two moments."""
    stalls: list[Span] = page.evaluate("window.noted().stalls")
    return left((since, until), stalls) / 1000


def watch(page: Page, picture: str, colour: tuple[int, int, int], pitch: int) -> None:
    """Begin anew to watch for the picture at a selector, of that colour, and for beeps of `pitch` hertz."""
    page.evaluate(WATCH, [picture, *colour, pitch])


def lost(page: Page, sender: Page) -> dict[str, float]:
    """The longest times, in ms, without the picture and without the sound of `sender`, who is watched on `page`.

    Both pages watch; the time in which either of them stood still is no fault of the call's.
    """
    gaps: dict[str, Any] = page.evaluate("window.gaps")
    stood: list[Span] = [*gaps["missed"], *sender.evaluate("window.gaps.stalls")]
    return {kind: max(left(gap, stood) for gap in gaps[kind]) for kind in ("picture", "sound")}
