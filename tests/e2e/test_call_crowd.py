"""Six people in one call over a media server: everybody sees everybody, and nobody misses who leaves.

Browsers by themselves carry four: their conformance stands in `test_call_conformance`.
"""

from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.e2e.calls import Side, call_between, until
from tests.e2e.carriers import over_livekit
from tests.e2e.proof_media import BLUE, RED, tone_heard
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SMALL: ViewportSize = {"width": 400, "height": 400}
PATIENT = 120.0  # seconds; six pages that encode are a lot for a small machine


def see_each_other(people: list[Side]) -> None:
    for one in people:
        for other in people:
            assert one is other or until(partial(one.sees, other), PATIENT), f"{one.name} sees {other.name}"


def test_a_fifth_and_a_sixth_person_are_seen_by_all_and_see_all(
    relay: Relay, browsers: tuple[Browser, Browser], tmp_path: Path
) -> None:
    red, blue = browsers
    with over_livekit(tmp_path) as carrier, call_between(relay, browsers, carrier) as call:
        people = [*call.sides]
        for one in people:
            one.page.set_viewport_size(SMALL)
            one.page.set_default_timeout(PATIENT * 1000)
        for name, browser, identity in (("Cy", blue, BLUE), ("Di", red, RED), ("Ed", blue, BLUE), ("Flo", red, RED)):
            people.append(call.joined_by(name, browser, identity, SMALL))
        see_each_other(people)
        hears = partial(tone_heard, people[-1].page, BLUE.pitch, beside=(RED.pitch,))
        assert until(hears, PATIENT), "the last hears those who were there"
        for one in people[2:4]:
            call.left_by(one)
        see_each_other([people[0], *people[4:]])
