"""getStaffAvailability: what programs are told of when staff could take an appointment."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.graph.bookings import READS, books, clinic, home, utc
from tests.api.graph.program import Program, Reply
from tests.booking.factories import at, book, make_service
from vestibule.booking.models import DateOverride, Service, TimeOff
from vestibule.people.models import Business, Provider
from vestibule.store import clock
from vestibule.store.clock import to_minute


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def there() -> tuple[Business, Provider, Service]:
    return clinic()


def asked(program: Program, staff: list[Provider], start: datetime, end: datetime, **more: Any) -> Reply:
    body = {"staffIds": [one.ref for one in staff], "startDateTime": utc(start), "endDateTime": utc(end)}
    return program.post(f"{home(program.business)}/getStaffAvailability", body | more)


def day(reply: Reply) -> list[str]:
    """The stretches of the first of the staff: `08:00-09:00 busy`."""
    items = reply.value[0]["availabilityItems"]
    return [
        f"{one['startDateTime']['dateTime'][11:16]}-{one['endDateTime']['dateTime'][11:16]} {one['status']}"
        for one in items
    ]


def test_a_day_is_told_without_gaps(there: tuple[Business, Provider, Service]) -> None:
    business, ada, service = there
    book(service, at("09:00"))
    TimeOff.objects.create(
        business=business, provider=ada, start_minute=to_minute(at("15:00")), end_minute=to_minute(at("16:00"))
    )
    reply = asked(books(business, READS), [ada], at("06:00"), at("18:00"))
    assert (reply.status, reply.value[0]["staffId"]) == (200, ada.ref)
    assert day(reply) == [
        "06:00-08:00 outOfOffice",
        "08:00-09:00 available",
        "09:00-09:30 busy",
        "09:30-15:00 available",
        "15:00-16:00 outOfOffice",
        "16:00-17:00 available",
        "17:00-18:00 outOfOffice",
    ]


def test_buffers_belong_to_an_appointment(there: tuple[Business, Provider, Service]) -> None:
    business, ada, service = there
    Service.objects.filter(pk=service.pk).update(buffer_before_minutes=10, buffer_after_minutes=5)
    book(Service.objects.get(pk=service.pk), at("10:00"))
    assert "09:50-10:35 busy" in day(asked(books(business), [ada], at("09:00"), at("12:00")))


def test_a_session_with_seats_left_says_of_which_service_it_is(there: tuple[Business, Provider, Service]) -> None:
    business, ada, _service = there
    group = make_service(providers=[ada], seats=2)
    book(group, at("10:00"))
    program = books(business)
    items = asked(program, [ada], at("10:00"), at("10:30")).value[0]["availabilityItems"]
    assert [(one["status"], one["serviceId"]) for one in items] == [("slotsAvailable", group.ref)]
    book(group, at("10:00"))
    items = asked(program, [ada], at("10:00"), at("10:30")).value[0]["availabilityItems"]
    assert [(one["status"], one["serviceId"]) for one in items] == [("busy", None)]


def test_a_day_of_a_clock_change_is_an_hour_shorter(there: tuple[Business, Provider, Service]) -> None:
    business, ada, _service = there
    Business.objects.filter(pk=business.pk).update(timezone="Europe/Zurich")
    DateOverride.objects.create(
        business=business, date="2030-03-31", start_minute=60, end_minute=240
    )  # on that Sunday from one to four, of which one hour is not there
    zone = {"dateTime": "2030-03-31T00:00:00", "timeZone": "W. Europe Standard Time"}
    reply = asked(books(business), [ada], at("09:00"), at("09:00"), startDateTime=zone, endDateTime={
        "dateTime": "2030-03-31T06:00:00", "timeZone": "Europe/Zurich"
    })  # fmt: skip
    assert day(reply) == ["23:00-00:00 outOfOffice", "00:00-02:00 available", "02:00-04:00 outOfOffice"]


def test_a_stretch_may_be_as_long_as_two_months(there: tuple[Business, Provider, Service]) -> None:
    business, ada, _service = there
    refused = asked(books(business), [ada], at("09:00"), at("09:00") + timedelta(days=90))
    assert (refused.status, refused.json["error"]["target"]) == (400, "endDateTime")
    assert asked(books(business), [ada], at("09:00"), at("09:00") + timedelta(days=62)).status == 200


def test_staff_of_another_business_are_not_known(there: tuple[Business, Provider, Service]) -> None:
    business, ada, _service = there
    _other, bob, _theirs = clinic()
    refused = asked(books(business), [ada, bob], at("09:00"), at("10:00"))
    assert (refused.status, refused.json["error"]["target"]) == (400, "staffIds")
    assert asked(books(business), [], at("09:00"), at("10:00")).status == 400
