"""The waiting room: who gets in, who does not, and what is kept. On the real tables."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import override_settings

from tests.factories import make_business, make_membership, manager_of
from tests.meetings.scene import actor_of, add_helper, make_staff, make_visit
from vestibule.meetings import calls, conversation, planning, presence, queue, waiting
from vestibule.meetings.errors import CallFull, MeetingOver, NotAdmitted, NotInvitedToChat, TooEarly, WrongState
from vestibule.meetings.models import Meeting, MeetingEvent, Participant
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
heard: list[tuple[str, str]] = []


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []


def listen(meeting: Meeting, participant: Participant | None, event: str) -> None:
    """What a layer above registers."""
    if event == "denied":
        raise RuntimeError("the layer above could not follow")
    heard.append((participant.name if participant else "", event))


def test_a_consumer_comes_waits_and_is_let_in_by_staff() -> None:
    visit = make_visit()
    assert waiting.arrive(visit.consumer.ref).state == "arrived"
    assert waiting.enter_waiting(visit.consumer.ref).state == "waiting"
    assert waiting.admit(visit.host, visit.consumer.ref).state == "admitted"
    assert calls.join_call(visit.consumer.ref).state == "in_call"


def test_staff_are_in_by_being_staff() -> None:
    visit = make_visit()
    assert waiting.arrive(visit.provider.ref).state == "admitted"


@pytest.mark.parametrize("come", ["nothing", "arrive", "wait"])
def test_nobody_from_outside_joins_the_call_by_themselves(come: str) -> None:
    visit = make_visit()
    if come != "nothing":
        waiting.arrive(visit.consumer.ref)
    if come == "wait":
        waiting.enter_waiting(visit.consumer.ref)
    with pytest.raises(NotAdmitted):
        calls.join_call(visit.consumer.ref)
    with pytest.raises(NotAdmitted):
        calls.require_in(visit.consumer.ref)


def test_a_helper_waits_too() -> None:
    visit = make_visit()
    helper = add_helper(visit)
    waiting.enter_waiting(helper.ref)
    with pytest.raises(NotAdmitted):
        calls.join_call(helper.ref)
    waiting.admit(visit.host, helper.ref)
    assert calls.join_call(helper.ref).state == "in_call"


def test_the_waiting_room_has_hours() -> None:
    with pytest.raises(TooEarly) as early:
        waiting.enter_waiting(make_visit(starts_in=timedelta(hours=2)).consumer.ref)
    assert early.value.facts["opens_at"] > clock.now()
    with pytest.raises(MeetingOver):
        waiting.enter_waiting(make_visit(starts_in=timedelta(hours=-3)).consumer.ref)


def test_a_page_opened_too_early_is_not_an_arrival() -> None:
    assert waiting.arrive(make_visit(starts_in=timedelta(hours=2)).consumer.ref).state == "invited"


def test_a_refresh_keeps_place_and_time() -> None:
    visit = make_visit()
    since = waiting.enter_waiting(visit.consumer.ref).waiting_since
    clock.advance(60)
    assert waiting.arrive(visit.consumer.ref).state == "waiting"
    assert waiting.enter_waiting(visit.consumer.ref).waiting_since == since


def test_who_gives_up_the_place_may_take_a_new_one() -> None:
    visit = make_visit()
    first = waiting.enter_waiting(visit.consumer.ref).waiting_since
    assert waiting.leave_waiting(visit.consumer.ref).state == "arrived"
    clock.advance(60)
    again = waiting.enter_waiting(visit.consumer.ref).waiting_since
    assert again is not None
    assert first is not None
    assert again > first


def test_somebody_turned_away_cannot_come_back_until_staff_let_them_in() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    assert waiting.deny(visit.host, visit.consumer.ref, "We moved you to Tuesday").notice == "We moved you to Tuesday"
    assert waiting.arrive(visit.consumer.ref).state == "denied"
    with pytest.raises(WrongState):
        waiting.enter_waiting(visit.consumer.ref)
    assert waiting.admit(visit.host, visit.consumer.ref).state == "admitted"


def test_a_removed_person_is_out_of_the_call_and_stays_out() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    calls.join_call(visit.consumer.ref)
    assert waiting.remove(visit.host, visit.consumer.ref).state == "removed"
    with pytest.raises(NotAdmitted):
        calls.join_call(visit.consumer.ref)


def test_somebody_who_is_not_here_cannot_be_let_in() -> None:
    visit = make_visit()
    with pytest.raises(WrongState):
        waiting.admit(visit.host, visit.consumer.ref)


def test_who_left_the_call_may_join_again_until_it_ends() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    calls.join_call(visit.consumer.ref)
    assert calls.leave_call(visit.consumer.ref).state == "left"
    assert calls.join_call(visit.consumer.ref).state == "in_call"
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert visit.state() == "left"
    with pytest.raises(MeetingOver):
        calls.join_call(visit.consumer.ref)


def test_start_lets_in_everyone_who_waits_and_only_them() -> None:
    visit = make_visit()
    helper = add_helper(visit)
    waiting.enter_waiting(visit.consumer.ref)
    waiting.arrive(helper.ref)
    assert waiting.start(visit.host, visit.meeting.ref).state == "live"
    assert (visit.state(), visit.seat(helper).state) == ("admitted", "arrived")


def test_a_call_holds_four() -> None:
    visit = make_visit()
    waiting.arrive(visit.provider.ref)
    people = [visit.consumer, *(add_helper(visit, f"Helper {n}") for n in range(4))]
    for seat in people:
        waiting.enter_waiting(seat.ref)
    waiting.start(visit.host, visit.meeting.ref)
    for ref in [visit.provider.ref, *(seat.ref for seat in people[:3])]:
        calls.join_call(ref)
    with pytest.raises(CallFull):
        calls.join_call(people[3].ref)


def test_another_provider_may_not_host_and_another_business_sees_nothing() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    colleague, _provider = make_staff(visit.meeting.business, name="Dr Other")
    with pytest.raises(NotPermitted):
        waiting.admit(actor_of(colleague), visit.consumer.ref)
    with pytest.raises(NotFound):
        waiting.admit(manager_of(make_business()), visit.consumer.ref)
    assert visit.state() == "waiting"


def test_a_manager_may_host_and_gets_one_seat_however_often_they_come() -> None:
    visit = make_visit()
    manager = actor_of(make_membership(business=visit.meeting.business, role=Role.MANAGER))
    first, second = (waiting.seat_for_staff(manager, visit.meeting.ref) for _ in range(2))
    assert first.pk == second.pk
    assert waiting.seat_for_staff(visit.host, visit.meeting.ref).pk == visit.provider.pk


def test_a_viewer_may_not_let_anybody_in() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    viewer = actor_of(make_membership(business=visit.meeting.business, role=Role.VIEWER))
    with pytest.raises(NotPermitted):
        waiting.admit(viewer, visit.consumer.ref)


def test_who_is_lost_has_left_and_comes_back_to_the_old_place_and_admission() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    assert waiting.gone(visit.consumer.ref).state == "left"
    assert waiting.arrive(visit.consumer.ref).state == "waiting"
    waiting.admit(visit.host, visit.consumer.ref)
    waiting.gone(visit.consumer.ref)
    assert calls.join_call(visit.consumer.ref).state == "in_call"


def test_a_new_page_is_in_no_call_but_still_let_in() -> None:
    visit = make_visit()
    waiting.arrive(visit.provider.ref)
    calls.join_call(visit.provider.ref)
    assert waiting.arrive(visit.provider.ref).state == "admitted"


def test_moving_a_visit_to_another_day_asks_everyone_to_come_again() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    meeting = Meeting.objects.get(pk=visit.meeting.pk)
    start = clock.now() + timedelta(days=1)
    planning.move(meeting, start, start + timedelta(minutes=30))
    assert visit.state() == "invited"
    with pytest.raises(NotAdmitted):
        calls.join_call(visit.consumer.ref)


@pytest.mark.parametrize("name", ["", "   ", "\0"])
def test_a_name_is_needed(name: str) -> None:
    with pytest.raises(Invalid):
        waiting.set_name(make_visit().consumer.ref, name)


def test_a_device_report_with_unknown_words_is_not_kept() -> None:
    visit, began = make_visit(), f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    waiting.report_devices(visit.consumer.ref, {"mic": "ok", "cam": "denied"})
    with pytest.raises(Invalid):
        waiting.report_devices(visit.consumer.ref, {"mic": "<script>"})
    kept = visit.seat(visit.consumer).devices
    assert began <= str(kept.pop("at")) <= f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert kept == {"mic": "ok", "cam": "denied"}


def test_layers_above_hear_of_it_in_the_same_transaction() -> None:
    visit = make_visit()
    heard.clear()
    with override_settings(MEETING_LISTENERS=[f"{__name__}.listen"]):
        waiting.enter_waiting(visit.consumer.ref)
        assert heard == [("Ada Ng", "waiting")]
        with pytest.raises(RuntimeError):
            waiting.deny(visit.host, visit.consumer.ref)
    assert visit.state() == "waiting"
    assert not MeetingEvent.objects.filter(kind="denied").exists()


def test_what_staff_do_is_in_the_audit_trail() -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    trail = AuditEntry.objects.filter(subject_ref=visit.meeting.ref).order_by("id")
    assert list(trail.values_list("action", flat=True)) == ["meeting.admitted", "meeting.ended"]


def test_a_waiting_person_may_write_first_but_not_without_end() -> None:
    visit = make_visit()
    with pytest.raises(NotAdmitted):
        conversation.reply(visit.consumer.ref, "Is anybody there?")
    waiting.enter_waiting(visit.consumer.ref)
    for number in range(20):
        conversation.reply(visit.consumer.ref, f"Hello {number}")
    with pytest.raises(NotInvitedToChat):
        conversation.reply(visit.consumer.ref, "Hello?")
    conversation.notify(visit.host, visit.consumer.ref, "One moment")
    conversation.reply(visit.consumer.ref, "Fine", "c1")
    conversation.reply(visit.consumer.ref, "Fine", "c1")
    said = conversation.notices(visit.consumer.ref)
    assert [(notice.from_staff, notice.text) for notice in said[-2:]] == [(True, "One moment"), (False, "Fine")]
    assert (len(said), visit.seat(visit.consumer).notice) == (22, "One moment")


@pytest.mark.parametrize("text", ["", "  ", "\0", "x" * 501])
def test_a_notice_has_one_to_five_hundred_characters(text: str) -> None:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    with pytest.raises(Invalid):
        conversation.notify(visit.host, visit.consumer.ref, text)


def test_the_queue_is_by_start_then_by_provider() -> None:
    business = make_business()
    staff = make_staff(business)
    later = make_visit(business=business, staff=staff, starts_in=timedelta(minutes=20))
    sooner = make_visit(business=business, staff=staff, starts_in=timedelta(minutes=-10))
    elsewhere = make_visit(business=business)
    for visit in (later, sooner, elsewhere):
        waiting.enter_waiting(visit.consumer.ref)
    now = clock.now()
    places = queue.board(business.pk, now).places
    assert [places[visit.meeting.ref].ahead for visit in (sooner, later, elsewhere)] == [0, 1, 0]
    assert places[sooner.meeting.ref].expected_minutes == 0
    assert places[later.meeting.ref].expected_minutes in (30, 31)


def test_a_provider_in_a_call_is_shown_so() -> None:
    visit = make_visit()
    provider_id = visit.provider.provider_id
    assert provider_id is not None
    assert presence.show(provider_id, at_desk=True)
    assert Provider.objects.get(pk=provider_id).presence == "ready"
    waiting.arrive(visit.provider.ref)
    calls.join_call(visit.provider.ref)
    presence.show(provider_id, at_desk=True)
    assert Provider.objects.get(pk=provider_id).presence == "in_visit"
    waiting.end_for_all(visit.host, visit.meeting.ref)
    presence.show(provider_id, at_desk=False)
    assert Provider.objects.get(pk=provider_id).presence == "away"


def test_presence_is_put_right_after_a_process_that_could_not_say_who_went() -> None:
    visit = make_visit()
    gone = visit.provider.provider
    assert gone is not None
    here, away = (make_staff(visit.meeting.business, name=name)[1] for name in ("Dr Here", "Dr Away"))
    Provider.objects.filter(pk=gone.pk).update(presence="in_visit")
    Provider.objects.filter(pk=away.pk).update(presence="away", stepped_away_at=clock.now())
    assert presence.settle({here.pk, away.pk}) == {visit.meeting.business_id}
    assert [Provider.objects.get(pk=one.pk).presence for one in (gone, here, away)] == ["away", "ready", "away"]
    assert presence.settle({here.pk, away.pk}) == set()
