"""Times as people read them, in their zone and with that zone named: as messages say them, and pages by `web.times`."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from vestibule.store.clock import from_minute

Instant = datetime | int
"""An aware datetime, or whole minutes since 1970-01-01T00:00Z."""


@lru_cache(maxsize=700)
def zone(name: str) -> ZoneInfo:
    """Return the zone called `name`; an unknown one counts as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local(at: Instant, zone_name: str) -> datetime:
    """Return `at` as an aware datetime in a zone; an unknown zone counts as UTC.

    Raises ValueError for a datetime that names no zone.
    """
    instant = from_minute(at) if isinstance(at, int) else at
    if instant.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    return instant.astimezone(zone(zone_name))


def offset(at: Instant, zone_name: str) -> str:
    """Return how far clocks in a zone are from UTC then: "+01:00"."""
    said = local(at, zone_name).strftime("%z")
    return f"{said[:3]}:{said[3:]}"


def differ(at: Instant, one: str, other: str) -> bool:
    """Tell whether clocks in two zones show different times then; Zurich and Berlin never do."""
    return offset(at, one) != offset(at, other)


def zone_words(name: str, at: Instant) -> str:
    """Return "London time" for "Europe/London", "UTC" for UTC, "UTC+03:00" then for a zone without a place."""
    known = zone(name).key
    if known in {"UTC", "Etc/UTC", "GMT", "Etc/GMT"}:
        return "UTC"
    if "/" not in known or known.startswith("Etc/"):
        return f"UTC{offset(at, known)}".replace("-", "−")
    # Translators: the zone a time is given in, for example "London time".
    return _("%(place)s time") % {"place": place(known)}


def place(key: str) -> str:
    """Return what the place of a zone is called in the language of the moment: "Londres" for "Europe/London".

    Names are added to the catalogues when they are compiled; without one it is the English name.
    """
    translated = pgettext("place of a zone", key)
    return key.rsplit("/", 1)[-1].replace("_", " ") if translated == key else translated


def written(at: date, pattern: str) -> str:
    """Return a day in Django's date format `pattern`, names in small letters where the language writes them so.

    A datetime is told as it stands: in a zone by `local`.
    """
    said = formats.date_format(at, pattern)
    # Translators: "yes" if the names of days and months are written in small letters, as in Spanish; else "no".
    return said.lower() if pgettext("days and months in small letters", "no") == "yes" else said


def day(at: Instant, zone_name: str) -> str:
    """Return "Monday 2 March"."""
    return of_date(local(at, zone_name))


def day_of_year(at: Instant, zone_name: str) -> str:
    """Return "Monday 2 March 2026"."""
    return of_date(local(at, zone_name), with_year=True)


def of_date(on: date, *, with_year: bool = False) -> str:
    """Return "Monday 2 March" for a date, or "Monday 2 March 2026"."""
    if with_year:
        # Translators: a day with its year, in Django's date format.
        return written(on, pgettext("date format", "l j F Y"))
    # Translators: a day of this year, in Django's date format: weekday, day, month.
    return written(on, pgettext("date format", "l j F"))


def short_day(minute: int, zone_name: str) -> str:
    """Return "Mon 2 Mar", for text messages."""
    # Translators: a day in a text message, in Django's date format: short weekday, day, short month.
    return written(local(minute, zone_name), pgettext("date format", "D j M"))


def clock(at: Instant, zone_name: str) -> str:
    """Return "09:00"."""
    # Translators: the time of day, in Django's date format.
    return formats.date_format(local(at, zone_name), pgettext("date format", "H:i"))


def near(minute: int, zone_name: str, now: datetime) -> str:
    """Return "today" or "tomorrow" as the calendar stands in the zone, or the day."""
    today = now.astimezone(zone(zone_name)).date()
    here = local(minute, zone_name).date()
    if here == today:
        return _("today")
    return _("tomorrow") if here == today + timedelta(days=1) else _("on %(day)s") % {"day": day(minute, zone_name)}


def moment(at: Instant, zone_name: str, say_day: Callable[[Instant, str], str] = day) -> str:
    """Return "Monday 2 March, 09:00 (London time)"."""
    return _("%(day)s, %(time)s (%(zone)s)") % {
        "day": say_day(at, zone_name),
        "time": clock(at, zone_name),
        "zone": zone_words(zone_name, at),
    }


def span(start: int, end: int, zone_name: str) -> str:
    """Return "Monday 2 March 2026, 09:00 – 09:30 (London time)"; the second day too when it ends on another."""
    return stretch(start, end, zone_name, day_of_year, day)


def stretch(
    start: Instant,
    end: Instant,
    zone_name: str,
    say_first: Callable[[Instant, str], str],
    say_last: Callable[[Instant, str], str],
) -> str:
    """Return `span` with its days as they are to be said."""
    last = clock(end, zone_name)
    if local(start, zone_name).date() != local(end, zone_name).date():
        last = _("%(day)s, %(time)s") % {"day": say_last(end, zone_name), "time": last}
    return _("%(day)s, %(start)s – %(end)s (%(zone)s)") % {
        "day": say_first(start, zone_name),
        "start": clock(start, zone_name),
        "end": last,
        "zone": zone_words(zone_name, start),
    }
