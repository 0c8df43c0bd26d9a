"""Rooms that a program makes: how long they are there, and visits held in them again and again."""

from datetime import date, datetime, timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business, manager_of
from tests.meetings.program import Program, make_program
from tests.meetings.scene import actor_of, make_staff, make_visit
from vestibule.booking import visit_reports
from vestibule.booking.reports import Asked
from vestibule.meetings import areas, call_requests, calls, dial_out, housekeeping, queue, rooms, waiting, walk_ins
from vestibule.meetings.errors import MeetingOver, NotDialled, TooEarly, WrongState
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.rooms import Wanted
from vestibule.people import links
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import SYSTEM, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2030-03-04T10:00:00Z")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []
    clock.set_to(NOW)


@pytest.fixture
def program() -> Program:
    return make_program()


def stored(room: Meeting) -> Meeting:
    found: Meeting = Meeting.objects.get(pk=room.pk)
    return found


def is_now(at: datetime) -> bool:
    """The clock runs on while a test does."""
    return clock.now() - timedelta(minutes=5) < at <= clock.now()


def waits(room: Meeting) -> Participant:
    """The first participant comes, says a name and waits."""
    seat = room.participants.order_by("pk").first()
    assert seat is not None
    rooms.come_again(seat.ref)
    waiting.arrive(seat.ref)
    return waiting.enter_waiting(seat.ref, "Ada Ng")


def visited(program: Program, room: Meeting) -> Participant:
    """The first participant comes and is in the call with staff."""
    seat = waits(room)
    waiting.admit(program.staff, seat.ref)
    for ref in (waiting.seat_for_staff(program.staff, room.ref).ref, seat.ref):
        waiting.arrive(ref)
        calls.join_call(ref)
    return seat


def test_a_room_is_there_for_180_days_unless_said_otherwise(program: Program) -> None:
    usual = rooms.make(program.actor, Wanted(), {})
    assert (is_now(usual.opens_at), usual.closes_at - usual.opens_at) == (True, 180 * DAY)
    assert (is_now(usual.created_at), rooms.rings_telephones(usual)) == (True, False)
    later = rooms.make(program.actor, Wanted(opens_at=NOW + 300 * DAY, dials_out=True), {})
    assert (later.closes_at, rooms.rings_telephones(later)) == (NOW + 480 * DAY, True)
    assert len(str(usual.number)) in (17, 18)
    assert AuditEntry.objects.filter(action="meeting.room_made").count() == 2


@pytest.mark.parametrize(
    ("opens", "closes"),
    [(NOW, NOW), (NOW, NOW - HOUR), (None, NOW - HOUR), (datetime.fromisoformat("1990-01-01T00:00:00Z"), NOW)],
    ids=["no time at all", "ends before it opens", "has ended already", "long ago"],
)
def test_a_room_that_can_never_be_open_is_refused(
    program: Program, opens: datetime | None, closes: datetime | None
) -> None:
    with pytest.raises(Invalid):
        rooms.make(program.actor, Wanted(opens, closes), {})
    assert not Meeting.objects.exists()


def test_what_is_not_said_of_a_room_stays(program: Program) -> None:
    room = rooms.make(program.actor, Wanted(NOW, NOW + DAY, True), {})
    rooms.change(program.actor, str(room.number), Wanted(closes_at=NOW + 2 * DAY))
    room = rooms.change(program.actor, str(room.number), Wanted())
    assert (room.opens_at, room.closes_at, room.dials_out) == (NOW, NOW + 2 * DAY, True)
    with pytest.raises(Invalid):
        rooms.change(program.actor, str(room.number), Wanted(opens_at=NOW + 3 * DAY))
    assert stored(room).opens_at == NOW


def test_a_link_ends_with_its_room_also_when_that_changes(program: Program) -> None:
    room = program.room(Wanted(NOW, NOW + DAY), first="attendee")
    seat = room.participants.get()
    link = links.issue(
        business_id=room.business_id,
        purpose=links.Purpose.VISIT,
        role="attendee",
        subject=seat.ref,
        expires_at=room.closes_at,
    )
    rooms.change(program.actor, str(room.number), Wanted(closes_at=NOW + 3 * DAY))
    clock.set_to(NOW + 2 * DAY)
    assert links.resolve(links.token(link), links.Purpose.VISIT) is not None


def test_nobody_comes_before_a_room_opens_or_after_it_closes(program: Program) -> None:
    room = program.room(Wanted(NOW + HOUR, NOW + 2 * HOUR), first="attendee", second="attendee")
    first, second = room.participants.order_by("pk")
    with pytest.raises(TooEarly):
        waiting.enter_waiting(first.ref, "Ada")
    clock.set_to(NOW + HOUR)
    visited(program, room)
    clock.set_to(NOW + 2 * HOUR)
    with pytest.raises(MeetingOver):
        waiting.enter_waiting(second.ref, "Bo")


def test_whoever_comes_waits_whatever_their_role(program: Program) -> None:
    room = program.room(first="presenter")
    seat = waits(room)
    assert (seat.state, seat.kind, waiting.is_in(seat)) == ("waiting", "consumer", False)
    place = queue.board(room.business_id, clock.now()).places[room.ref]
    assert (place.ahead, place.came_by) == (0, False)


def test_somebody_who_comes_months_after_the_room_opened_is_in_the_queue(program: Program) -> None:
    room = program.room(first="attendee")
    clock.set_to(NOW + 100 * DAY)
    seat = waits(room)
    assert is_now(stored(room).starts_at)
    assert room.ref in queue.board(room.business_id, clock.now()).places
    assert [one.ref for one in queue.waiting_for(room.business_id, timedelta(0), clock.now())] == [seat.ref]


def test_who_of_the_staff_lets_somebody_in_sees_them(program: Program) -> None:
    membership, provider = make_staff(program.business, role=Role.PROVIDER)
    room = program.room(first="attendee")
    seat = waits(room)
    waiting.admit(actor_of(membership), seat.ref)
    assert (stored(room).host_id, stored(room).state) == (provider.pk, "live")


def test_a_room_is_used_again_after_its_visit_has_ended(program: Program) -> None:
    room = program.room(first="attendee")
    seat = visited(program, room)
    waiting.end_for_all(program.staff, room.ref)
    clock.set_to(NOW + 7 * DAY)
    waiting.arrive(seat.ref)  # a page that was left open asks again: that is no second coming
    assert stored(room).state == "ended"
    again = waits(room)
    assert (again.state, again.admitted_at) == ("waiting", None)
    assert (stored(room).state, stored(room).host_id) == ("planned", None)


def test_each_time_people_come_to_a_room_counts_in_reports(program: Program) -> None:
    room = program.room(first="attendee")
    visited(program, room)
    clock.set_to(NOW + HOUR)
    waiting.end_for_all(program.staff, room.ref)
    clock.set_to(NOW + DAY)
    seat = waits(room)
    clock.set_to(NOW + DAY + HOUR)
    waiting.leave_waiting(seat.ref)
    waiting.end_for_all(program.staff, room.ref)

    def line(day: date) -> visit_reports.VisitLine:
        return visit_reports.report(SYSTEM, program.business, Asked(day, day)).whole

    first, second = line(NOW.date()), line((NOW + DAY).date())
    assert (first.visits, first.rooms, first.walk_ins, first.seen) == (1, 1, 0, 1)
    assert (round(first.lengths.each[0] / 600), first.beyond.each) == (6, [])
    assert (second.visits, second.rooms, second.seen, second.left) == (1, 1, 0, 1)


def test_a_visit_in_a_room_is_over_once_everybody_has_been_gone_for_a_while(program: Program) -> None:
    room = program.room(first="attendee")
    visited(program, room)
    for seat in room.participants.all():
        calls.leave_call(seat.ref)
    clock.set_to(NOW + timedelta(minutes=10))
    assert housekeeping.end_forgotten() == []
    clock.set_to(NOW + timedelta(minutes=16))
    assert housekeeping.end_forgotten() == [room.ref]
    assert waits(room).state == "waiting"


def test_a_visit_that_nobody_ended_is_over_when_somebody_comes_long_after(program: Program) -> None:
    room = program.room(first="attendee")
    visited(program, room)
    for seat in room.participants.all():
        calls.leave_call(seat.ref)
    clock.set_to(NOW + 5 * DAY)  # no server ran meanwhile
    seat = waits(room)
    assert (seat.state, seat.admitted_at, stored(room).state) == ("waiting", None, "planned")
    assert is_now(stored(room).starts_at)
    assert list(room.records.order_by("pk").values_list("is_past", "result")) == [(True, "seen"), (False, "")]


def test_a_visit_goes_on_while_anybody_is_in_it(program: Program) -> None:
    room = program.room(first="attendee")
    visited(program, room)
    clock.set_to(NOW + 5 * HOUR)
    assert housekeeping.end_forgotten() == []


def test_a_deleted_room_is_gone_with_everybody_in_it(program: Program) -> None:
    room = program.room(first="attendee")
    seat = visited(program, room)
    rooms.delete(program.actor, str(room.number))
    seat.refresh_from_db()
    assert (stored(room).state, seat.state) == ("cancelled", "left")
    with pytest.raises(NotFound):
        rooms.find(program.actor, str(room.number))
    with pytest.raises(NotFound):
        rooms.delete(program.actor, str(room.number))
    rooms.come_again(seat.ref)
    assert stored(room).state == "cancelled"


def test_a_room_of_another_business_is_not_there(program: Program) -> None:
    room, other = program.room(first="attendee"), make_program(make_business())
    for ask in (rooms.find, rooms.delete):
        with pytest.raises(NotFound):
            ask(other.actor, str(room.number))
    assert rooms.page(other.actor, 0, 10) == []


@pytest.mark.parametrize("number", ["", "0", "abc", "-1", "9" * 30, "１２３", "99199690362660524"])
def test_an_id_that_is_none_is_not_there(program: Program, number: str) -> None:
    with pytest.raises(NotFound):
        rooms.find(program.actor, number)


def test_meetings_of_appointments_are_rooms_whose_times_are_not_for_programs(program: Program) -> None:
    visit = make_visit(business=program.business)
    number = str(visit.meeting.number)
    assert rooms.page(program.actor, 0, 10) == [visit.meeting]
    assert rooms.change(program.actor, number, Wanted(closes_at=visit.meeting.closes_at)) == visit.meeting
    with pytest.raises(WrongState, match="belongs to an appointment"):
        rooms.change(program.actor, number, Wanted(closes_at=visit.meeting.closes_at + DAY))
    with pytest.raises(WrongState, match="move or cancel"):
        rooms.delete(program.actor, number)


def test_who_comes_by_is_in_no_room_of_a_program(program: Program) -> None:
    areas.change(manager_of(program.business), "everybody", takes_walk_ins=True)
    came = walk_ins.come_by(
        walk_ins.front_door(program.business.slug), walk_ins.Caller("Cleo Baumann"), who="192.0.2.1"
    )
    assert rooms.page(program.actor, 0, 10) == []
    with pytest.raises(NotFound):
        rooms.find(program.actor, str(came.meeting.number))


@pytest.mark.parametrize(("wanted", "rings"), [(True, True), (False, False)])
def test_telephones_ring_only_from_rooms_that_want_it(
    program: Program, settings: LazySettings, wanted: bool, rings: bool
) -> None:
    settings.DIAL_OUT = "vestibule.meetings.testing.FakeTelephone"
    seat = waits(program.room(Wanted(dials_out=wanted), first="attendee"))
    call_requests.ask(seat.ref, "+41 79 555 01 11")
    if rings:
        assert dial_out.order(program.staff, seat.ref).number == "+41795550111"
    else:
        with pytest.raises(NotDialled, match="41795550111"):
            dial_out.order(program.staff, seat.ref)


def test_the_rooms_of_appointments_say_whether_telephones_can_be_rung(program: Program, settings: LazySettings) -> None:
    meeting = make_visit(business=program.business).meeting
    assert not rooms.rings_telephones(meeting)
    settings.DIAL_OUT = "vestibule.meetings.testing.FakeTelephone"
    assert rooms.rings_telephones(meeting)


def test_rooms_come_in_pages_each_once(program: Program) -> None:
    made = {program.room().number for _ in range(5)}
    first = rooms.page(program.actor, 0, 3)
    rest = rooms.page(program.actor, first[-1].number, 3)
    assert [len(first), len(rest)] == [3, 2]
    assert {one.number for one in (*first, *rest)} == made
