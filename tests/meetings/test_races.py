"""What many do at once, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connections

from tests.factories import make_membership
from tests.meetings.scene import actor_of, add_helper, make_visit
from vestibule.meetings import calls, waiting
from vestibule.meetings.errors import CallFull
from vestibule.meetings.models import MeetingEvent, Participant
from vestibule.people.errors import Refusal

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture(autouse=True)
def nobody_listens(settings: Any) -> None:
    settings.MEETING_LISTENERS = []


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do everything at once; return results, or the refusals."""

    def guarded(work: Callable[[], object]) -> object:
        try:
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(guarded, works))


def test_of_eight_who_join_at_once_four_are_in() -> None:
    visit = make_visit()
    people = [visit.consumer, *(add_helper(visit, f"Helper {number}") for number in range(7))]
    for seat in people:
        waiting.enter_waiting(seat.ref)
    waiting.start(visit.host, visit.meeting.ref)
    outcomes = at_once(*(partial(calls.join_call, seat.ref) for seat in people))
    assert sum(isinstance(outcome, CallFull) for outcome in outcomes) == 4
    assert Participant.objects.filter(meeting=visit.meeting, state="in_call").count() == 4


def test_an_admission_raced_by_the_end_leaves_nobody_inside() -> None:
    for _ in range(5):
        visit = make_visit()
        waiting.enter_waiting(visit.consumer.ref)
        at_once(
            partial(waiting.admit, visit.host, visit.consumer.ref),
            partial(waiting.end_for_all, visit.host, visit.meeting.ref),
        )
        assert visit.state() == "left"


def test_one_person_let_in_by_many_is_let_in_once() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    at_once(*[partial(waiting.admit, visit.host, visit.consumer.ref)] * 6)
    assert MeetingEvent.objects.filter(meeting=visit.meeting, kind="admitted").count() == 1


def test_a_manager_who_opens_two_tabs_at_once_has_one_seat() -> None:
    visit = make_visit()
    manager = actor_of(make_membership(business=visit.meeting.business))
    at_once(*[partial(waiting.seat_for_staff, manager, visit.meeting.ref)] * 4)
    assert visit.meeting.participants.count() == 3
