"""How Bookings writes lengths, times of day, instants and zones, in every form that was met."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from vestibule.booking.ports import TheirHours

Json = dict[str, Any]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60
ALMOST_MIDNIGHT = DAY - 1
_LONGEST = 4_000 * DAY
_ISO = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})(?:\.\d+)?S)?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<sign>-?)(?:(?P<days>\d{1,9})(?: days?, |\.))?"
    r"(?P<hours>\d{1,9}):(?P<minutes>\d\d)(?::(?P<seconds>\d\d)(?:\.\d+)?)?"
)
_TIME = re.compile(r"(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-]00:00)?")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|z|[+-]\d\d:?\d\d)?")


def minutes(given: Any, otherwise: int) -> int:
    """Return a length in minutes, part minutes cut off: `PT1H30M`, `P1D`, `-PT1H`, `1:30:00` or `1 day, 1:30:00`.

    What cannot be read, or is longer than 4,000 days, is `otherwise`.
    """
    text = str(given or "").strip()
    found = (_ISO.fullmatch(text) if len(text) > 2 else None) or _CLOCK.fullmatch(text)
    if found is None:
        return otherwise
    parts = {name: int(value) for name, value in found.groupdict().items() if value and name != "sign"}
    total = parts.get("weeks", 0) * 7 * DAY + parts.get("days", 0) * DAY + parts.get("hours", 0) * 60
    total += parts.get("minutes", 0) + parts.get("seconds", 0) // 60
    if total > _LONGEST:
        return otherwise
    return -total if found["sign"] else total


def length(amount: int) -> str:
    """Write minutes as Graph's duration: whole days as such, all else in hours and minutes."""
    sign, rest = ("-" if amount < 0 else ""), abs(amount)
    if rest and rest % DAY == 0:
        return f"{sign}P{rest // DAY}D"
    hours, left = divmod(rest, 60)
    return f"{sign}PT{f'{hours}H' if hours else ''}{f'{left}M' if left or not hours else ''}"


def minute_of_day(given: Any) -> int | None:
    """Return a time of day, with no to seven decimals, as minutes since midnight; None where it is none."""
    found = _TIME.fullmatch(str(given or "").strip())
    if found is None:
        return None
    total = int(found[1]) * 60 + int(found[2])
    return total if int(found[2]) < 60 and total <= DAY else None


def hours(given: Any) -> tuple[TheirHours, ...]:
    """Return open hours, day by day. An end at or just before midnight is midnight; what is empty is left out."""
    found = []
    for day in _objects(given):
        name = str(day.get("day") or "").lower()
        if name not in DAYS:
            continue
        for slot in _objects(day.get("timeSlots")):
            start, end = minute_of_day(slot.get("startTime")), minute_of_day(slot.get("endTime"))
            end = DAY if end is not None and (end == 0 or end >= ALMOST_MIDNIGHT) else end
            if start is not None and end is not None and start < end:
                found.append(TheirHours(DAYS.index(name), start, end))
    return tuple(sorted(found, key=lambda one: (one.weekday, one.start)))


def written_hours(given: Sequence[TheirHours]) -> list[Json]:
    """Write open hours as Graph takes them: all seven days, the closed ones empty.

    Midnight as an end is the last second of its day: a time of day has no 24 o'clock, and 0 o'clock would be before.
    """
    return [
        {
            "day": name,
            "timeSlots": [
                {"startTime": _time(one.start), "endTime": _time(one.end)} for one in given if one.weekday == weekday
            ],
        }
        for weekday, name in enumerate(DAYS)
    ]


def zone(given: Any) -> str:
    """Return the IANA name of a zone by either family of names; "" where nobody knows it."""
    name = str(given or "").strip()
    if name.upper() in ("UTC", "ETC/UTC", "ETC/GMT", "GMT", "TZONE://MICROSOFT/UTC"):
        return "UTC"
    return WINDOWS_TO_OLSON.get(name) or (name if name in _zones() else "")


def instant(given: Any) -> datetime | None:
    """Return an instant of a `dateTimeTimeZone`, or of a text with its offset; None where it cannot be read."""
    told = given if isinstance(given, Mapping) else {"dateTime": given}
    found = _INSTANT.fullmatch(str(told.get("dateTime") or "").strip())
    if found is None:
        return None
    day, clock, second, offset = found.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}:{second or '00'}")
        if offset:
            own = f"{offset[:3]}:{offset[-2:]}" if offset not in "Zz" else "+00:00"
            return datetime.fromisoformat(f"{local.isoformat()}{own}").astimezone(UTC)
        return local.replace(tzinfo=ZoneInfo(zone(told.get("timeZone")) or "UTC")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def written(moment: datetime) -> Json:
    """Write an aware instant as Graph says it, in UTC."""
    return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000Z", "timeZone": "UTC"}


def in_address(moment: datetime) -> str:
    """Write an aware instant for a query."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def day(given: Any) -> date | None:
    """Return a calendar date, or None."""
    try:
        return date.fromisoformat(str(given or "")[:10])
    except ValueError:
        return None


def _time(minute: int) -> str:
    return "23:59:59.0000000" if minute >= DAY else f"{minute // 60:02}:{minute % 60:02}:00.0000000"


def _objects(given: Any) -> Iterable[Json]:
    return (one for one in given if isinstance(one, dict)) if isinstance(given, list) else ()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
