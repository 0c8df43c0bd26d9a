"""Who is invited to rooms: added, given other roles, taken away; and the link each comes by."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business
from tests.meetings.program import Program, make_program
from tests.meetings.scene import actor_of, make_staff, make_visit
from vestibule.meetings import calls, room_people, rooms, waiting
from vestibule.meetings.errors import MeetingOver, WrongState
from vestibule.meetings.models import Meeting
from vestibule.meetings.rooms import Wanted
from vestibule.people import identities, links
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import CapabilityLink
from vestibule.store import clock
from vestibule.store.transactions import writing

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2030-03-04T10:00:00Z")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []
    clock.set_to(NOW)


@pytest.fixture
def program() -> Program:
    return make_program()


def link_of(program: Program, room: Meeting, key: str, name: str = "") -> CapabilityLink:
    with writing():
        return room_people.visit_link(program.actor, rooms.locked(program.actor, str(room.number)), key, name)


def name_of(program: Program, key: str) -> str:
    return identities.mri(program.resource.resource, key)


def test_people_are_added_changed_and_taken_away_and_others_stay(program: Program) -> None:
    stays, changes, goes, comes = (program.somebody() for _ in range(4))
    room = rooms.make(program.actor, Wanted(), {stays: "consumer", changes: "attendee", goes: "presenter"})
    program.invite(room, {changes: "collaborator", goes: None, comes: "attendee", program.somebody(): None})
    assert program.roles(room) == {stays: "consumer", changes: "collaborator", comes: "attendee"}


def test_who_is_taken_away_leaves_at_once_and_may_be_invited_anew(program: Program) -> None:
    key = program.somebody()
    room = rooms.make(program.actor, Wanted(), {key: "attendee"})
    seat = program.seat(room, key)
    link = link_of(program, room, key)
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref, "Ada")
    waiting.admit(program.staff, seat.ref)
    calls.join_call(seat.ref)
    program.invite(room, {key: None})
    assert not waiting.is_in(program.seat(room, key))
    assert links.resolve(links.token(link), links.Purpose.VISIT) is None
    program.invite(room, {key: "attendee"})
    assert (program.seat(room, key).state, waiting.is_in(program.seat(room, key))) == ("invited", False)
    assert link_of(program, room, key) != link


def test_a_role_says_what_somebody_may_do_also_in_the_call(program: Program) -> None:
    key, other = program.somebody(), program.somebody()
    room = rooms.make(program.actor, Wanted(), {key: "attendee", other: "attendee"})
    for one in (key, other):
        seat = program.seat(room, one)
        waiting.arrive(seat.ref)
        waiting.enter_waiting(seat.ref, "Ada")
        waiting.admit(program.staff, seat.ref)
        calls.join_call(seat.ref)
    program.invite(room, {key: "presenter"})
    seat = calls.put_out(program.seat(room, key).ref, program.seat(room, other).ref)
    assert seat.state == "removed"


def test_staff_whom_a_program_invites_host_the_room(program: Program) -> None:
    membership, provider = make_staff(program.business)
    stranger, _ = make_staff(make_business())
    key = f"user:{membership.user_id}"
    names = [name_of(program, key), name_of(program, f"user:{stranger.user_id}"), name_of(program, program.somebody())]
    found = room_people.keys_of(program.resource, None, names)
    assert found[names[0]] == key
    assert set(found) == {names[0], names[2]}
    room = rooms.make(program.actor, Wanted(), {key: "presenter", found[names[2]]: "attendee"})
    seat = program.seat(room, key)
    assert (seat.kind, seat.provider_id, seat.name) == ("provider", provider.pk, provider.name)
    guest = program.seat(room, found[names[2]])
    waiting.arrive(guest.ref)
    waiting.enter_waiting(guest.ref, "Ada")
    assert waiting.admit(actor_of(membership), guest.ref).state == "admitted"
    with pytest.raises(WrongState, match="Presenters"):
        program.invite(room, {key: "attendee"})


def test_staff_who_came_to_help_are_no_participants_until_they_are_invited(program: Program) -> None:
    membership, _provider = make_staff(program.business)
    room = program.room(first="attendee")
    came = waiting.seat_for_staff(actor_of(membership), room.ref)
    assert len(program.roles(room)) == 1
    key = f"user:{membership.user_id}"
    program.invite(room, {key: None})
    program.invite(room, {key: "presenter"})
    assert program.roles(room)[key] == "presenter"
    assert program.seat(room, key).pk == came.pk


def test_staff_get_no_link_by_which_its_holder_would_be_host(program: Program) -> None:
    membership, _provider = make_staff(program.business)
    room = program.room(first="attendee")
    key = f"user:{membership.user_id}"
    program.invite(room, {key: "presenter"})
    with pytest.raises(NotPermitted):
        link_of(program, room, key)


@pytest.mark.parametrize("key", ["user:999999", "somebody"])
def test_nobody_else_can_be_invited(program: Program, key: str) -> None:
    with pytest.raises(Invalid):
        rooms.make(program.actor, Wanted(), {key: "attendee"})
    assert not Meeting.objects.exists()


def test_identities_of_others_and_deleted_ones_are_nobody(program: Program) -> None:
    other = make_program(make_business())
    gone = identities.create(program.resource)
    name = name_of(program, identities.key_of_guid(gone.guid))
    identities.delete(program.resource, name)
    foreign = name_of(other, other.somebody())
    assert room_people.keys_of(program.resource, None, [name, foreign, "4:+15551234567", "8:orgid:x", "nobody"]) == {}


def test_a_room_takes_350_people(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_people, "MOST", 3)
    keys = [program.somebody() for _ in range(4)]
    room = rooms.make(program.actor, Wanted(), dict.fromkeys(keys[:3], "attendee"))
    with pytest.raises(Invalid, match="at most"):
        program.invite(room, {keys[3]: "attendee"})
    program.invite(room, {keys[0]: None, keys[3]: "attendee"})
    assert set(program.roles(room)) == set(keys[1:])


def test_people_of_an_appointment_are_in_its_room_and_stay_the_appointments(program: Program) -> None:
    membership, provider = make_staff(program.business)
    visit = make_visit(business=program.business, staff=(membership, provider))
    booked, key = str(visit.consumer.ref), program.somebody()
    host = f"user:{membership.user_id}"
    assert program.roles(visit.meeting) == {booked: "collaborator", host: "presenter"}
    program.invite(visit.meeting, {key: "consumer", booked: "attendee"})
    assert program.roles(visit.meeting) == {booked: "attendee", host: "presenter", key: "consumer"}
    assert program.seat(visit.meeting, key).kind == "helper"
    for own in (booked, host):
        with pytest.raises(WrongState, match="belongs to the appointment"):
            program.invite(visit.meeting, {own: None, key: None})
    assert key in program.roles(visit.meeting)
    program.invite(visit.meeting, {key: None})
    assert set(program.roles(visit.meeting)) == {booked, host}


def test_people_of_ours_have_names_on_the_wire_by_which_they_are_found_again(program: Program) -> None:
    visit = make_visit(business=program.business)
    names = [name_of(program, key) for key in program.roles(visit.meeting)]
    assert len(set(names)) == 2
    assert list(room_people.keys_of(program.resource, visit.meeting, names)) == names


def test_each_participant_has_one_link_of_their_own_that_ends_with_the_room(program: Program) -> None:
    ada, bo = program.somebody(), program.somebody()
    room = rooms.make(program.actor, Wanted(NOW, NOW + DAY), {ada: "attendee", bo: "presenter"})
    first = link_of(program, room, ada, "Ada Ng")
    assert link_of(program, room, ada) == first
    assert link_of(program, room, bo) != first
    assert (first.subject, first.expires_at, first.purpose) == (program.seat(room, ada).ref, NOW + DAY, "visit")
    assert [program.seat(room, key).name for key in (ada, bo)] == ["Ada Ng", ""]
    clock.set_to(NOW + DAY)
    with pytest.raises(MeetingOver):
        link_of(program, room, ada)


def test_a_deleted_identity_is_in_no_room_any_more(program: Program) -> None:
    key, other = program.somebody(), make_program(make_business())
    room, over = (rooms.make(program.actor, Wanted(), {key: "attendee"}) for _ in range(2))
    rooms.delete(program.actor, str(over.number))
    link = link_of(program, room, key)
    with writing():
        room_people.forget(other.actor, key)
    assert key in program.roles(room)
    with writing():
        room_people.forget(program.actor, key)
    assert program.roles(room) == {}
    assert links.resolve(links.token(link), links.Purpose.VISIT) is None


def test_a_deleted_identity_leaves_a_call_whose_room_has_closed_and_its_link_stays_closed(program: Program) -> None:
    key = program.somebody()
    live, over = (rooms.make(program.actor, Wanted(NOW, NOW + DAY), {key: "attendee"}) for _ in range(2))
    link = link_of(program, over, key)
    waiting.arrive(program.seat(live, key).ref)
    waiting.enter_waiting(program.seat(live, key).ref, "Ada")
    waiting.admit(program.staff, program.seat(live, key).ref)
    Meeting.objects.filter(pk=live.pk).update(state=Meeting.State.LIVE)
    clock.set_to(NOW + DAY)
    with writing():
        room_people.forget(program.actor, key)
    assert program.roles(live) == {}
    rooms.change(program.actor, str(over.number), Wanted(closes_at=NOW + 2 * DAY))
    assert links.resolve(links.token(link), links.Purpose.VISIT) is None


def test_a_name_somebody_came_under_is_theirs_to_change(program: Program) -> None:
    key = program.somebody()
    room = rooms.make(program.actor, Wanted(), {key: "attendee"})
    waiting.arrive(program.seat(room, key).ref)
    waiting.enter_waiting(program.seat(room, key).ref, "Ada")
    link_of(program, room, key, "Somebody else")
    assert program.seat(room, key).name == "Ada"


def test_only_participants_get_a_link(program: Program) -> None:
    room = program.room(first="attendee")
    for key in ("", program.somebody()):
        with pytest.raises(NotFound):
            link_of(program, room, key)
