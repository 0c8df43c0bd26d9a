"""A browser whose network goes away and comes back with another address, as a phone that leaves the Wi-Fi."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.calls import FRAMES, UFRAG, Call, begin_call, until
from tests.e2e.carriers import Carrier
from tests.e2e.namespaces import HERE, Network, network
from tests.e2e.proof_media import BLUE, RED, person_with
from tests.e2e.relay import Relay
from tests.e2e.stalls import first_shown, given, noting, wall

pytestmark = [pytest.mark.browser, pytest.mark.slow]
UNSTABLE, RECONNECTING = "Connection unstable", "Reconnecting"
TOLD = noting(dict.fromkeys((UNSTABLE, RECONNECTING), "connection-banner .call__line"))


@pytest.fixture
def cable() -> Iterator[Network]:
    with network() as made:
        yield made


@pytest.fixture
def call(media: None, cable: Network, chromium: Browser, tmp_path: Path) -> Iterator[Call]:
    """Bo on this machine, Ada on a network of her own. Pages may use devices only where the site is trusted."""
    relay, like = Relay(HERE), chromium.browser_type
    trusted = f"--unsafely-treat-insecure-origin-as-secure={relay.origin}"
    program = cable.program(tmp_path)
    with (
        person_with(RED, tmp_path, like, trusted) as bo,
        person_with(BLUE, tmp_path, like, trusted, program=program) as ada,
    ):
        call = begin_call(relay, (bo, ada), Carrier("p2p"), script=TOLD)
        call.wait_until_everybody_is_seen()
        yield call
        call.close()
    relay.close()


def says_that_it_is_unstable(page: Page, since: float) -> None:
    """Wait until a page says so, as it does from two seconds of silence on, or three, as it looks once a second.

    After five it says that it reconnects: at once, if it stood still in between.
    """
    assert until(lambda: first_shown(page, UNSTABLE, RECONNECTING, since=since) is not None)
    if first_shown(page, UNSTABLE, since=since) is None:
        later = first_shown(page, RECONNECTING, since=since)
        assert later is not None
        assert given(page, later - 3000, later) < 1.5, "it had the time to say so and did not"


def test_a_new_address_after_a_gap_brings_both_pictures_and_sounds_back(cable: Network, call: Call) -> None:
    before = call.consumer.page.evaluate(UFRAG)
    cut = wall()
    cable.take_away()
    says_that_it_is_unstable(call.provider.page, cut)
    call.provider.page.wait_for_timeout(3000)
    cable.come_back()
    stood = [side.page.evaluate(FRAMES) for side in call.sides]
    for side, old in zip(call.sides, stood, strict=True):
        assert until(partial(side.has_shown, old + 5)), side.name
    assert call.consumer.page.evaluate(UFRAG) != before, "by a restart"
    call.everybody_is_seen_and_heard()
