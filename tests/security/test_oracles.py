"""What a refusal or a page tells of somebody else, and what a link does to them."""

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.booking.factories import MONDAY, at, book, make_service, wish_for
from tests.factories import make_provider, manager_of
from tests.web.manager.office import make_office, url
from vestibule.booking import lifecycle, quota
from vestibule.booking.models import Appointment, Service, ServiceProvider
from vestibule.booking.wishes import Contact, Helper
from vestibule.notifications.models import OutboxMessage
from vestibule.people import rates
from vestibule.people.errors import TooMany
from vestibule.people.permissions import SYSTEM, Actor, ActorKind, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday() -> None:
    rates.forget_all()
    clock.set_to(MONDAY)


def consumer_of(appointment: Appointment) -> Actor:
    return Actor(ActorKind.CONSUMER, "consumer", appointment.business_id, subjects=frozenset({appointment.ref}))


TAKEN, CLOSED = {"start": "2030-03-04T09:00:00Z"}, {"start": "2030-03-04T03:00:00Z"}
SERIES = {"repeat": {"every": "week", "count": 2, "policy": "all"}}


@pytest.mark.parametrize("more", [TAKEN, CLOSED, {"hold": "made-up"}, TAKEN | SERIES, CLOSED | SERIES])
def test_a_booking_that_cannot_be_made_does_not_tell_who_has_appointments(more: dict[str, Any]) -> None:
    service = make_service(slug="visit", max_open_per_consumer=1, most_occurrences=4)
    book(service, at("09:00"), contact=Contact("Cleo", "cleo@example.org"))
    public = Caller(service.business)

    def told(email: str) -> tuple[int, str]:
        answer = public.book(service, "11:00", consumer={"name": "X", "email": email}, **more)
        return answer.status_code, answer.json()["code"]

    assert told("cleo@example.org") == told("nobody@example.org")
    assert told("cleo@example.org")[1] != "limit_reached"


def test_a_refusal_for_the_limit_leaves_nothing_behind() -> None:
    service = make_service(slug="visit", max_open_per_consumer=1)
    public = Caller(service.business)
    assert public.book(service, "09:00").status_code == 201
    messages = OutboxMessage.objects.count()
    assert public.book(service, "11:00").json()["code"] == "limit_reached"
    assert (Appointment.objects.count(), OutboxMessage.objects.count()) == (1, messages)
    assert public.book(service, "11:00", consumer={"name": "X", "email": "x@example.org"}).status_code == 201


def test_who_sees_the_own_day_only_is_not_told_when_colleagues_are_busy() -> None:
    office = make_office()
    bo = make_provider(business=office.business, name="Dr Bo Lind", slug="dr-bo-lind")
    only_bo = Service.objects.create(
        business=office.business, slug="second", name="Second", notice_minutes=0, window_days=3000
    )
    ServiceProvider.objects.create(service=only_bo, provider=bo)
    book(only_bo, at("13:00"))
    asked = url("why", service="second", day="2030-03-04", time="13:00")
    busy = "13:00\N{EN DASH}13:30"

    def page(role: Role) -> str:
        return office.as_(role).get(asked).content.decode()

    assert busy in page(Role.MANAGER)
    assert busy not in page(Role.PROVIDER)


def test_a_hold_does_not_choose_a_provider_where_consumers_may_not() -> None:
    service = make_service(slug="visit", consumer_chooses_provider=False)
    public = Caller(service.business)
    given = {"service": "visit", "start": "2030-03-04T09:00:00Z", "provider": service.offers.get().provider.slug}
    answer = public.send("POST", f"/businesses/{service.business.slug}/holds", given)
    assert answer.json()["code"] == "provider_not_offered"


def test_a_link_does_not_fill_the_mailbox_it_was_booked_with_by_moving_to_and_fro() -> None:
    booked = book(make_service(change_notice_minutes=0), at("09:00"))
    starts = ["10:00", "11:00"] * 10
    for start in starts:
        booked = lifecycle.move(consumer_of(booked), booked, at(start))
    with pytest.raises(TooMany):
        lifecycle.move(consumer_of(booked), booked, at("12:00"))


def test_nobodys_mailbox_is_filled_by_booking_and_cancelling_under_their_address() -> None:
    service = make_service()
    for _time in range(quota.MOST_WRITTEN_TO):
        lifecycle.cancel(SYSTEM, book(service, at("09:00"), contact=Contact("X", "cleo@example.org")))
    with pytest.raises(TooMany):
        book(service, at("09:00"), contact=Contact("X", "Cleo+1@example.org"))
    with pytest.raises(TooMany):
        book(
            service,
            at("09:00"),
            contact=Contact("X", "x@y.example"),
            helpers=(Helper("C", "cleo@example.org", "helper"),),
        )
    assert not Appointment.objects.exclude(status="cancelled").exists()
    assert lifecycle.book(manager_of(service.business), wish_for(service, at("09:00"))).email == "cleo@example.org"


def test_nobodys_telephone_is_filled_by_booking_at_many_businesses_under_many_names() -> None:
    services = [make_service(), make_service()]
    for number in range(quota.MOST_WRITTEN_TO):
        contact = Contact("X", f"x{number}@example.org", "+41795550111")
        lifecycle.cancel(SYSTEM, book(services[number % 2], at("09:00"), contact=contact))
    with pytest.raises(TooMany):
        book(services[0], at("09:00"), contact=Contact("X", "other@example.org", "+41 79 555 01 11"))
    book(services[0], at("09:00"), contact=Contact("X", "other@example.org", "+41795550112"))
