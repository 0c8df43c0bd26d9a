"""Rooms and devices: a third axis that blocks across services and providers, offered and booked alike."""

from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import MONDAY, at, book, make_resource, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import availability, holds, lifecycle, resources
from vestibule.booking.errors import ResourceTaken
from vestibule.booking.models import (
    Appointment,
    Hold,
    Resource,
    ResourceClosure,
    ResourceUnit,
    ResourceUse,
    Seat,
    Service,
    ServiceResource,
)
from vestibule.people import masks
from vestibule.people.errors import Refusal
from vestibule.people.models import Business
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.usefixtures("each_database")
HALF = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _sunday() -> None:
    resources.forget()
    clock.set_to(MONDAY - timedelta(days=1))


def starts(service: Service, until: str = "10:00", **asked: Any) -> list[str]:
    found = availability.free_starts(service, at("08:00"), at(until), **asked)
    return [f"{slot.start:%H:%M}" for slot in found]


def two_services(**values: Any) -> tuple[Service, Service]:
    """Two services of one business, each with a provider of its own."""
    business = make_business()
    masks.raise_versions_of(business)
    one, two = (make_service(providers=[make_provider(business=business)], **values) for _number in range(2))
    masks.raise_versions_of(business)
    return one, two


def used() -> list[tuple[int, int]]:
    """Units in use: which, how many minutes after eight."""
    eight = clock.to_minute(at("08:00"))
    rows = ResourceUse.objects.filter(is_active=True).order_by("start_minute", "unit__number")
    return [(number, start - eight) for number, start in rows.values_list("unit__number", "start_minute")]


def test_a_device_in_use_blocks_other_services_and_providers() -> None:
    one, two = two_services()
    make_resource(needed_by=[one, two])
    book(one, at("08:30"))
    assert starts(two) == ["08:00", "09:00", "09:30"]
    with pytest.raises(ResourceTaken) as refusal:
        book(two, at("08:30"))
    assert (refusal.value.status, refusal.value.code) == (409, "resource_taken")
    told = availability.explain(two, at("08:30"))
    assert [verdict.code for verdict in told if not verdict.allows] == ["resource_taken"]


def test_the_first_free_unit_is_used_until_there_is_none() -> None:
    one, two = two_services()
    make_resource(quantity=2, needed_by=[one, two])
    book(one, at("08:30"))
    book(two, at("08:30"))
    assert used() == [(1, 30), (2, 30)]
    three = make_service(providers=[make_provider(business=one.business)])
    ServiceResource.objects.create(service=three, resource=Resource.objects.get())
    assert "08:30" not in starts(three)


def test_several_units_are_needed_at_once() -> None:
    one, two = two_services()
    resource = make_resource(quantity=3, needed_by=[one, two])
    ServiceResource.objects.update(quantity=2)
    book(one, at("08:30"))
    assert used() == [(1, 30), (2, 30)]
    assert "08:30" not in starts(two)
    ResourceUnit.objects.create(resource=resource, number=4)
    resources.raise_versions([resource.pk])
    assert "08:30" in starts(two)


def test_of_a_group_any_resource_will_do() -> None:
    one, two = two_services()
    rooms = [make_resource(business=one.business) for _number in range(2)]
    for room in rooms:
        for service in (one, two):
            ServiceResource.objects.create(service=service, resource=room, group="room")
    book(one, at("08:30"))
    assert "08:30" in starts(two)
    book(two, at("08:30"))
    assert ResourceUse.objects.values("unit__resource").distinct().count() == 2


def test_cancelled_time_is_given_back_at_once() -> None:
    one, two = two_services()
    make_resource(needed_by=[one, two])
    appointment = book(one, at("08:30"))
    assert "08:30" not in starts(two)
    lifecycle.cancel(SYSTEM, appointment)
    assert "08:30" in starts(two)
    book(two, at("08:30"))
    assert used() == [(1, 30)]


def test_an_appointment_does_not_stand_in_its_own_way() -> None:
    one, two = two_services(interval_minutes=15)
    make_resource(needed_by=[one, two])
    appointment = book(one, at("08:30"))
    assert "08:45" in starts(one, moving=appointment)
    assert "08:45" not in starts(two)
    lifecycle.move(SYSTEM, appointment, at("08:45"))
    assert used() == [(1, 45)]
    assert "08:15" in starts(two)


def test_a_hold_keeps_the_device_for_its_holder_until_it_expires() -> None:
    one, two = two_services()
    make_resource(needed_by=[one, two])
    hold = holds.hold(one, at("08:30"))
    assert "08:30" not in starts(two)
    assert "08:30" in starts(one, holder=hold.ref)
    clock.advance(holds.SECONDS + 1)
    assert "08:30" in starts(two)
    book(two, at("08:30"))
    assert used() == [(1, 30)]
    assert not Hold.objects.exists()


def test_a_hold_is_used_up_by_its_own_booking_and_by_giving_it_up() -> None:
    one, two = two_services()
    make_resource(needed_by=[one, two])
    hold = holds.hold(one, at("08:30"))
    book(one, at("08:30"), hold=hold.ref)
    assert used() == [(1, 30)]
    kept = holds.hold(two, at("09:00"))
    holds.release(kept.ref)
    assert used() == [(1, 30)]
    assert "09:00" in starts(one)


def test_a_closed_device_and_one_taken_away_cannot_be_used() -> None:
    (one, _two) = two_services()
    resource = make_resource(needed_by=[one])
    minute = clock.to_minute(at("08:30"))
    ResourceClosure.objects.create(resource=resource, start_minute=minute, end_minute=minute + 30)
    resources.raise_versions([resource.pk])
    assert starts(one) == ["08:00", "09:00", "09:30"]
    Resource.objects.update(is_active=False)
    resources.raise_versions([resource.pk])
    assert starts(one) == []


def test_a_group_session_takes_the_device_once() -> None:
    business = make_business()
    first, second = (make_provider(business=business) for _number in range(2))
    group = make_service(providers=[first, second], seats=3)
    resource = make_resource(needed_by=[group])
    for _number in range(3):
        book(group, at("08:30"))
    assert used() == [(1, 30)]
    assert Seat.objects.count() == 3
    with pytest.raises(Refusal) as refusal:
        book(group, at("08:30"))
    assert refusal.value.code in {"resource_taken", "slot_taken"}
    lifecycle.cancel(SYSTEM, Appointment.objects.order_by("pk")[0])
    assert used() == [(1, 30)]
    for appointment in Appointment.objects.filter(status="booked"):
        lifecycle.cancel(SYSTEM, appointment)
    assert used() == []
    assert resource.units.count() == 1


@pytest.mark.parametrize("rule", Business.BufferRule.values)
def test_buffers_are_kept_around_the_device_too(rule: str) -> None:
    one, two = two_services(buffer_after_minutes=15, interval_minutes=15)
    make_resource(needed_by=[one, two])
    Business.objects.update(buffer_rule=rule)
    one, two = Service.objects.select_related("business").order_by("pk")
    book(one, at("08:30"))
    free = starts(two)
    assert "08:00" not in free
    assert ("09:00" in free) is (rule == "new_only")
    assert "09:15" in free
    for start in free:
        appointment = book(two, at(start))
        lifecycle.cancel(SYSTEM, appointment)


def test_what_another_process_took_is_noticed() -> None:
    one, two = two_services()
    make_resource(needed_by=[one, two])
    resources.raise_versions(Resource.objects.values_list("pk", flat=True))
    assert "08:30" in starts(two)
    book(one, at("08:30"))
    assert "08:30" not in starts(two)


def test_the_database_passes_over_a_unit_that_is_in_use_after_all() -> None:
    """A use that no version tells of: the guard refuses its unit, and the next is taken."""
    one, two = two_services()
    resource = make_resource(quantity=2, needed_by=[one, two])
    resources.raise_versions([resource.pk])
    assert "08:30" in starts(two)
    version = Resource.objects.get().mask_version
    book(one, at("08:30"))
    Resource.objects.update(mask_version=version)
    book(two, at("08:30"))
    assert used() == [(1, 30), (2, 30)]
