"""How many appointments one consumer may have ahead."""

import pytest

from tests.booking.factories import at, book, make_service, wish_for
from tests.factories import manager_of
from vestibule.booking import lifecycle, quota
from vestibule.booking.errors import LimitReached, TooManyOpen
from vestibule.booking.models import Service
from vestibule.booking.wishes import Contact
from vestibule.people.permissions import PUBLIC, SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    clock.set_to(at("00:00"))
    return make_service(max_open_per_consumer=1)


def of(email: str, phone: str = "") -> Contact:
    return Contact("Cleo Baumann", email, phone)


@pytest.mark.parametrize(
    "again",
    [
        of("cleo@example.org"),
        of("CLEO@Example.org"),
        of("cleo+second@example.org"),
        of("somebody@else.example", "+41 79 555 01 11"),
    ],
)
def test_the_same_person_is_refused_however_they_write_themselves(service: Service, again: Contact) -> None:
    lifecycle.book(PUBLIC, wish_for(service, at("09:00")))
    with pytest.raises(LimitReached) as refusal:
        lifecycle.book(PUBLIC, wish_for(service, at("10:00"), contact=again))
    assert (refusal.value.code, refusal.value.facts) == ("limit_reached", {"most": 1})


def test_somebody_else_is_not(service: Service) -> None:
    book(service, at("09:00"))
    book(service, at("10:00"), contact=of("cleopatra@example.org"))
    book(service, at("11:00"), contact=of("cleo@example.com"))


def test_what_is_cancelled_or_over_does_not_count(service: Service) -> None:
    lifecycle.cancel(SYSTEM, book(service, at("09:00")))
    book(service, at("10:00"))
    clock.set_to(at("10:30"))
    book(service, at("11:00"))


def test_a_request_counts(service: Service) -> None:
    service.needs_approval = True
    service.save()
    book(service, at("09:00"))
    with pytest.raises(TooManyOpen):
        book(service, at("10:00"))


def test_the_business_counts_all_its_services() -> None:
    clock.set_to(at("00:00"))
    service = make_service()
    service.business.max_open_per_consumer = 2
    service.business.save()
    other = make_service(business=service.business)
    book(service, at("09:00"))
    book(other, at("10:00"))
    with pytest.raises(TooManyOpen):
        book(other, at("11:00"))


def test_staff_book_as_many_as_are_needed(service: Service) -> None:
    for time in ("09:00", "10:00"):
        lifecycle.book(manager_of(service.business), wish_for(service, at(time)))


def test_dots_do_not_make_another_person_where_the_mail_provider_ignores_them() -> None:
    assert quota.same_address("C.leo+x@GoogleMail.com") == "cleo@gmail.com"
    assert quota.same_address("c.leo@example.org") == "c.leo@example.org"
