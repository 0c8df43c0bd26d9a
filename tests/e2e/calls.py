"""Calls between real browsers over the small server of `relay.py`, and what the page does not show of them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, ViewportSize

from tests.chromium import PATIENCE
from tests.e2e.carriers import Carrier
from tests.e2e.proof_media import BLUE, RED, Identity, colour_seen, tone_heard
from tests.e2e.relay import Relay
from tests.e2e.wire import Wire

DESKTOP: ViewportSize = {"width": 1280, "height": 720}
REMOTE = "video-tile[data-kind=camera] video"
SCREEN = "video-tile[data-kind=screen] video"
# Keep every connection and the shared screen, to ask them what the page does not show.
KEEP_CONNECTIONS = """
window.connections = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this); }
};
const devices = navigator.mediaDevices; // a blank page has none
const openScreen = devices?.getDisplayMedia.bind(devices);
if (devices) devices.getDisplayMedia = async (wanted) => {
  const stream = await openScreen(wanted);
  window.screenTrack = stream.getVideoTracks()[0];
  return stream;
};
"""
FRAMES = f"() => document.querySelector('{REMOTE}')?.getVideoPlaybackQuality().totalVideoFrames ?? 0"
# Empty as long as a new connection has said nothing of itself.
UFRAG = "() => /a=ice-ufrag:(\\S+)/.exec(window.connections.at(-1).localDescription?.sdp ?? '')?.[1] ?? ''"
BYTES_IN = """async () => {
  const rows = [...(await window.connections.at(-1).getStats()).values()];
  return rows.filter((r) => r.type === 'inbound-rtp').reduce((sum, r) => sum + r.bytesReceived, 0);
}"""
CANDIDATES_IN_USE = """async () => {
  const rows = new Map([...(await window.connections.at(-1).getStats()).values()].map((row) => [row.id, row]));
  const transport = [...rows.values()].find((row) => row.type === 'transport');
  const pair = rows.get(transport.selectedCandidatePairId);
  return [rows.get(pair.localCandidateId).candidateType, rows.get(pair.remoteCandidateId).candidateType];
}"""
SENDS_PICTURE = "() => window.connections.at(-1).getSenders().some((s) => s.track && s.track.kind === 'video')"


def until(true: Callable[[], bool], within: float = PATIENCE / 1000) -> bool:
    """Whether `true`, which asks a page, becomes so within some seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return true()


@dataclass(frozen=True)
class Side:
    """One person: their page, how they are recognised, and their name."""

    page: Page
    identity: Identity
    name: str

    def control(self, name: str) -> Locator:
        return self.page.locator(f"call-controls [data-control={name}]")

    def sees(self, other: "Side") -> bool:
        return (
            colour_seen(self.page, f"[data-participant=par_{other.name}][data-kind=camera] video")
            == other.identity.colour
        )

    def has_shown(self, more_than: int) -> bool:
        """Whether more frames than this of the first other's picture were shown here."""
        return int(self.page.evaluate(FRAMES)) > more_than

    def shows(self, selector: str, colour: str) -> bool:
        return colour_seen(self.page, selector) == colour

    def hears(self, other: "Side") -> bool:
        return tone_heard(self.page, other.identity.pitch)


@dataclass
class Call:
    """A provider (Bo, red) and a consumer (Ada, blue) in a call, and whoever comes after."""

    relay: Relay
    provider: Side
    consumer: Side
    opened: list[BrowserContext] = field(default_factory=list)

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.provider, self.consumer

    @property
    def pairs(self) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        """Each with the other."""
        return (self.provider, self.consumer), (self.consumer, self.provider)

    @property
    def well(self) -> bool:
        """Whether both still see each other, as at the beginning, so that another test may go on with it."""
        try:
            return all(side.sees(other) and side.control("mic").is_visible() for side, other in self.pairs)
        except Error:  # a closed page
            return False

    def wait_until_everybody_is_seen(self) -> None:
        for side, other in self.pairs:
            assert until(partial(side.sees, other)), f"{side.name} sees {other.name}"

    def everybody_is_seen_and_heard(self) -> None:
        self.wait_until_everybody_is_seen()
        for side, other in self.pairs:
            assert until(partial(side.hears, other)), f"{side.name} hears {other.name}"

    def let_in(self, name: str) -> None:
        """The provider admits somebody who waits; who was admitted before may still stand there."""
        self.provider.page.locator(f"[data-waiting=par_{name}] button").click()

    def joined_by(self, name: str, browser: Browser, identity: Identity, viewport: ViewportSize | None = None) -> Side:
        """One more person comes and is let in. A small `viewport` costs a small machine less."""
        context = new_context(browser, self.relay.carrier, viewport=viewport)
        context.set_default_timeout(120_000)  # the more have come, the more a small machine has to do
        self.opened.append(context)
        page = context.new_page()
        page.goto(self.relay.address(name, "helper"))
        comes_in(page)
        self.let_in(name)
        page.locator("call-controls").wait_for()
        return Side(page, identity, name)

    def left_by(self, side: Side) -> None:
        """Somebody who came later goes."""
        side.control("leave").click()
        side.page.locator("[data-ended=left] h1").wait_for()
        self.provider.page.locator(f"[data-participant=par_{side.name}]").wait_for(state="detached")
        self.opened.remove(side.page.context)
        side.page.context.close()

    def close(self) -> None:
        for context in self.opened:
            context.close()


def comes_in(page: Page) -> None:
    """From the device check to the waiting room, with the devices that are there: who joins sooner joins without."""
    page.locator("device-check :is([data-control=camera], [data-check=again])").first.wait_for()
    page.locator("[data-check=join]").click()
    page.locator("waiting-status h1").wait_for()


def new_context(
    browser: Browser, carrier: Carrier, wire: Wire | None = None, viewport: ViewportSize | None = None
) -> BrowserContext:
    """A person's browser with devices allowed, whose connections the test can look into."""
    context = browser.new_context(permissions=["camera", "microphone"], viewport=viewport or DESKTOP)
    if wire:
        wire.attach(context)
    if carrier.script:
        context.add_init_script(carrier.script)
    context.add_init_script(KEEP_CONNECTIONS)
    return context


@contextmanager
def call_between(
    relay: Relay, browsers: tuple[Browser, Browser], carrier: Carrier, wire: Wire | None = None, script: str = ""
) -> Iterator[Call]:
    """Device check, waiting room, admitted, joined: until both see each other. `script` runs first in both pages."""
    call = begin_call(relay, browsers, carrier, wire, script)
    try:
        call.wait_until_everybody_is_seen()
        yield call
    finally:
        call.close()


def begin_call(
    relay: Relay,
    browsers: tuple[Browser, Browser],
    carrier: Carrier,
    wire: Wire | None = None,
    script: str = "",
    consumer_script: str = "",
) -> Call:
    """As `call_between`, but without waiting for pictures; close it yourself."""
    relay.begin(carrier)
    contexts = [new_context(browser, carrier, wire) for browser in browsers]
    for context, wanted in zip(contexts, (script, consumer_script or script), strict=True):
        if wanted:
            context.add_init_script(wanted)
    pages = [context.new_page() for context in contexts]
    provider, consumer = Side(pages[0], RED, "Bo"), Side(pages[1], BLUE, "Ada")
    provider.page.goto(relay.address("Bo", "provider"))
    consumer.page.goto(relay.address("Ada"))
    comes_in(consumer.page)
    call = Call(relay, provider, consumer, list(contexts))
    call.let_in(consumer.name)
    consumer.page.locator("call-controls").wait_for()
    return call
