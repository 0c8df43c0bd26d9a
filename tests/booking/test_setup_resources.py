"""Rooms, devices and licences: how many there are, when they cannot be used, who needs them."""

from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import MONDAY, at, book, make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import availability, setup
from vestibule.booking.models import Resource, ResourceClosure, ResourceUnit, Service
from vestibule.booking.setup import Need
from vestibule.booking.setup.resources import quantity_of, still_lent
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    clock.set_to(MONDAY - timedelta(days=1))
    return make_business()


@pytest.fixture
def manager(business: Business) -> Actor:
    return manager_of(business)


def service_with(manager: Actor, resource: Resource, quantity: int = 1) -> Service:
    """A service of two providers that needs units of a resource."""
    people = [make_provider(business=resource.business) for _turn in range(2)]
    service = make_service(providers=people)
    setup.change_service(manager, service, needs=[Need(resource, quantity)])
    return service


def test_one_device_serves_one_appointment_at_a_time(business: Business, manager: Actor) -> None:
    service = service_with(manager, setup.add_resource(manager, business, name="Scanner", kind="device"))
    book(service, at("09:00"))
    free = [slot.start for slot in availability.free_starts(service, MONDAY, MONDAY + timedelta(days=1))]
    assert at("09:00") not in free
    assert at("09:30") in free


def test_more_units_are_there_at_once(business: Business, manager: Actor) -> None:
    scanner = setup.add_resource(manager, business, name="Scanner")
    service = service_with(manager, scanner)
    book(service, at("09:00"))
    setup.change_resource(manager, scanner, quantity=2)
    free = [slot.start for slot in availability.free_starts(service, MONDAY, MONDAY + timedelta(days=1))]
    assert at("09:00") in free


def test_a_unit_taken_away_stays_with_what_is_booked(business: Business, manager: Actor) -> None:
    rooms = setup.add_resource(manager, business, name="Rooms", quantity=3)
    service = service_with(manager, rooms)
    book(service, at("09:00"))
    book(service, at("09:00"), provider=None)
    setup.change_resource(manager, rooms, quantity=1)
    assert (quantity_of(rooms), still_lent(rooms)) == (1, 1)
    assert ResourceUnit.objects.filter(resource=rooms).count() == 3


def test_units_come_back_before_new_ones_are_made(business: Business, manager: Actor) -> None:
    rooms = setup.add_resource(manager, business, name="Rooms", quantity=3)
    setup.change_resource(manager, rooms, quantity=1)
    setup.change_resource(manager, rooms, quantity=4)
    numbers = ResourceUnit.objects.filter(resource=rooms, is_active=True).values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4]


def test_nothing_is_offered_while_it_is_closed(business: Business, manager: Actor) -> None:
    scanner = setup.add_resource(manager, business, name="Scanner")
    service = service_with(manager, scanner)
    setup.close_resource(manager, scanner, at("08:00"), at("12:00"), "Maintenance")
    free = [slot.start for slot in availability.free_starts(service, MONDAY, MONDAY + timedelta(days=1))]
    assert min(free) == at("12:00")
    setup.reopen_resource(manager, ResourceClosure.objects.get())
    assert availability.free_starts(service, MONDAY, at("12:00"))


def test_one_that_is_needed_is_not_retired(business: Business, manager: Actor) -> None:
    scanner = setup.add_resource(manager, business, name="Scanner")
    service = service_with(manager, scanner)
    with pytest.raises(Invalid) as refused:
        setup.retire_resource(manager, scanner)
    assert service.name in str(refused.value)
    setup.change_service(manager, service, needs=[])
    assert not setup.retire_resource(manager, scanner).is_active
    assert setup.restore_resource(manager, scanner).is_active


def test_every_change_tells_every_process(business: Business, manager: Actor) -> None:
    scanner = setup.add_resource(manager, business, name="Scanner")
    seen = {scanner.mask_version}
    for change in (
        lambda: setup.change_resource(manager, scanner, quantity=2),
        lambda: setup.close_resource(manager, scanner, at("08:00"), at("09:00")),
        lambda: setup.retire_resource(manager, scanner),
    ):
        change()
        version = Resource.objects.get(pk=scanner.pk).mask_version
        assert version not in seen
        seen.add(version)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "Room", "quantity": 0}, "quantity"),
        ({"name": "Room", "quantity": 101}, "quantity"),
        ({"name": "Room", "kind": "person"}, "kind"),
        ({"name": "Room", "slug": "Room 1"}, "slug"),
        ({"name": "Room", "price": 3}, "price"),
    ],
)
def test_what_does_not_fit_is_refused(business: Business, manager: Actor, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        setup.add_resource(manager, business, **values)
    assert refused.value.facts["field"] == field


def test_a_closure_ends_after_it_begins(business: Business, manager: Actor) -> None:
    scanner = setup.add_resource(manager, business, name="Scanner")
    with pytest.raises(Invalid) as refused:
        setup.close_resource(manager, scanner, at("09:00"), at("09:00"))
    assert refused.value.facts["field"] == "end"


def test_walls_stand_between_businesses_and_roles(business: Business, manager: Actor) -> None:
    scanner = setup.add_resource(manager, business, name="Scanner")
    stranger = manager_of(make_business())
    with pytest.raises(NotFound):
        setup.change_resource(stranger, scanner, quantity=2)
    with pytest.raises(NotFound):
        setup.change_service(stranger, make_service(), needs=[Need(scanner)])
    with pytest.raises(NotPermitted):
        setup.add_resource(manager_of(business, role=Role.PROVIDER), business, name="Mine")
