"""Whose gateway carries a message, who stands in, and what is noted of it."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from tests.factories import make_business
from tests.integrations.mailbox import Mailbox, closed_port, smtp_server
from tests.integrations.sms_gateway import sms_gateway
from tests.notifications.letters import queue
from vestibule.notifications import gateways
from vestibule.notifications.gateways import Carrier, Gateways, sealed
from vestibule.notifications.handing import NobodyTook, hand_over
from vestibule.notifications.models import Gateway, MessageEvent, OutboxMessage
from vestibule.notifications.ports import DeliveryError
from vestibule.notifications.testing import FakeMail
from vestibule.notifications.worker import send_due
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.configuration import load

State, What = OutboxMessage.State, MessageEvent.What
DOWN = DeliveryError("down", permanent=False, of_gateway=True)
UNSURE = DeliveryError("no answer", permanent=False, of_gateway=True, maybe_taken=True)
UNKNOWN = DeliveryError("no such person", permanent=True)
LATER = DeliveryError("come again", permanent=False)
NOT_THERE = DeliveryError("not to this country", permanent=True, of_gateway=True)


@pytest.fixture(autouse=True)
def here(settings: Settings) -> None:
    """Let businesses use the servers of these tests."""
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})


def smtp(business: Business, port: int, **values: Any) -> Gateway:
    access = {"host": "127.0.0.1", "port": str(port), "security": "none"}
    row = {"channel": "email", "kind": "smtp", "name": f"Mail {port}", "sender": "desk@lakeside.example"}
    return Gateway.objects.create(business=business, **{**row, "access": sealed(access), **values})


def carriers(*errors: DeliveryError | None) -> list[Carrier[Any]]:
    made = []
    for error in errors:
        fake = FakeMail()
        fake.refusal = error
        made.append(Carrier("fake", fake))
    return made


def attempt(*errors: DeliveryError | None) -> int | NobodyTook:
    """Hand a mail over and return which gateway took it, or the refusal."""
    given = carriers(*errors)
    message: Any = type("Message", (), {"ref": "abc"})()
    try:
        return given.index(hand_over(given, message, keep=lambda kept: kept.ref).carrier)
    except NobodyTook as nobody:
        return nobody


def test_the_first_gateway_that_can_takes_it() -> None:
    assert attempt(None, None) == 0
    assert attempt(DOWN, None) == 1
    assert attempt(NOT_THERE, DOWN, None) == 2


@pytest.mark.parametrize(("error", "permanent"), [(UNKNOWN, True), (LATER, False), (UNSURE, False)])
def test_no_other_is_asked_when_the_message_is_at_fault_or_may_be_taken(error: DeliveryError, permanent: bool) -> None:
    nobody = attempt(error, None)
    assert isinstance(nobody, NobodyTook)
    assert (nobody.permanent, len(nobody.refusals)) == (permanent, 1)


@pytest.mark.parametrize(
    ("errors", "permanent"),
    [
        ((DOWN, DOWN), False),
        ((NOT_THERE, NOT_THERE), True),
        ((DOWN, NOT_THERE), False),
        ((NOT_THERE, DOWN), False),
        ((DOWN, UNKNOWN), True),
        ((NOT_THERE, UNSURE), False),
    ],
)
def test_a_message_is_given_up_only_when_no_gateway_may_ever_take_it(
    errors: tuple[DeliveryError, ...], permanent: bool
) -> None:
    nobody = attempt(*errors)
    assert isinstance(nobody, NobodyTook)
    assert nobody.permanent is permanent


@pytest.mark.django_db
def test_a_business_of_its_own_sends_by_its_own_and_others_by_the_installation() -> None:
    lake, bank = make_business(), make_business(slug="harbour-bank")
    common = FakeMail()
    with smtp_server() as mailbox:
        own = smtp(lake, mailbox.port)
        queue(business_id=lake.pk, to="jo@example.org")
        queue(business_id=bank.pk, to="kim@example.org")
        queue(to="staff@example.org")
        send_due(Gateways(Carrier("fake", common), Carrier(), looks_up=True))
    assert [mail["To"].addresses[0].addr_spec for mail in mailbox.received] == ["jo@example.org"]
    assert mailbox.received[0]["From"].addresses[0].addr_spec == "desk@lakeside.example"
    assert sorted(mail.to for mail in common.taken) == ["kim@example.org", "staff@example.org"]
    row = OutboxMessage.objects.get(to="jo@example.org")
    assert (row.state, row.gateway, row.used_gateway) == (State.DONE, "smtp", own)
    assert row.gateway_id == f"<{row.ref}@localhost>"
    own.refresh_from_db()
    assert own.last_taken_at is not None


def test_the_second_gateway_stands_in_and_both_are_noted(each_database: str) -> None:
    business = make_business()
    with smtp_server() as mailbox:
        first = smtp(business, closed_port(), name="Own server")
        second = smtp(business, mailbox.port, name="Spare server", position=1)
        row = queue(business_id=business.pk)
        send_due(Gateways(Carrier(), Carrier(), looks_up=True))
    row.refresh_from_db()
    assert (row.state, row.used_gateway) == (State.DONE, second)
    noted = [(event.what, event.gateway) for event in row.events.all()]
    assert noted == [(What.REFUSED, "Own server"), (What.FELL_BACK, "Spare server")]
    first.refresh_from_db()
    assert first.failing_since is not None
    assert "cannot be reached" in first.problem


@pytest.mark.django_db
def test_a_gateway_that_takes_again_is_not_failing_any_more() -> None:
    business, began = make_business(), clock.now() - timedelta(hours=1)
    with smtp_server() as mailbox:
        own = smtp(business, mailbox.port, failing_since=began, problem="down", alerted_at=began)
        queue(business_id=business.pk)
        send_due(Gateways(Carrier(), Carrier(), looks_up=True))
    own.refresh_from_db()
    assert (own.failing_since, own.problem, own.alerted_at) == (None, "", None)


@pytest.mark.django_db
def test_failing_begins_once_and_a_recipient_s_fault_is_none_of_the_gateway() -> None:
    business = make_business()
    own = smtp(business, closed_port())
    row = queue(business_id=business.pk)
    send_due(Gateways(Carrier(), Carrier(), looks_up=True))
    own.refresh_from_db()
    since = own.failing_since
    clock.advance(3600)
    send_due(Gateways(Carrier(), Carrier(), looks_up=True))
    own.refresh_from_db()
    assert own.failing_since == since
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.QUEUED, 2)
    assert row.events.count() == 1  # the second try failed as the first did
    with smtp_server(Mailbox(to_recipient="550 unknown")) as mailbox:
        healthy = smtp(make_business(slug="harbour-bank"), mailbox.port)
        other = queue(business_id=healthy.business_id)
        send_due(Gateways(Carrier(), Carrier(), looks_up=True))
    healthy.refresh_from_db()
    other.refresh_from_db()
    assert (other.state, healthy.failing_since) == (State.FAILED, None)


@pytest.mark.django_db
def test_a_change_counts_with_the_next_batch_and_gateways_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    business = make_business()
    own = smtp(business, 25)
    first = gateways.own_carriers("email", [business.pk])[business.pk][0].gateway
    assert gateways.own_carriers("email", [business.pk])[business.pk][0].gateway is first
    Gateway.objects.filter(pk=own.pk).update(sender="other@lakeside.example")
    assert gateways.own_carriers("email", [business.pk])[business.pk][0].gateway is not first
    Gateway.objects.filter(pk=own.pk).update(is_active=False)
    assert gateways.own_carriers("email", [business.pk]) == {}


@pytest.mark.django_db
def test_a_batch_of_many_businesses_asks_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    found = [smtp(make_business(slug=f"clinic-{number}"), 25).business_id for number in range(5)]
    with django_assert_num_queries(1):
        assert len(gateways.own_carriers("email", found)) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("spoiled", [{"access": "not ours"}, {"kind": "pigeon"}])
def test_a_gateway_that_cannot_be_made_lets_messages_wait(spoiled: dict[str, str]) -> None:
    business = make_business()
    own = smtp(business, 25, **spoiled)
    row = queue(business_id=business.pk)
    send_due(Gateways(Carrier(), Carrier(), looks_up=True))
    row.refresh_from_db()
    own.refresh_from_db()
    assert row.state == State.QUEUED
    assert own.failing_since is not None


@pytest.mark.django_db
def test_what_one_gateway_cannot_be_made_of_stops_nobody_elses_messages() -> None:
    lake, bank = make_business(), make_business(slug="harbour-bank")
    odd: Any = {"host": None, "port": 25, "security": "none"}
    own, mail = smtp(lake, 25, access=sealed(odd)), FakeMail()
    row = queue(business_id=lake.pk)
    queue(business_id=bank.pk, to="kim@example.org")
    send_due(Gateways(Carrier("fake", mail), Carrier(), looks_up=True))
    assert [one.to for one in mail.taken] == ["kim@example.org"]
    own.refresh_from_db()
    row.refresh_from_db()
    assert row.state == State.QUEUED
    assert "cannot be made" in own.problem


@pytest.mark.django_db
def test_a_gateway_that_asks_to_wait_is_left_alone_that_long() -> None:
    mail = FakeMail()
    mail.refusal = DeliveryError("too much", permanent=False, of_gateway=True, wait=timedelta(minutes=20))
    row = queue()
    send_due(Gateways(Carrier("fake", mail), Carrier()))
    row.refresh_from_db()
    assert row.next_at >= clock.now() + timedelta(minutes=19)


@pytest.mark.django_db
def test_text_messages_of_a_business_go_by_its_own_gateway() -> None:
    business = make_business()
    with sms_gateway() as there:
        access = sealed({"url": there.url, "key": "hunter2"})
        Gateway.objects.create(
            business=business, channel="sms", kind="http", name="Texts", sender="Clinic", access=access
        )
        row = queue(business_id=business.pk, channel="sms", to="+447700900123")
        send_due(Gateways(Carrier(), Carrier(), looks_up=True))
    row.refresh_from_db()
    assert (row.state, row.gateway_id) == (State.DONE, "gateway-7")
    assert there.requests[0]["from"] == "Clinic"
