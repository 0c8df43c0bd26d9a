"""Why a start is not offered, in words with the facts for staff, and without them for everybody else."""

from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import MONDAY, at, book, make_resource, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import availability, holds
from vestibule.booking.models import DateOverride, ProviderRules, Service, TimeOff
from vestibule.calendars.models import BusyInterval
from vestibule.people.models import Provider
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sunday() -> None:
    clock.set_to(MONDAY - timedelta(days=1))


@pytest.fixture
def frey() -> Provider:
    return make_provider(business=make_business(timezone="Europe/Berlin"), name="Dr Frey")


def service_of(frey: Provider, **values: Any) -> Service:
    return make_service(providers=[frey], **values)


def refused(service: Service, time: str, **asked: Any) -> list[tuple[str, str]]:
    """The rules that refuse, and their sentences."""
    told = availability.explain(service, at(time), **asked)
    return [(one.rule, one.sentence.partition(": ")[2]) for one in told if not one.allows]


def allowed(service: Service, time: str, rule: str) -> str:
    return next(one.sentence for one in availability.explain(service, at(time)) if one.rule == rule)


def test_a_booked_time_names_who_is_booked_and_when_never_for_whom(frey: Provider) -> None:
    service = service_of(frey)
    book(service, at("09:00"))
    assert refused(service, "09:00") == [("busy", "Dr Frey is booked 10:00\N{EN DASH}10:30.")]
    assert not any("Cleo" in one.sentence for one in availability.explain(service, at("09:00")))


def test_an_event_elsewhere_is_told_without_its_name(frey: Provider) -> None:
    service, minute = service_of(frey), clock.to_minute(at("09:00"))
    BusyInterval.objects.create(
        business=frey.business, provider=frey, start_minute=minute, end_minute=minute + 60, summary="Dentist"
    )
    assert refused(service, "09:30") == [("busy", "Dr Frey is busy with something else 10:00\N{EN DASH}11:00.")]


def test_time_around_appointments(frey: Provider) -> None:
    service = service_of(frey, buffer_after_minutes=15)
    book(service, at("09:00"))
    assert refused(service, "09:30") == [
        ("buffer", "Dr Frey is taken 10:00\N{EN DASH}10:30, and time is kept free before and after.")
    ]


def test_a_hold_says_that_somebody_is_booking(frey: Provider) -> None:
    service = service_of(frey)
    holds.hold(service, at("09:00"))
    assert refused(service, "09:00") == [("hold", "This time is being kept for somebody who is booking it just now.")]


def test_hours_are_told_in_the_zone_of_the_business(frey: Provider) -> None:
    service = service_of(frey)
    assert refused(service, "06:00") == [("hours", "On Mon 4 Mar 2030 Dr Frey works 08:00\N{EN DASH}17:00.")]
    DateOverride.objects.create(business=frey.business, provider=frey, date=MONDAY.date(), is_closed=True)
    assert refused(service, "09:00") == [("hours", "Dr Frey does not work on Mon 4 Mar 2030.")]


def test_time_off(frey: Provider) -> None:
    service, minute = service_of(frey), clock.to_minute(at("09:00"))
    TimeOff.objects.create(business=frey.business, provider=frey, start_minute=minute, end_minute=minute + 60)
    assert refused(service, "09:00") == [("hours", "Dr Frey is away 10:00\N{EN DASH}11:00.")]


def test_when_the_service_can_be_booked_at_all(frey: Provider) -> None:
    service = service_of(frey, availability={"general": "hours", "weekly": [[0, 720, 780]]})
    assert refused(service, "09:00") == [("hours", "This can be booked for 12:00\N{EN DASH}13:00 on Mon 4 Mar 2030.")]


def test_the_grid_names_the_nearest_starts(frey: Provider) -> None:
    assert refused(service_of(frey), "09:10") == [
        ("grid", "Starts are every 30 minutes; the nearest are 10:00 · 10:30.")
    ]


def test_notice_and_window_name_the_earliest_and_the_last(frey: Provider) -> None:
    service = service_of(frey, notice_minutes=1440 + 11 * 60, window_days=1)
    assert refused(service, "09:00") == [("notice", "The earliest start that may be booked now is 12:00.")]
    service = service_of(frey, window_days=0)
    assert refused(service, "09:00") == [("window", "It may be booked up to Sun 3 Mar 2030.")]


def test_limits_name_the_number(frey: Provider) -> None:
    service = service_of(frey, limits={"max_per": {"day": 1, "week": 9}})
    book(service, at("09:00"))
    assert refused(service, "11:00") == [("limit", "No more than 1 a day are taken.")]
    ProviderRules.objects.create(provider=frey, limits={"max_minutes_per": {"week": 45}})
    assert refused(service_of(frey), "11:00") == [("limit", "No more than 45 minutes a week are taken.")]


def test_seats(frey: Provider) -> None:
    service = service_of(frey, seats=2)
    assert allowed(service, "09:00", "seats") == "Seats left: There are 2 seats."
    for _number in range(2):
        book(service, at("09:00"))
    assert ("seats", "All 2 seats are taken.") in refused(service, "09:00")


def test_what_is_needed_besides(frey: Provider) -> None:
    service = service_of(frey)
    other = make_service(providers=[make_provider(business=frey.business)])
    make_resource(needed_by=[service, other], name="Ultrasound")
    book(other, at("09:00"))
    assert refused(service, "09:00") == [("resource", "Ultrasound: in use 10:00\N{EN DASH}10:30.")]


def test_all_is_well(frey: Provider) -> None:
    service = service_of(frey)
    assert refused(service, "09:00") == []
    assert allowed(service, "09:00", "provider").endswith("Dr Frey offers this.")
    assert allowed(service, "09:00", "hours").endswith("Dr Frey works 08:00\N{EN DASH}17:00.")


def test_the_first_that_refuses_is_what_a_booking_is_refused_with(frey: Provider) -> None:
    service = service_of(frey, limits={"max_per": {"day": 1}})
    book(service, at("09:00"))
    told = availability.explain(service, at("09:10"))
    assert [one.code for one in told if not one.allows] == ["off_grid", "slot_taken", "limit_reached"]


def test_what_everybody_may_read_names_nobody_and_no_time(frey: Provider) -> None:
    service = service_of(frey)
    book(service, at("09:00"))
    for one in availability.explain(service, at("09:00")):
        assert "Frey" not in one.plain
        assert not any(letter.isdigit() for letter in one.plain)
