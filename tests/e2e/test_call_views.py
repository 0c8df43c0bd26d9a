"""How a call is seen and read: the camera turned round, full screen, a window of its own, words from a voice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessible import look_at
from tests.e2e.calls import REMOTE, Call, Side, begin_call, until
from tests.e2e.carriers import Carrier
from tests.e2e.proof_media import BLUE, RED, colour_seen, tone_heard
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# A phone has a second camera, at the back, which shows green here: Chromium pretends none that says where it looks.
TWO_CAMERAS = """
{
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const looks = (track, facingMode) => {
    const settings = track.getSettings.bind(track);
    track.getSettings = () => ({ ...settings(), facingMode });
  };
  const back = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const draw = canvas.getContext('2d');
    const paint = () => { draw.fillStyle = 'rgb(32 160 64)'; draw.fillRect(0, 0, 320, 180); };
    setInterval(paint, 100);
    return canvas.captureStream(10);
  };
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const facing = wanted.video?.facingMode?.ideal === 'environment' ? 'environment' : 'user';
    const stream = facing === 'environment' ? back() : await open(wanted);
    for (const track of stream.getVideoTracks()) looks(track, facing);
    return stream;
  };
}
"""
# Stands in for the browser's own recognition of speech, which asks its maker's servers: it hears what the test says.
RECOGNISER = """
window.recognisers = [];
window.SpeechRecognition = class {
  constructor() { this.running = false; window.recognisers.push(this); }
  start() { this.running = true; }
  abort() { this.running = false; }
  hear(transcript, isFinal) {
    this.onresult({ resultIndex: 0, results: [Object.assign([{ transcript }], { isFinal })] });
  }
};
window.webkitSpeechRecognition = window.SpeechRecognition;
"""
# A browser without windows for documents; what it has for a video is kept.
NO_DOCUMENT_WINDOW = """
delete window.documentPictureInPicture;
HTMLVideoElement.prototype.requestPictureInPicture = async function () { window.small = this; };
"""
SMALL = "() => documentPictureInPicture.window?.document"


@pytest.fixture(scope="module")
def shared(relay: Relay, browsers: tuple[Browser, Browser]) -> Iterator[Call]:
    call = begin_call(relay, browsers, Carrier("p2p"), script=RECOGNISER, consumer_script=RECOGNISER + TWO_CAMERAS)
    call.wait_until_everybody_is_seen()
    yield call
    call.close()


@pytest.fixture
def call(shared: Call) -> Call:
    """Bo and Ada in a call; Ada has a phone's two cameras."""
    shared.wait_until_everybody_is_seen()
    return shared


def choose(side: Side, name: str) -> None:
    """Press a line of the panel "More", and close the panel."""
    side.control("more").click()
    side.page.locator(f"[data-more={name}]").click()
    if side.page.locator(".call__side").count():
        side.control("more").click()
    side.page.locator(".call__side").wait_for(state="detached")


def test_the_camera_turns_round_and_back_while_the_sound_goes_on(call: Call) -> None:
    provider, consumer = call.sides
    choose(consumer, "turn")
    assert until(lambda: colour_seen(provider.page, REMOTE) == "green")
    expect(consumer.page.locator(".call__self video.is-mirrored")).to_have_count(0)
    assert until(lambda: tone_heard(provider.page, BLUE.pitch))
    choose(consumer, "turn")
    assert until(lambda: provider.sees(consumer))
    expect(consumer.page.locator(".call__self video.is-mirrored")).to_be_visible()


def test_the_call_fills_the_screen_and_gives_it_back(call: Call) -> None:
    page = call.consumer.page
    full = "() => document.fullscreenElement?.id ?? ''"
    choose(call.consumer, "full")
    assert until(lambda: page.evaluate(full) == "visit-call")
    expect(call.consumer.control("mic")).to_be_visible()
    assert until(lambda: call.consumer.sees(call.provider))
    page.mouse.move(200, 200)
    look_at(page, "call, full screen")
    choose(call.consumer, "full")
    assert until(lambda: page.evaluate(full) == "")
    page.keyboard.press("Alt+u")
    assert until(lambda: page.evaluate(full) == "visit-call"), "by its key too"
    page.evaluate("() => document.exitFullscreen()")


def test_a_small_window_shows_the_other_and_mutes(call: Call) -> None:
    page = call.provider.page
    if not page.evaluate("() => 'documentPictureInPicture' in window"):
        pytest.skip("this Chromium has no windows for documents")
    choose(call.provider, "pip")
    assert until(lambda: page.evaluate(f"() => ({SMALL})()?.querySelector('video')?.videoWidth > 0"))
    words = f"() => [...({SMALL})().querySelectorAll('button')].map((one) => one.innerText.trim())"
    assert until(lambda: page.evaluate(words)[:2] == ["Mute", "Camera off"])
    page.evaluate(f"() => ({SMALL})().querySelector('button').click()")
    expect(call.provider.control("mic")).to_have_attribute("data-off", "true")
    page.evaluate(f"() => ({SMALL})().querySelector('button').click()")
    expect(call.provider.control("mic")).to_have_attribute("data-off", "false")
    page.evaluate(f"() => [...({SMALL})().querySelectorAll('button')].at(-1).click()")
    assert until(lambda: page.evaluate("() => documentPictureInPicture.window === null"))
    assert until(lambda: call.consumer.hears(call.provider))


def test_without_windows_for_documents_the_large_picture_goes_into_the_browsers_own(call: Call) -> None:
    page = call.consumer.page
    page.evaluate(f"() => {{ {NO_DOCUMENT_WINDOW} }}")
    choose(call.consumer, "pip")
    assert until(lambda: page.evaluate("() => Boolean(window.small?.closest('video-tile'))"))
    assert until(lambda: colour_seen(page, REMOTE) == RED.colour)


def test_a_voice_becomes_words_only_after_consent_and_everybody_reads_them(call: Call) -> None:
    """The recogniser is a stand-in: no browser here has one of its own."""
    provider, consumer = call.sides
    running = "() => window.recognisers.filter((one) => one.running).length"
    provider.page.keyboard.press("Alt+t")
    ask_to_listen(consumer.page)
    look_at(consumer.page, "call, asked about captions of the own voice")
    consumer.page.locator("#captions-consent button", has_text="Go back").click()
    assert consumer.page.evaluate("() => window.recognisers.length") == 0, "nothing listens without consent"
    consumer.page.locator("[data-more=listen]").click()
    consumer.page.locator("[data-more=listen-yes]").click()
    assert until(lambda: consumer.page.evaluate(running) == 1)
    assert provider.page.evaluate(running) == 0, "nobody else's voice"
    consumer.page.evaluate("() => window.recognisers.at(-1).hear('It hurts when I', false)")
    shown = provider.page.locator(".call__captions")
    expect(shown).to_contain_text("It hurts when I")
    consumer.page.evaluate("() => window.recognisers.at(-1).hear('It hurts when I run.', true)")
    expect(shown).to_contain_text("Ada")
    expect(shown).to_contain_text("It hurts when I run.")
    consumer.page.locator(".call__top button", has_text="Stop captioning what I say").click()
    assert until(lambda: consumer.page.evaluate(running) == 0)


def ask_to_listen(page: Page) -> None:
    page.locator("[data-control=more]").click()
    page.locator("[data-more=listen]").click()
    page.locator("#captions-consent[open]").wait_for()
