"""The page of a call as people use it: by keyboard, by screen reader, after a tap, and soon."""

import re
from functools import partial

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.accessible import look_at
from tests.e2e.calls import begin_call, call_between, until
from tests.e2e.carriers import Carrier
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DIRECT = Carrier("p2p")
# When the server said "admitted", and when the first picture of the other was there, in ms.
MARK_FIRST_PICTURE = """
window.marks = {};
window.WebSocket = class extends window.WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', ({data}) => {
      const frame = JSON.parse(data);
      if (frame.type === 'state' && frame.state === 'admitted') window.marks.admitted ??= performance.now();
    });
  }
};
setInterval(() => {
  if (document.querySelector('video-tile video')?.videoWidth) window.marks.picture ??= performance.now();
}, 5);
"""
SILENT_UNTIL_TAPPED = """
const play = HTMLAudioElement.prototype.play;
const tapped = ({target}) => { window.tapped ||= target.textContent.includes('Tap to hear'); };
document.addEventListener('click', tapped, true);
HTMLAudioElement.prototype.play = function () {
  if (!this.srcObject || window.tapped) return play.call(this);
  this.pause();
  return Promise.reject(new DOMException('no tap', 'NotAllowedError'));
};
"""


def test_the_call_is_accessible_with_every_panel_open_and_closed(
    relay: Relay, browsers: tuple[Browser, Browser]
) -> None:
    with call_between(relay, browsers, DIRECT) as call:
        provider, consumer = call.sides
        provider.page.mouse.move(300, 300)  # the bar would fade away in a quiet call
        look_at(provider.page, "call")
        for panel in ("chat", "people", "more"):
            provider.control(panel).click()
            expect(provider.page.locator(f".call__side[data-panel={panel}]")).to_be_visible()
            look_at(provider.page, f"call with {panel}")
            provider.page.keyboard.press("Escape")
            provider.page.locator(".call__side").wait_for(state="detached")
        for panel in ("devices", "stats"):
            provider.control("more").click()
            provider.page.locator(f"[data-more={panel}]").click()
            expect(provider.page.locator(f".call__side[data-panel={panel}]")).to_be_visible()
            look_at(provider.page, f"call with {panel}")
            provider.page.keyboard.press("Escape")
        provider.page.keyboard.press("Alt+k")
        expect(provider.page.locator("keys-dialog dialog[open]")).to_be_visible()
        look_at(provider.page, "call with its shortcuts")
        provider.page.keyboard.press("Escape")
        provider.page.mouse.move(310, 310)
        provider.page.locator("[data-code]").click()
        look_at(provider.page, "call with the code")
        provider.control("end").click()
        expect(provider.control("end-yes")).to_be_visible()
        look_at(provider.page, "call, about to end")
        provider.page.keyboard.press("Escape")
        consumer.control("leave").click()
        consumer.page.locator("[data-ended=left] h1").wait_for()
        look_at(consumer.page, "left")


def test_the_keyboard_alone_mutes_and_opens_the_messages_and_both_read_the_same_code(
    relay: Relay, browsers: tuple[Browser, Browser]
) -> None:
    with call_between(relay, browsers, DIRECT) as call:
        provider, consumer = call.sides
        for side in call.sides:
            expect(side.page.locator("[data-code]")).to_have_attribute("data-code", re.compile(r"^\d{6}$"))
        codes = [side.page.locator("[data-code]").get_attribute("data-code") for side in call.sides]
        assert codes[0] == codes[1]
        assert codes[0] is not None
        assert len(codes[0]) == 6
        consumer.page.keyboard.press("Alt+m")
        provider.page.locator("video-tile >> text=muted").wait_for()
        consumer.page.keyboard.press("Alt+c")
        expect(consumer.page.locator("chat-panel textarea")).to_be_focused()
        consumer.page.keyboard.type("Hello")
        consumer.page.keyboard.press("Enter")
        provider.page.locator("[data-control=chat] .count", has_text="1").wait_for()
        provider.page.keyboard.press("Alt+c")
        provider.page.locator(".bubble", has_text="Hello").wait_for()
        expect(provider.page.locator("[data-control=chat] .count")).to_have_count(0)  # read when shown
        consumer.control("mic").click()
        consumer.control("mic").click()  # muted with the mouse, so the button has the focus
        for key, muted in ((consumer.page.keyboard.down, "false"), (consumer.page.keyboard.up, "true")):
            key(" ")
            expect(consumer.control("mic")).to_have_attribute("data-off", muted)
        consumer.page.wait_for_timeout(300)
        expect(consumer.control("mic")).to_have_attribute("data-off", "true")


def test_a_browser_that_wants_a_tap_before_it_plays_sound_gets_one(
    relay: Relay, browsers: tuple[Browser, Browser]
) -> None:
    call = begin_call(relay, browsers, DIRECT, script=SILENT_UNTIL_TAPPED)
    try:
        tap = call.consumer.page.get_by_role("button", name="Tap to hear")
        tap.click()
        tap.wait_for(state="detached")
        playing = "() => [...document.querySelectorAll('#visit audio')].every((audio) => !audio.paused)"
        assert until(lambda: call.consumer.page.evaluate(playing))
    finally:
        call.close()


@pytest.mark.alone
def test_from_admission_to_the_first_picture_takes_less_than_a_second(
    relay: Relay, browsers: tuple[Browser, Browser]
) -> None:
    took = []
    for _run in range(3):
        relay.begin(DIRECT)
        contexts = [browser.new_context(permissions=["camera", "microphone"]) for browser in browsers]
        provider, consumer = [context.new_page() for context in contexts]
        consumer.add_init_script(MARK_FIRST_PICTURE)
        provider.goto(relay.address("Bo", "provider"))
        consumer.goto(relay.address("Ada"))
        consumer.locator("[data-check=join]:not([data-without])").click()
        provider.locator("[data-waiting] button").wait_for()
        consumer.wait_for_timeout(1000)  # the call is fetched while waiting
        provider.locator("[data-waiting] button").click()
        assert until(partial(consumer.evaluate, "() => Boolean(window.marks.picture)"))
        took.append(consumer.evaluate("() => window.marks.picture - window.marks.admitted"))
        for context in contexts:
            context.close()
    assert sorted(took)[1] <= 1000, took
