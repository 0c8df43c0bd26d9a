"""What every backend of a call must do, proven by two real browsers: each side gets the other's colour and tone.

Runs on each of `CARRIERS`, over a small server of the visit protocol, without the product around it. Tests that leave
the call as they found it share one; what each claims has its opposite, seen from the other side.
"""

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser

from tests.e2e.calls import REMOTE, SCREEN, SENDS_PICTURE, Call, begin_call, until
from tests.e2e.carriers import CARRIERS, Carrier
from tests.e2e.proof_media import BLUE, RED, colour_seen, tone_gone, tone_heard
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module", params=sorted(CARRIERS))
def carrier(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    with CARRIERS[request.param](tmp_path_factory.mktemp(request.param)) as ready:
        yield ready


class Shared:
    """The call that one test hands on to the next, as long as it is as a call should be."""

    def __init__(self) -> None:
        self.call: Call | None = None

    def close(self) -> None:
        if self.call:
            self.call.close()
        self.call = None


@pytest.fixture(scope="module")
def shared(carrier: Carrier) -> Iterator[Shared]:
    kept = Shared()
    yield kept
    kept.close()


@pytest.fixture
def call(relay: Relay, browsers: tuple[Browser, Browser], carrier: Carrier, shared: Shared) -> Call:
    """Bo and Ada in a call, seeing each other."""
    if shared.call is None or not shared.call.well:
        shared.close()
        shared.call = begin_call(relay, browsers, carrier)
        shared.call.wait_until_everybody_is_seen()
    return shared.call


def test_each_side_sees_and_hears_the_other(call: Call) -> None:
    call.everybody_is_seen_and_heard()
    for side, _other in call.pairs:
        assert tone_gone(side.page, side.identity.pitch), "nobody hears themselves"


def test_muted_means_that_the_tone_is_gone_and_unmuted_that_it_is_back(call: Call) -> None:
    provider, consumer = call.sides
    consumer.control("mic").click()
    provider.page.locator("video-tile >> text=muted").wait_for()
    assert until(lambda: tone_gone(provider.page, BLUE.pitch))
    consumer.control("mic").click()
    assert until(lambda: tone_heard(provider.page, BLUE.pitch))


def test_camera_off_means_that_the_colour_is_gone_and_the_light_is_out(call: Call) -> None:
    provider, consumer = call.sides
    assert consumer.page.evaluate(SENDS_PICTURE)
    consumer.control("cam").click()
    provider.page.locator("text=camera is off").wait_for()
    assert colour_seen(provider.page, REMOTE) is None
    assert until(lambda: not consumer.page.evaluate(SENDS_PICTURE))
    consumer.control("cam").click()
    assert until(lambda: provider.sees(consumer))
    assert until(lambda: tone_heard(provider.page, BLUE.pitch))


def test_both_may_share_a_screen_at_once_beside_their_cameras(call: Call) -> None:
    for side, other in call.pairs:
        side.control("share").click()
        screen = other.page.locator(SCREEN)
        screen.wait_for()
        assert until(partial(screen.evaluate, "(video) => video.videoWidth >= 640"))
        assert until(partial(other.shows, SCREEN, "green"))
    call.wait_until_everybody_is_seen()
    # As from the browser's own bar: the track ends, nobody pressed our button.
    ended = "() => window.screenTrack.stop() ?? window.screenTrack.dispatchEvent(new Event('ended'))"
    call.consumer.page.evaluate(ended)
    call.provider.page.locator(SCREEN).wait_for(state="detached")
    assert call.consumer.page.locator(SCREEN).count() == 1, "the other's goes on"
    call.provider.control("share").click()
    call.consumer.page.locator(SCREEN).wait_for(state="detached")
    call.wait_until_everybody_is_seen()


def test_chat_goes_both_ways_as_text_only(call: Call) -> None:
    for side in call.sides:
        side.control("chat").click()
    for side, other in call.pairs:
        text = f"<b>{side.name}</b> https://example.org/a. javascript:alert(1)"
        side.page.locator("chat-panel textarea").fill(text)
        side.page.keyboard.press("Enter")
        bubble = other.page.locator(".bubble:not(.bubble--own)", has_text=text)
        bubble.wait_for()
        assert bubble.locator("b").count() == 0
        assert [link.get_attribute("href") for link in bubble.locator("a").all()] == ["https://example.org/a"]
    for side in call.sides:
        side.page.keyboard.press("Escape")


def test_a_third_and_a_fourth_person_are_seen_by_all_and_see_all(
    call: Call, carrier: Carrier, browsers: tuple[Browser, Browser]
) -> None:
    people = [*call.sides, call.joined_by("Cy", browsers[1], BLUE)]
    if carrier.name == "p2p":  # four of everything is a lot for a small machine; once is enough
        people.append(call.joined_by("Di", browsers[0], RED))
    for one in people:
        for other in people:
            assert one is other or until(partial(one.sees, other)), f"{one.name} sees {other.name}"
    assert until(lambda: tone_heard(people[2].page, RED.pitch, beside=(BLUE.pitch,)))
    for one in people[2:]:
        call.left_by(one)
    call.wait_until_everybody_is_seen()


def test_a_reload_in_the_middle_of_the_call_goes_back_into_it(call: Call) -> None:
    call.consumer.page.reload()
    call.consumer.page.locator("call-controls").wait_for()
    call.everybody_is_seen_and_heard()


def test_leaving_leaves_the_other_alone_and_offers_the_way_back(call: Call) -> None:
    provider, consumer = call.sides
    consumer.control("leave").click()
    consumer.page.locator("[data-ended=left] h1").wait_for()
    provider.page.locator(".call__blank").wait_for()
    assert consumer.page.evaluate("() => document.querySelectorAll('video').length") <= 1
    consumer.page.locator("[data-ended-action]").click()
    consumer.page.locator("[data-check=join]:not([data-without])").click()
    assert until(lambda: provider.sees(consumer))


def test_who_is_taken_out_is_out_and_neither_sees_nor_is_seen(call: Call, relay: Relay) -> None:
    provider, consumer = call.sides
    relay.remove("Ada")
    consumer.page.locator("[data-ended=removed] h1").wait_for()
    provider.page.locator(".call__blank").wait_for()
    closed = "() => window.connections.every((one) => one.connectionState === 'closed')"
    assert until(lambda: bool(consumer.page.evaluate(closed)))
    assert colour_seen(consumer.page, REMOTE) is None
    assert tone_gone(provider.page, BLUE.pitch)


def test_ending_for_everyone_ends_it_on_every_screen(call: Call) -> None:
    call.provider.control("end").click()
    call.provider.control("end-yes").click()
    for side in call.sides:
        side.page.locator("[data-ended=ended] h1").wait_for()
        closed = "() => window.connections.every((one) => one.connectionState === 'closed')"
        assert until(partial(side.page.evaluate, closed))
    assert call.consumer.page.locator("video").count() <= 1
