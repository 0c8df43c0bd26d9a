"""What is said to go out ahead of time is what the sender then does."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_business
from tests.notifications.letters import facts, queue
from vestibule.notifications import ahead, choices
from vestibule.notifications.ahead import Outlook, Verdict
from vestibule.notifications.facts import Kind
from vestibule.notifications.models import Address, Gateway, MessageRules, OutboxMessage
from vestibule.notifications.testing import FakeMail, FakeSms, fakes
from vestibule.notifications.worker import send_due
from vestibule.people.models import Business
from vestibule.store import clock

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
"""The Friday before clocks go forward in Europe."""
WEEK = timedelta(days=7)


@pytest.fixture
def clinic() -> Business:
    clock.set_to(NOON)
    business = make_business(timezone="Europe/London")
    MessageRules.objects.create(business=business, sms_per_recipient=2, quiet_from=21 * 60, quiet_to=8 * 60)
    choices.changed(business.pk)
    return Business.objects.get(pk=business.pk)


def due(business: Business, hours: float, *, channel: str = "sms", of_use: float = 200, **more: object) -> str:
    at = NOON + timedelta(hours=hours)
    message = queue(
        channel=channel,
        business_id=business.pk,
        due_at=at,
        not_after=at + timedelta(hours=of_use),
        about=facts(start_minute=clock.to_minute(at + timedelta(hours=of_use))),
        **more,  # type: ignore[arg-type]  # passed on as given
    )
    return message.ref


def outlook(business: Business) -> Outlook:
    return ahead.outlook(business, clock.now() + WEEK, clock.now())


def sent_over_the_days(business: Business) -> dict[str, tuple[str, str, datetime | None]]:
    """Let the sender run whenever something is due; what became of each message, its error and when it left."""
    gateways = fakes(FakeMail(), FakeSms())
    waits = OutboxMessage.objects.filter(business=business, state="queued")
    while (next_at := waits.order_by("next_at").values_list("next_at", flat=True).first()) is not None:
        clock.set_to(max(clock.now(), next_at, waits.order_by("due_at").values_list("due_at", flat=True)[0]))
        send_due(gateways)
    rows = OutboxMessage.objects.filter(business=business)
    return {one.ref: (one.state, one.last_error, one.sent_at) for one in rows}


def test_the_sender_does_what_was_foretold(clinic: Business) -> None:
    Address.objects.create(business=clinic, channel="sms", value="+447700900999", stopped_at=NOON)
    Address.objects.create(business=clinic, channel="email", value="gone@example.org", bounced_at=NOON)
    for hours in (1, 2, 3, 26, 27):
        due(clinic, hours)
    due(clinic, 4, to="+447700900999")
    due(clinic, 5, to="+449098790000")
    due(clinic, 6, to="07700 900123")
    due(clinic, 11, to="+447700900555")
    due(clinic, 11, to="+447700900556", of_use=4)
    due(clinic, 36.5, to="+447700900557", timezone="Europe/Berlin")
    due(clinic, 7, channel="email", to="Gone@example.org")
    due(clinic, 8, channel="email")
    due(clinic, 35, channel="email")
    due(clinic, 12, to="+447700900558", kind=Kind.PROVIDER_LATE)
    foretold = {one.message.ref: one for one in outlook(clinic).planned}
    assert {one.verdict for one in foretold.values()} == set(Verdict)
    happened = sent_over_the_days(clinic)
    assert set(happened) == set(foretold)
    for ref, (state, error, sent_at) in happened.items():
        one = foretold[ref]
        leaves = one.verdict in (Verdict.LEAVES, Verdict.LATER)
        assert (state == "done", sent_at is not None) == (leaves, leaves), one
        if sent_at is not None:
            assert timedelta(0) <= sent_at - one.at < timedelta(minutes=1), one
        else:
            assert (state, error) == ("failed" if one.verdict == Verdict.FAILS else "dropped", one.words)


def test_looking_ahead_writes_nothing(clinic: Business) -> None:
    due(clinic, 1)
    before = list(OutboxMessage.objects.values())
    assert len(outlook(clinic).planned) == 1
    assert list(OutboxMessage.objects.values()) == before


def test_what_is_due_later_or_belongs_to_others_is_not_in_it(clinic: Business) -> None:
    due(clinic, 24 * 8)
    due(make_business(), 1)
    assert outlook(clinic).planned == []


def test_it_says_that_every_gateway_of_a_channel_fails_and_that_another_stands_in(clinic: Business) -> None:
    first = Gateway.objects.create(business=clinic, channel="sms", kind="http", name="First", sender="x", access="")
    Gateway.objects.filter(pk=first.pk).update(failing_since=NOON)
    assert [way.failing_since for way in outlook(clinic).ways if way.channel == "sms"] == [NOON]
    Gateway.objects.create(business=clinic, channel="sms", kind="http", name="Second", sender="y", access="")
    assert [way.failing_since for way in outlook(clinic).ways if way.channel == "sms"] == [None]
