"""Who may talk in the thread of a visit, and how long what they said is kept."""

from datetime import timedelta

import pytest

from tests.meetings.scene import actor_of, add_helper, make_staff, make_visit
from tests.web.live.talk import link_to
from vestibule import housekeeping
from vestibule.chat import verbs
from vestibule.chat.models import Message
from vestibule.meetings import calls, talking, waiting
from vestibule.meetings.errors import MeetingOver, NotAdmitted
from vestibule.meetings.models import Meeting, VisitRules
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def test_the_consumer_reads_and_writes_before_anybody_lets_them_in_and_a_helper_does_not() -> None:
    visit = make_visit()
    link_to(visit.consumer.ref)
    assert talking.own(visit.meeting).may_write
    for ask in (talking.let_in, talking.in_call):
        for seat in (visit.consumer, add_helper(visit)):
            with pytest.raises(NotAdmitted):
                ask(seat.ref)


def test_the_call_is_over_for_the_call_and_not_for_the_thread() -> None:
    visit = make_visit()
    link_to(visit.consumer.ref)
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    with pytest.raises(MeetingOver):
        talking.in_call(visit.consumer.ref)
    assert talking.let_in(visit.consumer.ref).may_write
    assert talking.staff(visit.host, visit.meeting.ref).may_write


def test_nobody_writes_after_the_links_have_expired_or_the_visit_was_cancelled() -> None:
    visit = make_visit()
    link_to(visit.consumer.ref)
    Meeting.objects.filter(pk=visit.meeting.pk).update(state=Meeting.State.CANCELLED)
    visit.meeting.refresh_from_db()
    assert not talking.own(visit.meeting).may_write
    assert not talking.staff(visit.host, visit.meeting.ref).may_write
    late = make_visit()
    link_to(late.consumer.ref)
    clock.advance(timedelta(days=2).total_seconds())
    assert not talking.own(late.meeting).may_write
    assert not talking.staff(late.host, late.meeting.ref).may_write


def test_staff_talk_where_they_may_host_without_taking_a_seat() -> None:
    visit = make_visit()
    business = visit.meeting.business
    seats = visit.meeting.participants.count()
    manager, _provider = make_staff(business, role=Role.MANAGER, name="Mara Manager")
    talker = talking.staff(actor_of(manager), visit.meeting.ref)
    assert (talker.key, visit.meeting.participants.count()) == (f"user:{manager.user_id}", seats)
    colleague, _provider = make_staff(business, name="Dr Cy Moss")
    with pytest.raises(NotPermitted):
        talking.staff(actor_of(colleague), visit.meeting.ref)
    with pytest.raises(NotFound):
        talking.staff(make_visit().host, visit.meeting.ref)
    assert talking.staff(visit.host, visit.meeting.ref).key == visit.provider.ref


def test_what_staff_take_back_of_others_is_noted() -> None:
    visit = make_visit()
    thread = visit.meeting.thread_id
    verbs.post(thread, visit.consumer.ref, "Ada", "c1", "rude words")
    verbs.post(thread, visit.provider.ref, "Bo", "p1", "mine")
    talker = talking.staff(visit.host, visit.meeting.ref)
    assert talking.take_back(talker, 1)[1]
    assert talking.take_back(talker, 2)[1]
    entry = AuditEntry.objects.get(action="message.deleted")
    assert (entry.subject_ref, entry.details) == (visit.meeting.ref, {"number": 1})


def test_conversations_go_after_the_days_their_business_keeps_them() -> None:
    short, usual = make_visit(), make_visit()
    VisitRules.objects.create(business=short.meeting.business, chat_days=10)
    for visit in (short, usual):
        verbs.post(visit.meeting.thread_id, visit.consumer.ref, "Ada", "c1", "hello")
    housekeeping.tick()
    assert Message.objects.count() == 2
    clock.advance(timedelta(days=11).total_seconds())
    housekeeping.tick()
    assert [row.thread_id for row in Message.objects.all()] == [usual.meeting.thread_id]
    clock.advance(timedelta(days=355).total_seconds())
    housekeeping.tick()
    assert not Message.objects.exists()


def test_a_helper_reads_the_conversation_only_while_they_are_in_the_visit() -> None:
    visit = make_visit()
    left, stays = add_helper(visit, "Ines"), add_helper(visit, "Iris")
    for seat in (visit.consumer, left, stays):
        waiting.enter_waiting(seat.ref)
        waiting.admit(visit.host, seat.ref)
        calls.join_call(seat.ref)
    calls.leave_call(left.ref)
    assert talking.let_in(left.ref).may_write is False  # they may come straight back
    clock.set_to(clock.now() + waiting.REJOIN + timedelta(seconds=1))
    with pytest.raises(NotAdmitted):
        talking.let_in(left.ref)
    assert talking.let_in(stays.ref).key == stays.ref
    waiting.end_for_all(visit.host, visit.meeting.ref)
    with pytest.raises(NotAdmitted):
        talking.let_in(stays.ref)
    assert talking.let_in(visit.consumer.ref).key == visit.consumer.ref
