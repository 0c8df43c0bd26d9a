"""Appointments of a group: one of Bookings with many customers, one of ours for each who takes part."""

from collections.abc import Iterator

import pytest

from tests.api.graph.bookings import booked, books, clinic, home, in_view, utc, visit
from tests.api.graph.program import Program
from tests.booking.factories import at, book, make_service
from vestibule.booking import lifecycle
from vestibule.booking.models import Appointment, Service
from vestibule.notifications.models import OutboxMessage
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

S = Appointment.Status


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def group() -> Service:
    _business, ada, _service = clinic()
    return make_service(providers=[ada], seats=3, name="Class")


@pytest.fixture
def program(group: Service) -> Program:
    return books(group.business)


def known(program: Program, *names: str) -> list[str]:
    """Customers who were made known; their ids."""
    path = f"{home(program.business)}/customers"
    return [
        program.post(path, {"displayName": name, "emailAddress": f"{name.lower()}@example.org"}).json["id"]
        for name in names
    ]


def named(*ids: str) -> list[dict[str, str]]:
    return [{"customerId": one} for one in ids]


def names(told: dict[str, object]) -> list[str]:
    customers = told["customers"]
    assert isinstance(customers, list)
    return [one["name"] for one in customers]


def test_customers_are_named_by_their_ids_and_unknown_ones_dropped(program: Program, group: Service) -> None:
    ann, ben = known(program, "Ann", "Ben")
    told = booked(program, group, at("09:00"), customers=named(ann, "7ed53fa5-9ef2-4f2f-975b-27447440bc09", ben))
    assert names(told) == ["Ann", "Ben"]
    assert (told["maximumAttendeesCount"], told["filledAttendeesCount"]) == (3, 2)
    assert told["joinWebUrl"] is None
    assert Appointment.objects.count() == 2
    nobody = program.post(f"{home(program.business)}/appointments", visit(group, at("10:00"), customers=named("x")))
    assert (nobody.status, nobody.json["error"]["target"]) == (400, "customers")


def test_who_books_by_themselves_joins_the_same_appointment(program: Program, group: Service) -> None:
    (ann,) = known(program, "Ann")
    told = booked(program, group, at("09:00"), customers=named(ann))
    book(group, at("09:00"))
    seen = in_view(program, "2030-03-04T00:00:00Z", "2030-03-05T00:00:00Z").value
    assert [(one["id"], names(one)) for one in seen] == [(told["id"], ["Ann", "Cleo Baumann"])]


def test_it_keeps_its_id_while_anybody_takes_part(program: Program, group: Service) -> None:
    ann, ben = known(program, "Ann", "Ben")
    told = booked(program, group, at("09:00"), customers=named(ann, ben))
    clock.set_to(at("08:00"))
    lifecycle.cancel(SYSTEM, Appointment.objects.get(name="Ann"))
    path = f"{home(program.business)}/appointments/{told['id']}"
    again = program.get(path).json
    assert names(again) == ["Ben"]
    assert again["lastUpdatedDateTime"] >= "2030-03-04T08:00:00", "who polls learns that somebody left"
    lifecycle.cancel(SYSTEM, Appointment.objects.get(name="Ben"))
    assert program.get(path).status == 404


def test_more_than_there_are_seats_is_refused_as_a_whole(program: Program, group: Service) -> None:
    ids = known(program, "Ann", "Ben", "Cem", "Dan")
    path = f"{home(program.business)}/appointments"
    assert program.post(path, visit(group, at("09:00"), customers=named(*ids))).status == 400
    booked(program, group, at("09:00"), customers=named(*ids[:2]))
    refused = program.post(path, visit(group, at("09:00"), customers=named(*ids[2:])))
    assert (refused.status, refused.json["error"]["innerError"]["code"]) == (409, "slot_taken")
    assert Appointment.objects.count() == 2


def test_the_list_of_customers_says_who_takes_part(program: Program, group: Service) -> None:
    ann, ben, cem = known(program, "Ann", "Ben", "Cem")
    told = booked(program, group, at("09:00"), customers=named(ann, ben))
    path = f"{home(program.business)}/appointments/{told['id']}"
    changed = [{"customerId": ben, "notes": "By bus"}, {"customerId": cem}]
    assert program.ask("PATCH", path, {"customers": changed}).status == 204
    again = program.get(path).json
    assert names(again) == ["Ben", "Cem"]
    assert again["customers"][0]["notes"] == "By bus"
    assert Appointment.objects.get(name="Ann").status == S.CANCELLED
    assert OutboxMessage.objects.filter(to="ann@example.org", kind="cancelled").exists()


def test_what_the_short_way_says_cancels_nobody(program: Program, group: Service) -> None:
    ann, ben = known(program, "Ann", "Ben")
    told = booked(program, group, at("09:00"), customers=named(ann, ben))
    path = f"{home(program.business)}/appointments/{told['id']}"
    said = {"customerTimeZone": "Europe/Zurich", "customerName": "Cem", "serviceNotes": "Bring mats"}
    assert program.ask("PATCH", path, said).status == 204
    again = program.get(path).json
    assert (names(again), again["serviceNotes"]) == (["Ann", "Ben"], "Bring mats")
    assert program.ask("PATCH", path, again).status == 204
    assert names(program.get(path).json) == ["Ann", "Ben"]


@pytest.mark.parametrize("to", ["13:00", "09:15"])
def test_all_move_together(program: Program, group: Service, to: str) -> None:
    Service.objects.filter(pk=group.pk).update(interval_minutes=15)
    group.refresh_from_db()
    ann, ben = known(program, "Ann", "Ben")
    told = booked(program, group, at("09:00"), customers=named(ann, ben))
    path = f"{home(program.business)}/appointments/{told['id']}"
    assert program.ask("PATCH", path, {"startDateTime": utc(at(to))}).status == 204
    again = program.get(path).json
    assert (again["startDateTime"]["dateTime"][11:16], names(again)) == (to, ["Ann", "Ben"])


def test_two_sessions_do_not_become_one(program: Program, group: Service) -> None:
    ann, ben = known(program, "Ann", "Ben")
    told = booked(program, group, at("09:00"), customers=named(ann))
    booked(program, group, at("10:00"), customers=named(ben))
    path = f"{home(program.business)}/appointments/{told['id']}"
    assert program.ask("PATCH", path, {"startDateTime": utc(at("10:00"))}).status == 409
    assert names(program.get(path).json) == ["Ann"]


def test_cancelling_it_tells_everybody(program: Program, group: Service) -> None:
    ann, ben = known(program, "Ann", "Ben")
    told = booked(program, group, at("09:00"), customers=named(ann, ben))
    path = f"{home(program.business)}/appointments/{told['id']}"
    assert program.post(f"{path}/cancel", {"cancellationMessage": "No class today."}).status == 204
    written = OutboxMessage.objects.filter(kind="cancelled").values_list("to", flat=True)
    assert sorted(written) == ["ann@example.org", "ben@example.org"]
