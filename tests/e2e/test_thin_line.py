"""A line too thin for pictures, in real packets: the sound comes first, and the picture is back when there is room."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import turn
from tests.e2e.calls import REMOTE, Call, begin_call, until
from tests.e2e.carriers import FORCE_RELAY, Carrier
from tests.e2e.proof_media import BLUE, RED, person_with, tone_heard
from tests.e2e.relay import Relay
from tests.e2e.uplink import Uplink

pytestmark = [pytest.mark.browser, pytest.mark.slow]
THIN = 70_000
"""Bits a second: enough to be heard, not to be seen."""
# What went out as pictures since the call began, in bytes, their lines now, and when it was counted, in milliseconds.
PICTURE_OUT = """async () => {
  const rows = [...(await window.connections.at(-1).getStats()).values()];
  const sent = rows.filter((row) => row.type === 'outbound-rtp' && row.kind === 'video');
  const [lines, counted] = [sent.map((row) => row.frameHeight ?? 0), sent.map((row) => row.timestamp)];
  return [sent.reduce((sum, row) => sum + row.bytesSent, 0), Math.max(0, ...lines), Math.max(0, ...counted)];
}"""
# By how much the sides of the picture that goes out are divided, at most as the page asks for.
DIVIDED_BY = """() => {
  const senders = window.connections.at(-1).getSenders().filter((sender) => sender.track?.kind === 'video');
  const encodings = senders.flatMap((sender) => sender.getParameters().encodings);
  return Math.max(...encodings.map((one) => one.scaleResolutionDownBy));
}"""
# How much of what was played as sound was made up, because nothing had come, since the last look.
MADE_UP = """async () => {
  const rows = [...(await window.connections.at(-1).getStats()).values()];
  const sound = rows.find((row) => row.type === 'inbound-rtp' && row.kind === 'audio');
  const before = window.soundBefore ?? {totalSamplesReceived: 0, concealedSamples: 0};
  window.soundBefore = sound;
  const all = sound.totalSamplesReceived - before.totalSamplesReceived;
  return all ? (sound.concealedSamples - before.concealedSamples) / all : 1;
}"""


@pytest.fixture(scope="module")
def restless(media: None, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser of somebody whose picture needs as much room as it is given."""
    folder = tmp_path_factory.mktemp("restless")
    with person_with(BLUE, folder, chromium.browser_type, restless=True) as browser:
        yield browser


@pytest.fixture(scope="module")
def uplink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Uplink, Carrier]]:
    """The only way between the two, and what the pages are told of it."""
    if turn.PROGRAM is None:
        pytest.skip(turn.WHY_NOT)
    with turn.turn_server(tmp_path_factory.mktemp("turn")) as server:
        line = Uplink(server.port)
        yield line, Carrier("p2p-relay", ice=lambda: server.servers(port=line.port), script=FORCE_RELAY)
        line.close()


@pytest.fixture(scope="module")
def call(relay: Relay, red: Browser, restless: Browser, uplink: tuple[Uplink, Carrier]) -> Iterator[Call]:
    both = begin_call(relay, (red, restless), uplink[1])
    both.wait_until_everybody_is_seen()
    yield both
    both.close()


def sent_within(page: Page, milliseconds: int) -> tuple[float, int]:
    """Bits a second of the picture that goes out, and its lines."""
    before, _lines, began = page.evaluate(PICTURE_OUT)
    page.wait_for_timeout(milliseconds)
    after, lines, ended = page.evaluate(PICTURE_OUT)
    return (after - before) * 8000 / max(ended - began, 1), lines


def made_up_within(page: Page, milliseconds: int) -> float:
    """How much of the sound of the next milliseconds is made up."""
    page.evaluate(MADE_UP)
    page.wait_for_timeout(milliseconds)
    return float(page.evaluate(MADE_UP))


def use_little_data(page: Page, pressed: str) -> Any:
    page.locator("[data-control=more]").click()
    page.locator("[data-more=saving]").click()
    page.locator(f"[data-more=saving][aria-pressed={pressed}]").wait_for()
    page.keyboard.press("Escape")


def test_the_switch_for_little_data_sends_a_small_picture_and_can_be_taken_back(call: Call) -> None:
    page = call.consumer.page
    assert until(lambda: sent_within(page, 500)[0] > 150_000), "the picture is one that takes room"
    use_little_data(page, "true")
    assert until(lambda: 0 < sent_within(page, 500)[1] <= 180)
    assert until(lambda: page.evaluate(DIVIDED_BY) == 2)
    rate, _lines = sent_within(page, 1500)
    assert rate < 120_000, rate
    assert until(lambda: call.provider.sees(call.consumer))
    use_little_data(page, "false")
    assert until(lambda: page.evaluate(DIVIDED_BY) == 1)
    assert until(lambda: sent_within(page, 500)[0] > 150_000), "the picture takes room again"
    # Where the first large ones come late on a busy machine, Chromium takes that for a thin line and sends more lines
    # only after twenty seconds of good ones, or after forty where the next came late too.
    assert until(lambda: sent_within(page, 500)[1] > 180, 120)


def test_on_a_line_too_thin_for_pictures_the_sound_survives_and_the_picture_returns_with_the_room(
    call: Call, uplink: tuple[Uplink, Carrier]
) -> None:
    provider, consumer = call.provider.page, call.consumer.page
    line = uplink[0]
    line.rate = THIN
    consumer.get_by_text("Your picture is paused").first.wait_for(timeout=40_000)
    provider.get_by_text("the picture is paused").first.wait_for()
    assert line.dropped, "the line was really too thin"
    assert until(lambda: sent_within(consumer, 500)[0] < 1000), "no picture goes out any more"
    # What the pictures left standing in the queue delays the sound for a second or two more, whatever is sent.
    assert until(lambda: line.backlog < 0.1), "it got through"
    assert until(lambda: tone_heard(provider, BLUE.pitch)), "the provider hears the consumer"
    assert until(lambda: tone_heard(consumer, RED.pitch)), "and the other way round"
    # A machine that stands still for a third of a second makes a window bad, as does a try of the picture; a line on
    # which the sound suffers makes every window so.
    assert until(lambda: made_up_within(provider, 3000) < 0.1), "what is heard is what was said"
    line.rate = None
    assert until(lambda: call.provider.sees(call.consumer), 40)
    provider.locator(REMOTE).first.wait_for()
    expect(consumer.get_by_text("Your picture is paused")).to_have_count(0)
