"""Visits as they stand in the tables when they are over, for tests of reports."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from vestibule.booking.models import Appointment, Service
from vestibule.chat.models import Thread
from vestibule.meetings.models import Meeting, VisitRecord
from vestibule.people.models import Consumer
from vestibule.store.clock import to_minute

NINE = datetime(2030, 3, 4, 9, tzinfo=UTC)
_numbers = count(1)


def happened(service: Service, status: str | None = "completed", *, start: datetime = NINE, **told: Any) -> Meeting:
    """A half-hour visit as it stands in the tables; minutes of `told` count from its start. No status: a walk-in."""
    business, provider = service.business, told.pop("provider", None) or service.offers.order_by("pk")[0].provider
    host, area, failures = told.pop("host", None), told.pop("area", None), told.pop("failures", {})
    wait = told.pop("wait_seconds", 0)
    meeting = Meeting.objects.create(
        business=business,
        thread=Thread.objects.create(business=business),
        kind="scheduled" if status else "walk_in",
        host=host,
        area=area,
        title="A visit",
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
        opens_at=start,
        closes_at=start,
    )
    if status:
        number = next(_numbers)
        who = Consumer.objects.create(business=business, name="Cleo", email_normal=f"c{number}@example.org")
        Appointment.objects.create(
            business=business,
            service=service,
            consumer=who,
            provider=provider,
            meeting=meeting,
            status=status,
            start_minute=to_minute(start),
            end_minute=to_minute(start) + 30,
            timezone="UTC",
        )
    result = told.pop("result", "")
    times = {name: start + timedelta(minutes=minutes) for name, minutes in told.items()}
    if times or failures or result:
        VisitRecord.objects.create(
            business=business,
            meeting=meeting,
            starts_at=start,
            wait_seconds=wait,
            failures=failures,
            result=result,
            **times,
        )
    return meeting
