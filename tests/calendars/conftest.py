"""What the tests of connected calendars share: a provider, a calendar account in memory, and a worker."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.calendars.scene import ADDRESS, Scene, make_scene
from vestibule.calendars import testing
from vestibule.people import rates


@pytest.fixture
def scene(db: None, settings: Settings) -> Iterator[Scene]:
    """Dr Ada Blum, bookable, with a calendar connected that was read once."""
    settings.CALENDAR_ADAPTERS = dict.fromkeys(("ics", "caldav"), "vestibule.calendars.testing.FakeAccount")
    rates.forget_all()
    with testing.world(ADDRESS) as world:
        yield make_scene(world)
