"""Times as messages say them, in the zone of the reader and with that zone named; pages say them the same way."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from vestibule.store.clock import from_minute


@lru_cache(maxsize=700)
def zone(name: str) -> ZoneInfo:
    """Return the zone called `name`; an unknown one counts as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local(minute: int, zone_name: str) -> datetime:
    """Return UTC minute `minute` as an aware datetime in a zone."""
    return from_minute(minute).astimezone(zone(zone_name))


def differ(minute: int, one: str, other: str) -> bool:
    """Tell whether clocks in two zones show different times at `minute`."""
    return local(minute, one).utcoffset() != local(minute, other).utcoffset()


def zone_words(name: str, minute: int) -> str:
    """Return "London time" for "Europe/London", "UTC" for UTC, "UTC+03:00" for a zone without a place."""
    known = zone(name).key
    if known in {"UTC", "Etc/UTC", "GMT", "Etc/GMT"}:
        return "UTC"
    if "/" not in known or known.startswith("Etc/"):
        return _offset(minute, known)
    # Translators: the zone a time is given in, for example "London time".
    return _("%(place)s time") % {"place": place(known)}


def place(key: str) -> str:
    """Return what the place of a zone is called in the language of the moment: "Londres" for "Europe/London".

    Names are added to the catalogues when they are compiled; without one it is the English name.
    """
    translated = pgettext("place of a zone", key)
    return key.rsplit("/", 1)[-1].replace("_", " ") if translated == key else translated


def _offset(minute: int, name: str) -> str:
    offset = local(minute, name).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:]}".replace("-", "−")


def written(at: datetime, pattern: str) -> str:
    """Return a day in Django's date format `pattern`, names in small letters where the language writes them so."""
    said = formats.date_format(at, pattern)
    # Translators: "yes" if the names of days and months are written in small letters, as in Spanish; else "no".
    return said.lower() if pgettext("days and months in small letters", "no") == "yes" else said


def day(minute: int, zone_name: str) -> str:
    """Return "Monday 2 March"."""
    # Translators: a day in a message, in Django's date format: weekday, day, month.
    return written(local(minute, zone_name), pgettext("date format", "l j F"))


def short_day(minute: int, zone_name: str) -> str:
    """Return "Mon 2 Mar", for text messages."""
    # Translators: a day in a text message, in Django's date format: short weekday, day, short month.
    return written(local(minute, zone_name), pgettext("date format", "D j M"))


def clock(minute: int, zone_name: str) -> str:
    """Return "09:00"."""
    # Translators: the time of day, in Django's date format.
    return formats.date_format(local(minute, zone_name), pgettext("date format", "H:i"))


def near(minute: int, zone_name: str, now: datetime) -> str:
    """Return "today" or "tomorrow" as the calendar stands in the zone, or the day."""
    today = now.astimezone(zone(zone_name)).date()
    here = local(minute, zone_name).date()
    if here == today:
        return _("today")
    return _("tomorrow") if here == today + timedelta(days=1) else _("on %(day)s") % {"day": day(minute, zone_name)}


def moment(minute: int, zone_name: str) -> str:
    """Return "Monday 2 March, 09:00 (London time)"."""
    return _("%(day)s, %(time)s (%(zone)s)") % {
        "day": day(minute, zone_name),
        "time": clock(minute, zone_name),
        "zone": zone_words(zone_name, minute),
    }


def span(start: int, end: int, zone_name: str) -> str:
    """Return "Monday 2 March 2026, 09:00 – 09:30 (London time)"; the second day too when it ends on another."""
    first, last = local(start, zone_name), clock(end, zone_name)
    if first.date() != local(end, zone_name).date():
        last = _("%(day)s, %(time)s") % {"day": day(end, zone_name), "time": last}
    return _("%(day)s, %(start)s – %(end)s (%(zone)s)") % {
        # Translators: a day with its year, in Django's date format.
        "day": written(first, pgettext("date format", "l j F Y")),
        "start": clock(start, zone_name),
        "end": last,
        "zone": zone_words(zone_name, start),
    }
