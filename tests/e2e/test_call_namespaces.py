"""A browser whose network goes away and comes back with another address, as a phone that leaves the Wi-Fi."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.calls import FRAMES, UFRAG, Call, begin_call, until
from tests.e2e.carriers import Carrier
from tests.e2e.namespaces import HERE, Network, network
from tests.e2e.proof_media import BLUE, RED, person_with
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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
        call = begin_call(relay, (bo, ada), Carrier("p2p"))
        call.wait_until_everybody_is_seen()
        yield call
        call.close()
    relay.close()


def test_a_new_address_after_a_gap_brings_both_pictures_and_sounds_back(cable: Network, call: Call) -> None:
    before = call.consumer.page.evaluate(UFRAG)
    cable.take_away()
    call.provider.page.locator("connection-banner >> text=Connection unstable").first.wait_for(timeout=9_000)
    call.provider.page.wait_for_timeout(3000)
    cable.come_back()
    stood = [side.page.evaluate(FRAMES) for side in call.sides]
    for side, old in zip(call.sides, stood, strict=True):
        assert until(partial(side.has_shown, old + 5), 20), side.name
    assert call.consumer.page.evaluate(UFRAG) != before, "by a restart"
    call.everybody_is_seen_and_heard()
