"""Weekly hours as a form: for each weekday some windows from–to, more on request, without script."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.forms import BoundField
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from vestibule.booking.setup import Hours
from vestibule.web.manager import fields

MOST_WINDOWS = 6
MIDNIGHT = 24 * 60


@dataclass(frozen=True)
class Row:
    """One window of a day: where it begins and ends."""

    opens: BoundField
    closes: BoundField


@dataclass(frozen=True)
class DayRows:
    """One weekday of the form."""

    weekday: int
    name: str
    rows: Sequence[Row]
    may_add: bool

    @property
    def is_closed(self) -> bool:
        return not any(row.opens.value() or row.closes.value() for row in self.rows)

    @property
    def errors(self) -> list[str]:
        return [str(error) for row in self.rows for one in (row.opens, row.closes) for error in one.errors]


class WeekForm(fields.Form):
    """Seven days of windows. An end before its beginning runs past midnight; an empty window is left out."""

    def __init__(self, data: QueryDict | None = None, *, hours: Iterable[Any] = ()) -> None:
        super().__init__(data)
        self._hours = list(hours)
        for weekday in range(7):
            mine = [(one.start, one.end) for one in self._hours if one.weekday == weekday]
            for number in range(_windows_in(data, weekday) if data is not None else max(len(mine), 1)):
                start, end = mine[number] if number < len(mine) else (None, None)
                self._add_window(weekday, number, start, end)

    def days(self) -> Iterator[DayRows]:
        """Yield the days in order, for the page."""
        for weekday in range(7):
            count = sum(1 for name in self.fields if name.startswith(f"d{weekday}_") and name.endswith("_from"))
            rows = [Row(self[f"d{weekday}_{n}_from"], self[f"d{weekday}_{n}_to"]) for n in range(count)]
            yield DayRows(weekday, str(WEEKDAYS[weekday]), rows, count < MOST_WINDOWS)

    @property
    def is_empty(self) -> bool:
        """Whether no time is given on any day."""
        return all(day.is_closed for day in self.days())

    def clean(self) -> dict[str, Any]:
        for name in [name for name in self.fields if name.endswith("_from")]:
            until = name.removesuffix("from") + "to"
            both = (self.cleaned_data.get(name), self.cleaned_data.get(until))
            if None in both and both != (None, None) and not (self.errors.get(name) or self.errors.get(until)):
                missing = name if both[0] is None else until
                self.add_error(missing, _("Give both times of this window, or neither."))
        return self.cleaned_data

    def hours(self) -> list[Hours]:
        """Return the windows of a valid form."""
        found = []
        for name in self.fields:
            if name.endswith("_from") and self.cleaned_data.get(name) is not None:
                start = minutes(self.cleaned_data[name])
                end = minutes(self.cleaned_data[name.removesuffix("from") + "to"]) or MIDNIGHT
                found.append(Hours(int(name[1]), start, end))
        return sorted(found, key=lambda one: (one.weekday, one.start))

    def _add_window(self, weekday: int, number: int, start: int | None, end: int | None) -> None:
        day = str(WEEKDAYS[weekday])
        words = {"day": day, "number": number + 1}
        opens, closes = _("%(day)s, window %(number)s, from") % words, _("%(day)s, window %(number)s, to") % words
        for kind, at, label in (("from", start, opens), ("to", end, closes)):
            name = f"d{weekday}_{number}_{kind}"
            self.fields[name] = fields.clock(label, required=False, name=label)
            if at is not None:
                self.initial[name] = as_time(at)


def with_window_added(data: QueryDict, weekday: str) -> QueryDict:
    """Return what was typed with one more empty window on a weekday ("0" is Monday)."""
    changed = data.copy()
    if weekday in "0123456" and len(weekday) == 1:
        number = _windows_in(data, int(weekday))
        if number < MOST_WINDOWS:
            changed[f"d{weekday}_{number}_from"] = changed[f"d{weekday}_{number}_to"] = ""
    return changed


def with_monday_copied(data: QueryDict) -> QueryDict:
    """Return what was typed with Monday's windows on Tuesday to Friday too."""
    changed = data.copy()
    for name in data:
        if name[:1] == "d" and name[1:3] in ("1_", "2_", "3_", "4_"):
            del changed[name]
    for name in data:
        if name.startswith("d0_"):
            for weekday in range(1, 5):
                changed[f"d{weekday}{name[2:]}"] = data.get(name) or ""
    return changed


def minutes(at: time) -> int:
    """Return minutes since midnight."""
    return at.hour * 60 + at.minute


def as_time(minute: int) -> time:
    """Return the clock time at a minute since midnight; 1440 shows as 00:00."""
    return time(minute // 60 % 24, minute % 60)


def _windows_in(data: QueryDict, weekday: int) -> int:
    named = [n for n in range(MOST_WINDOWS) if f"d{weekday}_{n}_from" in data or f"d{weekday}_{n}_to" in data]
    return max(named, default=0) + 1
