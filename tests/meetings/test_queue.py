"""The queue: whose turn it is, how long it takes, and that it costs the same however many wait."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business, manager_of
from tests.meetings.scene import Visit, add_helper, make_staff, make_visit
from vestibule.meetings import areas, lengths, queue, transfers, waiting, walk_ins
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.queue import Place
from vestibule.meetings.walk_ins import Caller
from vestibule.people.models import Business, Membership, Provider
from vestibule.store import clock

pytestmark = pytest.mark.django_db
Staff = tuple[Membership, Provider]


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []
    lengths.forget_all()


def waits(business: Business, staff: Staff, minutes: int) -> Visit:
    """Somebody who waits for an appointment that begins in so many minutes."""
    visit = make_visit(business=business, staff=staff, starts_in=timedelta(minutes=minutes))
    waiting.enter_waiting(visit.consumer.ref)
    return visit


def comes_by(business: Business, name: str = "Cleo") -> Participant:
    door = walk_ins.front_door(business.slug)
    return waiting.enter_waiting(walk_ins.come_by(door, Caller(name), who=name).seat.ref)


def place(meeting: Meeting) -> Place:
    return queue.board(meeting.business_id, clock.now()).places[meeting.ref]


def took(visit: Visit, minutes: float) -> None:
    """Let a visit be over that took so long."""
    ended = clock.now() - timedelta(hours=1)
    begun = ended - timedelta(minutes=minutes)
    Participant.objects.filter(pk=visit.consumer.pk).update(
        state="left", admitted_at=begun, joined_at=begun, left_at=ended, waiting_since=None
    )
    Meeting.objects.filter(pk=visit.meeting.pk).update(state="ended", ended_at=ended)


def test_appointments_come_by_their_start_and_walk_ins_after_them_by_arrival() -> None:
    business = make_business()
    staff = make_staff(business)
    areas.change(manager_of(business), "everybody", takes_walk_ins=True)
    first_walk_in, second_walk_in = comes_by(business, "Cleo"), comes_by(business, "Dana")
    late, early = waits(business, staff, 25), waits(business, staff, -5)
    for seat in (second_walk_in, first_walk_in):
        transfers.transfer(manager_of(business), seat.ref, provider=staff[1].slug)
    shown = {one.pk: place(one).ahead for one in Meeting.objects.all()}
    order = [early.meeting.pk, late.meeting.pk, first_walk_in.meeting_id, second_walk_in.meeting_id]
    assert [shown[one] for one in order] == [0, 1, 2, 3]


def test_who_is_on_hold_is_before_nobody() -> None:
    business = make_business()
    staff = make_staff(business)
    first, second = waits(business, staff, -5), waits(business, staff, 0)
    waiting.hold(first.host, first.consumer.ref)
    assert (place(first.meeting).ahead, place(second.meeting).ahead) == (None, 0)
    waiting.back_to_queue(first.host, first.consumer.ref)
    assert (place(first.meeting).ahead, place(second.meeting).ahead) == (0, 1)


def test_the_wait_is_what_visits_really_take() -> None:
    business = make_business()
    staff = make_staff(business)
    for minutes in (10, 11, 12, 13, 200):  # somebody forgot to hang up
        took(make_visit(business=business, staff=staff, starts_in=timedelta(hours=-3)), minutes)
    waits(business, staff, -5)
    assert place(waits(business, staff, 0).meeting).expected_minutes in (12, 13)


def test_without_a_past_the_wait_is_what_was_planned() -> None:
    business = make_business()
    staff = make_staff(business)
    took(make_visit(business=business, staff=staff, starts_in=timedelta(hours=-3)), 5)
    waits(business, staff, -5)
    assert place(waits(business, staff, 0).meeting).expected_minutes in (30, 31)


def test_nobody_waits_less_than_until_their_appointment() -> None:
    business = make_business()
    assert place(waits(business, make_staff(business), 20).meeting).expected_minutes in (20, 21)


def test_a_call_that_goes_on_is_waited_for() -> None:
    business = make_business()
    staff = make_staff(business)
    going_on = make_visit(business=business, staff=staff, starts_in=timedelta(minutes=-10))
    begun = clock.now() - timedelta(minutes=10)
    Participant.objects.filter(pk=going_on.provider.pk).update(state="in_call", joined_at=begun)
    assert place(waits(business, staff, 0).meeting).expected_minutes in (20, 21)


def test_whoever_is_free_first_sees_walk_ins_and_without_anybody_nobody_knows_when() -> None:
    business = make_business()
    areas.change(manager_of(business), "everybody", takes_walk_ins=True, walk_in_minutes=10)
    seats = [comes_by(business, f"Guest {number}") for number in range(4)]
    assert {place(seat.meeting).expected_minutes for seat in seats} == {None}
    for name in ("Dr One", "Dr Two"):
        make_staff(business, name=name)
    Provider.objects.update(presence="ready")
    assert [place(seat.meeting).expected_minutes for seat in seats] == [0, 0, 10, 10]


def test_businesses_do_not_wait_for_each_other() -> None:
    here, there = make_business(), make_business()
    waits(there, make_staff(there), -5)
    assert place(waits(here, make_staff(here), 0).meeting).ahead == 0


def test_a_queue_is_read_in_as_many_queries_however_many_wait(
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    business = make_business()
    staff = make_staff(business)
    for minutes in range(12):
        waits(business, staff, minutes)
    with django_assert_max_num_queries(10):
        assert len(queue.board(business.pk, clock.now()).places) == 12


@pytest.mark.parametrize(
    ("minutes", "mean"),
    [([], None), ([10, 20], None), ([10, 12, 11], 11), ([10, 11, 12, 13, 240], 12), ([1, 10, 10, 10, 10, 10], 10)],
)
def test_one_visit_that_was_forgotten_moves_no_mean(minutes: list[float], mean: float | None) -> None:
    assert lengths.robust_mean(minutes) == mean


def test_who_waits_for_a_visit_that_has_begun_is_in_no_line_and_before_nobody() -> None:
    business = make_business()
    staff = make_staff(business)
    running, later = waits(business, staff, 0), waits(business, staff, 10)
    waiting.admit(running.host, running.consumer.ref)
    helper = add_helper(running)
    waiting.enter_waiting(helper.ref)
    assert (place(running.meeting).ahead, place(running.meeting).expected_minutes) == (None, None)
    assert place(running.meeting).standing == "begun"
    assert place(later.meeting).ahead == 0
    assert [one.pk for one in queue.queue_of(staff[1].pk, business.pk, clock.now())] == [later.meeting.pk]


def test_a_helper_who_waits_with_somebody_stands_where_they_stand() -> None:
    business = make_business()
    staff = make_staff(business)
    visit, other = waits(business, staff, 0), waits(business, staff, 10)
    waiting.enter_waiting(add_helper(visit).ref)
    assert (place(visit.meeting).ahead, place(other.meeting).ahead) == (0, 1)
    waiting.hold(visit.host, visit.consumer.ref)
    assert (place(visit.meeting).ahead, place(visit.meeting).standing) == (None, "held")
    assert place(other.meeting).ahead == 0


def test_a_helper_who_is_first_holds_the_place_for_both() -> None:
    visit = make_visit()
    waiting.enter_waiting(add_helper(visit).ref)
    assert place(visit.meeting).ahead == 0
