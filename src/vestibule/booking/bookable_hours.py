"""When a service can be booked at all (`Service.availability`), in the words of the slot engine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import orjson

from vestibule.scheduling import Hours, Override, WeeklyWindow
from vestibule.store import clock

FREE, CLOSED, HOURS = "free", "closed", "hours"
DAYS_AHEAD = 3660
DAYS_BACK = 40
WHOLE_DAY = (0, 24 * 60)


@dataclass(frozen=True)
class _Kind:
    """What counts on a date: any time, none, or the windows of its weekday."""

    kind: str
    weekly: tuple[tuple[int, int, int], ...] = ()

    @classmethod
    def of(cls, kind: str, weekly: Iterable[Sequence[int]] | None) -> "_Kind":
        windows = tuple((int(day), int(start), int(end)) for day, start, end in weekly or ())
        return cls(kind, windows if kind == HOURS else ())

    def windows(self, weekday: int) -> list[tuple[int, int]]:
        """Return the windows of a weekday, 0 being Monday."""
        if self.kind == FREE:
            return [WHOLE_DAY]
        return [(start, end) for day, start, end in self.weekly if day == weekday]


def hours_of(availability: Mapping[str, Any], timezone: str) -> Hours | None:
    """Return the hours in which a service can be booked at all, or None for whenever staff are free.

    Ranges count for ten years from now; what holds at their end counts for good.
    """
    if not availability or (availability.get("general", FREE) == FREE and not availability.get("ranges")):
        return None
    today = clock.now().date()
    return _hours(orjson.dumps(availability), timezone, today.replace(day=1) - timedelta(days=DAYS_BACK))


@lru_cache(maxsize=256)
def _hours(stored: bytes, timezone: str, first: date) -> Hours:
    """Lay ranges out as days that differ from what holds in the end; `first` is the earliest that matters."""
    given = orjson.loads(stored)
    general = _Kind.of(given.get("general", FREE), given.get("weekly"))
    ranges = [
        (_date(one.get("from")) or date.min, _date(one.get("to")) or date.max, _Kind.of(one["kind"], one.get("weekly")))
        for one in given.get("ranges", ())
    ]
    horizon = first + timedelta(days=DAYS_AHEAD)
    usual = _on(horizon, general, ranges)
    dates = {
        begin + timedelta(days=number)
        for start, end, _kind in _all(ranges, general, usual)
        for begin in (max(start, first),)
        for number in range((min(end, horizon) - begin).days + 1)
    }
    days = [(day, kind) for day in sorted(dates) for kind in (_on(day, general, ranges),) if kind != usual]
    weekly = tuple(WeeklyWindow(weekday, *window) for weekday in range(7) for window in usual.windows(weekday))
    return Hours(timezone, weekly, tuple(one for day, kind in days for one in _overrides(day, kind)))


def _all(
    ranges: Sequence[tuple[date, date, _Kind]], general: _Kind, usual: _Kind
) -> Sequence[tuple[date, date, _Kind]]:
    """Return the stretches in which something else than `usual` may count."""
    return ranges if general == usual else [(date.min, date.max, general)]


def _on(day: date, general: _Kind, ranges: Sequence[tuple[date, date, _Kind]]) -> _Kind:
    return next((kind for start, end, kind in reversed(ranges) if start <= day <= end), general)


def _overrides(day: date, kind: _Kind) -> list[Override]:
    return [Override(day, start, end) for start, end in kind.windows(day.weekday())] or [Override(day)]


def _date(given: str | None) -> date | None:
    return date.fromisoformat(given) if given else None
