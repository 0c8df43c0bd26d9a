"""What is kept about the relays, and that a relay that stops relaying is noticed. The relay is a real coturn."""

from pathlib import Path

import pytest
from django.test import override_settings

from tests.integrations.coturn import Relay, coturn, needs_coturn
from vestibule.meetings import relays
from vestibule.meetings.models import RelayCheck
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = [pytest.mark.django_db, needs_coturn]


def named(relay: Relay) -> override_settings:
    environment = {"VESTIBULE_TURN_URLS": f"turn:127.0.0.1:{relay.port}", "VESTIBULE_TURN_SECRET": relay.secret}
    return override_settings(CONFIGURATION=load(environment))


def test_a_relay_that_goes_down_is_known_to_be_down_since_then(tmp_path: Path) -> None:
    with coturn(tmp_path) as relay, named(relay):
        relays.check()
        [works] = relays.known()
        assert works.ok
        assert works.milliseconds is not None
        assert not relays.are_down()
        clock.advance(300)
        relays.check()
        assert relays.known()[0].since == works.since, "it works since it was first seen working"
    with named(relay):
        clock.advance(300)
        [down] = relays.check()
        assert not down.ok
        assert down.since == down.checked_at, "it is down since it was first seen down"
        assert down.words
        assert relays.are_down()


def test_relays_the_settings_no_longer_name_are_forgotten() -> None:
    RelayCheck.objects.create(url="turn:old.example.org", ok=True)
    assert relays.check() == []
    assert not RelayCheck.objects.exists()
    assert not relays.are_down()
