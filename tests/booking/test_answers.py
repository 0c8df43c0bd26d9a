"""Answers to text messages: done once, answered in the consumer's language, and told to nobody else."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, holder_of, make_service
from tests.factories import make_business
from vestibule import housekeeping
from vestibule.booking import answers, lifecycle
from vestibule.booking.models import Appointment, Service
from vestibule.meetings.models import VisitRules
from vestibule.notifications import choices
from vestibule.notifications.models import (
    Address,
    ConsentEntry,
    Gateway,
    IncomingText,
    MessageRules,
    OutboxMessage,
)
from vestibule.notifications.testing import FakeMail, FakeSms, fakes
from vestibule.notifications.worker import send_due
from vestibule.people import rates
from vestibule.people.errors import Refusal, TooMany
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db(transaction=True)

CLEO = "+41795550111"


@pytest.fixture
def service() -> Service:
    clock.set_to(at("09:00") - timedelta(days=2))
    return make_service(change_notice_minutes=60)


@pytest.fixture
def booked(service: Service) -> Appointment:
    return book(service, at("09:00"))


def text(booked: Appointment, words: str, number: str = "1", sender: str = CLEO) -> IncomingText:
    gateway, _made = Gateway.objects.get_or_create(
        business=booked.business, channel="sms", kind="twilio", name="Twilio", sender="+15005550006", access=""
    )
    return answers.take(
        booked.business, external_id=number, sender=sender, receiver="+15005550006", text=words, gateway=gateway
    )


def answered() -> list[str]:
    """The answers as they leave."""
    gateway = FakeSms()
    send_due(fakes(FakeMail(), gateway))
    return [one.body for one in gateway.taken]


def test_c_confirms_once_and_is_thanked_for(booked: Appointment) -> None:
    text(booked, "C")
    first = Appointment.objects.get(pk=booked.pk).confirmed_at
    clock.set_to(clock.now() + timedelta(minutes=5))
    text(booked, "yes", number="2")
    assert Appointment.objects.get(pk=booked.pk).confirmed_at == first is not None
    assert AuditEntry.objects.filter(action="appointment.confirmed").count() == 1
    assert answered()[0].startswith("Lakeside Clinic: Thank you. We expect you: Monday")


def test_x_cancels_and_everybody_is_told(booked: Appointment) -> None:
    text(booked, "x")
    booked.refresh_from_db()
    assert (booked.status, booked.cancelled_by) == ("cancelled", "consumer")
    assert OutboxMessage.objects.filter(kind="cancelled", subject_ref=booked.ref).exists()


def test_too_late_to_cancel_the_answer_says_so_and_leads_to_the_page(booked: Appointment) -> None:
    clock.set_to(at("08:30"))
    row = text(booked, "X")
    assert Appointment.objects.get(pk=booked.pk).status == "booked"
    assert any("/appointment?v=" in one for one in answered())
    assert "/appointment?v=" not in row.answer


def test_l_says_late(booked: Appointment) -> None:
    clock.set_to(at("08:50"))
    text(booked, "L 15")
    assert Appointment.objects.get(pk=booked.pk).running_late_minutes == 15


def test_the_same_text_handed_over_twice_is_done_once(booked: Appointment) -> None:
    for _time in range(3):
        text(booked, "L 15")
    assert IncomingText.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="sms_answer").count() == 1


def test_stop_is_kept_with_its_words_and_nothing_but_its_answer_leaves(booked: Appointment) -> None:
    text(booked, "Stop!")
    (entry,) = ConsentEntry.objects.all()
    assert (entry.agrees, entry.source, entry.wording, entry.value) == (False, "text", "Stop!", CLEO)
    assert answered() == [
        "Lakeside Clinic: You get no more text messages from us. Your appointments stay as they are. START brings them"
        " back."
    ]
    clock.set_to(at("08:00"))
    assert answered() == []
    reminder = OutboxMessage.objects.get(kind="reminder", channel="sms", to=CLEO)
    assert reminder.state == "dropped"
    text(booked, "START", number="2")
    assert Address.objects.get(value=CLEO).stopped_at is None


def test_the_appointment_of_the_last_message_is_meant(service: Service, booked: Appointment) -> None:
    later = book(service, at("11:00"))
    OutboxMessage.objects.filter(subject_ref=later.ref, channel="sms").update(state="done", sent_at=clock.now())
    text(booked, "C")
    assert Appointment.objects.get(pk=later.pk).confirmed_at is not None
    assert Appointment.objects.get(pk=booked.pk).confirmed_at is None


def test_a_strange_number_learns_nothing_and_changes_nothing(booked: Appointment) -> None:
    for number, words in enumerate(("C", "X", "L", "who is this?")):
        assert text(booked, words, number=str(number), sender="+447700900999").answer == ""
    assert not OutboxMessage.objects.filter(kind="sms_answer").exists()
    assert Appointment.objects.get(pk=booked.pk).status == "booked"


def test_a_number_of_another_business_is_a_strange_one(booked: Appointment) -> None:
    other = make_business(name="Other")
    answers.take(other, external_id="1", sender=CLEO, receiver="", text="X")
    assert Appointment.objects.get(pk=booked.pk).status == "booked"


def test_other_words_are_kept_for_staff_and_answered_by_nobody(booked: Appointment) -> None:
    row = text(booked, "May I bring my dog?")
    assert (row.meaning, row.subject_ref, row.answer) == ("other", booked.ref, "")


def test_the_answer_is_in_the_language_of_the_appointment(booked: Appointment) -> None:
    Appointment.objects.filter(pk=booked.pk).update(language="de")
    text(booked, "STOP")
    assert OutboxMessage.objects.get(kind="sms_answer").language == "de"


def test_a_cancelled_appointment_is_not_confirmed(booked: Appointment) -> None:
    lifecycle.cancel(SYSTEM, booked)
    with pytest.raises(Refusal):
        answers.confirm(holder_of(booked), booked)


def test_moved_it_is_to_be_confirmed_anew(booked: Appointment) -> None:
    answers.confirm(holder_of(booked), booked)
    assert lifecycle.move(SYSTEM, booked, at("14:00")).confirmed_at is None


def test_texts_go_after_the_days_a_business_keeps_conversations_and_what_they_said_of_consent_stays(
    booked: Appointment,
) -> None:
    VisitRules.objects.create(business=booked.business, chat_days=10)
    text(booked, "STOP")
    text(booked, "What should I bring?", number="2")
    clock.advance(timedelta(days=10, hours=-1).total_seconds())
    housekeeping.tick()
    assert IncomingText.objects.count() == 2
    text(booked, "Thank you", number="3")
    clock.advance(timedelta(hours=2).total_seconds())
    housekeeping.tick()
    assert [one.text for one in IncomingText.objects.all()] == ["Thank you"]
    assert [one.wording for one in ConsentEntry.objects.all()] == ["STOP"]
    assert Address.objects.get(value=CLEO).stopped_at is not None


def test_of_a_business_that_asks_for_no_answer_none_changes_an_appointment(booked: Appointment) -> None:
    MessageRules.objects.create(business=booked.business, asks_for_answer=False)
    choices.changed(booked.business_id)
    booked.business.refresh_from_db()
    for number, words in enumerate(("X", "C", "L 15", "HELP")):
        row = text(booked, words, number=str(number))
        assert (row.subject_ref, bool(row.answer)) == (booked.ref, words == "HELP")
    booked.refresh_from_db()
    assert (booked.status, booked.confirmed_at, booked.running_late_minutes) == ("booked", None, None)


def test_saying_again_and_again_how_late_one_is_fills_nothing(booked: Appointment) -> None:
    rates.forget_all()
    clock.set_to(at("08:50"))
    for _time in range(30):
        lifecycle.running_late(holder_of(booked), booked, 1)
    for minutes in range(2, lifecycle.LATE_PER_HOUR + 1):
        lifecycle.running_late(holder_of(booked), booked, minutes)
    with pytest.raises(TooMany):
        lifecycle.running_late(holder_of(booked), booked, 60)
    assert AuditEntry.objects.filter(action="appointment.running_late").count() == lifecycle.LATE_PER_HOUR
