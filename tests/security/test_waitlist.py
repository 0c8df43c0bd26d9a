"""The waitlist as somebody uses it who wants no time, but to keep others from it or to learn of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Caller
from tests.booking.factories import MONDAY, at, book, make_service
from tests.factories import make_membership, make_user
from tests.web.consumer.pages import holding
from vestibule.booking import waitlist
from vestibule.booking.models import Hold, Service, WaitlistEntry
from vestibule.booking.wishes import Contact
from vestibule.notifications.models import OutboxMessage
from vestibule.people import rates
from vestibule.people.permissions import PUBLIC, Actor, ActorKind, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
S = WaitlistEntry.Status
FAR = "203.0.113.7"


@pytest.fixture
def service() -> Service:
    rates.forget_all()
    clock.set_to(MONDAY - timedelta(days=1))
    return make_service(slug="visit", has_waitlist=True)


def wait(service: Service) -> WaitlistEntry:
    contact = Contact("Jo", "jo@example.org", "+41795550222")
    return waitlist.join(PUBLIC, service, contact, first=MONDAY.date(), last=MONDAY.date())


def let_lapse(entry: WaitlistEntry) -> None:
    waitlist.tick()
    clock.advance(31 * 60)
    entry.refresh_from_db()


def join(caller: Caller, email: str = "jo@example.org") -> Any:
    body = {"service": "visit", "first": "2030-03-04", "last": "2030-03-04", "consumer": {"name": "Jo", "email": email}}
    return caller.send("POST", f"/businesses/{caller.business.slug}/waitlist", body)


def test_who_answers_no_offer_has_no_time_held_for_ever(service: Service) -> None:
    entry = wait(service)
    for _offer in range(4):
        let_lapse(entry)
    waitlist.tick()
    entry.refresh_from_db()
    assert (entry.status, Hold.objects.filter(expires_at__gt=clock.now()).count()) == (S.GONE, 0)
    assert OutboxMessage.objects.filter(kind="waitlist_ended").count() == 1


def test_who_turns_offers_down_goes_on_waiting(service: Service) -> None:
    entry = wait(service)
    who = Actor(ActorKind.CONSUMER, "consumer", entry.business_id, subjects=frozenset({entry.ref}))
    for _round in range(3):
        let_lapse(entry)
        waitlist.tick()
        waitlist.decline(who, entry)
    entry.refresh_from_db()
    assert entry.status == S.WAITING


def test_one_address_joins_twenty_times_an_hour_by_whatever_door(service: Service) -> None:
    public = Caller(service.business, address=FAR)
    answers = [join(public, f"nobody{number}@example.org").status_code for number in range(21)]
    assert (answers[19], answers[20]) == (201, 429)


def test_behind_a_proxy_nobody_trusts_one_does_not_shut_all_out(service: Service) -> None:
    public = Caller(service.business)
    answers = {join(public, f"nobody{number}@example.org").status_code for number in range(21)}
    assert answers == {201}


def test_waiting_for_an_earlier_time_counts_as_well(service: Service) -> None:
    public = Caller(service.business, address=FAR)
    for number in range(20):
        join(public, f"nobody{number}@example.org")
    client = holding(Client(REMOTE_ADDR=FAR), book(service, at("09:00")))
    days = {"first": "2030-03-04", "last": "2030-03-04"}
    assert client.post("/appointment/earlier", days).status_code == 429


def test_who_sees_the_own_day_only_and_has_none_sees_nobody_wait(service: Service) -> None:
    wait(service)
    client = Client()
    client.force_login(make_membership(business=service.business, user=make_user(), role=Role.PROVIDER).user)
    answer = client.get("/manage/waitlist")
    assert (answer.status_code, b"jo@example.org" in answer.content) == (200, False)


def test_joining_under_a_known_address_says_nothing_of_its_owners_wait(service: Service) -> None:
    wait(service)
    clock.advance(60)
    waitlist.tick()
    assert WaitlistEntry.objects.get().status == S.OFFERED
    began = f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    told = join(Caller(service.business)).json()
    assert (told["status"], told["offered_start"], told["offer_expires_at"]) == ("waiting", None, None)
    assert began <= told["created_at"] <= f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"


def test_a_key_without_a_scope_for_appointments_reads_no_place_on_the_list(service: Service) -> None:
    entry = wait(service)
    public = Caller(service.business)
    assert public.with_key("setup:read").get(f"/waitlist/{entry.ref}").status_code == 403
    assert public.with_key("appointments:read").get(f"/waitlist/{entry.ref}").status_code == 200
