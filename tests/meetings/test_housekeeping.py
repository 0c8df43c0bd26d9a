"""Meetings nobody ended, and logs nobody needs any more."""

from typing import Any

import pytest

from tests.meetings.scene import make_visit
from vestibule.meetings import calls, housekeeping, waiting
from vestibule.meetings.models import Meeting, MeetingEvent
from vestibule.store import clock

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture(autouse=True)
def nobody_listens(settings: Any) -> None:
    settings.MEETING_LISTENERS = []


def state_of(meeting: Meeting) -> str:
    return str(Meeting.objects.get(pk=meeting.pk).state)


def test_a_live_meeting_that_everyone_left_ends_after_closing() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    calls.join_call(visit.consumer.ref)
    calls.leave_call(visit.consumer.ref)
    assert housekeeping.end_forgotten() == []
    clock.advance(2 * HOUR)
    assert housekeeping.end_forgotten() == [visit.meeting.ref]
    assert state_of(visit.meeting) == "ended"
    assert MeetingEvent.objects.filter(meeting=visit.meeting, kind="ended").count() == 1
    assert housekeeping.end_forgotten() == []


def test_a_call_that_overruns_is_left_alone() -> None:
    visit = make_visit()
    waiting.arrive(visit.provider.ref)
    calls.join_call(visit.provider.ref)
    clock.advance(5 * HOUR)
    assert housekeeping.end_forgotten() == []
    assert state_of(visit.meeting) == "live"


def test_nobody_waits_for_ever_for_staff_who_never_come() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    assert housekeeping.end_forgotten() == []
    clock.advance(5 * HOUR)
    assert housekeeping.end_forgotten() == [visit.meeting.ref]
    visit.consumer.refresh_from_db()
    assert (visit.consumer.state, visit.consumer.waiting_since) == ("left", None)


def test_a_meeting_nobody_came_to_is_for_staff_to_judge() -> None:
    visit = make_visit()
    clock.advance(5 * HOUR)
    assert housekeeping.end_forgotten() == []
    assert state_of(visit.meeting) == "planned"


def test_the_log_is_kept_for_thirty_days() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    clock.advance(29 * 24 * HOUR)
    assert housekeeping.forget_old_events() == 0
    clock.advance(2 * 24 * HOUR)
    assert housekeeping.forget_old_events() == 1
    assert not visit.meeting.events.exists()
