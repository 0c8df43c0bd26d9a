"""A gateway that fails is told of: to owners and managers, once for each outage, by a way that works."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_business, make_membership, make_user
from tests.notifications.letters import queue
from vestibule.notifications import gateways, happenings, outages
from vestibule.notifications.models import Gateway, MessageEvent, OutboxMessage
from vestibule.notifications.testing import FakeMail, FakeSms, fakes
from vestibule.notifications.worker import send_due
from vestibule.people.models import Business
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.store.transactions import writing

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def clinic() -> Business:
    clock.set_to(NOW)
    business = make_business()
    for role in Role:
        make_membership(business=business, user=make_user(email=f"{role}@clinic.example"), role=role)
    return business


def gateway(business: Business, channel: str = "sms", **values: object) -> Gateway:
    given = {"kind": "http", "name": "Our texts", "sender": "x", "access": "", **values}
    row: Gateway = Gateway.objects.create(business=business, channel=channel, **given)
    return row


def fails(row: Gateway) -> None:
    with writing():
        happenings.failed(row.pk, "503 no capacity", clock.now())


def told() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind="gateway_fails").order_by("to"))


def test_owners_and_managers_are_told_after_five_minutes_and_once(clinic: Business) -> None:
    fails(gateway(clinic))
    clock.set_to(NOW + timedelta(minutes=4))
    assert outages.tell_due() == 0
    clock.set_to(NOW + timedelta(minutes=6))
    assert [outages.tell_due(), outages.tell_due()] == [2, 0]
    assert [one.to for one in told()] == ["manager@clinic.example", "owner@clinic.example"]
    mail = FakeMail()
    send_due(fakes(mail, FakeSms()))
    assert [one.subject for one in mail.taken] == ["Messages are not leaving: Our texts"] * 2
    assert "503 no capacity" in mail.taken[0].text
    assert "/manage/setup/gateways" in mail.taken[0].text


def test_the_next_outage_is_told_again(clinic: Business) -> None:
    row = gateway(clinic)
    fails(row)
    clock.set_to(NOW + timedelta(minutes=6))
    outages.tell_due()
    with writing():
        happenings.works({row.pk}, clock.now())
    assert outages.tell_due() == 0
    assert not outages.failing().exists()
    clock.set_to(NOW + timedelta(hours=1))
    fails(row)
    clock.set_to(NOW + timedelta(hours=1, minutes=6))
    assert outages.tell_due() == 2


def test_what_tells_that_mail_fails_goes_round_it(clinic: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateways, "is_configured", lambda channel: True)
    fails(gateway(clinic, "email", kind="smtp"))
    clock.set_to(NOW + timedelta(minutes=6))
    assert outages.tell_due() == 2
    assert {one.business_id for one in told()} == {None}


def test_without_another_way_nothing_is_queued_behind_what_fails(clinic: Business) -> None:
    fails(gateway(clinic, "email", kind="smtp"))
    clock.set_to(NOW + timedelta(minutes=6))
    assert outages.tell_due() == 0
    assert told() == []


def test_a_second_mail_gateway_carries_it(clinic: Business) -> None:
    fails(gateway(clinic, "email", kind="smtp"))
    gateway(clinic, "email", kind="smtp", name="Second")
    clock.set_to(NOW + timedelta(minutes=6))
    outages.tell_due()
    assert {one.business_id for one in told()} == {clinic.pk}


def test_a_gateway_that_is_switched_off_is_nobodys_worry(clinic: Business) -> None:
    row = gateway(clinic, is_active=False)
    fails(row)
    clock.set_to(NOW + timedelta(hours=1))
    assert outages.tell_due() == 0


def test_messages_that_die_one_after_the_other_say_that_the_gateway_fails(clinic: Business) -> None:
    row = gateway(clinic)
    Gateway.objects.filter(pk=row.pk).update(created_at=NOW - timedelta(days=1))
    for number in range(5):
        message = queue(channel="sms", to=f"+44770090012{number}", business_id=clinic.pk)
        OutboxMessage.objects.filter(pk=message.pk).update(state="failed")
        MessageEvent.objects.create(message=message, what="refused", gateway="Our texts", words="401 wrong key")
        outages.tell_due()
        row.refresh_from_db()
        assert (row.failing_since is not None) == (number == 4)
    assert row.problem == "401 wrong key"
