"""Handing somebody who waits on, and providers who step away."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business, make_provider, manager_of
from tests.meetings.scene import actor_of, make_staff, make_visit
from vestibule.meetings import areas, calls, planning, presence, queue, waiting
from vestibule.meetings.errors import WrongState
from vestibule.meetings.models import Meeting
from vestibule.meetings.transfers import transfer
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Provider
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []


def test_another_provider_takes_over_and_the_first_one_is_out_of_it() -> None:
    visit = make_visit()
    business = visit.meeting.business
    membership, colleague = make_staff(business, name="Dr Other")
    since = waiting.enter_waiting(visit.consumer.ref).waiting_since
    with pytest.raises(NotPermitted):
        waiting.admit(actor_of(membership), visit.consumer.ref)
    transfer(visit.host, visit.consumer.ref, provider=colleague.slug)
    seat = visit.seat(visit.consumer)
    assert (seat.state, seat.waiting_since) == ("waiting", since)
    assert queue.board(business.pk, clock.now()).places[visit.meeting.ref].host == colleague.pk
    with pytest.raises(NotPermitted):
        waiting.admit(visit.host, visit.consumer.ref)
    assert waiting.admit(actor_of(membership), visit.consumer.ref).state == "admitted"
    assert AuditEntry.objects.get(action="meeting.transferred").summary == "Dr Other"


def test_a_visit_that_comes_back_is_the_first_ones_again() -> None:
    visit = make_visit()
    membership, colleague = make_staff(visit.meeting.business, name="Dr Other")
    waiting.enter_waiting(visit.consumer.ref)
    waiting.seat_for_staff(visit.host, visit.meeting.ref)
    waiting.arrive(visit.provider.ref)
    transfer(visit.host, visit.consumer.ref, provider=colleague.slug)
    own = visit.provider.provider
    assert own is not None
    transfer(actor_of(membership), visit.consumer.ref, provider=own.slug)
    assert waiting.admit(visit.host, visit.consumer.ref).state == "admitted"
    assert waiting.is_in(waiting.arrive(waiting.seat_for_staff(visit.host, visit.meeting.ref).ref))


def test_an_area_takes_over_and_whoever_of_it_lets_them_in_has_them() -> None:
    visit = make_visit()
    business = visit.meeting.business
    membership, colleague = make_staff(business, name="Dr Other")
    stranger, _nobody = make_staff(business, name="Dr Elsewhere")
    group = areas.create(manager_of(business), "Physiotherapy", providers=[colleague.slug])
    waiting.enter_waiting(visit.consumer.ref)
    transfer(visit.host, visit.consumer.ref, area=group.slug)
    assert areas.area_of(Meeting.objects.get()) == group
    for nobody_of_it in (visit.host, actor_of(stranger)):
        with pytest.raises(NotPermitted):
            waiting.admit(nobody_of_it, visit.consumer.ref)
    waiting.admit(actor_of(membership), visit.consumer.ref)
    assert Meeting.objects.get().host == colleague


def test_a_transfer_done_twice_is_once() -> None:
    visit = make_visit()
    _membership, colleague = make_staff(visit.meeting.business, name="Dr Other")
    waiting.enter_waiting(visit.consumer.ref)
    manager = manager_of(visit.meeting.business)
    for _ in range(2):
        transfer(manager, visit.consumer.ref, provider=colleague.slug)
    assert AuditEntry.objects.filter(action="meeting.transferred").count() == 1


def test_nobody_hands_anything_to_another_business_or_to_nobody() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    elsewhere = make_provider(business=make_business(), name="Dr Elsewhere")
    theirs = areas.create(manager_of(elsewhere.business), "Surgery")
    for to in ({"provider": elsewhere.slug}, {"area": theirs.slug}, {"provider": "nobody"}):
        with pytest.raises(NotFound):
            transfer(visit.host, visit.consumer.ref, **to)
    for unclear in ({}, {"provider": "a", "area": "b"}):
        with pytest.raises(Invalid):
            transfer(visit.host, visit.consumer.ref, **unclear)
    with pytest.raises(NotFound):
        transfer(manager_of(elsewhere.business), visit.consumer.ref, provider=elsewhere.slug)


def test_who_is_in_the_call_is_not_handed_on() -> None:
    visit = make_visit()
    _membership, colleague = make_staff(visit.meeting.business, name="Dr Other")
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    calls.join_call(visit.consumer.ref)
    with pytest.raises(WrongState):
        transfer(visit.host, visit.consumer.ref, provider=colleague.slug)


def test_who_stepped_away_is_away_though_the_desk_is_open_until_they_come_back() -> None:
    visit = make_visit()
    provider_id = visit.provider.provider_id
    assert provider_id is not None
    presence.show(provider_id, at_desk=True)
    presence.step_away(visit.host, "Lunch until 13:00")
    presence.show(provider_id, at_desk=True)
    provider = Provider.objects.get(pk=provider_id)
    assert (provider.presence, provider.away_words) == ("away", "Lunch until 13:00")
    presence.come_back(visit.host)
    provider.refresh_from_db()
    assert (provider.presence, provider.away_words, provider.stepped_away_at) == ("ready", "", None)
    with pytest.raises(NotPermitted):
        presence.step_away(manager_of(visit.meeting.business))
    with pytest.raises(Invalid):
        presence.step_away(visit.host, "x" * 121)


def test_who_was_handed_on_stands_in_the_new_queue_and_no_more_in_the_old() -> None:
    visit = make_visit(starts_in=timedelta(minutes=1))
    _membership, colleague = make_staff(visit.meeting.business, name="Dr Other")
    waiting.enter_waiting(visit.consumer.ref)
    transfer(visit.host, visit.consumer.ref, provider=colleague.slug)
    assert [one.ref for one in queue.queue_of(colleague.pk, visit.meeting.business_id, clock.now())] == [
        visit.meeting.ref
    ]
    own = visit.provider.provider_id
    assert own is not None
    assert queue.queue_of(own, visit.meeting.business_id, clock.now()) == []


def test_a_visit_that_moves_to_another_day_is_the_first_ones_again() -> None:
    visit = make_visit()
    _membership, colleague = make_staff(visit.meeting.business, name="Dr Other")
    waiting.enter_waiting(visit.consumer.ref)
    transfer(visit.host, visit.consumer.ref, provider=colleague.slug)
    meeting = Meeting.objects.get()
    planning.move(meeting, clock.now() + timedelta(days=2), clock.now() + timedelta(days=2, minutes=30))
    assert areas.host_of(Meeting.objects.get()) == visit.provider.provider_id
    assert waiting.seat_for_staff(visit.host, meeting.ref).state == "invited"
