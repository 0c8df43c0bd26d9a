"""Times as people say them, in the zone of the reader and with that zone named."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from vestibule.notifications import when
from vestibule.store import clock as product_clock

Instant = datetime | int
"""An aware datetime, or whole minutes since 1970-01-01T00:00Z."""


@lru_cache(maxsize=700)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local(at: Instant, zone: str) -> datetime:
    """Return `at` as an aware datetime in `zone`; an unknown zone counts as UTC.

    Raises ValueError for a datetime that names no zone.
    """
    instant = product_clock.from_minute(at) if isinstance(at, int) else at
    if instant.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    return instant.astimezone(_zone(zone))


def day_bounds(on: date, zone: str, days: int = 1) -> tuple[int, int]:
    """Return the UTC minutes at which local date `on` begins and at which the last of `days` ends."""
    home = ZoneInfo(zone)
    begins, ends = datetime.combine(on, time(), home), datetime.combine(on + timedelta(days=days), time(), home)
    return product_clock.to_minute(begins), product_clock.to_minute(ends)


def zone_name(zone: str) -> str:
    """Return "London time" for "Europe/London", "UTC" for UTC, "UTC+03:00" for a zone without a place."""
    known = _zone(zone).key
    if known in {"UTC", "Etc/UTC", "GMT", "Etc/GMT"}:
        return "UTC"
    if "/" not in known or known.startswith("Etc/"):
        return f"UTC{offset(product_clock.now(), known)}".replace("-", "−")
    # Translators: the zone a time is given in, for example "London time".
    return _("%(place)s time") % {"place": when.place(known)}


def day(at: Instant, zone: str) -> str:
    """Return "Monday 2 March", with the year when it is not the present one in `zone`."""
    here = local(at, zone)
    if here.year == product_clock.now().astimezone(here.tzinfo).year:
        # Translators: a day of this year, in Django's date format: weekday, day, month.
        return when.written(here, pgettext("date format", "l j F"))
    # Translators: a day of another year, in Django's date format.
    return when.written(here, pgettext("date format", "l j F Y"))


def clock(at: Instant, zone: str) -> str:
    """Return "09:00"."""
    # Translators: the time of day, in Django's date format.
    return formats.date_format(local(at, zone), pgettext("date format", "H:i"))


def offset(at: Instant, zone: str) -> str:
    """Return how far clocks in `zone` are from UTC then: "+01:00"."""
    written = local(at, zone).strftime("%z")
    return f"{written[:3]}:{written[3:]}"


def differ(zone: str, other: str, *instants: Instant) -> bool:
    """Tell whether clocks in the two zones differ at one of `instants`; Zurich and Berlin never do."""
    return any(offset(at, zone) != offset(at, other) for at in instants)


def moment(at: Instant, zone: str) -> str:
    """Return "Monday 2 March, 09:00 (London time)"."""
    return _("%(day)s, %(time)s (%(zone)s)") % {
        "day": day(at, zone),
        "time": clock(at, zone),
        "zone": zone_name(zone),
    }


def span(start: Instant, end: Instant, zone: str) -> str:
    """Return "Monday 2 March, 09:00 – 09:30 (London time)"; the second day too when it ends on another."""
    last = clock(end, zone)
    if local(start, zone).date() != local(end, zone).date():
        last = _("%(day)s, %(time)s") % {"day": day(end, zone), "time": last}
    return _("%(day)s, %(start)s – %(end)s (%(zone)s)") % {
        "day": day(start, zone),
        "start": clock(start, zone),
        "end": last,
        "zone": zone_name(zone),
    }


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
