"""How Graph writes lengths, times of day, dates, instants, zones and choices: read strictly, written in one form.

Everything read raises Invalid naming its field. What is said here is read by whoever writes programs, and is in English
as Graph's own words are.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from vestibule.booking.setup import Hours
from vestibule.people.characters import is_plain
from vestibule.people.errors import Invalid

Json = dict[str, Any]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60
ALMOST_MIDNIGHT = DAY - 1
LONGEST = 4_000 * DAY
UNKNOWN = "unknownFutureValue"
"""What a program says of a choice that it does not know itself: it leaves things as they are."""
_ISO = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})(?:\.0*)?S)?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<sign>-?)(?:(?P<days>-?\d{1,9})(?: days?, |\.))?"
    r"(?P<hours>\d{1,9}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d)(?:\.0*)?)?"
)
_TIME = re.compile(r"(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{0,7}))?)?(?:Z|[+-]00:00)?")
_PLUS_LOST = re.compile(r" (?=\d\d:?\d\d$)")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?\s*([Zz]|[+-]\d\d:?\d\d)?")


def length(given: Any, field: str, *, least: int = 0, most: int = LONGEST) -> int:
    """Return a length in whole minutes: `PT1H30M`, `P1D`, `-PT1H`, and as Python says it, `1 day, 1:30:00`.

    A minus in front of days alone counts for them alone, as Python has it: `-1 day, 23:00:00` is an hour before.
    """
    text = given.strip() if isinstance(given, str) else ""
    found = (_ISO.fullmatch(text) if len(text) > 2 and text[-1] not in "Tt" else None) or _CLOCK.fullmatch(text)
    if found is None:
        raise Invalid("Write a length as ISO 8601 does, such as PT30M or P1D.", field=field)
    parts = {name: int(value) for name, value in found.groupdict().items() if value and name != "sign"}
    if text.startswith("-") and "," in text:  # Python's own: the days are less than none, the clock adds to them
        parts["days"] = -abs(parts["days"])
        sign = 1
    else:
        sign = -1 if found["sign"] else 1
    seconds = parts.get("seconds", 0) + 60 * (parts.get("minutes", 0) + 60 * parts.get("hours", 0))
    seconds += 60 * DAY * (parts.get("days", 0) + 7 * parts.get("weeks", 0))
    if seconds % 60:
        raise Invalid("Lengths here are whole minutes.", field=field)
    minutes = sign * seconds // 60
    if not least <= minutes <= most:
        words = f"A length from {written_length(least)} to {written_length(most)} is taken here."
        raise Invalid(words, field=field)
    return minutes


def written_length(minutes: int) -> str:
    """Write minutes as a duration: whole days as such, all else in hours and minutes."""
    sign, rest = ("-" if minutes < 0 else ""), abs(minutes)
    if rest % DAY == 0:
        return f"{sign}P{rest // DAY}D" if rest else "PT0S"
    hours, left = divmod(rest, 60)
    return f"{sign}PT{f'{hours}H' if hours else ''}{f'{left}M' if left else ''}"


def minute_of_day(given: Any, field: str) -> int:
    """Return a time of day, with none to seven decimals, as minutes since midnight; seconds are cut off."""
    found = _TIME.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise Invalid("Write a time of day such as 08:00:00.", field=field)
    minute = int(found[1]) * 60 + int(found[2])
    if minute > DAY:
        raise Invalid("Write a time of day from 00:00:00 to 23:59:59.", field=field)
    return minute


def written_minute(minute: int) -> str:
    """Write minutes since midnight with seven decimals; midnight at the end is the last second of the day.

    A time of day has no 24 o'clock, and 0 o'clock would be before everything else.
    """
    return "23:59:59.0000000" if minute >= DAY else f"{minute // 60:02}:{minute % 60:02}:00.0000000"


def week(given: Any, field: str) -> list[Hours]:
    """Return weekly hours, day by day. An end at or just before midnight is midnight; a day without slots is closed."""
    found = []
    for at, day in enumerate(_objects(given, field)):
        name = choice(day.get("day"), DAYS, f"{field}/{at}/day")
        if name is None:
            raise Invalid("Say which day of the week is meant.", field=f"{field}/{at}/day")
        for number, slot in enumerate(_objects(day.get("timeSlots"), f"{field}/{at}/timeSlots")):
            found.append(_window(DAYS.index(name), slot, f"{field}/{at}/timeSlots/{number}"))
    return sorted(found, key=lambda one: (one.weekday, one.start))


def _window(weekday: int, slot: Json, field: str) -> Hours:
    start = minute_of_day(slot.get("startTime"), f"{field}/startTime")
    end = minute_of_day(slot.get("endTime"), f"{field}/endTime")
    end = DAY if end == 0 or end >= ALMOST_MIDNIGHT else end
    if start >= end:
        raise Invalid("A time slot ends after it starts, on the same day.", field=f"{field}/endTime")
    return Hours(weekday, start, end)


def written_week(given: Iterable[Hours]) -> list[Json]:
    """Write weekly hours: all seven days, the closed ones empty. What runs past midnight is two slots."""
    days: dict[int, list[tuple[int, int]]] = {weekday: [] for weekday in range(7)}
    for one in given:
        if one.end > one.start:
            days[one.weekday].append((one.start, one.end))
        else:
            days[one.weekday].append((one.start, DAY))
            if one.end:
                days[(one.weekday + 1) % 7].append((0, one.end))
    return [
        {
            "day": name,
            "timeSlots": [
                {"startTime": written_minute(start), "endTime": written_minute(end)}
                for start, end in sorted(days[weekday])
            ],
        }
        for weekday, name in enumerate(DAYS)
    ]


def day(given: Any, field: str) -> date:
    """Return a calendar date."""
    try:
        return date.fromisoformat(given if isinstance(given, str) and len(given) == 10 else "")
    except ValueError as wrong:
        raise Invalid("Write a date such as 2026-03-02.", field=field) from wrong


def known_zone(given: str) -> str:
    """Return the IANA name of a zone by either family of names, in any letter case; "" where nobody knows it."""
    name = given.strip()
    if name.casefold() in ("utc", "etc/utc", "etc/gmt", "gmt", "tzone://microsoft/utc"):
        return "UTC"
    return _zones().get(name.casefold(), "")


def zone(given: Any, field: str) -> str:
    """Return the IANA name of a zone written as Windows or as IANA name it."""
    found = known_zone(given) if isinstance(given, str) else ""
    if not found:
        raise Invalid("This time zone is not known. Write Pacific Standard Time, or Europe/Zurich.", field=field)
    return found


def instant(given: Any, field: str) -> datetime:
    """Return the instant, in UTC, of a `dateTimeTimeZone`, or of a text with its offset.

    With an offset the zone beside it says nothing more; bare, it is local to that zone, UTC where none is named.
    """
    told = given if isinstance(given, Mapping) else {"dateTime": given}
    text = told.get("dateTime")
    found = _INSTANT.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise Invalid("Write a time such as 2026-03-02T09:00:00Z.", field=field)
    on, clock, second, decimals, offset = found.groups()
    try:
        local = datetime.fromisoformat(f"{on}T{clock}:{second or '00'}")
        local += timedelta(microseconds=int(f"{decimals or '0':0<6}"[:6]))
        if offset:
            own = "+00:00" if offset in "Zz" else f"{offset[:3]}:{offset[-2:]}"
            return datetime.fromisoformat(f"{local.isoformat()}{own}").astimezone(UTC)
        named = told.get("timeZone") or "UTC"
        return local.replace(tzinfo=ZoneInfo(zone(named, f"{field}/timeZone"))).astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Invalid("Write a time such as 2026-03-02T09:00:00Z.", field=field) from wrong


def with_plus(given: str) -> str:
    """Return a time of an address with its offset, whose plus sign, unwritten there, has arrived as a blank."""
    return _PLUS_LOST.sub("+", given.strip())


def written_instant(moment: datetime) -> Json:
    """Write an aware instant as `dateTimeTimeZone`, always in UTC."""
    return {"dateTime": written_moment(moment), "timeZone": "UTC"}


def written_moment(moment: datetime) -> str:
    """Write an aware instant in UTC with seven decimals."""
    there = moment.astimezone(UTC)
    return f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond:06}0Z"


def choice(given: Any, options: Sequence[str], field: str) -> str | None:
    """Return one of `options` as Graph writes it, in whatever case it came; None for what changes nothing."""
    if isinstance(given, str):
        wanted = given.casefold()
        if wanted == UNKNOWN.casefold():
            return None
        for one in options:
            if one.casefold() == wanted:
                return one
    raise Invalid(f"One of these is taken here: {', '.join(options)}.", field=field)


def text(given: Any, field: str, most: int, *, lines: bool = False) -> str:
    """Return a text of at most `most` characters, trimmed; null is an empty one."""
    if given is None:
        return ""
    if not isinstance(given, str):
        raise Invalid("A text is taken here.", field=field)
    found = given.strip()
    if len(found) > most:
        raise Invalid(f"At most {most} characters are taken here.", field=field)
    if not is_plain(found, lines=lines):
        raise Invalid("This text holds characters that cannot be shown.", field=field)
    return found


def yes_or_no(given: Any, field: str) -> bool:
    """Return a boolean."""
    if not isinstance(given, bool):
        raise Invalid("True or false is taken here.", field=field)
    return given


def number(given: Any, field: str, *, least: int, most: int) -> int:
    """Return a whole number."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    if not is_number or given != int(given) or not least <= given <= most:
        raise Invalid(f"A whole number from {least} to {most} is taken here.", field=field)
    return int(given)


def objects(given: Any, field: str) -> list[Json]:
    """Return a collection of objects; null is an empty one."""
    return list(_objects(given, field))


def texts(given: Any, field: str, *, most: int = 1000) -> list[str]:
    """Return a collection of texts; null is an empty one."""
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > most or not all(isinstance(one, str) for one in given):
        raise Invalid("A collection of texts is taken here.", field=field)
    return given


def an_object(given: Any, field: str) -> Json:
    """Return an object."""
    if not isinstance(given, dict):
        raise Invalid("An object is taken here.", field=field)
    return given


def without_notes(given: Any) -> Any:
    """Return what a program wrote without what it says of types: `@odata.type`, `price@odata.type`."""
    if isinstance(given, dict):
        return {name: without_notes(value) for name, value in given.items() if "@odata." not in name}
    return [without_notes(one) for one in given] if isinstance(given, list) else given


def _objects(given: Any, field: str) -> Iterable[Json]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Invalid("A collection of objects is taken here.", field=field)
    return given


@cache
def _zones() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones()} | {
        windows.casefold(): iana for windows, iana in WINDOWS_TO_OLSON.items()
    }
