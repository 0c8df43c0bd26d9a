"""The waitlist over HTTP."""

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.booking.factories import at, book
from vestibule.booking import lifecycle, waitlist
from vestibule.booking.models import Appointment, Service
from vestibule.notifications.models import OutboxMessage
from vestibule.people import links
from vestibule.people.models import CapabilityLink
from vestibule.people.permissions import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(public: Caller, service: Service) -> Appointment:
    """One start on Monday, which is taken."""
    service.has_waitlist = True
    service.save()
    service.business.weekly_hours.exclude(weekday=0).delete()
    service.business.weekly_hours.update(start_minute=540, end_minute=570)
    return book(service, at("09:00"))


def join(caller: Caller, service: Service, **more: Any) -> Any:
    body = {
        "service": service.slug,
        "first": "2030-03-04",
        "last": "2030-03-04",
        "consumer": {"name": "Jo", "email": "jo@example.org"},
    }
    return caller.send("POST", f"/businesses/{caller.business.slug}/waitlist", {**body, **more})


def holder(caller: Caller) -> Caller:
    """Who got the mail about joining."""
    mail = OutboxMessage.objects.get(kind="waitlist_joined")
    return Caller(caller.business, links.token(CapabilityLink.objects.get(pk=mail.facts["waitlist_link"])))


def test_what_becomes_free_is_offered_and_taken(public: Caller, service: Service, full: Appointment) -> None:
    waits = join(public, service)
    assert (waits.status_code, waits.json()["status"]) == (201, "waiting")
    lifecycle.cancel(SYSTEM, full)
    waitlist.tick()
    mine, path = holder(public), f"/waitlist/{waits.json()['id']}"
    offered = mine.get(path).json()
    assert (offered["status"], offered["offered_start"]) == ("offered", "2030-03-04T09:00:00Z")
    taken = mine.send("POST", f"{path}/accept")
    assert (taken.status_code, taken.json()["status"], taken.json()["start"]) == (200, "booked", "2030-03-04T09:00:00Z")
    assert mine.get(path).json()["appointment"] == taken.json()["id"]
    assert mine.send("POST", f"{path}/accept").json()["code"] == "hold_expired"


def test_it_is_let_pass_and_left(public: Caller, service: Service, full: Appointment) -> None:
    path = f"/waitlist/{join(public, service).json()['id']}"
    lifecycle.cancel(SYSTEM, full)
    waitlist.tick()
    mine = holder(public)
    assert mine.send("POST", f"{path}/decline").json()["status"] == "waiting"
    assert mine.send("POST", f"{path}/leave").json()["status"] == "gone"


def test_an_earlier_time_is_waited_for_by_the_link_of_the_appointment(
    public: Caller, service: Service, full: Appointment
) -> None:
    booked = public.book(service, start="2030-03-11T09:00:00Z")
    mine = public.as_consumer(booked)
    waits = join(mine, service, appointment=booked.json()["id"], consumer=None)
    assert (waits.status_code, waits.json()["appointment"]) == (201, booked.json()["id"])
    assert join(public, service, appointment=booked.json()["id"], consumer=None).status_code == 404
    assert join(mine, service, consumer=None).status_code == 422


def test_only_who_may_sees_who_waits(public: Caller, service: Service, full: Appointment) -> None:
    ref = join(public, service).json()["id"]
    assert public.get("/waitlist").status_code == 401
    assert public.get(f"/waitlist/{ref}").status_code == 401
    assert [row["id"] for row in public.with_key().get("/waitlist").json()["entries"]] == [ref]
    consumer = public.as_consumer(public.book(service, start="2030-03-11T09:00:00Z"))
    assert consumer.get(f"/waitlist/{ref}").status_code == 404
    assert holder(public).get(f"/appointments/{full.ref}").status_code == 404
