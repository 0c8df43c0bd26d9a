"""Rooms on the desk's day: those somebody came to, on the day they came, with who came."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import make_provider
from tests.meetings.program import Program, make_program
from vestibule.meetings import areas, rooms, waiting
from vestibule.meetings.models import Meeting, Participant
from vestibule.store import clock
from vestibule.web.live import entries
from vestibule.web.live.entries import Entry
from vestibule.web.provider import waiting_list

pytestmark = pytest.mark.django_db
DAY = 24 * 60


@pytest.fixture
def program() -> Program:
    return make_program()


def today(program: Program, days: int = 0) -> list[Entry]:
    """Everything from an hour ago on for a day, seen `days` before now."""
    first = clock.to_minute(clock.now()) - 60 - days * DAY
    return entries.of_day(program.business.pk, first, first + DAY)


def comes(room: Meeting, name: str) -> Participant:
    seat = room.participants.filter(arrived_at=None).order_by("pk").first()
    assert seat is not None
    waiting.arrive(seat.ref)
    return waiting.enter_waiting(seat.ref, name)


def shown(entry: Entry) -> dict[str, Any]:
    facts = entry.shown_to(None, {})
    return {name: facts[name] for name in ("kind", "status", "consumer", "appointment", "reason")}


def test_a_room_is_of_the_day_once_somebody_came_and_shows_only_who_did(program: Program) -> None:
    room = program.room(first="attendee", second="attendee", third="attendee")
    assert today(program) == []
    assert entries.of_meeting(program.business.pk, room.ref) is None
    comes(room, "Ada Ng")
    comes(room, "Bo Lind")
    (entry,) = today(program)
    assert shown(entry) == {
        "kind": "room",
        "status": "waiting",
        "consumer": "Ada Ng, Bo Lind",
        "appointment": None,
        "reason": "Video visit",
    }
    assert [one["name"] for one in entry.facts["people"]] == ["Ada Ng", "Bo Lind"]


def test_a_room_is_on_the_day_people_came_not_on_that_of_its_making(program: Program) -> None:
    room = program.room(first="attendee")
    clock.advance(timedelta(days=40).total_seconds())
    comes(room, "Ada Ng")
    assert today(program, days=40) == []
    assert [one.meeting for one in today(program)] == [room.ref]


def test_a_deleted_room_is_no_more_of_the_day(program: Program) -> None:
    room = program.room(first="attendee")
    comes(room, "Ada Ng")
    rooms.delete(program.actor, str(room.number))
    assert today(program) == []


def test_whoever_of_the_area_is_free_may_see_to_it(program: Program) -> None:
    room = program.room(first="attendee")
    comes(room, "Ada Ng")
    assert today(program)[0].is_for(make_provider(business=program.business).pk)
    assert areas.host_of(room) is None


def test_without_script_the_desk_says_it_is_a_room(program: Program) -> None:
    comes(program.room(first="attendee"), "Ada Ng")
    (row,) = waiting_list.of(program.staff).waiting
    assert (row.name, row.line) == ("Ada Ng", "Room · Video visit")
