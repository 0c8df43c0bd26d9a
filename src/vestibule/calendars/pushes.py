"""Appointments out: how each is to stand in the calendars of who takes part, written in the transaction of its change.

One row for each appointment and calendar says what is wanted; the worker brings it about. Writing the same twice
changes nothing, since an entry keeps its UID and the row its place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.db import connection
from django.db.models import F

from vestibule.calendars import waking
from vestibule.calendars.models import LinkedCalendar, ShownAppointment
from vestibule.calendars.ports import Entry
from vestibule.store import clock
from vestibule.store.transactions import after_commit

State = ShownAppointment.State
_RECEIVING = (
    "SELECT l.id FROM calendars_linkedcalendar l JOIN calendars_connection c ON c.id = l.connection_id"
    " WHERE l.receives AND c.provider_id IN ({})"
)


def plan(business_id: int, appointment: str, entry: Entry, providers: Sequence[int]) -> None:
    """Let the appointment of reference `appointment` stand as `entry` in the calendars of `providers`, and no other.

    A new appointment costs one query where nobody has such a calendar. Inside the writing block of the change.
    """
    wanted = _receiving(providers)
    if not wanted and not entry.sequence:
        return
    known = {row.calendar_id: row for row in ShownAppointment.objects.filter(appointment=appointment)}
    for calendar in wanted:
        _want(known.get(calendar), calendar, business_id, appointment, entry)
    _take_out(row.pk for calendar, row in known.items() if calendar not in wanted)
    if wanted or known:
        after_commit(waking.wake)


def withdraw(appointment: str) -> None:
    """Take an appointment out of every calendar it stands in. Call it inside the writing block of the change."""
    _take_out(ShownAppointment.objects.filter(appointment=appointment, is_wanted=True).values_list("pk", flat=True))


def taken_up(calendar: LinkedCalendar, entries: Iterable[tuple[str, Entry]]) -> None:
    """Show appointments (reference, entry) booked before `calendar` was chosen to receive them."""
    known = {row.appointment: row for row in ShownAppointment.objects.filter(calendar=calendar)}
    for appointment, entry in entries:
        _want(known.get(appointment), calendar.pk, calendar.connection.business_id, appointment, entry)


def give_up(calendar: LinkedCalendar) -> None:
    """Take every appointment out of a calendar that shows none any more."""
    _take_out(ShownAppointment.objects.filter(calendar=calendar, is_wanted=True).values_list("pk", flat=True))


def purge() -> int:
    """Delete what was to be shown of appointments that ended a month ago; return how many rows."""
    month_ago = clock.to_minute(clock.now()) - 30 * 24 * 60
    return ShownAppointment.objects.filter(content__end__lt=month_ago).delete()[0]


def _receiving(providers: Sequence[int]) -> set[int]:
    """Return the calendars that show the appointments of `providers`; asked at every booking, so in plain words."""
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVING.format(", ".join(["%s"] * len(providers))), list(providers))
        return {calendar for (calendar,) in cursor.fetchall()}


def _want(row: ShownAppointment | None, calendar: int, business_id: int, appointment: str, entry: Entry) -> None:
    content = asdict(entry)
    if row is None:
        ShownAppointment.objects.create(
            business_id=business_id,
            calendar_id=calendar,
            appointment=appointment,
            version=entry.sequence,
            content=content,
            next_at=clock.now(),
        )
    elif not row.is_wanted or row.content != content:
        ShownAppointment.objects.filter(pk=row.pk).update(
            version=entry.sequence, content=content, is_wanted=True, differs="", put_back=0, **_anew()
        )


def _take_out(rows: Iterable[int]) -> None:
    """Let rows be taken out of their calendars; `version` grows, so that what is being stored now is not the last."""
    keys = list(rows)
    if keys:
        after_commit(waking.wake)
        ShownAppointment.objects.filter(pk__in=keys, is_wanted=True).update(
            is_wanted=False, version=F("version") + 1, differs="", **_anew()
        )


def _anew() -> dict[str, object]:
    return {"state": State.QUEUED, "attempts": 0, "next_at": clock.now(), "last_error": "", "leased_by": ""}
