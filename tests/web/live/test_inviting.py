"""People brought into a visit from inside it, and the telephone as the way on."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import override_settings

from tests.factories import make_business
from tests.meetings.scene import actor_of, make_staff
from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, Talk, soon, visit_cookie
from vestibule.booking.models import Appointment
from vestibule.meetings import dial_out, visit_rules, waiting
from vestibule.meetings.models import CallRequest, Participant
from vestibule.meetings.testing import FakeTelephone
from vestibule.notifications.models import OutboxMessage
from vestibule.people import rates
from vestibule.people.errors import NotFound
from vestibule.people.models import AuditEntry, CapabilityLink, Provider
from vestibule.store import clock
from vestibule.web import live

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "+442079460018"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    rates._counts.clear()


def helper_of(stage: Stage, role: str = "attendee") -> Participant:
    """A helper whom staff brought in."""
    staff = stage.provider()
    staff.send("invite", name="Ines", role=role)
    made = staff.until("invited")
    found: Participant = Participant.objects.get(ref=made["participant"])
    return found


def test_staff_bring_a_helper_into_a_visit_that_goes_on(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    provider.send("invite", name="Ines", kind="interpreter", email="ines@example.org", phone=PHONE)
    made = provider.until("invited")
    assert (made["name"], made["told"]) == ("Ines", ["email", "sms"])
    seat = Participant.objects.get(ref=made["participant"])
    assert (seat.kind, seat.role, seat.state) == ("helper", "attendee", "invited")
    assert CapabilityLink.objects.get(subject=seat.ref).opens_once
    told = OutboxMessage.objects.filter(to__in=("ines@example.org", PHONE)).order_by("channel")
    assert [(one.channel, one.kind) for one in told] == [("email", "helper_invited"), ("sms", "helper_invited")]
    assert all(one["type"] != "invited" for one in consumer.quiet())


def test_a_helper_waits_to_be_let_in_like_everybody_else(stage: Stage) -> None:
    seat = helper_of(stage)
    helper = stage.consumer(seat)
    assert helper.ask("get_ice")["code"] == "not_admitted"
    assert helper.ask("join_call", media={"mic": True, "cam": True, "screen": False})["code"] == "not_admitted"
    helper.ask("enter_waiting")
    host = stage.desk()
    assert host.ask("admit", participant=seat.ref)["type"] == "done"
    helper.until("state", state="admitted")


def test_the_consumer_may_bring_somebody_but_give_no_more_than_they_have(stage: Stage) -> None:
    consumer = stage.consumer()
    assert consumer.ask("invite", name="Ines", role="presenter")["code"] == "not_allowed"
    consumer.send("invite", name="Ines")
    made = consumer.until("invited")
    assert Participant.objects.get(ref=made["participant"]).role == "attendee"
    assert [one["name"] for one in Appointment.objects.get().helpers] == ["Ines"]


def test_a_helper_brings_nobody_and_learns_nothing_of_colleagues(stage: Stage) -> None:
    helper = stage.consumer(helper_of(stage))
    assert helper.ask("invite", name="Another")["code"] == "not_allowed"
    assert helper.ask("get_colleagues")["code"] == "not_allowed"
    assert helper.ask("invite_colleague", provider="bo-lund")["code"] == "not_allowed"
    assert Participant.objects.filter(kind="helper").count() == 1


def test_six_people_have_a_seat_and_no_more_helpers_are_taken(stage: Stage) -> None:
    provider = stage.provider()
    for number in range(5):
        assert provider.ask("invite", name=f"Helper {number}")["type"] == "done"
    refused = provider.ask("invite", name="One too many")
    assert (refused["code"], refused["field"]) == ("bad_message", "helpers")


def test_what_a_helper_may_do_is_staffs_choice(stage: Stage) -> None:
    assert helper_of(stage, role="collaborator").role == "collaborator"


def colleague(stage: Stage) -> tuple[Provider, Talk]:
    """Another provider with a desk open."""
    membership, provider = make_staff(stage.visit.meeting.business, name="Dr Cy Vance")
    provider.email = "cy@example.org"
    provider.save()
    desk = stage.desk(membership)
    assert desk.until("queue")["entries"] == []
    return provider, desk


def test_a_colleague_is_asked_in_and_finds_the_visit_on_their_desk(stage: Stage) -> None:
    provider, desk = colleague(stage)
    host = stage.provider()
    host.send("get_colleagues")
    assert [one["name"] for one in host.until("colleagues")["people"]] == ["Dr Cy Vance"]
    assert host.ask("invite_colleague", provider=provider.slug)["type"] == "done"
    shown = desk.until("entry")["entry"]
    assert (shown["meeting"], shown["mine"]) == (stage.visit.meeting.ref, True)
    mail = OutboxMessage.objects.get(to="cy@example.org")
    assert (mail.kind, mail.channel) == ("called_in", "email")
    host.ask("invite_colleague", provider=provider.slug)
    assert Participant.objects.filter(provider=provider).count() == 1


def test_a_visit_is_handed_over(stage: Stage) -> None:
    provider, _desk = colleague(stage)
    stage.provider().ask("invite_colleague", provider=provider.slug, hand_over=True)
    stage.visit.meeting.refresh_from_db()
    assert stage.visit.meeting.host == provider
    assert AuditEntry.objects.filter(action="meeting.handed_over", summary="Dr Cy Vance").exists()


def test_a_provider_of_another_business_cannot_be_asked_in(stage: Stage) -> None:
    _membership, stranger = make_staff(make_business())
    stranger.slug = "stranger"
    stranger.save()
    assert stage.provider().ask("invite_colleague", provider="stranger")["code"] == "not_found"
    assert not Participant.objects.filter(provider=stranger).exists()


@pytest.mark.parametrize("state", ["arrived", "waiting"])
def test_whoever_is_not_in_yet_may_ask_to_be_called(stage: Stage, state: str) -> None:
    desk, consumer = stage.desk(), stage.consumer()
    if state == "waiting":
        consumer.ask("enter_waiting")
    consumer.send("ask_for_call", phone="+44 20 7946 0018")
    assert consumer.until("call_request")["request"]["phone"] == PHONE
    seat = stage.visit.consumer
    while (shown := desk.until("entry")["entry"]["people"][0]).get("call_request") is None:
        pass
    assert (shown["id"], shown["call_request"]["phone"]) == (seat.ref, PHONE)
    assert stage.visit.state() == state


def test_staff_call_and_say_so(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.send("ask_for_call", phone=PHONE)
    assert consumer.until("call_request")["request"]["phone"] == PHONE
    assert consumer.ask("call_done", participant=stage.visit.consumer.ref)["code"] == "not_allowed"
    assert provider.ask("call_done", participant=stage.visit.consumer.ref)["type"] == "done"
    consumer.until("call_request", request=None)
    row = CallRequest.objects.get()
    assert (row.done_at is not None, row.done_by) == (True, stage.visit.host.label)


@pytest.fixture
def telephone(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeTelephone]]:
    """A telephone service is set up."""
    monkeypatch.setattr(FakeTelephone, "orders", [])
    monkeypatch.setattr(FakeTelephone, "fails", False)
    with override_settings(DIAL_OUT="vestibule.meetings.testing.FakeTelephone"):
        yield FakeTelephone


def test_the_desk_has_a_telephone_service_call_whoever_asked(stage: Stage, telephone: type[FakeTelephone]) -> None:
    desk, consumer, seat = stage.desk(), stage.consumer(), stage.visit.consumer
    assert desk.welcome["calls_out"]
    assert desk.ask("call_now", participant=seat.ref)["code"] == "wrong_state"
    consumer.ask("ask_for_call", phone=PHONE)
    consumer.until("call_request", lambda told: told["request"] is not None)  # else nothing of it is to be taken back
    assert desk.ask("call_now", participant=seat.ref)["type"] == "done"
    consumer.until("call_request", request=None)
    (order,) = telephone.orders
    assert (order.number, order.meeting, order.participant) == (PHONE, stage.visit.meeting.ref, seat.ref)
    assert order.business == stage.visit.meeting.business.name
    assert AuditEntry.objects.filter(action="meeting.called").count() == 1
    assert desk.ask("call_now", participant=seat.ref)["code"] == "wrong_state"


def test_a_call_that_was_not_placed_stays_wanted_and_the_number_is_said(
    stage: Stage, telephone: type[FakeTelephone]
) -> None:
    telephone.fails = True
    desk, consumer, seat = stage.desk(), stage.consumer(), stage.visit.consumer
    consumer.ask("ask_for_call", phone=PHONE)
    refused = desk.ask("call_now", participant=seat.ref)
    assert (refused["code"], PHONE in refused["sentence"]) == ("not_dialled", True)
    assert CallRequest.objects.get().done_at is None
    telephone.fails = False
    assert desk.ask("call_now", participant=seat.ref)["type"] == "done"


def test_without_a_telephone_service_the_desk_dials_by_hand(stage: Stage) -> None:
    desk, consumer = stage.desk(), stage.consumer()
    consumer.ask("ask_for_call", phone=PHONE)
    assert desk.welcome["calls_out"] is False
    assert desk.ask("call_now", participant=stage.visit.consumer.ref)["code"] == "not_dialled"


def test_nobody_is_rung_from_another_business(stage: Stage, telephone: type[FakeTelephone]) -> None:
    consumer, seat = stage.consumer(), stage.visit.consumer
    consumer.ask("ask_for_call", phone=PHONE)
    membership, _stranger = make_staff(make_business())
    with pytest.raises(NotFound):
        dial_out.order(actor_of(membership), seat.ref)
    assert telephone.orders == []


def test_a_new_number_takes_the_place_of_the_old_and_keeps_the_turn(stage: Stage) -> None:
    consumer = stage.consumer()
    consumer.ask("ask_for_call", phone=PHONE)
    first = CallRequest.objects.get().asked_at
    consumer.ask("ask_for_call", phone="+41445550100")
    row = CallRequest.objects.get()
    assert (row.phone, row.asked_at) == ("+41445550100", first)


def test_asking_for_calls_all_the_time_is_refused(stage: Stage) -> None:
    consumer = stage.consumer()
    answers = [consumer.ask("ask_for_call", phone=PHONE) for _ in range(6)]
    assert [one["type"] for one in answers] == ["done"] * 5 + ["error"]
    assert answers[-1]["code"] == "rate_limited"


@pytest.mark.parametrize("phone", ["hello", "12", "+4420794600180000000000", "javascript:alert(1)"])
def test_what_is_no_number_is_not_taken(stage: Stage, phone: str) -> None:
    refused = stage.consumer().ask("ask_for_call", phone=phone)
    assert (refused["code"], refused["field"]) == ("bad_message", "phone")
    assert not CallRequest.objects.exists()


def test_a_business_may_choose_not_to_call(stage: Stage) -> None:
    rules = visit_rules.of(stage.visit.meeting.business_id)
    rules.takes_call_requests, rules.dial_in, rules.dial_in_code = False, "+44 20 7946 0000", "1234 56"
    rules.save()
    consumer = stage.consumer()
    ways = {"dial_in": "+44 20 7946 0000", "code": "1234 56", "call_me": False}
    assert consumer.welcome["meeting"]["by_phone"] == ways
    assert consumer.ask("ask_for_call", phone=PHONE)["code"] == "not_allowed"


def test_who_left_hears_nothing_more_once_the_way_back_is_closed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "REJOIN", timedelta(seconds=0.2))
    consumer, provider = stage.in_call()
    session = live.doors._live[0].hub.rooms[stage.visit.meeting.ref].members[stage.visit.consumer.ref]
    consumer.ask("leave_call")
    soon(lambda: not session.inside)
    consumer.quiet(0.1)
    provider.ask("chat_send", client_id="c1", text="Are they gone?")
    assert "chat" not in {one["type"] for one in consumer.quiet()}
    assert consumer.ask("join_call", media=MEDIA)["code"] == "not_admitted"


def test_a_seat_taken_away_opens_nothing(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    seat = helper_of(stage)
    cookie = visit_cookie(seat.ref)
    seat.state, seat.left_at = "removed", clock.now() - timedelta(seconds=1)
    seat.save()
    talk = stage.open("visit", cookie)
    assert talk.hello()["code"] == "removed"
