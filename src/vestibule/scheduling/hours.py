"""When somebody works: weekly hours, overrides and trips, laid out on the minutes of UTC."""

from collections.abc import Sequence
from functools import lru_cache

from vestibule.scheduling.bits import Span, clipped, mask_of, merged
from vestibule.scheduling.values import DAY, Hours
from vestibule.scheduling.zones import Clock, TravelClock, clock_of, day_of, weekday_of

_WEEK = 7 * DAY
_FOR_GOOD = 3_000_000
_MOST_KEPT = 64

Trips = list[tuple[int, int, Clock]]


class OpenHours:
    """The open minutes of one set of working hours; None is always open.

    A minute is open if and only if its wall-clock reading lies in a window: a spring gap holds
    none, and of an autumn overlap both passes are open. A window belongs to the local date it
    starts on and is read in the zone of that date.
    """

    def __init__(self, hours: Hours | None) -> None:
        given = hours or Hours("UTC")
        self._home = clock_of(given.timezone)
        self._trips = _trips(given)
        self.clock: Clock = TravelClock(self._home, self._trips) if self._trips else self._home
        self._weekly = _weekly(given) if hours else [[(0, DAY)]] * 7
        self._overrides = _overrides(given)
        irregular = [*self._overrides, *(first for first, _, _ in self._trips)]
        self._regular_before = (min(irregular, default=_FOR_GOOD) - 2) * DAY
        whole = ((day * DAY + start, day * DAY + end) for day in range(-1, 8) for start, end in self._weekly[day % 7])
        self._never_closes = any(start <= 0 and end >= _WEEK for start, end in merged(whole))
        self._last: tuple[Span | None, list[tuple[int, int]]] = (None, [])
        self._kept: dict[tuple[Span, int], int] = {}

    def intervals(self, first: int, last: int) -> list[tuple[int, int]]:
        """The open stretches between two minutes, joined where they touch."""
        found: list[tuple[int, int]] = []
        for clock, days in self._stays(first // DAY - 2, last // DAY + 2):
            for begin, close, offset in clock.pieces(first, last):
                found += clipped(
                    (
                        (day * DAY + start - offset, day * DAY + end - offset)
                        for day in days
                        for start, end in self._windows(day)
                    ),
                    (begin, close),
                )
        return merged(found)

    def began(self, minute: int) -> int | None:
        """The first minute of the open stretch that `minute` lies in; None if it always was open."""
        last = minute + 1
        while True:
            first = last - _WEEK
            found = self.intervals(first, last)
            if not found or found[-1][1] < last:
                return last
            if found[-1][0] > first:
                return found[-1][0]
            if self._never_closes and first < self._regular_before:
                return None
            last = first

    def fitting(self, span: Span, duration: int) -> int:
        """The mask of minutes from which the next `duration` minutes are all open."""
        key = (span, duration)
        mask = self._kept.get(key)
        if mask is None:
            stretches = self._stretches(span, duration)
            mask = mask_of([(start, end - duration + 1) for start, end in stretches], span)
            if span.is_page:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = mask
        return mask

    def _stretches(self, span: Span, duration: int) -> list[tuple[int, int]]:
        """The open stretches an appointment that starts in the span may use; the last page's are kept."""
        if not span.is_page or duration > DAY:
            return self.intervals(span.first, span.last + duration - 1)
        page, found = self._last
        if page != span:
            found = self.intervals(span.first, span.last + DAY)
            self._last = (span, found)
        return found

    def closed_on(self, day: int) -> bool:
        """Whether an override leaves no hours on a local date."""
        return self._overrides.get(day) == []

    def has_none_on(self, day: int) -> bool:
        """Whether no hours begin on a local date."""
        return not self._windows(day)

    def _windows(self, day: int) -> list[tuple[int, int]]:
        """The windows that start on a date; an override on the next cuts them off at midnight."""
        if not self._overrides:
            return self._weekly[weekday_of(day)]
        found = self._overrides.get(day)
        if found is None:
            found = self._weekly[weekday_of(day)]
        if day + 1 in self._overrides:
            return [(start, min(end, DAY)) for start, end in found]
        return found

    def _stays(self, first_day: int, last_day: int) -> list[tuple[Clock, Sequence[int]]]:
        """The dates from `first_day` up to `last_day`, by the clock that counts on them."""
        if not self._trips:
            return [(self._home, range(first_day, last_day))]
        stays: dict[Clock, list[int]] = {}
        for day in range(first_day, last_day):
            stays.setdefault(self._clock_on(day), []).append(day)
        return list(stays.items())

    def _clock_on(self, day: int) -> Clock:
        for first, last, clock in reversed(self._trips):
            if first <= day <= last:
                return clock
        return self._home


@lru_cache(maxsize=4096)
def open_hours(hours: Hours | None) -> OpenHours:
    """The open minutes of these hours, the same object for equal hours. Raises UnknownZone."""
    return OpenHours(hours)


def _trips(hours: Hours) -> Trips:
    """In the order in which they overrule each other: the last that covers a date counts."""
    dates = [(day_of(trip.first), _FOR_GOOD if trip.last is None else day_of(trip.last)) for trip in hours.trips]
    found = [(*both, trip.timezone) for both, trip in zip(dates, hours.trips, strict=True)]
    found.sort(key=lambda trip: (trip[0], -trip[1], trip[2]))
    return [(first, last, clock_of(name)) for first, last, name in found]


def _weekly(hours: Hours) -> list[list[tuple[int, int]]]:
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for window in hours.weekly:
        days[window.weekday] += _window(window.start, window.end)
    return days


def _overrides(hours: Hours) -> dict[int, list[tuple[int, int]]]:
    days: dict[int, list[tuple[int, int]]] = {}
    closed = {day_of(override.day) for override in hours.overrides if override.closed}
    for override in hours.overrides:
        windows = days.setdefault(day_of(override.day), [])
        if override.start is not None and override.end is not None and day_of(override.day) not in closed:
            windows += _window(override.start, override.end)
    return days


def _window(start: int, end: int) -> list[tuple[int, int]]:
    """A window in minutes after midnight; past midnight it goes on counting. Empty if it has no length."""
    if start == end:
        return []
    return [(start, end if end > start else end + DAY)]
