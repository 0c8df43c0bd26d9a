"""Visits in Teams on the pages of staff: marked, joined by a plain link, tried again or held here, without script."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import make_business, make_membership
from tests.meetings.in_teams import JOIN_URL, State, hold_in_teams
from tests.meetings.scene import Visit, make_appointment, make_visit
from vestibule.booking.models import Appointment
from vestibule.meetings import elsewhere, waiting
from vestibule.meetings.models import Meeting, OutsidePlace
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db
REFUSED = "Microsoft did not allow it."
LINK = f'href="{JOIN_URL}" target="_blank" rel="noopener noreferrer"'


@pytest.fixture
def visit() -> Visit:
    made = make_visit()
    make_appointment(made)
    return made


@pytest.fixture
def staff(client: Client, visit: Visit) -> Client:
    manager = make_membership(business=visit.meeting.business, role=Role.MANAGER)
    client.force_login(manager.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def pages_of(visit: Visit) -> tuple[str, ...]:
    booked = Appointment.objects.get(meeting=visit.meeting)
    return f"/desk/visit/{visit.meeting.ref}", f"/manage/appointments/{booked.ref}"


def come(visit: Visit) -> None:
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)


def test_every_page_of_the_visit_has_the_plain_link(staff: Client, visit: Visit) -> None:
    hold_in_teams(visit.meeting)
    come(visit)
    for path in (*pages_of(visit), "/desk"):
        assert LINK in text_of(staff.get(path)), path


def test_why_it_failed_is_said_with_both_ways_on(staff: Client, visit: Visit) -> None:
    hold_in_teams(visit.meeting, state=State.FAILED, problem=REFUSED)
    for path in pages_of(visit):
        page = text_of(staff.get(path))
        assert REFUSED in page, path
        assert all(deed in page for deed in ("make-again", "meet-here")), path
        assert JOIN_URL not in page, path
    come(visit)
    assert "Teams: failed" in text_of(staff.get("/desk"))


def test_trying_again_asks_for_it_once_more_and_comes_back(staff: Client, visit: Visit) -> None:
    hold_in_teams(visit.meeting, state=State.FAILED, problem=REFUSED)
    answer = staff.post(f"/desk/door/make-again/{visit.meeting.ref}", {"back": "visit"})
    assert answer["Location"] == f"/desk/visit/{visit.meeting.ref}"
    assert OutsidePlace.objects.get().state == State.QUEUED


def test_meeting_here_brings_the_device_check_back(staff: Client, visit: Visit) -> None:
    hold_in_teams(visit.meeting)
    path = f"/desk/visit/{visit.meeting.ref}"
    assert "<device-check" not in text_of(staff.get(path))
    staff.post(f"/desk/door/meet-here/{visit.meeting.ref}", {"back": "visit"})
    assert elsewhere.held_in(Meeting.objects.get(pk=visit.meeting.pk)) == elsewhere.HERE
    assert "<device-check" in text_of(staff.get(path))


@pytest.mark.parametrize("deed", ["make-again", "meet-here"])
def test_a_visit_of_another_business_is_not_there(staff: Client, deed: str) -> None:
    foreign = make_visit(business=make_business())
    place = hold_in_teams(foreign.meeting, state=State.FAILED, problem=REFUSED)
    assert staff.post(f"/desk/door/{deed}/{foreign.meeting.ref}").status_code == 404
    place.refresh_from_db()
    assert (place.state, place.is_wanted) == (State.FAILED, True)


def test_a_visit_in_teams_counts_as_held_once_somebody_was_let_in(visit: Visit) -> None:
    hold_in_teams(visit.meeting)
    come(visit)
    waiting.admit(visit.host, visit.consumer.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert Appointment.objects.get(meeting=visit.meeting).status == Appointment.Status.COMPLETED
