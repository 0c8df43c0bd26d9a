"""Administrators book past the rules, and even so nobody is booked twice at once."""

from collections.abc import Iterator

import pytest

from tests.booking.factories import at, book, make_service, wish_for
from tests.factories import make_provider, manager_of
from vestibule.booking import holds, overriding
from vestibule.booking.errors import SlotTaken
from vestibule.booking.models import Appointment, Hold, Service
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Actor, Role
from vestibule.store import clock


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def service() -> Service:
    return make_service(needs_approval=True)


@pytest.fixture
def owner(service: Service) -> Actor:
    return manager_of(service.business, role=Role.OWNER)


def test_hours_grid_length_and_approval_do_not_count(service: Service, owner: Actor) -> None:
    made = overriding.book(owner, wish_for(service, at("21:07"), length_minutes=55))
    assert (made.start, made.end, made.status) == (at("21:07"), at("22:02"), Appointment.Status.BOOKED)
    assert AuditEntry.objects.filter(action="appointment.rules_set_aside").exists()


def test_whoever_is_free_takes_it(service: Service, owner: Actor) -> None:
    first = overriding.book(owner, wish_for(service, at("20:00")))
    with pytest.raises(SlotTaken) as refused:
        overriding.book(owner, wish_for(service, at("20:10")))
    assert refused.value.nearest
    stand_in = make_provider(business=service.business)
    second = overriding.book(owner, wish_for(service, at("20:10")), [stand_in])
    assert (second.provider, Appointment.objects.count()) == (stand_in, 2)
    assert second.provider != first.provider


def test_it_moves_to_any_time_but_a_taken_one(service: Service, owner: Actor) -> None:
    made = overriding.book(owner, wish_for(service, at("20:00")))
    overriding.book(owner, wish_for(service, at("21:00")))
    moved = overriding.move(owner, made, at("19:30"), length=20)
    assert (moved.start, moved.end) == (at("19:30"), at("19:50"))
    with pytest.raises(SlotTaken):
        overriding.move(owner, moved, at("20:45"))
    for length in (4, 24 * 60 + 1, 31 * 24 * 60):
        with pytest.raises(Invalid) as refused:
            overriding.move(owner, moved, at("19:30"), length=length)
        assert refused.value.facts["field"] == "length_minutes"
    assert Appointment.objects.get(pk=made.pk).start == at("19:30")


def test_what_a_consumer_holds_gives_way(service: Service, owner: Actor) -> None:
    holds.hold(service, at("09:00"), client="somebody")
    overriding.book(owner, wish_for(service, at("09:10")))
    assert not Hold.objects.exists()


def test_managers_of_appointments_alone_may_not(service: Service) -> None:
    for role in (Role.MANAGER, Role.SCHEDULER):
        with pytest.raises(NotPermitted):
            overriding.book(manager_of(service.business, role=role), wish_for(service, at("21:00")))
    made = book(service, at("09:00"))
    with pytest.raises(NotPermitted):
        overriding.move(manager_of(service.business), made, at("21:00"))
