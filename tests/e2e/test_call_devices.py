"""Camera and microphone during a call: unplugged, busy, missing, plugged in, and a person who talks while muted."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.calls import REMOTE, SENDS_PICTURE, Call, Side, begin_call, until
from tests.e2e.carriers import Carrier
from tests.e2e.proof_media import BLUE, colour_seen, tone_gone, tone_heard
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DIRECT = Carrier("p2p")
# Remember what was opened, and refuse what the test wants refused.
DEVICES = """
window.opened = [];
window.refusing = '';
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (window.refusing) throw new DOMException('refused', window.refusing);
  const stream = await open(wanted);
  window.opened.push(...stream.getTracks());
  return stream;
};
window.unplug = (kind) => {
  const track = window.opened.findLast((one) => one.kind === kind && one.readyState === 'live');
  track.stop();
  track.dispatchEvent(new Event('ended'));
};
window.holdBack = (kind, back) => {
  const track = window.opened.findLast((one) => one.kind === kind && one.readyState === 'live');
  track.dispatchEvent(new Event(back ? 'mute' : 'unmute'));
};
"""
# Is a camera sending that was opened after so many others?
REPLACED = """(before) =>
  window.opened.slice(before).some((one) => one.kind === 'video' && one.readyState === 'live')"""


@pytest.fixture(scope="module")
def shared(relay: Relay, browsers: tuple[Browser, Browser]) -> Iterator[Call]:
    call = begin_call(relay, browsers, DIRECT, script=DEVICES)
    call.wait_until_everybody_is_seen()
    yield call
    call.close()


@pytest.fixture
def call(shared: Call) -> Call:
    """Bo and Ada in a call, both with their devices."""
    shared.consumer.page.evaluate("() => { window.refusing = ''; }")
    for name in ("mic", "cam"):
        control = shared.consumer.control(name)
        if control.get_attribute("data-off") == "true":
            control.click()
    shared.wait_until_everybody_is_seen()
    return shared


def told(side: Side, words: str) -> None:
    """Wait until the call's own line says so."""
    side.page.locator("#visit-call").get_by_text(words).first.wait_for()


def test_an_unplugged_microphone_is_replaced_and_the_person_is_told_by_what(call: Call) -> None:
    call.consumer.page.evaluate("() => window.unplug('audio')")
    told(call.consumer, "Your device was unplugged; now Fake")
    assert until(lambda: tone_heard(call.provider.page, BLUE.pitch))


def test_an_unplugged_camera_is_replaced_and_seen_again(call: Call) -> None:
    page = call.consumer.page
    page.locator("#visit-call").get_by_text("Your device was unplugged").wait_for(state="detached")  # said of another
    opened = page.evaluate("() => window.opened.length")
    page.evaluate("() => window.unplug('video')")
    told(call.consumer, "Your device was unplugged; now")
    assert until(lambda: page.evaluate(REPLACED, opened))
    assert until(lambda: call.provider.sees(call.consumer))


def test_without_another_device_the_person_is_told_and_the_call_goes_on(call: Call) -> None:
    provider, consumer = call.sides
    consumer.page.evaluate("() => { window.refusing = 'NotFoundError'; window.unplug('video'); }")
    told(consumer, "Your camera was disconnected")
    provider.page.locator("text=camera is off").wait_for()
    assert until(lambda: colour_seen(provider.page, REMOTE) is None)
    assert until(lambda: tone_heard(provider.page, BLUE.pitch))


def test_a_camera_that_another_program_took_meanwhile_is_said_to_be_and_may_be_tried_again(call: Call) -> None:
    provider, consumer = call.sides
    consumer.control("cam").click()
    provider.page.locator("text=camera is off").wait_for()
    consumer.page.evaluate("() => { window.refusing = 'NotReadableError'; }")
    consumer.control("cam").click()
    told(consumer, "could not be opened")
    assert until(lambda: not consumer.page.evaluate(SENDS_PICTURE))
    consumer.page.evaluate("() => { window.refusing = ''; }")
    consumer.control("cam").click()
    assert until(lambda: provider.sees(consumer))


def test_a_telephone_call_that_takes_the_microphone_is_told_and_its_end_too(call: Call) -> None:
    call.consumer.page.evaluate("() => window.holdBack('audio', true)")
    told(call.consumer, "holds the microphone back")
    call.consumer.page.evaluate("() => window.holdBack('audio', false)")
    told(call.consumer, "It works again")


def test_whoever_talks_while_muted_is_told_and_nothing_of_it_is_heard(call: Call) -> None:
    provider, consumer = call.sides
    consumer.control("mic").click()
    told(consumer, "You are muted")
    assert until(lambda: tone_gone(provider.page, BLUE.pitch))


def test_without_any_device_one_still_sees_and_hears(relay: Relay, browsers: tuple[Browser, Browser]) -> None:
    none = DEVICES.replace("window.refusing = '';\nconst", "window.refusing = 'NotFoundError';\nconst")
    call = begin_call(relay, browsers, DIRECT, consumer_script=none)
    try:
        assert until(lambda: call.consumer.sees(call.provider))
        assert until(lambda: call.consumer.hears(call.provider))
        call.provider.page.locator("text=camera is off").wait_for()
    finally:
        call.close()
