"""Facts and messages for the tests of this folder."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from vestibule.notifications import outbox
from vestibule.notifications.facts import AppointmentFacts, Kind
from vestibule.notifications.models import OutboxMessage
from vestibule.store import clock
from vestibule.store.transactions import writing

_numbers = count(1)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""Monday 2 March 2026, 09:00 UTC."""

FACTS = AppointmentFacts(
    appointment="abcdefgh23456789",
    version=0,
    business_slug="lakeside-clinic",
    business_name="Lakeside Clinic",
    business_timezone="Europe/Zurich",
    business_phone="+41 44 555 01 00",
    service="First visit",
    provider="Dr Ada Blum",
    provider_timezone="Europe/Zurich",
    consumer="Jo Smith",
    consumer_email="jo@example.org",
    consumer_phone="+44 7700 900123",
    consumer_timezone="Europe/London",
    start_minute=clock.to_minute(NINE),
    end_minute=clock.to_minute(NINE + timedelta(minutes=30)),
)


def facts(**changes: Any) -> AppointmentFacts:
    """A first visit, Monday at nine UTC, told to its consumer."""
    return replace(FACTS, **changes)


def queue(
    *,
    key: str = "",
    kind: str = Kind.REMINDER,
    channel: str = "email",
    to: str = "",
    to_name: str = "Jo Smith",
    subject_ref: str = "abcdefgh23456789",
    about: AppointmentFacts = FACTS,
    **more: Any,
) -> OutboxMessage:
    """Put one message into the outbox, due now unless said otherwise, and return its row."""
    key = key or f"test:{next(_numbers)}"
    to = to or ("jo@example.org" if channel == "email" else "+447700900123")
    with writing():
        outbox.enqueue_all(
            [
                outbox.Message(
                    key=key,
                    business_id=more.pop("business_id", None),
                    subject_ref=subject_ref,
                    kind=kind,
                    channel=channel,
                    to=to,
                    to_name=to_name,
                    language="en",
                    timezone=more.pop("timezone", "Europe/London"),
                    facts=about,
                    **more,
                )
            ]
        )
    return OutboxMessage.objects.get(key=key)
