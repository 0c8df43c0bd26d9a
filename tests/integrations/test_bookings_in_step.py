"""Both sides in step through the real adapter and over HTTP: the stand-in holds every request against the contract."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from tests.booking.factories import holder_of
from tests.booking.outside.scene import DOOR, NINE, Scene, make_scene
from tests.integrations.microsoft import Fault
from tests.integrations.microsoft_bookings import CLINIC, Bookings, Office, bookings
from tests.invariants import broken
from vestibule.booking import lifecycle
from vestibule.booking.models import Appointment, OutsideName, SchedulerLink
from vestibule.booking.outside import asking, worker
from vestibule.integrations.microsoft365 import tokens
from vestibule.people import outside_accounts, secrets
from vestibule.people.errors import Refusal
from vestibule.people.models import BusinessWays, OutsideAccount
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db
TEN, ELEVEN = NINE + timedelta(hours=1), NINE + timedelta(hours=2)


@dataclass
class Hybrid:
    """The practice here, and its business in Bookings."""

    scene: Scene
    cloud: Bookings
    office: Office
    ada: str
    visit: str

    def there(self, appointment: Appointment) -> dict[str, Any]:
        """The one that stands in Bookings for an appointment of ours."""
        (found,) = [one for one in self.office.appointments() if appointment.ref in str(one["additionalInformation"])]
        return found

    def starts(self) -> list[str]:
        """When something stands in Bookings."""
        return [str(one["startDateTime"]["dateTime"])[:16] for one in self.office.appointments()]


@pytest.fixture
def hybrid(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hybrid]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    monkeypatch.setattr(asking, "SECONDS", 30)
    asking.forget()
    real = settings.OUTSIDE_SCHEDULERS
    settings.OUTSIDE_SCHEDULERS = DOOR
    scene = make_scene()
    settings.OUTSIDE_SCHEDULERS = real
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
    with bookings() as cloud:
        office = cloud.offices[CLINIC.lower()]
        office.told["bookingPageSettings"]["businessTimeZone"] = "UTC"
        ada, bo = office.has_staff("Ada Blum"), office.has_staff("Bo Chen")
        visit = office.has_service("Visit", (ada, bo))
        for ours, id in ((scene.visit.ref, visit), (scene.ada.ref, ada), (scene.bo.ref, bo)):
            OutsideName.objects.filter(ours=ours).update(external_id=id)
        SchedulerLink.objects.update(external_id=CLINIC, next_at=clock.now())
        sealed = secrets.encrypt(outside_accounts.PURPOSE, json.dumps(dict(cloud.cloud.access)).encode())
        OutsideAccount.objects.update(access=sealed)
        worker.keep_in_step()
        assert scene.link().problem == ""
        yield Hybrid(scene, cloud, office, ada, visit)


def test_an_appointment_of_ours_is_booked_moved_and_cancelled_there(hybrid: Hybrid) -> None:
    booked = hybrid.scene.book()
    worker.keep_in_step()
    assert hybrid.there(booked)["staffMemberIds"] == [hybrid.ada]
    assert hybrid.there(booked)["customers"][0]["emailAddress"] == "cleo@example.org"
    lifecycle.move(SYSTEM, booked, TEN)
    worker.keep_in_step()
    assert hybrid.starts() == ["2030-03-04T10:00"]
    lifecycle.cancel(SYSTEM, booked)
    worker.keep_in_step()
    assert hybrid.starts() == []
    assert hybrid.office.written == []  # messages are ours


def test_what_a_bookings_user_does_is_done_here(hybrid: Hybrid) -> None:
    id = hybrid.office.books(hybrid.visit, hybrid.ada, "2030-03-04T09:00")
    hybrid.scene.later()
    one = hybrid.scene.here("Jordan")
    assert (one.start, one.provider, one.email) == (NINE, hybrid.scene.ada, "jordan@home.example")
    hybrid.office.moves(id, "2030-03-04T11:00")
    hybrid.scene.later()
    one.refresh_from_db()
    assert one.start == ELEVEN
    hybrid.office.cancels(id)
    hybrid.scene.later()
    one.refresh_from_db()
    assert one.status == Appointment.Status.CANCELLED
    assert not broken()


def test_nothing_goes_on_changing_once_both_agree(hybrid: Hybrid) -> None:
    booked = hybrid.scene.book()
    hybrid.office.books(hybrid.visit, hybrid.ada, "2030-03-04T11:00")
    hybrid.scene.later()
    hybrid.scene.later()
    before = hybrid.there(booked)["lastUpdatedDateTime"]
    hybrid.scene.later()
    booked.refresh_from_db()
    assert hybrid.there(booked)["lastUpdatedDateTime"] == before
    assert booked.version == 0
    assert hybrid.scene.row(booked).state == "done"


def test_an_answer_that_is_cut_off_makes_nothing_twice(hybrid: Hybrid) -> None:
    booked = hybrid.scene.book()
    cut = Fault(cuts=True, on=f"POST /v1.0/solutions/bookingBusinesses/{CLINIC}/appointments")
    hybrid.cloud.cloud.faults.append(cut)
    worker.keep_in_step()
    for _ in range(3):
        hybrid.scene.later(6)
    assert hybrid.starts() == ["2030-03-04T09:00"]
    assert cut not in hybrid.cloud.cloud.faults
    assert hybrid.scene.row(booked).external_id == hybrid.there(booked)["id"]


def test_both_moved_it_and_the_one_there_holds(hybrid: Hybrid) -> None:
    booked = hybrid.scene.book()
    worker.keep_in_step()
    lifecycle.move(SYSTEM, booked, TEN)
    hybrid.office.moves(str(hybrid.there(booked)["id"]), "2030-03-04T11:00")
    hybrid.scene.later()
    booked.refresh_from_db()
    assert booked.start == ELEVEN
    assert hybrid.starts() == ["2030-03-04T11:00"]
    assert hybrid.scene.row(booked).conflict == "time"


def test_a_time_taken_there_a_moment_ago_is_refused_and_an_own_one_is_no_hindrance(hybrid: Hybrid) -> None:
    hybrid.office.books(hybrid.visit, hybrid.ada, "2030-03-04T09:00")
    with pytest.raises(Refusal) as refused:
        hybrid.scene.book()
    assert refused.value.code == "slot_taken"
    booked = hybrid.scene.book(TEN)
    hybrid.scene.later()
    assert lifecycle.move(holder_of(booked), booked, TEN + timedelta(minutes=15)).version == 1


def test_where_bookings_writes_to_consumers_it_is_asked_to(hybrid: Hybrid) -> None:
    BusinessWays.objects.update(reminders="bookings")
    booked = hybrid.scene.book()
    worker.keep_in_step()
    lifecycle.cancel(SYSTEM, booked)
    worker.keep_in_step()
    assert [what for what, _who in hybrid.office.written] == ["confirmed", "cancelled"]


def test_while_a_permission_is_missing_bookings_go_on_and_all_follows_once_it_is_given(hybrid: Hybrid) -> None:
    roles, hybrid.cloud.cloud.roles = hybrid.cloud.cloud.roles, ("Bookings.Read.All",)
    booked = hybrid.scene.book()
    worker.keep_in_step()
    assert hybrid.scene.row(booked).state == "queued"
    assert hybrid.scene.link().problem
    hybrid.cloud.cloud.roles = roles
    for _ in range(3):
        hybrid.scene.later(6)
    assert hybrid.starts() == ["2030-03-04T09:00"]
    assert hybrid.scene.link().problem == ""
