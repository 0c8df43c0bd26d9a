"""Text messages of programs: once each, as whom the business sends, within its limits, to nobody who said stop."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.factories import make_business
from tests.notifications.programs import ANN, JO, OURS, program
from vestibule.notifications import by_program_texts, choices, consent, delivery, gateways, history, reporting
from vestibule.notifications.by_program import WrongSender
from vestibule.notifications.by_program_texts import Came, Placed, Recipient, Text
from vestibule.notifications.models import ConsentEntry, Gateway, MessageEvent, MessageRules, OutboxMessage
from vestibule.notifications.testing import FakeSms, fakes
from vestibule.notifications.worker import send_due
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST_SENT = "Mon, 02 Mar 2026 12:00:00 GMT"


@pytest.fixture
def clinic() -> Business:
    clock.set_to(NOON)
    return make_business()


def send(business: Business, *to: str | Recipient, body: str = "Your results are in.", **more: object) -> list[Placed]:
    text = Text(sender=OURS, body=body, **more)  # type: ignore[arg-type]  # passed on as given
    wanted = [one if isinstance(one, Recipient) else Recipient(one) for one in to]
    return by_program_texts.send(program(business), text, wanted)


def taken() -> list[str]:
    gateway = FakeSms()
    send_due(fakes(sms=gateway))
    return [f"{one.to}: {one.body}" for one in gateway.taken]


def rules(business: Business, **values: object) -> None:
    MessageRules.objects.update_or_create(business=business, defaults=values)
    choices.changed(business.pk)


def own_number(business: Business, number: str = OURS) -> Gateway:
    access = gateways.sealed({"url": "https://sms.example.org/send"})
    row: Gateway = Gateway.objects.create(
        business=business, channel="sms", kind="http", name="Ours", sender=number, access=access
    )
    return row


def test_a_text_leaves_as_it_was_written_and_is_shown_as_sent_by_a_program(clinic: Business) -> None:
    [placed] = send(clinic, JO, body="Ärztin läßt grüßen: 5 € — „ja“?")
    assert placed.came is Came.TAKEN
    assert taken() == [f"{JO}: Ärztin läßt grüßen: 5 € — „ja“?"]
    row = OutboxMessage.objects.get(ref=placed.ref)
    assert (row.kind, row.state, row.business) == ("program", "done", clinic)
    said = history.said(row)
    assert said is not None
    assert said.text == "Ärztin läßt grüßen: 5 € — „ja“?"


def test_a_number_that_is_none_fails_alone(clinic: Business) -> None:
    placed = send(clinic, JO, "+112345678901", "0207946", "+1 234", "", "+44770090012x", ANN)
    assert [one.came is Came.TAKEN for one in placed] == [True, False, False, False, False, False, True]
    assert {one.words for one in placed[1:-1]} == {"Invalid To phone number format."}
    assert len(taken()) == 2


def test_asking_again_by_the_same_id_sends_once(clinic: Business) -> None:
    again = Recipient(JO, str(uuid4()), FIRST_SENT)
    [first] = send(clinic, again)
    assert len(taken()) == 1
    [second] = send(clinic, Recipient(JO, again.request.upper(), FIRST_SENT))
    assert second.ref == first.ref
    assert taken() == []
    assert OutboxMessage.objects.count() == 1


def test_an_id_is_used_for_one_message_to_one_number(clinic: Business) -> None:
    request = str(uuid4())
    first, other = send(clinic, Recipient(JO, request, FIRST_SENT), Recipient(ANN, request, FIRST_SENT))
    assert first.ref != other.ref
    [reused] = send(clinic, Recipient(JO, request, FIRST_SENT), body="Something else.")
    assert reused.came is Came.UNUSABLE
    assert "another message" in reused.words
    assert len(taken()) == 2


def test_the_same_id_of_another_business_is_another_message(clinic: Business) -> None:
    again, other = Recipient(JO, str(uuid4()), FIRST_SENT), make_business()
    assert send(clinic, again)[0].ref != send(other, again)[0].ref
    assert len(taken()) == 2


@pytest.mark.parametrize(
    ("request_id", "first_sent"),
    [
        ("fda6d242-46aa-4247-8bf6-619a1206f9c3", ""),
        ("fda6d242-46aa-4247-8bf6-619a1206f9c3", "2026-03-02T12:00:00Z"),
        ("", FIRST_SENT),
        ("not-a-guid", FIRST_SENT),
        ("fda6d24246aa42478bf6619a1206f9c3", FIRST_SENT),
    ],
)
def test_what_makes_asking_again_safe_has_to_be_whole(clinic: Business, request_id: str, first_sent: str) -> None:
    [placed] = send(clinic, Recipient(JO, request_id, first_sent))
    assert (placed.came, placed.is_repeatable) == (Came.UNUSABLE, True)
    assert taken() == []


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("message", {"body": "  "}),
        ("message", {"body": "x" * 2049}),
        ("smsSendOptions.tag", {"tag": "x" * 2049}),
        ("smsSendOptions.deliveryReportTimeoutInSeconds", {"timeout": 59}),
        ("smsSendOptions.deliveryReportTimeoutInSeconds", {"timeout": 43201}),
    ],
)
def test_what_is_wrong_for_all_is_refused_whole(clinic: Business, field: str, more: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        send(clinic, JO, **more)  # type: ignore[arg-type]  # passed on as given
    assert refused.value.facts["field"] == field
    assert not OutboxMessage.objects.exists()


def test_at_most_a_hundred_at_once(clinic: Business) -> None:
    assert len(send(clinic, *[f"+4477009001{n:02}" for n in range(100)])) == 100
    for many in ([], [f"+44770090{n:04}" for n in range(101)]):
        with pytest.raises(Invalid):
            send(clinic, *many)


def test_a_program_sends_as_its_business_does_and_as_nobody_else(clinic: Business) -> None:
    own_number(clinic, "+44 20 7946 0018")
    assert send(clinic, JO)[0].came is Came.TAKEN
    own_number(clinic, "+41445550100")
    assert send(clinic, JO)[0].came is Came.TAKEN, "the second gateway takes away nothing"
    other = make_business()
    own_number(other, "+41445550100")
    with pytest.raises(WrongSender) as refused:
        send(other, JO)
    assert "+41445550100" in refused.value.sentence


def test_a_text_leaves_by_the_gateway_it_names_or_not_at_all(clinic: Business) -> None:
    row = own_number(clinic)
    [placed] = send(clinic, JO)
    row.sender = "+41445550100"
    row.save()
    send_due(gateways.configured())
    message = OutboxMessage.objects.get(ref=placed.ref)
    assert (message.state, message.last_error) == (
        "failed",
        "no gateway here sends as whom the program named any more",
    )


def test_who_said_stop_gets_nothing_and_the_report_says_so(clinic: Business) -> None:
    consent.record(clinic, "sms", JO, agrees=False, source=ConsentEntry.Source.TEXT)
    [placed] = send(clinic, JO)
    assert placed.came is Came.TAKEN
    assert reporting.of_text(clinic.pk, placed.ref) is None
    assert taken() == []
    report = reporting.of_text(clinic.pk, placed.ref)
    assert report is not None
    assert (report.status, report.words) == ("failed", "its owner wants no more messages")


def test_the_day_s_messages_hold_for_programs_too(clinic: Business) -> None:
    rules(clinic, sms_per_day=2)
    placed = send(clinic, *[f"+4477009001{n:02}" for n in range(3)])
    assert [one.came for one in placed] == [Came.TAKEN, Came.TAKEN, Came.TOO_MANY]
    (over,) = send(clinic, JO)
    assert (over.came, over.words) == (Came.TOO_MANY, "the day’s text messages are used up")
    assert len(taken()) == 2
    clock.set_to(NOON + timedelta(hours=13))
    assert send(clinic, JO)[0].came is Came.TAKEN


def test_a_number_that_costs_or_is_of_a_country_not_written_to_is_refused_alone(clinic: Business) -> None:
    rules(clinic, country_prefixes=["+44"])
    premium, abroad, near = send(clinic, "+449098790000", "+41791234567", JO)
    assert (premium.came, abroad.came, near.came) == (Came.UNUSABLE, Came.UNUSABLE, Came.TAKEN)
    assert "country" in abroad.words


def test_a_program_that_may_not_send_does_not(clinic: Business) -> None:
    reader = Actor(ActorKind.API_KEY, "reader", clinic.pk, permissions=frozenset({Permission.SEE_APPOINTMENTS}))
    with pytest.raises(NotPermitted):
        by_program_texts.send(reader, Text(OURS, "Hello"), [Recipient(JO)])


def test_an_opt_out_is_consent_withdrawn_and_taken_back_by_a_program(clinic: Business) -> None:
    me = program(clinic)
    assert [one.is_out for one in by_program_texts.opt_out(me, OURS, [JO, "+123"])] == [True, None]
    assert consent.has_stopped(clinic, "sms", JO)
    assert [one.is_out for one in by_program_texts.opted_out(me, OURS, [JO, ANN])] == [True, False]
    by_program_texts.opt_out(me, OURS, [JO])
    assert ConsentEntry.objects.count() == 1, "saying it again adds nothing"
    assert [one.is_out for one in by_program_texts.opt_in(me, OURS, [JO, ANN])] == [False, False]
    assert ConsentEntry.objects.count() == 2
    assert not consent.has_stopped(clinic, "sms", JO)


def test_no_program_takes_back_what_the_telephone_said(clinic: Business) -> None:
    consent.record(clinic, "sms", JO, agrees=False, source=ConsentEntry.Source.TEXT)
    assert [one.is_out for one in by_program_texts.opt_in(program(clinic), OURS, [JO])] == [True]
    assert consent.has_stopped(clinic, "sms", JO)


def test_opt_outs_of_one_business_are_no_other_s(clinic: Business) -> None:
    other = make_business()
    by_program_texts.opt_out(program(clinic), OURS, [JO])
    assert [one.is_out for one in by_program_texts.opted_out(program(other), OURS, [JO])] == [False]


def test_a_report_that_never_comes_is_called_lost_after_the_time_the_program_gave(clinic: Business) -> None:
    [placed] = send(clinic, JO, timeout=60)
    [patient] = send(clinic, ANN)
    taken()
    assert reporting.of_text(clinic.pk, placed.ref) is None
    clock.set_to(NOON + timedelta(seconds=61))
    report = reporting.of_text(clinic.pk, placed.ref)
    assert report is not None
    assert (report.status, report.words) == ("failed", "no report came in time")
    assert reporting.of_text(clinic.pk, patient.ref) is None


def test_a_report_that_comes_after_all_counts(clinic: Business) -> None:
    [placed] = send(clinic, JO, timeout=60)
    taken()
    assert reporting.note_silent() == 0
    clock.set_to(NOON + timedelta(seconds=90))
    assert (reporting.note_silent(), reporting.note_silent()) == (1, 0)
    assert delivery.record(placed.ref, "delivered")
    report = reporting.of_text(clinic.pk, placed.ref)
    assert report is not None
    assert report.status == "delivered"


def test_a_report_is_seen_by_its_own_business_alone(clinic: Business) -> None:
    [placed] = send(clinic, JO)
    OutboxMessage.objects.filter(ref=placed.ref).update(state="done", gateway="kept", sent_at=clock.now())
    assert reporting.of_text(clinic.pk, placed.ref) is not None
    assert reporting.of_text(make_business().pk, placed.ref) is None
    assert not MessageEvent.objects.exists()
