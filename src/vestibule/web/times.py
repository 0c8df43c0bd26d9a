"""Times as pages say them, in the zone of the reader and with that zone named; a year only where it is another one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.notifications import when
from vestibule.notifications.when import Instant, clock, local, of_date, offset, written
from vestibule.store import clock as product_clock

__all__ = [
    "Instant",
    "clock",
    "day",
    "day_bounds",
    "differ",
    "duration",
    "iso",
    "local",
    "moment",
    "of_date",
    "offset",
    "span",
    "written",
    "zone_name",
]


def day_bounds(on: date, zone: str, days: int = 1) -> tuple[int, int]:
    """Return the UTC minutes at which local date `on` begins and at which the last of `days` ends."""
    home = ZoneInfo(zone)
    begins, ends = datetime.combine(on, time(), home), datetime.combine(on + timedelta(days=days), time(), home)
    return product_clock.to_minute(begins), product_clock.to_minute(ends)


def zone_name(zone: str) -> str:
    """Return "London time" for "Europe/London", "UTC" for UTC, "UTC+03:00" now for a zone without a place."""
    return when.zone_words(zone, product_clock.now())


def day(at: Instant, zone: str) -> str:
    """Return "Monday 2 March", with the year when it is not the present one in `zone`."""
    is_this_year = local(at, zone).year == local(product_clock.now(), zone).year
    return when.day(at, zone) if is_this_year else when.day_of_year(at, zone)


def differ(zone: str, other: str, *instants: Instant) -> bool:
    """Tell whether clocks in the two zones differ at one of `instants`."""
    return any(when.differ(at, zone, other) for at in instants)


def moment(at: Instant, zone: str) -> str:
    """Return "Monday 2 March, 09:00 (London time)"."""
    return when.moment(at, zone, day)


def span(start: Instant, end: Instant, zone: str) -> str:
    """Return "Monday 2 March, 09:00 – 09:30 (London time)"; the second day too when it ends on another."""
    return when.stretch(start, end, zone, day, day)


def iso(at: Instant) -> str:
    """Return RFC 3339 in UTC, to the second: "2026-03-02T09:00:00Z"."""
    return local(at, "UTC").astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(length: int | timedelta, *, short: bool = False) -> str:
    """Return a length (minutes, or a timedelta rounded down to minutes) as "1 hour 30 minutes" or "1 h 30 min"."""
    minutes = int(length.total_seconds() // 60) if isinstance(length, timedelta) else length
    hours, rest = divmod(max(minutes, 0), 60)
    parts = []
    if hours:
        many_hours = _("%(n)s h") if short else ngettext("%(n)s hour", "%(n)s hours", hours)
        parts.append(many_hours % {"n": hours})
    if rest or not hours:
        many_minutes = _("%(n)s min") if short else ngettext("%(n)s minute", "%(n)s minutes", rest)
        parts.append(many_minutes % {"n": rest})
    return " ".join(parts)
