"""A blurred background in a call between real browsers: what others see, and that nothing is loaded unasked."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.calls import FRAMES, Call, Side, begin_call, until
from tests.e2e.carriers import Carrier
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# A camera that looks at a tiled wall, and at somebody in a striped shirt before it when the test wants one there.
PRETENDED = """
window.somebody = false;
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const fill = (draw, colour, shape) => { draw.fillStyle = colour; draw.beginPath(); shape(); draw.fill(); };
function paint(draw) {
  for (let x = 0; x < 640; x += 20) for (let y = 0; y < 360; y += 20)
    fill(draw, (x + y) / 20 % 2 ? '#e6e6eb' : '#505a64', () => draw.rect(x, y, 20, 20));
  if (!window.somebody) return;
  fill(draw, '#284678', () => draw.roundRect(180, 250, 280, 170, 60));
  for (let x = 230; x < 410; x += 24) fill(draw, '#c8d2e6', () => draw.rect(x, 270, 12, 90));
  fill(draw, '#d6a082', () => draw.rect(290, 210, 60, 60));
  fill(draw, '#e0ac8c', () => draw.ellipse(320, 162, 65, 82, 0, 0, 7));
  fill(draw, '#3c281e', () => draw.ellipse(320, 125, 72, 66, 0, Math.PI, 7));
  for (const x of [295, 345]) {
    fill(draw, '#fff', () => draw.ellipse(x, 151, 10, 6, 0, 0, 7));
    fill(draw, '#321e14', () => draw.ellipse(x, 151, 5, 5, 0, 0, 7));
  }
  fill(draw, '#aa3c3c', () => draw.ellipse(320, 205, 25, 6, 0, 0, 7));
}
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await open(wanted);
  if (!wanted.video) return stream;
  stream.getVideoTracks().forEach((track) => { track.stop(); stream.removeTrack(track); });
  const canvas = Object.assign(document.createElement('canvas'), {width: 640, height: 360});
  const draw = canvas.getContext('2d');
  paint(draw);
  const beat = setInterval(paint, 66, draw);
  const [track] = canvas.captureStream(15).getVideoTracks();
  const stop = track.stop.bind(track);
  track.stop = () => { clearInterval(beat); stop(); };
  stream.addTrack(track);
  return stream;
};
"""
# As browsers are that cannot hand a track's pictures over as a stream.
WITHOUT_STREAMS = "delete window.MediaStreamTrackProcessor; delete window.MediaStreamTrackGenerator;"
# By how much the brightness strays along a part of a line, given as shares of the picture; null without a picture.
CONTRAST = """(video, [from, to, line]) => {
  if (!video || video.readyState < 2 || !video.videoWidth) return null;
  const [start, width] = [video.videoWidth * from, Math.round(video.videoWidth * (to - from))];
  const canvas = Object.assign(document.createElement('canvas'), {width, height: 1});
  const draw = canvas.getContext('2d', {willReadFrequently: true});
  draw.drawImage(video, start, video.videoHeight * line, width, 1, 0, 0, width, 1);
  const {data} = draw.getImageData(0, 0, width, 1);
  const light = Array.from({length: width}, (_, x) => data[4 * x]);
  const mean = light.reduce((sum, one) => sum + one, 0) / width;
  return Math.sqrt(light.reduce((sum, one) => sum + (one - mean) ** 2, 0) / width);
}"""
LOADED_FOR_BLUR = """() => performance.getEntriesByType('resource').map((entry) => entry.name)
  .filter((name) => /blur-worker|[.]wasm|[.]tflite/.test(name)).length"""
WALL, SHIRT = (0.02, 0.2, 0.25), (0.38, 0.62, 0.9)
SHARP, SOFT = 35.0, 15.0


@pytest.fixture(params=["by streams", "by canvas"], scope="module")
def call(request: pytest.FixtureRequest, relay: Relay, browsers: tuple[Browser, Browser]) -> Iterator[Call]:
    """Bo and Ada in a call; Ada's camera is the pretended one. In two kinds of browsers."""
    script = PRETENDED if request.param == "by streams" else PRETENDED + WITHOUT_STREAMS
    begun = begin_call(relay, browsers, Carrier("p2p"), consumer_script=script, script=" ")
    yield begun
    begun.close()


def contrast(side: Side, part: tuple[float, float, float]) -> float:
    """Of what `side` sees of Ada; -1 without a picture."""
    seen: Any = side.page.locator("[data-participant=par_Ada][data-kind=camera] video").evaluate(CONTRAST, part)
    return -1.0 if seen is None else float(seen)


def is_sharp(side: Side, part: tuple[float, float, float]) -> bool:
    return contrast(side, part) > SHARP


def is_soft(side: Side, part: tuple[float, float, float]) -> bool:
    return 0 <= contrast(side, part) < SOFT


def flows(side: Side) -> bool:
    """Whether new pictures arrive."""
    before = side.page.evaluate(FRAMES)
    return until(lambda: side.page.evaluate(FRAMES) > before + 5)


def blur(page: Page, on: bool) -> None:
    """The person switches blur, and finds the switch as they left it."""
    page.locator("call-controls [data-control=more]").click()
    page.locator("[data-more=blur]").click()
    expect(page.locator("[data-more=blur]")).to_have_attribute("aria-pressed", str(on).lower())
    page.locator("call-controls [data-control=more]").click()


def test_others_see_the_person_sharp_before_a_soft_wall_while_blur_is_on(call: Call) -> None:
    provider, consumer = call.sides
    assert until(lambda: is_sharp(provider, WALL))
    assert consumer.page.evaluate(LOADED_FOR_BLUR) == 0, "nothing is loaded before it is wanted"
    blur(consumer.page, True)
    assert until(lambda: is_soft(provider, WALL))
    assert consumer.page.evaluate(LOADED_FOR_BLUR) > 0
    assert until(lambda: is_soft(provider, SHIRT)), "nobody is there: everything is soft"
    consumer.page.evaluate("() => { window.somebody = true; }")
    came = "somebody came, before a soft wall"
    assert until(lambda: is_sharp(provider, SHIRT) and is_soft(provider, WALL)), came
    assert flows(provider)
    consumer.control("cam").click()
    provider.page.locator("text=camera is off").wait_for()
    consumer.control("cam").click()
    assert until(lambda: is_soft(provider, WALL)), "the camera comes back blurred"
    blur(consumer.page, False)
    assert until(lambda: is_sharp(provider, WALL))
    assert flows(provider)


def test_whoever_comes_back_with_blur_on_is_never_seen_without_it(call: Call) -> None:
    provider, consumer = call.sides
    blur(consumer.page, True)
    assert until(lambda: is_soft(provider, WALL))
    consumer.page.reload()
    consumer.page.locator("call-controls").wait_for()
    seen: list[float] = []

    def soft_again() -> bool:
        seen.append(contrast(provider, WALL))
        return len(seen) > 20 and is_soft(provider, WALL) and flows(provider)

    assert until(soft_again, 120), "what blurs is loaded and begun anew"
    assert max(seen) < SHARP
    blur(consumer.page, False)


def test_a_browser_that_cannot_blur_says_so_at_its_switch(call: Call) -> None:
    page = call.consumer.page
    page.add_init_script("delete window.OffscreenCanvas;")
    page.reload()
    page.locator("call-controls [data-control=more]").click()
    expect(page.locator("[data-more=blur]")).to_be_disabled()
    expect(page.locator("#more-blur")).to_contain_text("Neither your camera nor this browser can do this")
