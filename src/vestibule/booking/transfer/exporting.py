"""Appointments and consumers as files for spreadsheets and calendars."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from vestibule.booking import calendar_entries
from vestibule.booking.models import Appointment
from vestibule.booking.transfer import tables
from vestibule.calendars import writing as calendars
from vestibule.people import audit
from vestibule.people.models import Business, Consumer, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.clock import from_minute, to_minute
from vestibule.store.transactions import writing

APPOINTMENTS = (
    "Reference",
    "Date",
    "Start",
    "End",
    "Zone",
    "Service",
    "Provider",
    "Name",
    "E-mail",
    "Phone",
    "Status",
    "Label",
)
CONSUMERS = ("Name", "E-mail", "Phone", "Zone", "Language", "Since")


def note(actor: Actor, business: Business, what: str, **details: object) -> None:
    """Write into the audit trail that `actor` took data out: `what` is "appointments", "consumers" or "calendar"."""
    with writing():
        audit.record(actor, business.pk, "data.exported", "business", business.ref, summary=what, **details)


def appointment_lines(rows: Iterable[Appointment], zone: str) -> Iterator[str]:
    """Yield appointments (with service and provider read) as CSV lines, times as clocks of `zone` show them."""
    here = ZoneInfo(zone)
    return tables.written(APPOINTMENTS, (_appointment(row, here) for row in rows))


def consumer_lines(actor: Actor) -> Iterator[str]:
    """Yield everybody who ever booked as CSV lines. Raises NotPermitted unless the actor changes appointments."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    rows = Consumer.objects.visible_to(actor).order_by("name", "pk").iterator(500)
    return tables.written(
        CONSUMERS,
        ([one.name, one.email, one.phone, one.timezone, one.language, f"{one.created_at:%Y-%m-%d}"] for one in rows),
    )


def calendar(actor: Actor, business: Business, since: datetime, until: datetime, provider: Provider | None) -> bytes:
    """Return the booked appointments that begin between two aware times as iCalendar text: a provider's, or all.

    Each keeps the UID it has in invitations. At most 10,000. Raises NotPermitted.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    rows = Appointment.objects.visible_to(actor).filter(
        start_minute__gte=to_minute(since),
        start_minute__lt=to_minute(until),
        status__in=(*Appointment.ACTIVE, Appointment.Status.COMPLETED),
    )
    if provider is not None:
        rows = rows.filter(Q(provider=provider) | Q(seats__occupancy__provider=provider)).distinct()
    name = f"{provider.name}, {business.name}" if provider else business.name
    return calendars.feed(name, calendar_entries.entries(rows.order_by("start_minute", "pk")))


def _appointment(row: Appointment, here: ZoneInfo) -> list[str]:
    start = from_minute(row.start_minute).astimezone(here)
    end = from_minute(row.end_minute).astimezone(here)
    when = [f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%H:%M}", here.key]
    who = [row.name, row.email, row.phone, str(row.status), row.label]
    return [row.ref, *when, row.service.name, row.provider.name, *who]
