"""Content lines: unfolded, split into name, parameters and value; and the two kinds of values, dates and lengths."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import NamedTuple

from vestibule.calendars.reading.bounds import LONGEST_LINE, Budget

_NAME = re.compile(rb"[A-Za-z0-9-]+")
_PARAMETER = re.compile(rb';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)((?:,(?:"[^"]*"|[^";:,]*))*)')
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_LENGTH = re.compile(r"([+-]?)P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?")
_DAY = 24 * 3600
_LONGEST = 20 * 366


class Line(NamedTuple):
    """One property: its name in capitals, parameters by name in capitals (first value), and value."""

    name: bytes
    parameters: dict[str, str]
    value: str


class Moment(NamedTuple):
    """A date or a local time as written. `zone` is a TZID, "UTC", or "" for none: the owner's."""

    at: datetime
    zone: str = ""
    is_day: bool = False


class Length(NamedTuple):
    """Whole days by the calendar, and seconds by the clock on top."""

    days: int
    seconds: int


def unfolded(body: bytes, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
    """Yield each line's name in capitals with the line. What is over 256 KB of one is cut off."""
    held: list[bytes] = []
    size = 0
    for raw in BytesIO(body.removeprefix(b"\xef\xbb\xbf")):
        budget.step()
        piece = raw.rstrip(b"\r\n")
        if piece[:1] in (b" ", b"\t"):
            if size < LONGEST_LINE:
                held.append(piece[1:])
                size += len(piece)
            continue
        yield from _named(held)
        held, size = [piece[:LONGEST_LINE]], len(piece)
    yield from _named(held)


def _named(pieces: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    line = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    name = _NAME.match(line)
    if name is not None:
        yield name.group().upper(), line


def parsed(name: bytes, line: bytes) -> Line:
    """Return a line in its parts. What cannot be understood of the parameters is taken for the value."""
    at = len(name)
    parameters: dict[str, str] = {}
    while found := _PARAMETER.match(line, at):
        parameters[found[1].decode("ascii").upper()] = found[2].strip(b'"').decode("utf-8", "replace")
        at = found.end()
    value = line[at:].partition(b":")[2]
    return Line(name, parameters, value.decode("utf-8", "replace").strip())


def moment(text: str, zone: str = "") -> Moment | None:
    """Return the date or time that `text` says, or None if it says none. Seconds are dropped from leap seconds."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, is_utc = found.groups()
    try:
        if hour is None:
            return Moment(datetime(int(year), int(month), int(day)), zone, True)
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59))
    except ValueError:
        return None
    return Moment(at, "UTC" if is_utc else zone)


def length(text: str) -> Length | None:
    """Return the length that `text` (such as PT1H30M) says, at most twenty years; None for none or a negative one."""
    found = _LENGTH.fullmatch(text.upper())
    if found is None or found[1] == "-":
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    clock = hours * 3600 + minutes * 60 + seconds
    return Length(min(weeks * 7 + days, _LONGEST), min(clock, _LONGEST * _DAY))


def ordinal(moment: datetime) -> int:
    """Return the number of the day of `moment`, so that days can be counted."""
    return date.toordinal(moment)
