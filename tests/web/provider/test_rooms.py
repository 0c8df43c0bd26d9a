"""Visits in rooms on the pages of staff: each holds without an appointment, during the visit and after it."""

import pytest
from django.test import Client

from tests.meetings.program import Program, make_program
from tests.web.provider.pages import signed_in, text_of
from vestibule.meetings import calls, notes, waiting
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db
PAGES = ("", "/messages", "/log", "/log.json", "/notes", "/recordings")


@pytest.fixture
def program() -> Program:
    return make_program()


@pytest.fixture
def seat(program: Program) -> Participant:
    """Somebody who is in the call of a room with staff."""
    seat = program.room(only="collaborator").participants.get()
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref, "Ada Ng")
    waiting.admit(program.staff, seat.ref)
    for ref in (waiting.seat_for_staff(program.staff, seat.meeting.ref).ref, seat.ref):
        waiting.arrive(ref)
        calls.join_call(ref)
    found: Participant = Participant.objects.select_related("meeting").get(pk=seat.pk)
    return found


@pytest.fixture
def office(client: Client, program: Program) -> Client:
    return signed_in(client, program.business, Role.MANAGER)


def test_staff_read_everything_of_a_visit_in_a_room_while_it_goes_on(office: Client, seat: Participant) -> None:
    for page in PAGES:
        answer = office.get(f"/desk/visit/{seat.meeting.ref}{page}")
        assert answer.status_code == 200, page
    assert "Video visit" in text_of(office.get(f"/desk/visit/{seat.meeting.ref}"))


def test_after_a_visit_in_a_room_staff_write_their_note_and_the_message(
    office: Client, seat: Participant, program: Program
) -> None:
    ref = seat.meeting.ref
    waiting.end_for_all(program.staff, ref)
    assert office.get(f"/desk/visit/{ref}").status_code == 302
    for page in ("/ended", *PAGES[1:]):
        assert office.get(f"/desk/visit/{ref}{page}").status_code == 200, page
    notes.write(program.staff, ref, "Sleeps badly")
    assert "Sleeps badly" in text_of(office.get(f"/desk/visit/{ref}/ended"))


def test_the_desk_and_the_page_of_the_day_hold_with_rooms_of_every_kind(
    office: Client, program: Program, seat: Participant
) -> None:
    program.room(never="attendee")
    for page in ("/desk", "/manage", "/manage/reports/visits", "/manage/activity", "/manage/appointments"):
        assert office.get(page, follow=True).status_code == 200, page
    assert Meeting.objects.filter(kind="room").count() == 2
