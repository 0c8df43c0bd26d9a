"""Wall clocks: what a clock shows at a minute, from the packaged time zone data alone.

A *day* is a local date as days since 1970-01-01; a *reading* is minutes since local 1970-01-01T00:00.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from vestibule.scheduling.bits import Span, comb
from vestibule.scheduling.errors import UnknownZone
from vestibule.scheduling.values import DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_BLOCK_BITS = 19
_PROBE = 3 * DAY
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_EARLIEST = int((datetime(2, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) // 60
_LATEST = int((datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) // 60

Piece = tuple[int, int, int]


def day_of(value: date) -> int:
    """The number of a local date."""
    return value.toordinal() - _EPOCH_DAY


def date_of(day: int) -> date:
    """The local date of a number."""
    return date.fromordinal(day + _EPOCH_DAY)


def weekday_of(day: int) -> int:
    """0 for Monday."""
    return (day + 3) % 7


class Clock:
    """Something that shows local time. Two clocks are the same only if they are one object."""

    def pieces(self, first: int, last: int) -> list[Piece]:
        """Cover `first` to `last` with (start, end, offset): in each the reading is minute + offset."""
        raise NotImplementedError

    def reading(self, minute: int) -> int:
        """What the clock shows at a minute."""
        return minute + self.pieces(minute, minute + 1)[0][2]

    def day(self, minute: int) -> int:
        """The local date at a minute."""
        return self.reading(minute) // DAY

    def spans_of(self, first_day: int, last_day: int, within: tuple[int, int]) -> list[tuple[int, int]]:
        """The minutes of `within` at which the clock shows a date from `first_day` to `last_day`."""
        found = []
        for start, end, offset in self.pieces(*within):
            start, end = max(start, first_day * DAY - offset), min(end, (last_day + 1) * DAY - offset)
            if start < end:
                found.append((start, end))
        return found

    def next_mark(self, minute: int, step: int) -> int:
        """The first minute, not before `minute`, that is a multiple of `step` since local midnight."""
        for start, end, offset in self.pieces(minute, minute + 3 * DAY):
            mark = start + _to_mark(start + offset, step)
            if mark < end:
                return mark
        raise AssertionError("every day begins")

    def marks(self, step: int, span: Span) -> int:
        """The mask of all multiples of `step` since local midnight."""
        return _page_marks(self, step, span) if span.is_page else _marks(self, step, span)


class ZoneClock(Clock):
    """The clock on the wall in one zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._blocks: dict[int, list[Piece]] = {}

    def pieces(self, first: int, last: int) -> list[Piece]:
        found: list[Piece] = []
        for number in range(first >> _BLOCK_BITS, ((last - 1) >> _BLOCK_BITS) + 1):
            for start, end, offset in self._blocks.get(number) or self._block(number):
                if start >= last or end <= first:
                    continue
                start, end = max(start, first), min(end, last)
                if found and found[-1][2] == offset:
                    start = found.pop()[0]
                found.append((start, end, offset))
        return found

    def _block(self, number: int) -> list[Piece]:
        """Find the changes by probing: no zone changes its offset twice within a probe."""
        start, end = number << _BLOCK_BITS, (number + 1) << _BLOCK_BITS
        found, begun, offset, before = [], start, self._offset(start), start
        for probe in [*range(start + _PROBE, end, _PROBE), end - 1]:
            if self._offset(probe) != offset:
                change = self._change(before, probe, offset)
                found.append((begun, change, offset))
                begun, offset = change, self._offset(probe)
            before = probe
        found.append((begun, end, offset))
        self._blocks[number] = found
        return found

    def _change(self, before: int, after: int, offset: int) -> int:
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if self._offset(middle) == offset else (before, middle)
        return after

    def _offset(self, minute: int) -> int:
        known = min(max(minute, _EARLIEST), _LATEST)
        shown = (_EPOCH + timedelta(minutes=known)).astimezone(self._zone).utcoffset()
        assert shown is not None
        return shown // timedelta(minutes=1)


class TravelClock(Clock):
    """The clock of somebody who travels: at home, except while a trip's own clock shows its dates."""

    def __init__(self, home: Clock, trips: list[tuple[int, int, Clock]]) -> None:
        self._home, self._trips = home, trips

    def pieces(self, first: int, last: int) -> list[Piece]:
        found = self._home.pieces(first, last)
        for first_day, last_day, clock in self._trips:
            for start, end in clock.spans_of(first_day, last_day, (first, last)):
                before = [(a, min(b, start), offset) for a, b, offset in found if a < start]
                after = [(max(a, end), b, offset) for a, b, offset in found if b > end]
                found = [*before, *clock.pieces(start, end), *after]
        return found


@lru_cache(maxsize=1024)
def clock_of(name: str) -> ZoneClock:
    """The clock of an IANA zone, the same object each time. Raises UnknownZone."""
    return ZoneClock(zone(name))


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """A zone of the packaged data, never the operating system's copy. Raises UnknownZone."""
    if not _NAME.fullmatch(name):
        raise UnknownZone(name)
    try:
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except (OSError, ValueError) as unknown:
        raise UnknownZone(name) from unknown


@lru_cache(maxsize=512)
def _page_marks(clock: Clock, step: int, span: Span) -> int:
    return _marks(clock, step, span)


def _marks(clock: Clock, step: int, span: Span) -> int:
    found = 0
    for start, end, offset in clock.pieces(*span):
        for begin, close in _evenly_stepped(start, end, offset, step):
            first = begin + _to_mark(begin + offset, step)
            found |= comb(step, close - first) << (first - span.first)
    return found


def _to_mark(reading: int, step: int) -> int:
    """Minutes from a reading to the next multiple of `step` since midnight; the next midnight is one."""
    past = reading % DAY
    return min(-(-past // step) * step, DAY) - past


def _evenly_stepped(start: int, end: int, offset: int, step: int) -> Iterator[tuple[int, int]]:
    """Cut where the multiples begin anew: at each midnight, unless the step divides the day."""
    if DAY % step == 0:
        yield start, end
        return
    while start < end:
        midnight = ((start + offset) // DAY + 1) * DAY - offset
        yield start, min(midnight, end)
        start = midnight
