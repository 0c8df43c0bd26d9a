"""Words that go out by themselves, and staff who are told by message of whoever waits too long."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business, manager_of
from tests.meetings.scene import Visit, actor_of, make_staff, make_visit
from vestibule.booking import desk_alerts
from vestibule.meetings import alerting, areas, conversation, prepared, waiting
from vestibule.meetings.models import Participant
from vestibule.notifications import content
from vestibule.notifications.models import OutboxMessage
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Membership
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []


def waited(minutes: float, visit: Visit | None = None) -> Visit:
    """A visit whose consumer has waited so long."""
    visit = visit or make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    seat = visit.seat(visit.consumer)
    seat.waiting_since = clock.now() - timedelta(minutes=minutes)
    seat.save()
    return visit


def said(visit: Visit) -> list[str]:
    return [notice.text for notice in conversation.notices(visit.consumer.ref)]


def test_a_text_goes_out_by_itself_once_for_each_wait() -> None:
    visit = waited(6)
    manager = manager_of(visit.meeting.business)
    prepared.add(manager, "We have not forgotten you.", after_minutes=5)
    prepared.add(manager, "Sorry for the delay.", after_minutes=10)
    prepared.add(manager, "By hand only")
    assert [(business, notice.from_staff) for business, notice in prepared.send_due()] == [
        (visit.meeting.business_id, True)
    ]
    assert prepared.send_due() == []
    assert said(visit) == ["We have not forgotten you."]
    waiting.leave_waiting(visit.consumer.ref)
    waited(6, visit)
    assert len(prepared.send_due()) == 1


def test_a_text_of_an_area_is_for_who_waits_there() -> None:
    here = waited(6)
    membership, provider = make_staff(here.meeting.business, name="Dr Other")
    there = waited(6, make_visit(business=here.meeting.business, staff=(membership, provider)))
    manager = manager_of(here.meeting.business)
    group = areas.create(manager, "Physiotherapy", providers=[provider.slug])
    prepared.add(manager, "The gym is on its way.", area=group.slug, after_minutes=5)
    prepared.send_due()
    assert (said(here), said(there)) == ([], ["The gym is on its way."])


def test_who_is_on_hold_or_answered_is_not_spoken_to_by_a_machine() -> None:
    visit = waited(6)
    prepared.add(manager_of(visit.meeting.business), "We have not forgotten you.", after_minutes=5)
    waiting.hold(visit.host, visit.consumer.ref)
    assert prepared.send_due() == []


def test_an_automatic_text_leaves_a_question_unanswered() -> None:
    visit = waited(6)
    conversation.reply(visit.consumer.ref, "Is anybody there?")
    prepared.add(manager_of(visit.meeting.business), "We have not forgotten you.", after_minutes=5)
    prepared.send_due()
    kinds = list(visit.seat(visit.consumer).events.values_list("kind", flat=True))
    assert conversation.unanswered([kind for kind in kinds if kind in ("notice", "reply")]) == 1


def test_prepared_texts_are_the_managers_and_of_one_business() -> None:
    visit = make_visit()
    text = prepared.add(manager_of(visit.meeting.business), "One moment, please.")
    with pytest.raises(NotPermitted):
        prepared.add(visit.host, "Mine")
    with pytest.raises(NotFound):
        prepared.change(manager_of(make_business()), text.ref, text="Theirs")
    with pytest.raises(Invalid):
        prepared.add(manager_of(visit.meeting.business), "x", after_minutes=0)
    prepared.remove(manager_of(visit.meeting.business), text.ref)
    assert prepared.texts_of(visit.meeting.business) == []


def wanting(visit: Visit, **values: object) -> Membership:
    """The provider of `visit`, who wants to be told."""
    alerting.change(visit.host, **{"email": True, "after_minutes": 5, **values})
    return Membership.objects.get(user_id=visit.host.user_id or 0)


def test_a_provider_is_told_once_of_whoever_waits_for_them() -> None:
    visit = waited(6)
    membership = wanting(visit, sms=True, phone="+44 7700 900123")
    assert desk_alerts.tell_due() == 2
    assert desk_alerts.tell_due() == 0
    by_channel = {message.channel: message for message in OutboxMessage.objects.all()}
    assert by_channel["email"].to == membership.user.email
    mail = content.mail(by_channel["email"], {}, clock.now())
    assert "Ada Ng" in mail.subject
    assert "/desk" in mail.text
    assert "Ada Ng is waiting" in content.sms(by_channel["sms"], {}, clock.now()).body


def test_each_wait_is_told_of_also_two_that_began_in_the_same_second() -> None:
    visit = waited(6)
    wanting(visit)
    prepared.add(manager_of(visit.meeting.business), "We have not forgotten you.", after_minutes=5)
    began = visit.seat(visit.consumer).waiting_since
    assert (desk_alerts.tell_due(), len(prepared.send_due())) == (1, 1)
    waiting.leave_waiting(visit.consumer.ref)
    waited(6, visit)
    Participant.objects.filter(pk=visit.consumer.pk).update(waiting_since=began)
    assert (desk_alerts.tell_due(), len(prepared.send_due())) == (1, 1)


def test_going_on_after_a_lost_connection_is_the_same_wait() -> None:
    visit = waited(6)
    wanting(visit)
    assert desk_alerts.tell_due() == 1
    waiting.gone(visit.consumer.ref)
    assert waiting.arrive(visit.consumer.ref).state == "waiting"
    assert desk_alerts.tell_due() == 0


def test_nobody_is_told_too_early_or_of_what_is_not_theirs() -> None:
    early = waited(4)
    wanting(early)
    assert desk_alerts.tell_due() == 0
    other = waited(
        6, make_visit(business=early.meeting.business, staff=make_staff(early.meeting.business, name="Dr X"))
    )
    assert desk_alerts.tell_due() == 0
    wanting(other)
    assert desk_alerts.tell_due() == 1


def test_who_was_let_in_meanwhile_is_nobodys_worry() -> None:
    visit = waited(6)
    wanting(visit)
    waiting.admit(visit.host, visit.consumer.ref)
    assert desk_alerts.tell_due() == 0


def test_text_messages_need_a_phone_and_alerts_are_each_persons_own() -> None:
    visit = make_visit()
    with pytest.raises(Invalid) as refused:
        alerting.change(visit.host, sms=True)
    assert refused.value.facts["field"] == "phone"
    with pytest.raises(Invalid):
        alerting.change(visit.host, after_minutes=0)
    assert alerting.of_actor(visit.host).email is False
    with pytest.raises(NotPermitted):
        alerting.change(manager_of(visit.meeting.business), email=True)  # an actor without a membership
    assert actor_of(Membership.objects.get()).provider_id is not None
