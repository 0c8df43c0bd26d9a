"""Whoever controls a telephone number: no loop of answers, no flood, no bill, nothing of somebody else's."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, make_service
from vestibule.booking import answers
from vestibule.booking.models import Appointment
from vestibule.notifications import choices, consent, limits
from vestibule.notifications.models import ConsentEntry, IncomingText, MessageRules, OutboxMessage
from vestibule.people.models import Business
from vestibule.store import clock

pytestmark = pytest.mark.django_db(transaction=True)

CLEO, STRANGER = "+41795550111", "+447700900999"


@pytest.fixture
def booked() -> Appointment:
    clock.set_to(at("09:00") - timedelta(days=2))
    return book(make_service(), at("09:00"))


def text(business: Business, words: str, sender: str = STRANGER) -> IncomingText:
    number = str(IncomingText.objects.count())
    return answers.take(business, external_id=number, sender=sender, receiver="+15005550006", text=words)


def due_answers() -> int:
    return OutboxMessage.objects.filter(kind="sms_answer").count()


def test_two_machines_that_answer_each_other_come_to_an_end(booked: Appointment) -> None:
    for _answer in range(20):
        text(booked.business, "OK", CLEO)
        clock.set_to(clock.now() + timedelta(seconds=30))
    assert due_answers() == 8
    clock.set_to(clock.now() + timedelta(days=1))
    text(booked.business, "OK", CLEO)
    assert due_answers() == 9


def test_a_flood_of_texts_fills_no_table_and_stop_is_heard_all_the_same(booked: Appointment) -> None:
    for _text in range(60):
        text(booked.business, "HELP")
    assert IncomingText.objects.count() == 40
    text(booked.business, "STOP")
    assert consent.has_stopped(booked.business, "sms", STRANGER)
    for words in ("STOP", "START", "STOP", "START"):
        text(booked.business, words)
    assert (IncomingText.objects.count(), ConsentEntry.objects.count()) == (41, 1)
    assert consent.has_stopped(booked.business, "sms", STRANGER)


def test_the_flood_of_one_number_silences_no_other(booked: Appointment) -> None:
    for _text in range(50):
        text(booked.business, "HELP")
    text(booked.business, "C", CLEO)
    assert Appointment.objects.get(pk=booked.pk).confirmed_at is not None


@pytest.mark.parametrize("sender", ["", "70707", "Amazing", "+1", "javascript:"])
def test_what_is_no_number_is_not_answered(booked: Appointment, sender: str) -> None:
    text(booked.business, "HELP", sender)
    assert due_answers() == 0


def test_texts_from_a_whole_range_of_numbers_cost_no_more_than_the_cap_of_its_country(booked: Appointment) -> None:
    MessageRules.objects.update_or_create(business=booked.business, defaults={"sms_per_prefix": 5})
    choices.changed(booked.business_id)
    for last in range(9):
        text(booked.business, "HELP", f"+25275550010{last}")
    answers_due = list(OutboxMessage.objects.filter(kind="sms_answer"))
    leaving, _staying = limits.sort(answers_due, clock.now())
    assert (len(answers_due), len(leaving)) == (9, 5)


def test_the_answer_to_a_number_that_had_its_messages_leaves(booked: Appointment) -> None:
    MessageRules.objects.update_or_create(business=booked.business, defaults={"sms_per_recipient": 1})
    choices.changed(booked.business_id)
    for words in ("C", "L"):
        text(booked.business, words, CLEO)
    leaving, _staying = limits.sort(list(OutboxMessage.objects.filter(kind="sms_answer")), clock.now())
    assert len(leaving) == 2


@pytest.mark.parametrize("source", ["booking", "manage", "api"])
def test_nobody_who_types_a_number_on_a_page_lifts_what_its_owner_stopped(booked: Appointment, source: str) -> None:
    text(booked.business, "STOP", CLEO)
    consent.record(booked.business, "sms", CLEO, agrees=True, source=source, wording="Send me texts")
    assert consent.has_stopped(booked.business, "sms", CLEO)
    text(booked.business, "START", CLEO)
    assert not consent.has_stopped(booked.business, "sms", CLEO)


def test_what_was_stopped_on_a_page_is_lifted_there(booked: Appointment) -> None:
    for agrees in (False, True):
        consent.record(booked.business, "sms", CLEO, agrees=agrees, source="manage")
    assert not consent.has_stopped(booked.business, "sms", CLEO)


@pytest.mark.parametrize("number", ["+882133006550", "+870773111632", "+881612345678", "+97912345678"])
def test_no_text_goes_to_a_network_of_no_country(booked: Appointment, number: str) -> None:
    text(booked.business, "HELP", number)
    leaving, staying = limits.sort(list(OutboxMessage.objects.filter(kind="sms_answer")), clock.now())
    assert (len(leaving), len(staying)) == (0, 1)
