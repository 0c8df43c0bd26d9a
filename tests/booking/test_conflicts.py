"""Rule changes never move what is booked: what no longer fits is listed."""

from datetime import date, timedelta

import pytest

from tests.booking.factories import MONDAY, at, book, make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import setup
from vestibule.booking.conflicts import conflicts_of
from vestibule.booking.models import Appointment, Service
from vestibule.booking.setup import Hours, Need, Offer
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    clock.set_to(MONDAY - timedelta(days=1))
    return make_service(providers=[make_provider(business=make_business())])


@pytest.fixture
def manager(service: Service) -> Actor:
    return manager_of(service.business)


@pytest.fixture
def booked(service: Service) -> Appointment:
    return book(service, at("09:00"))


def found(service: Service) -> list[tuple[int, str]]:
    return [(one.appointment.pk, one.code) for one in conflicts_of(service.business)]


def test_what_fits_is_no_conflict(service: Service, booked: Appointment) -> None:
    assert conflicts_of(service.business) == []


def test_shorter_hours(service: Service, manager: Actor, booked: Appointment) -> None:
    setup.set_hours(manager, service.business, [Hours(0, 600, 1020)])
    assert found(service) == [(booked.pk, "outside_hours")]
    booked.refresh_from_db()
    assert booked.start == at("09:00")


def test_a_closed_day(service: Service, manager: Actor, booked: Appointment) -> None:
    setup.set_override(manager, service.business, date(2030, 3, 4), [])
    assert found(service) == [(booked.pk, "closed")]


def test_time_off_of_the_provider(service: Service, manager: Actor, booked: Appointment) -> None:
    provider = Provider.objects.get(offers__service=service)
    setup.add_time_off(manager, service.business, at("08:00"), at("09:15"), provider=provider)
    assert found(service) == [(booked.pk, "closed")]
    assert provider.name in conflicts_of(service.business, provider=provider)[0].sentence


def test_time_off_of_somebody_else_is_none(service: Service, manager: Actor, booked: Appointment) -> None:
    other = make_provider(business=service.business)
    setup.add_time_off(manager, service.business, at("08:00"), at("12:00"), provider=other)
    assert conflicts_of(service.business) == []


def test_a_public_holiday(service: Service, manager: Actor) -> None:
    easter_monday = book(service, at("09:00") + timedelta(days=49))
    setup.keep_holidays(manager, service.business, "CH", "ZH")
    assert found(service) == [(easter_monday.pk, "closed")]


def test_a_schedule_it_was_not_booked_by(service: Service, manager: Actor, booked: Appointment) -> None:
    provider = Provider.objects.get(offers__service=service)
    evening = setup.add_schedule(manager, provider, "Evening")
    setup.change_service(manager, service, offers=[Offer(provider, schedule=evening)])
    assert found(service) == [(booked.pk, "outside_hours")]


def test_hours_of_the_service_itself(service: Service, manager: Actor, booked: Appointment) -> None:
    setup.change_service(manager, service, availability={"general": "hours", "weekly": [[0, 600, 720]]})
    assert found(service) == [(booked.pk, "outside_hours")]


def test_a_resource_that_is_closed(service: Service, manager: Actor) -> None:
    scanner = setup.add_resource(manager, service.business, name="Scanner")
    setup.change_service(manager, service, needs=[Need(scanner)])
    booked = book(service, at("09:00"))
    setup.close_resource(manager, scanner, at("09:15"), at("10:00"))
    assert found(service) == [(booked.pk, "resource_taken")]


def test_what_is_cancelled_or_over_is_none(service: Service, manager: Actor, booked: Appointment) -> None:
    setup.set_hours(manager, service.business, [])
    Appointment.objects.filter(pk=booked.pk).update(status="cancelled")
    assert conflicts_of(service.business) == []
    Appointment.objects.filter(pk=booked.pk).update(status="booked")
    clock.set_to(MONDAY + timedelta(days=1))
    assert conflicts_of(service.business) == []


def test_another_business_has_its_own(service: Service, manager: Actor, booked: Appointment) -> None:
    setup.set_hours(manager, service.business, [])
    assert conflicts_of(make_business()) == []
