"""The month in which a day is chosen, and the way from one day with free times to the next."""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vestibule.booking.availability import HORIZON_DAYS
from vestibule.booking.rules import WEEKDAYS
from vestibule.web import times

Link = Callable[[date], str]
"""Gives the address at which a day is chosen."""


@dataclass(frozen=True)
class Cell:
    """A day of the month; `href` is empty when nothing is free."""

    date: date
    href: str
    is_today: bool
    is_chosen: bool


@dataclass(frozen=True)
class Month:
    """What `parts/month.html` shows, and the days before and after the chosen one that have something free."""

    month: date
    weeks: list[list[Cell | None]]
    weekdays: list[str]
    previous: str
    next: str
    day_before: date | None
    day_after: date | None


def bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Return the UTC instants at which local date `first` begins and `last` ends in `zone`."""
    midnight, place = datetime.min.time(), ZoneInfo(zone)
    return (
        datetime.combine(first, midnight, place).astimezone(UTC),
        datetime.combine(last + timedelta(days=1), midnight, place).astimezone(UTC),
    )


def ends(day: date) -> tuple[date, date]:
    """Return the first and the last day of the month of `day`."""
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_of(day: date, *, today: date, week_start: str, free: Mapping[date, int], link: Link) -> Month:
    """Return the month of `day`, in which `free` says how many starts each date has; days gone by lead
    nowhere, and weeks gone by are left out.
    """
    first, last = ends(day)
    starts_on = WEEKDAYS.index(week_start)
    before, after = first - timedelta(days=1), last + timedelta(days=1)
    open_days = sorted(on for on in free if free[on] and on >= today)

    def cell(on: date) -> Cell:
        return Cell(on, link(on) if on in open_days else "", on == today, on == day)

    weeks = calendar.Calendar(starts_on).monthdatescalendar(first.year, first.month)
    return Month(
        month=first,
        weeks=[[cell(on) if on.month == first.month else None for on in week] for week in weeks if week[-1] >= today],
        weekdays=[times.written(on, "D") for on in _one_week(starts_on)],
        previous=link(before) if before >= today else "",
        next=link(after) if after <= today + timedelta(days=HORIZON_DAYS) else "",
        day_before=max((on for on in open_days if on < day), default=None),
        day_after=min((on for on in open_days if on > day), default=None),
    )


def _one_week(starts_on: int) -> list[date]:
    monday = date(2024, 1, 1)
    return [monday + timedelta(days=(starts_on + number) % 7) for number in range(7)]
