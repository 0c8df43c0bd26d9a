"""What every backend of a call must do, proven by two real browsers: each side gets the other's colour and tone.

The peer-to-peer backend runs here over a relay of the visit protocol, without the product around it.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessible import look_at
from tests.e2e.proof_media import BLUE, RED, Identity, colour_seen, tone_gone, tone_heard
from tests.e2e.relay import Relay
from tests.e2e.turn import PROGRAM, turn_server
from tests.e2e.wire import Wire

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
]

REMOTE = "video-tile[data-kind=camera] video"
SCREEN = "video-tile[data-kind=screen] video"
# Keep every connection, to ask it what the page does not show.
KEEP_CONNECTIONS = """
window.connections = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""
UFRAG = "() => /a=ice-ufrag:(\\S+)/.exec(window.connections.at(-1).localDescription.sdp)[1]"
BYTES_IN = """async () => {
  const rows = [...(await window.connections.at(-1).getStats()).values()];
  return rows.filter((r) => r.type === 'inbound-rtp').reduce((sum, r) => sum + r.bytesReceived, 0);
}"""


FRAMES = "() => document.querySelector('video-tile video').getVideoPlaybackQuality().totalVideoFrames"
CANDIDATES_IN_USE = """async () => {
  const rows = new Map([...(await window.connections.at(-1).getStats()).values()].map((row) => [row.id, row]));
  const transport = [...rows.values()].find((row) => row.type === 'transport');
  const pair = rows.get(transport.selectedCandidatePairId);
  return [rows.get(pair.localCandidateId).candidateType, rows.get(pair.remoteCandidateId).candidateType];
}"""
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


@dataclass(frozen=True)
class Side:
    """One person: their page, how they are recognised, and their name."""

    page: Page
    identity: Identity
    name: str

    def control(self, name: str) -> Any:
        return self.page.locator(f"call-controls [data-control={name}]")


def until(true: Callable[[], bool], within: float = 10.0) -> bool:
    """Whether `true`, which asks a page, becomes so within some seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if true():
            return True
    return true()


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    running = Relay()
    yield running
    running.close()


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    running = Wire()
    yield running
    running.close()


@pytest.fixture(scope="module")
def browsers(red: Browser, blue: Browser) -> tuple[Browser, Browser]:
    return red, blue


@pytest.fixture
def call(relay: Relay, wire: Wire, browsers: tuple[Browser, Browser]) -> Iterator[tuple[Side, Side]]:
    """A provider (red) and a consumer (blue) in a call: device check, waiting room, admitted, joined."""
    relay.people.clear()
    relay.messages.clear()
    relay.signals.clear()
    contexts = [browser.new_context(permissions=["camera", "microphone"]) for browser in browsers]
    for context in contexts:
        wire.attach(context)
        context.add_init_script(KEEP_CONNECTIONS)
    pages = [context.new_page() for context in contexts]
    provider, consumer = Side(pages[0], RED, "Bo"), Side(pages[1], BLUE, "Ada")
    provider.page.goto(relay.address("Bo", "provider"))
    consumer.page.goto(relay.address("Ada"))
    consumer.page.locator("[data-check=join]").click()
    consumer.page.locator("waiting-status h1").wait_for()
    provider.page.locator("[data-waiting] button").click()
    consumer.page.locator("call-controls").wait_for()
    for side, other in ((provider, consumer), (consumer, provider)):
        assert until(lambda: colour_seen(side.page, REMOTE) == other.identity.colour), side.name  # noqa: B023
    yield provider, consumer
    for context in contexts:
        context.close()


def test_each_side_sees_and_hears_the_other(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    for side, other in ((provider, consumer), (consumer, provider)):
        assert colour_seen(side.page, REMOTE) == other.identity.colour
        assert tone_heard(side.page, other.identity.pitch)
        assert tone_gone(side.page, side.identity.pitch), "nobody hears themselves"


def test_muted_means_that_the_tone_is_gone_and_unmuted_that_it_is_back(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    assert tone_heard(provider.page, BLUE.pitch)
    consumer.control("mic").click()
    provider.page.locator("video-tile >> text=muted").wait_for()
    assert tone_gone(provider.page, BLUE.pitch)
    consumer.control("mic").click()
    assert until(lambda: tone_heard(provider.page, BLUE.pitch))


def test_camera_off_means_that_the_colour_is_gone_and_the_light_is_out(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    live = "() => window.connections.at(-1).getSenders().some((s) => s.track && s.track.kind === 'video')"
    assert consumer.page.evaluate(live)
    consumer.control("cam").click()
    provider.page.locator("text=camera is off").wait_for()
    assert colour_seen(provider.page, REMOTE) is None
    assert not consumer.page.evaluate(live)
    consumer.control("cam").click()
    assert until(lambda: colour_seen(provider.page, REMOTE) == BLUE.colour)
    assert tone_heard(provider.page, BLUE.pitch)


def test_a_shared_screen_stands_beside_the_camera(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    consumer.control("share").click()
    screen = provider.page.locator(SCREEN)
    screen.wait_for()
    assert until(lambda: int(screen.evaluate("(video) => video.videoWidth")) >= 640)
    assert colour_seen(provider.page, REMOTE) == BLUE.colour, "the camera goes on"
    consumer.control("share").click()
    screen.wait_for(state="detached")
    assert colour_seen(provider.page, REMOTE) == BLUE.colour


def test_chat_goes_both_ways_as_text_only(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    for side in call:
        side.control("chat").click()
    for side, other in ((provider, consumer), (consumer, provider)):
        text = f"<b>{side.name}</b> https://example.org/a. javascript:alert(1)"
        side.page.locator("chat-panel textarea").fill(text)
        side.page.keyboard.press("Enter")
        bubble = other.page.locator(".bubble:not(.bubble--own)", has_text=text)
        bubble.wait_for()
        assert bubble.locator("b").count() == 0
        assert [link.get_attribute("href") for link in bubble.locator("a").all()] == ["https://example.org/a"]


def test_the_call_is_accessible_with_every_panel_open_and_closed(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    look_at(provider.page, "call")
    for panel in ("chat", "devices"):
        provider.control(panel).click()
        look_at(provider.page, f"call with {panel}")
        provider.page.keyboard.press("Escape")
        provider.page.locator(".call__side").wait_for(state="detached")
    provider.page.locator("[data-code]").click()
    look_at(provider.page, "call with the code")
    provider.control("end").click()
    look_at(provider.page, "call, about to end")
    provider.page.keyboard.press("Escape")
    consumer.control("leave").click()
    consumer.page.locator("[data-ended=left] h1").wait_for()
    look_at(consumer.page, "left")


def test_the_keyboard_alone_mutes_and_opens_the_messages(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    consumer.page.keyboard.press("Alt+m")
    provider.page.locator("video-tile >> text=muted").wait_for()
    consumer.page.keyboard.press("Alt+c")
    expect(consumer.page.locator("chat-panel textarea")).to_be_focused()
    consumer.page.keyboard.type("Hello")
    consumer.page.keyboard.press("Enter")
    provider.page.locator("[data-control=chat] .count", has_text="1").wait_for()
    provider.page.keyboard.press("Alt+c")
    provider.page.locator(".bubble", has_text="Hello").wait_for()
    assert provider.page.locator("[data-control=chat] .count").count() == 0, "read when shown"


def test_both_sides_read_the_same_six_digits(call: tuple[Side, Side]) -> None:
    codes = [side.page.locator("[data-code]").get_attribute("data-code") for side in call]
    assert codes[0] == codes[1]
    assert codes[0] is not None
    assert len(codes[0]) == 6


def test_after_the_socket_is_lost_ice_restarts_and_media_never_stops(relay: Relay, call: tuple[Side, Side]) -> None:
    before = [side.page.evaluate(UFRAG) for side in call]
    made = [side.page.evaluate("() => window.connections.length") for side in call]
    relay.drop_sockets()
    assert until(lambda: all(side.page.evaluate(UFRAG) != old for side, old in zip(call, before, strict=True)))
    assert [side.page.evaluate("() => window.connections.length") for side in call] == made, "the same connections"
    received = [side.page.evaluate(BYTES_IN) for side in call]
    call[0].page.wait_for_timeout(1000)
    for side, other, old in zip(call, reversed(call), received, strict=True):
        assert side.page.evaluate(BYTES_IN) > old
        assert tone_heard(side.page, other.identity.pitch)
        assert colour_seen(side.page, REMOTE) == other.identity.colour


def test_eight_seconds_without_any_network_are_told_and_survived(
    relay: Relay, wire: Wire, call: tuple[Side, Side]
) -> None:
    assert wire.carried, "the packets do go through the wire"
    wire.up, relay.silent = False, True
    began = time.monotonic()
    for words, latest in (("Connection unstable", 4.5), ("Reconnecting", 8.0)):
        for side in call:
            side.page.locator(f"connection-banner >> text={words}").first.wait_for(timeout=9_000)
        assert time.monotonic() - began < latest, words
    assert time.monotonic() - began > 4.0, "nobody is alarmed early"
    call[0].page.wait_for_timeout(max(0.0, 8.0 - (time.monotonic() - began)) * 1000)
    wire.up, relay.silent = True, False
    stood = [side.page.evaluate(FRAMES) for side in call]
    for side, other, old in zip(call, reversed(call), stood, strict=True):
        assert until(lambda: side.page.evaluate(FRAMES) > old), side.name  # noqa: B023
        assert until(lambda: tone_heard(side.page, other.identity.pitch)), side.name  # noqa: B023
        assert colour_seen(side.page, REMOTE) == other.identity.colour
        side.page.locator("connection-banner .call__line").wait_for(state="detached")


@pytest.mark.parametrize("socket_is_lost_too", [True, False])
def test_a_change_of_address_needs_a_restart_and_gets_one(
    relay: Relay, wire: Wire, call: tuple[Side, Side], socket_is_lost_too: bool
) -> None:
    stood, known = [side.page.evaluate(FRAMES) for side in call], wire.carried
    wire.change_addresses()
    if socket_is_lost_too:
        relay.drop_sockets()
    call[0].page.wait_for_timeout(1000)
    for side, other, old in zip(call, reversed(call), stood, strict=True):
        assert until(lambda: side.page.evaluate(FRAMES) > old + 20, within=15), side.name  # noqa: B023
        assert until(lambda: tone_heard(side.page, other.identity.pitch)), side.name  # noqa: B023
        assert colour_seen(side.page, REMOTE) == other.identity.colour
    assert wire.carried > known, "by new addresses"


def test_a_reload_in_the_middle_of_the_call_goes_back_into_it(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    consumer.page.reload()
    consumer.page.locator("call-controls").wait_for()
    for side, other in ((provider, consumer), (consumer, provider)):
        assert until(lambda: colour_seen(side.page, REMOTE) == other.identity.colour), side.name  # noqa: B023
        assert until(lambda: tone_heard(side.page, other.identity.pitch)), side.name  # noqa: B023


def test_leaving_leaves_the_other_alone_and_offers_the_way_back(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    consumer.control("leave").click()
    consumer.page.locator("[data-ended=left] h1").wait_for()
    provider.page.locator(".call__blank").wait_for()
    tracks = "() => document.querySelectorAll('video').length"
    assert consumer.page.evaluate(tracks) <= 1
    consumer.page.locator("[data-ended-action]").click()
    consumer.page.locator("[data-check=join]").click()
    assert until(lambda: colour_seen(provider.page, REMOTE) == BLUE.colour)


def test_a_third_person_is_seen_by_both_and_sees_both(
    relay: Relay, browsers: tuple[Browser, Browser], call: tuple[Side, Side]
) -> None:
    context = browsers[1].new_context(permissions=["camera", "microphone"])
    helper = context.new_page()
    helper.goto(relay.address("Cy", "helper"))
    helper.locator("[data-check=join]").click()
    call[0].page.locator("[data-waiting] button").click()
    seen = {"Bo": "[data-participant=par_Bo]", "Ada": "[data-participant=par_Ada]", "Cy": "[data-participant=par_Cy]"}
    colours = {"Bo": "red", "Ada": "blue", "Cy": "blue"}
    pages = {"Bo": call[0].page, "Ada": call[1].page, "Cy": helper}
    for name, page in pages.items():
        for other, tile in seen.items():
            if other != name:
                assert until(lambda: colour_seen(page, f"{tile} video") == colours[other]), f"{name}: {other}"  # noqa: B023
    assert tone_heard(helper, RED.pitch)
    context.close()
    call[0].page.locator("[data-participant=par_Ada]").wait_for()
    assert colour_seen(call[0].page, f"{seen['Ada']} video") == "blue"


def test_ending_for_everyone_ends_it_on_every_screen(call: tuple[Side, Side]) -> None:
    provider, consumer = call
    provider.control("end").click()
    provider.control("end-yes").click()
    for side in call:
        side.page.locator("[data-ended=ended] h1").wait_for()
        assert side.page.evaluate("() => window.connections.every((c) => c.connectionState === 'closed')")
    assert consumer.page.locator("video").count() <= 1


@pytest.mark.skipif(PROGRAM is None, reason="coturn is not installed")
def test_whoever_hides_their_address_is_seen_and_heard_through_the_relay(
    relay: Relay, browsers: tuple[Browser, Browser], tmp_path: Path
) -> None:
    only_relay = """
      window.RTCPeerConnection = class extends window.RTCPeerConnection {
        constructor(config) { super({...config, iceTransportPolicy: 'relay'}); }
      };"""
    relay.people.clear()
    contexts = [browser.new_context(permissions=["camera", "microphone"]) for browser in browsers]
    for context in contexts:
        context.add_init_script(only_relay)
        context.add_init_script(KEEP_CONNECTIONS)
    with turn_server(tmp_path) as servers:
        relay.ice = servers
        provider, consumer = [context.new_page() for context in contexts]
        provider.goto(relay.address("Bo", "provider"))
        consumer.goto(relay.address("Ada"))
        consumer.locator("[data-check=join]").click()
        provider.locator("[data-waiting] button").click()
        for page, other in ((provider, BLUE), (consumer, RED)):
            assert until(lambda: colour_seen(page, REMOTE) == other.colour)  # noqa: B023
            assert until(lambda: tone_heard(page, other.pitch))  # noqa: B023
        kinds = consumer.evaluate(CANDIDATES_IN_USE)
        relay.ice = []
    for context in contexts:
        context.close()
    assert kinds == ["relay", "relay"]


def test_a_browser_that_wants_a_tap_before_it_plays_sound_gets_one(
    relay: Relay, browsers: tuple[Browser, Browser]
) -> None:
    silent_until_tapped = """
      const play = HTMLAudioElement.prototype.play;
      const tapped = ({target}) => { window.tapped ||= target.textContent.includes('Tap to hear'); };
      document.addEventListener('click', tapped, true);
      HTMLAudioElement.prototype.play = function () {
        if (!this.srcObject || window.tapped) return play.call(this);
        this.pause();
        return Promise.reject(new DOMException('no tap', 'NotAllowedError'));
      };"""
    relay.people.clear()
    contexts = [browser.new_context(permissions=["camera", "microphone"]) for browser in browsers]
    contexts[1].add_init_script(silent_until_tapped)
    provider, consumer = [context.new_page() for context in contexts]
    provider.goto(relay.address("Bo", "provider"))
    consumer.goto(relay.address("Ada"))
    consumer.locator("[data-check=join]").click()
    provider.locator("[data-waiting] button").click()
    tap = consumer.get_by_role("button", name="Tap to hear")
    tap.click()
    tap.wait_for(state="detached")
    assert consumer.evaluate("() => [...document.querySelectorAll('#visit audio')].every((audio) => !audio.paused)")
    for context in contexts:
        context.close()


def test_from_admission_to_the_first_picture_takes_less_than_a_second(
    relay: Relay, browsers: tuple[Browser, Browser]
) -> None:
    took = []
    for _run in range(3):
        relay.people.clear()
        contexts = [browser.new_context(permissions=["camera", "microphone"]) for browser in browsers]
        provider, consumer = [context.new_page() for context in contexts]
        consumer.add_init_script(MARK_FIRST_PICTURE)
        provider.goto(relay.address("Bo", "provider"))
        consumer.goto(relay.address("Ada"))
        consumer.locator("[data-check=join]").click()
        provider.locator("[data-waiting] button").wait_for()
        consumer.wait_for_timeout(1000)  # the call is fetched while waiting
        provider.locator("[data-waiting] button").click()
        assert until(lambda: consumer.evaluate("() => Boolean(window.marks.picture)"))  # noqa: B023
        took.append(consumer.evaluate("() => window.marks.picture - window.marks.admitted"))
        for context in contexts:
            context.close()
    assert sorted(took)[1] <= 1000, took
