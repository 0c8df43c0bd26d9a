"""What was done outside to appointments of ours: noticed, shown, and put back. Our time stays the truth."""

from collections.abc import Iterable
from datetime import datetime

from vestibule.calendars.models import LinkedCalendar, ShownAppointment
from vestibule.calendars.ports import Changes, Item, Reading
from vestibule.store import clock

State, Difference = ShownAppointment.State, ShownAppointment.Difference
MOST_PUT_BACK = 5
_MARGIN = 2 * 24 * 60


def notice(calendar: LinkedCalendar, changes: Changes, reading: Reading, began: datetime) -> None:
    """Compare what a calendar tells of our entries with how they should stand. Inside a writing block.

    What was stored after the reading `began` is left alone: the calendar's answer may be older.
    """
    ours = [item for item in changes.items if item.ours is not None]
    known = _settled(calendar, began)
    by_ref = {row.appointment: row for row in known}
    for item in ours:
        assert item.ours is not None
        row = by_ref.get(item.ours.uid.partition("@")[0])
        if row is not None and (row.etag != item.etag or row.href != item.ref):
            _compare(row, item)
    for row in _missing(known, changes, reading):
        put_back(row, Difference.DELETED, href="", etag="")


def put_back(row: ShownAppointment, difference: str, *, href: str, etag: str) -> None:
    """Let an entry be stored again as it should be, and say what had become of it; not for ever."""
    is_too_often = row.put_back >= MOST_PUT_BACK
    ShownAppointment.objects.filter(pk=row.pk).update(
        href=href,
        etag=etag,
        differs=difference,
        differs_at=clock.now(),
        put_back=row.put_back + 1,
        state=State.FAILED if is_too_often else State.QUEUED,
        last_error="it is changed in the calendar again and again" if is_too_often else "",
        attempts=0,
        next_at=clock.now(),
    )


def _settled(calendar: LinkedCalendar, began: datetime) -> list[ShownAppointment]:
    rows = ShownAppointment.objects.filter(calendar=calendar, is_wanted=True, state=State.DONE, next_at__lt=began)
    return list(rows)


def _compare(row: ShownAppointment, item: Item) -> None:
    """Put a moved or cancelled entry back; what else was changed in it, such as a colour, is its owner's matter."""
    assert item.ours is not None
    stands = (item.ours.start, item.ours.end)
    if stands == (row.content["start"], row.content["end"]) and not item.ours.cancelled:
        ShownAppointment.objects.filter(pk=row.pk).update(href=item.ref, etag=item.etag)
        return
    difference = Difference.DELETED if item.ours.cancelled else Difference.MOVED
    put_back(row, difference, href=item.ref, etag=item.etag)


def _missing(known: Iterable[ShownAppointment], changes: Changes, reading: Reading) -> list[ShownAppointment]:
    if not changes.is_whole:
        gone = set(changes.gone)
        return [row for row in known if row.href in gone]
    there = {item.ref for item in changes.items}
    return [
        row
        for row in known
        if row.href not in there
        and row.content["end"] > reading.first
        and row.content["start"] < reading.last - _MARGIN
    ]
