"""Subscribers are told of calls: who began one, who came and went, and when the last had gone."""

from typing import Any

import pytest
from django.conf import LazySettings

from tests.meetings.program import Program, make_program
from tests.meetings.scene import make_visit
from tests.subscriptions.told import subscribed
from vestibule.meetings import calls, rooms, waiting
from vestibule.meetings.models import Meeting, MeetingEvent
from vestibule.meetings.rooms import Wanted
from vestibule.subscriptions import outbox, shapes
from vestibule.subscriptions.kinds import FACTS, Kind
from vestibule.subscriptions.models import Delivery
from vestibule.subscriptions.testing import FakePoster

pytestmark = pytest.mark.django_db
STARTED, ENDED, JOINED, LEFT = Kind.CALL_STARTED, Kind.CALL_ENDED, Kind.CALL_JOINED, Kind.CALL_LEFT


@pytest.fixture(autouse=True)
def nobody_else_listens(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEETING_LISTENERS = []
    fake = FakePoster()
    monkeypatch.setattr(shapes, "poster", lambda: fake)


@pytest.fixture
def program() -> Program:
    made = make_program()
    subscribed(made.business)
    return made


def told() -> list[str]:
    return [str(one.kind) for one in Delivery.objects.order_by("pk")]


def facts_of(kind: Kind) -> list[dict[str, Any]]:
    return [one.facts for one in Delivery.objects.filter(kind=kind).order_by("pk")]


def staff_comes(program: Program, room: Meeting) -> str:
    ref = str(waiting.seat_for_staff(program.staff, room.ref).ref)
    waiting.arrive(ref)
    calls.join_call(ref)
    return ref


def guest_comes(program: Program, room: Meeting, key: str) -> str:
    ref = str(program.seat(room, key).ref)
    waiting.arrive(ref)
    waiting.enter_waiting(ref, "Ada Ng")
    waiting.admit(program.staff, ref)
    calls.join_call(ref)
    return ref


def test_a_call_is_told_from_the_first_who_came_to_the_last_who_left(program: Program) -> None:
    ada = program.somebody()
    room = rooms.make(program.actor, Wanted(), {ada: "collaborator"})
    host, guest = staff_comes(program, room), guest_comes(program, room, ada)
    calls.leave_call(guest)
    calls.leave_call(host)
    assert told() == [STARTED, JOINED, JOINED, LEFT, LEFT, ENDED]
    (began,), (over,) = facts_of(STARTED), facts_of(ENDED)
    assert (began["room"], began["by_role"], over["call"]) == (str(room.number), "Presenter", began["call"])
    assert began["by"] == f"user:{program.staff.user_id}"
    second = facts_of(JOINED)[1]
    assert (second["key"], second["name"], second["role"]) == (ada, "Ada Ng", "Collaborator")
    assert {one.subject for one in Delivery.objects.all()} == {f"calls/{began['call']}"}


def test_every_fact_is_one_that_is_documented(program: Program) -> None:
    room = program.room(first="attendee")
    staff_comes(program, room)
    waiting.end_for_all(program.staff, room.ref)
    for one in Delivery.objects.all():
        assert set(one.facts) <= set(FACTS[Kind(one.kind)])


def test_ending_a_visit_ends_its_call_for_everybody(program: Program) -> None:
    ada = program.somebody()
    room = rooms.make(program.actor, Wanted(), {ada: "attendee"})
    staff_comes(program, room)
    guest_comes(program, room, ada)
    waiting.end_for_all(program.staff, room.ref)
    assert told()[3:] == [LEFT, LEFT, ENDED]
    assert {one["reason"] for one in facts_of(LEFT)} == {"the visit was ended"}


def test_a_page_loaded_anew_is_nobody_new_and_a_later_call_is_another_one(program: Program) -> None:
    room = program.room(first="attendee")
    host = staff_comes(program, room)
    waiting.arrive(host)
    calls.join_call(host)
    assert told() == [STARTED, JOINED]
    calls.leave_call(host)
    waiting.arrive(host)
    calls.join_call(host)
    names = [one["call"] for one in facts_of(STARTED)]
    assert len(set(names)) == 2


def test_who_is_taken_out_by_the_program_has_left(program: Program) -> None:
    ada = program.somebody()
    room = rooms.make(program.actor, Wanted(), {ada: "attendee"})
    staff_comes(program, room)
    guest_comes(program, room, ada)
    program.invite(room, {ada: None})
    assert (told()[-1], facts_of(LEFT)[0]["key"]) == (LEFT, ada)


def test_calls_of_appointments_are_told_too(program: Program) -> None:
    visit = make_visit(business=program.business)
    waiting.arrive(visit.provider.ref)
    calls.join_call(visit.provider.ref)
    assert facts_of(STARTED)[0]["room"] == str(visit.meeting.number)


def test_where_nobody_asked_nothing_is_told() -> None:
    program = make_program()
    room = program.room(first="attendee")
    staff_comes(program, room)
    assert not Delivery.objects.exists()
    assert MeetingEvent.objects.filter(meeting=room, kind="joined").count() == 1
    assert not outbox.is_heard(program.business.pk, STARTED)
