"""What providers are, minute by minute: free, taken, in a session with seats left, or away."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.booking.factories import at, book, make_service
from vestibule.booking import holds, whereabouts
from vestibule.booking.models import Schedule, Service, WeeklyHours
from vestibule.calendars.models import BusyInterval
from vestibule.people import masks
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def service() -> Service:
    return make_service()


def seen(service: Service, first: str, last: str) -> list[str]:
    """The stretches of whoever offers a service, without what is free."""
    provider = Provider.objects.select_related("business").get(offers__service=service)
    found = whereabouts.of([provider], to_minute(at(first)), to_minute(at(last)))[provider.pk]
    assert [one.start for one in found[1:]] == [one.end for one in found[:-1]], "there are no gaps"
    return [
        f"{from_minute(one.start):%H:%M}-{from_minute(one.end):%H:%M} {one.kind}"
        for one in found
        if one.kind != whereabouts.FREE
    ]


def test_a_time_that_is_held_is_taken_until_the_hold_is_over(service: Service) -> None:
    holds.hold(service, at("09:00"), client="somebody")
    assert seen(service, "08:00", "12:00") == ["09:00-09:30 taken"]
    clock.set_to(at("07:00") + timedelta(minutes=6))
    assert seen(service, "08:00", "12:00") == []


def test_what_a_calendar_outside_says_is_taken(service: Service) -> None:
    provider = service.offers.get().provider
    BusyInterval.objects.create(
        business=provider.business,
        provider=provider,
        start_minute=to_minute(at("10:00")),
        end_minute=to_minute(at("11:15")),
    )
    masks.raise_versions([provider.pk])
    assert seen(service, "08:00", "12:00") == ["10:00-11:15 taken"]


def test_hours_under_a_name_are_working_hours_too(service: Service) -> None:
    provider = service.offers.get().provider
    evening = Schedule.objects.create(business=provider.business, provider=provider, name="Evening clinic")
    WeeklyHours.objects.create(
        business=provider.business, provider=provider, schedule=evening, weekday=0, start_minute=1140, end_minute=1200
    )
    masks.raise_versions([provider.pk])
    assert seen(service, "16:00", "21:00") == ["17:00-19:00 away", "20:00-21:00 away"]


def test_a_session_is_joinable_while_it_has_seats(service: Service) -> None:
    group = make_service(seats=2)
    book(group, at("09:00"))
    book(group, at("09:30"))
    assert seen(group, "08:00", "12:00") == ["09:00-09:30 joinable", "09:30-10:00 joinable"]
    book(group, at("09:00"))
    assert seen(group, "08:00", "12:00") == ["09:00-09:30 taken", "09:30-10:00 joinable"]


def test_last_week_is_seen_as_it_was(service: Service) -> None:
    book(service, at("09:00"))
    clock.set_to(at("09:00") + timedelta(days=9))
    assert seen(service, "08:00", "12:00") == ["09:00-09:30 taken"]
