"""What became of messages is told to whoever asked: of programs' and our own alike, each once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.factories import make_business
from tests.notifications.letters import queue
from tests.notifications.programs import ANN, JO, OURS, PLAIN, program
from vestibule.booking import answers
from vestibule.notifications import (
    by_program_mails,
    by_program_texts,
    callbacks,
    consent,
    delivery,
    gateways,
    reporting,
)
from vestibule.notifications.by_program_texts import Recipient, Text
from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.models import ConsentEntry, Gateway, OutboxMessage
from vestibule.notifications.ports import DeliveryError, Report
from vestibule.notifications.testing import FakeMail, FakeSms, fakes
from vestibule.notifications.worker import send_due
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.subscriptions import outbox
from vestibule.subscriptions.kinds import FACTS, Kind
from vestibule.subscriptions.models import Delivery, Subscription

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def clinic() -> Business:
    """A business somebody asked to be told everything of."""
    clock.set_to(NOON)
    business = make_business()
    Subscription.objects.create(
        business=business, name="all", shape="event_grid", address="", shown="", state=Subscription.State.ACTIVE
    )
    outbox.subscribers_changed(business.pk)
    return business


def told(kind: Kind) -> list[dict[str, Any]]:
    """Return what was told of a kind so far, in order; its facts are those that are documented."""
    found = list(Delivery.objects.filter(kind=kind).order_by("pk"))
    assert all(set(one.facts) <= set(FACTS[kind]) for one in found)
    return [one.facts for one in found]


def text(business: Business, to: str = JO, *, wants_report: bool = True) -> str:
    said = Text(OURS, "Your results are in.", tag="ward 4", wants_report=wants_report)
    return by_program_texts.send(program(business), said, [Recipient(to)])[0].ref


def test_a_text_is_reported_once_when_it_arrived(clinic: Business) -> None:
    ref = text(clinic)
    send_due(fakes(sms=FakeSms()))
    assert told(Kind.SMS_REPORTED) == [], "taken by a gateway is not arrived"
    for status in ("sent", "delivered", "delivered", "failed"):
        delivery.record(ref, status)
    [facts] = told(Kind.SMS_REPORTED)
    assert (facts["message"], facts["from"], facts["to"]) == (ref, OURS, JO)
    assert (facts["status"], facts["tag"]) == ("delivered", "ward 4")
    assert [(one["arrived"], one["failed"]) for one in facts["attempts"]] == [(1, 0)]


def test_a_text_that_could_not_be_sent_is_reported_once_no_more_tries_follow(clinic: Business) -> None:
    text(clinic)
    gateway = FakeSms()
    gateway.refusal = DeliveryError("busy", permanent=False)
    send_due(fakes(sms=gateway))
    assert told(Kind.SMS_REPORTED) == []
    gateway.refusal = DeliveryError("no such number", permanent=True)
    clock.set_to(NOON + timedelta(hours=1))
    send_due(fakes(sms=gateway))
    [facts] = told(Kind.SMS_REPORTED)
    assert (facts["status"], facts["details"]) == ("failed", "no such number")


def test_silence_is_reported_once_after_the_time_the_program_gave(clinic: Business) -> None:
    said = Text(OURS, "Your results are in.", wants_report=True, timeout=60)
    by_program_texts.send(program(clinic), said, [Recipient(JO)])
    send_due(fakes(sms=FakeSms()))
    assert (reporting.note_silent(), told(Kind.SMS_REPORTED)) == (0, [])
    clock.set_to(NOON + timedelta(seconds=90))
    assert (reporting.note_silent(), reporting.note_silent()) == (1, 0)
    [facts] = told(Kind.SMS_REPORTED)
    assert (facts["status"], facts["details"]) == ("failed", "no report came in time")


def test_many_that_may_take_long_hold_up_no_report_of_one_that_may_not(clinic: Business) -> None:
    at_once = reporting.AT_ONCE
    rows = [
        OutboxMessage(
            business=clinic,
            key=f"long:{number}",
            kind="program",
            channel="sms",
            to=JO,
            state=OutboxMessage.State.DONE,
            facts={"timeout": 43_200},
            sent_at=NOON,
            report_by=NOON + timedelta(hours=12),
        )
        for number in range(at_once + 100)
    ]
    OutboxMessage.objects.bulk_create(rows)
    said = Text(OURS, "Your results are in.", wants_report=True, timeout=60)
    clock.set_to(NOON + timedelta(minutes=1))
    by_program_texts.send(program(clinic), said, [Recipient(JO)])
    send_due(fakes(sms=FakeSms()))
    clock.set_to(NOON + timedelta(minutes=3))
    assert reporting.note_silent() == 1
    assert len(told(Kind.SMS_REPORTED)) == 1
    clock.set_to(NOON + timedelta(hours=12))
    assert [reporting.note_silent() for _round in range(3)] == [at_once, 100, 0]


def test_what_nobody_reported_on_is_found_by_an_index(clinic: Business) -> None:
    due = OutboxMessage.objects.extra(where=[reporting.UNREPORTED]).filter(report_by__lte=NOON).order_by("report_by")
    if connection.vendor == "sqlite":
        assert "outbox_unreported" in due.explain()


def test_a_blocked_send_is_reported_as_failed(clinic: Business) -> None:
    consent.record(clinic, "sms", JO, agrees=False, source=ConsentEntry.Source.TEXT)
    text(clinic)
    send_due(fakes(sms=FakeSms()))
    [facts] = told(Kind.SMS_REPORTED)
    assert (facts["status"], facts["details"]) == ("failed", "its owner wants no more messages")


def test_who_wants_no_report_of_a_text_gets_none(clinic: Business) -> None:
    ref = text(clinic, wants_report=False)
    send_due(fakes(sms=FakeSms()))
    delivery.record(ref, "delivered")
    assert told(Kind.SMS_REPORTED) == []


def test_what_is_kept_here_has_arrived(clinic: Business) -> None:
    text(clinic)
    by_program_mails.send(program(clinic), PLAIN)
    send_due(Gateways(Carrier(), Carrier()))
    assert [one["status"] for one in told(Kind.SMS_REPORTED)] == ["delivered"]
    assert [one["status"] for one in told(Kind.EMAIL_REPORTED)] == ["delivered"]


def test_our_own_reminders_are_reported_alike(clinic: Business) -> None:
    now = clock.now()
    reminder = queue(channel="sms", business_id=clinic.pk, due_at=now, not_after=now + timedelta(days=1))
    OutboxMessage.objects.filter(pk=reminder.pk).update(state="done", sent_at=now)
    delivery.record(reminder.ref, "delivered")
    [facts] = told(Kind.SMS_REPORTED)
    assert (facts["message"], facts["tag"]) == (reminder.ref, "")


def test_each_reader_of_a_mail_is_reported_by_themselves(clinic: Business) -> None:
    access = gateways.sealed({"host": "mail.example.org", "username": "u", "password": "p"})
    row = Gateway.objects.create(
        business=clinic, channel="email", kind="smtp", name="Ours", sender=PLAIN.sender, access=access
    )
    begun = by_program_mails.send(program(clinic), PLAIN)
    consent.bounced(clinic, "email", "ann@example.org", "550")
    queue(channel="email", to="ann@example.org", business_id=clinic.pk)
    send_due(fakes(FakeMail()))
    OutboxMessage.objects.filter(subject_ref=begun.id).update(used_gateway=row, gateway_id="<a@clinic.example>")
    [silent] = told(Kind.EMAIL_REPORTED)
    assert (silent["recipient"], silent["status"]) == ("ann@example.org", "suppressed")
    callbacks.note(row, Report("failed", "<a@clinic.example>", words="5.1.1 nobody", address_fault="bounced"))
    bounced = told(Kind.EMAIL_REPORTED)[-1]
    assert (bounced["message"], bounced["recipient"], bounced["status"]) == (begun.id, "jo@example.org", "bounced")
    assert (bounced["sender"], bounced["internet_message_id"]) == (PLAIN.sender, "<a@clinic.example>")
    assert bounced["details"] == "5.1.1 nobody"


def test_a_text_somebody_sends_is_told_once(clinic: Business) -> None:
    for _time in range(2):
        answers.take(clinic, external_id="in-1", sender=ANN, receiver=OURS, text="STOP")
    [facts] = told(Kind.SMS_RECEIVED)
    assert (facts["from"], facts["to"], facts["text"], facts["segments"]) == (ANN, OURS, "STOP", 1)


def test_nobody_else_is_told(clinic: Business) -> None:
    other = make_business()
    ref = text(other)
    send_due(fakes(sms=FakeSms()))
    delivery.record(ref, "delivered")
    answers.take(other, external_id="in-1", sender=ANN, receiver=OURS, text="STOP")
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)  # it is written down by another thread
def test_a_report_that_overtakes_the_gateway_s_answer_keeps_its_words(clinic: Business) -> None:
    ref = text(clinic)

    class Hasty(FakeSms):
        def send(self, sms: Any) -> str:
            OutboxMessage.objects.filter(ref=ref).update(delivery="failed", last_error="switched off")
            return super().send(sms)

    send_due(fakes(sms=Hasty()))
    row = OutboxMessage.objects.get(ref=ref)
    assert (row.state, row.delivery, row.last_error) == ("done", "failed", "switched off")
