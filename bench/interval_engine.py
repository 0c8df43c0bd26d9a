"""The textbook way: aware datetimes of `zoneinfo`, one provider and one day after another. The baseline.

Written as somebody careful would: working hours are read on the wall of each day and taken to UTC, busy intervals are
sorted once and searched by bisection, and lengths are added in UTC.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Interval = tuple[datetime, datetime]


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Sorted intervals, joined where they touch."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def free_starts(
    zone: str,
    weekly: Sequence[tuple[int, time, time]],
    busy: Iterable[Interval],
    first: date,
    days: int,
    length: timedelta,
) -> list[datetime]:
    """Starts in UTC at which `length` fits into working hours (weekday, from, to) and meets nothing busy."""
    wall, taken = ZoneInfo(zone), merged(busy)
    ends = [end for _start, end in taken]
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        for weekday, opens, closes in weekly:
            if weekday != day.weekday():
                continue
            start = datetime.combine(day, opens, wall).astimezone(UTC)
            close = datetime.combine(day, closes, wall).astimezone(UTC)
            while start + length <= close:
                next_busy = bisect_right(ends, start)
                if next_busy == len(taken) or taken[next_busy][0] >= start + length:
                    found.append(start)
                start += length
    return found


def any_of(people: Iterable[tuple[int, Sequence[datetime]]]) -> dict[datetime, list[int]]:
    """Who could take each start, by start."""
    able: dict[datetime, list[int]] = {}
    for name, starts in people:
        for start in starts:
            able.setdefault(start, []).append(name)
    return dict(sorted(able.items()))
