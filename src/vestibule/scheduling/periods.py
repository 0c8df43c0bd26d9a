"""Days, weeks, months and years of a local calendar, and what was booked in each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from vestibule.scheduling.values import Period, Taken
from vestibule.scheduling.zones import Clock, date_of, day_of, weekday_of


@dataclass(slots=True)
class Usage:
    """Bookings and booked minutes by the first day of their period.

    `shared` holds (period, appointment, minutes) of those that others may count too.
    """

    bookings: dict[int, int] = field(default_factory=dict)
    minutes: dict[int, int] = field(default_factory=dict)
    shared: set[tuple[int, int, int]] = field(default_factory=set)

    def count(self, period: int, minutes: int, bookings: int = 1) -> None:
        """Add bookings to a period."""
        self.bookings[period] = self.bookings.get(period, 0) + bookings
        self.minutes[period] = self.minutes.get(period, 0) + minutes


def usage_of(taken: Iterable[Taken], clock: Clock, period: Period, week_start: int) -> Usage:
    """Count bookings in the period of their start."""
    found = Usage()
    for each in taken:
        first = first_day(clock.day(each.start), period, week_start)
        if each.appointment is None:
            found.count(first, each.end - each.start)
        else:
            found.shared.add((first, each.appointment, each.end - each.start))
    return found


def together(usages: Iterable[Usage]) -> Usage:
    """The sum; an appointment that several share counts once."""
    usages = list(usages)
    if len(usages) == 1 and not usages[0].shared:
        return usages[0]
    total = Usage()
    for usage in usages:
        total.shared |= usage.shared
        for period, bookings in usage.bookings.items():
            total.count(period, usage.minutes[period], bookings)
    for period, _, minutes in total.shared:
        total.count(period, minutes)
    return total


def first_day(day: int, period: Period, week_start: int) -> int:
    """The first day of the period a day lies in."""
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        return day - (weekday_of(day) - week_start) % 7
    shown = date_of(day)
    return day_of(date(shown.year, shown.month if period is Period.MONTH else 1, 1))


def last_day(first: int, period: Period) -> int:
    """The last day of the period that begins on `first`."""
    if period is Period.DAY:
        return first
    if period is Period.WEEK:
        return first + 6
    shown = date_of(first)
    months = shown.year * 12 + shown.month - 1 + (1 if period is Period.MONTH else 12)
    return day_of(date(months // 12, months % 12 + 1, 1)) - 1
