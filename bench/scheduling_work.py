"""The work every scheduler is given: so many providers, each with weekly hours and 200 busy intervals, and a stretch
of days with a clock change in it.

Hours begin on the hour or half hour, and appointments take half an hour, so that engines with a grid of their own mean
the same starts.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = "Europe/Berlin"
LENGTH = 30
BUSY_EACH = 200
BUSY_DAYS = 60
CLOSES = 17 * 60
SIZES = (1, 20, 100, 1000)
DAYS = (30, 60)


@dataclass(frozen=True)
class Work:
    """What is asked: the free starts of `providers` on `days` local dates from `first` on."""

    providers: int
    days: int
    first: date

    @property
    def since(self) -> datetime:
        """The first local midnight."""
        return datetime.combine(self.first, time(), ZoneInfo(ZONE)).astimezone(UTC)

    @property
    def until(self) -> datetime:
        """The local midnight after the last day."""
        return datetime.combine(self.first + timedelta(days=self.days), time(), ZoneInfo(ZONE)).astimezone(UTC)


@lru_cache(maxsize=1)
def first_day() -> date:
    """A Monday to come, two to three weeks before clocks change."""
    zone, noon = ZoneInfo(ZONE), time(12)
    day = datetime.now(zone).date() + timedelta(days=21)
    while datetime.combine(day, noon, zone).utcoffset() == datetime.combine(day + timedelta(1), noon, zone).utcoffset():
        day += timedelta(days=1)
    day -= timedelta(days=14)
    return day - timedelta(days=day.weekday())


def opens(number: int) -> int:
    """When provider `number` begins on Mondays to Fridays, in minutes after local midnight; all end at 17:00."""
    return 8 * 60 + 30 * (number % 3)


@lru_cache(maxsize=2048)
def busy(number: int) -> tuple[tuple[date, int, int], ...]:
    """The 200 intervals provider `number` is busy within 60 days: date, from, to in minutes after local midnight."""
    dice = random.Random(number)  # the same work every time
    found = []
    for _ in range(BUSY_EACH):
        day = first_day() + timedelta(days=dice.randrange(BUSY_DAYS))
        start = dice.randrange(7 * 60, 17 * 60, 5)
        found.append((day, start, start + dice.choice((15, 30, 45))))
    return tuple(found)


@lru_cache(maxsize=2048)
def busy_minutes(number: int) -> tuple[tuple[int, int], ...]:
    """The same in UTC minutes since the epoch."""
    return tuple((minute_of(day, start), minute_of(day, end)) for day, start, end in busy(number))


def minute_of(day: date, minutes: int) -> int:
    """A wall time as UTC minutes since the epoch. Wall times of the work are never within a clock change."""
    at = datetime.combine(day, time(minutes // 60, minutes % 60), ZoneInfo(ZONE))
    return int(at.timestamp()) // 60
