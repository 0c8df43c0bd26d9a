"""Recurrence rules (RFC 5545, 3.3.10), worked out for a window of days only.

Without a COUNT the work depends on the window alone, however long ago the rule began; with one, what came before is
counted as far as the budget goes. Seconds are not told apart: whoever meets twice in a minute is busy that minute.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from vestibule.calendars.reading.bounds import Budget
from vestibule.calendars.reading.lines import Moment, moment, ordinal

WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SECONDS = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600}
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_MOST_VALUES = 400
_LISTS = {
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}


@dataclass(frozen=True)
class Rule:
    """A rule in its parts. `nth` are weekdays with a number, such as the last Friday (-1, 4)."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: Moment | None = None
    week_start: int = 0
    weekdays: frozenset[int] = frozenset()
    nth: frozenset[tuple[int, int]] = frozenset()
    lists: dict[str, frozenset[int]] = field(default_factory=dict)

    def by(self, name: str) -> frozenset[int]:
        """Return the values of a list such as BYMONTH; empty if there is none."""
        return self.lists.get(name, frozenset())

    @property
    def names_days(self) -> bool:
        """Whether the rule itself says on which days, rather than leaving that to its start."""
        return bool(self.weekdays or self.nth or any(self.by(n) for n in ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO")))


def rule(text: str) -> Rule | None:
    """Return the rule that `text` says, or None for one that says nothing sensible."""
    parts = dict(part.upper().partition("=")[::2] for part in text.split(";")[:40])
    if parts.get("FREQ") not in FREQUENCIES:
        return None
    interval, count = _number(parts.get("INTERVAL", "1")), _number(parts.get("COUNT", ""))
    if interval == 0 or count == 0:
        return None
    weekdays, nth = _weekdays(parts.get("BYDAY", ""), parts["FREQ"], "BYWEEKNO" in parts)
    lists = {name: _values(parts[name], *limits) for name, limits in _LISTS.items() if name in parts}
    return Rule(
        parts["FREQ"],
        interval or 1,
        count,
        moment(parts.get("UNTIL", "")),
        WEEKDAYS.get(parts.get("WKST", "MO"), 0),
        weekdays,
        nth,
        lists,
    )


def _number(text: str) -> int | None:
    return min(int(text[:10]), 10**9) if text.isascii() and text.isdigit() else None


def _values(text: str, least: int, most: int) -> frozenset[int]:
    found = set()
    for part in text.split(",")[:_MOST_VALUES]:
        digits = part.lstrip("+-")
        if len(digits) <= 3 and digits.isascii() and digits.isdigit():
            value = -int(digits) if part.startswith("-") else int(digits)
            if least <= value <= most and (value or not least):
                found.add(value)
    return frozenset(found)


def _weekdays(text: str, freq: str, by_week: bool) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    plain, numbered = set(), set()
    for found in (_BY_DAY.fullmatch(part) for part in text.split(",")[:_MOST_VALUES]):
        if found is None:
            continue
        number = int(found[1] or 0)
        if number and freq in ("MONTHLY", "YEARLY") and not by_week:
            numbered.add((number, WEEKDAYS[found[2]]))
        else:
            plain.add(WEEKDAYS[found[2]])
    return frozenset(plain), frozenset(numbered)


def starts(rule: Rule, start: datetime, first: datetime, last: datetime, budget: Budget) -> Iterator[datetime]:
    """Yield each local start from `first` to `last`, `start` being where the rule begins; in order, each once.

    `start` itself is not added where it does not fit the rule.
    """
    last = min(last, _until(rule, last))
    if rule.freq in _SECONDS:
        yield from _within_days(rule, start, first, last, budget)
        return
    counted = 0
    for found in _by_periods(rule, start, first, last, budget):
        if found < start:
            continue
        counted += 1
        if found > last or (rule.count is not None and counted > rule.count):
            return
        if found >= first:
            yield found


def _until(rule: Rule, last: datetime) -> datetime:
    """Return the last local time allowed; a day later where UTC and local time may differ, see `events`."""
    if rule.until is None or rule.until.at >= last:
        return last
    if rule.until.is_day:
        return rule.until.at + timedelta(hours=23, minutes=59, seconds=59)
    return rule.until.at + timedelta(days=1) if rule.until.zone == "UTC" else rule.until.at


def _by_periods(rule: Rule, start: datetime, first: datetime, last: datetime, budget: Budget) -> Iterator[datetime]:
    """Yield candidates of DAILY and longer, period by period, in order; also some before `start` or behind `last`."""
    index = 0 if rule.count is not None else max(0, _periods_until(rule, start, first) - 1)
    index -= index % rule.interval
    times = _times(rule, start)
    positions = rule.by("BYSETPOS")
    while True:
        begins, days = _days(rule, start, index)
        if begins is None or begins > last.date():
            return
        found = [datetime.combine(date.fromordinal(day), at) for day in days for at in times]
        budget.step(32 + len(found))
        yield from _at(found, positions) if positions else found
        index += rule.interval


def _periods_until(rule: Rule, start: datetime, first: datetime) -> int:
    """Return how many whole periods lie between `start` and `first`."""
    if first <= start:
        return 0
    if rule.freq == "YEARLY":
        return first.year - start.year
    if rule.freq == "MONTHLY":
        return (first.year - start.year) * 12 + first.month - start.month
    days = ordinal(first) - ordinal(start)
    return days // 7 if rule.freq == "WEEKLY" else days


def _times(rule: Rule, start: datetime) -> list[time]:
    hours = sorted(rule.by("BYHOUR")) or [start.hour]
    minutes = sorted(rule.by("BYMINUTE")) or [start.minute]
    return [start.time().replace(hour=hour, minute=minute) for hour in hours for minute in minutes]


def _at(found: list[datetime], positions: frozenset[int]) -> list[datetime]:
    size = len(found)
    kept = {position - 1 if position > 0 else size + position for position in positions}
    return [found[at] for at in sorted(kept) if 0 <= at < size]


def _days(rule: Rule, start: datetime, index: int) -> tuple[date | None, list[int]]:
    """Return when period `index` begins (None: behind the calendar's end), and its days (ordinals) that fit."""
    try:
        if rule.freq == "YEARLY":
            begins = date(start.year + index, 1, 1)
            return begins, _of_year(rule, start, begins.year)
        if rule.freq == "MONTHLY":
            months = start.year * 12 + start.month - 1 + index
            begins = date(months // 12, months % 12 + 1, 1)
            return begins, _of_month(rule, start, begins)
        first = ordinal(start)
        if rule.freq == "WEEKLY":
            first -= (start.weekday() - rule.week_start) % 7
            begins = date.fromordinal(first + 7 * index)
            wanted = rule.weekdays or (frozenset(range(7)) if rule.names_days else frozenset({start.weekday()}))
            days = [begins.toordinal() + (day - rule.week_start) % 7 for day in wanted]
            return begins, [day for day in sorted(days) if _fits(rule, day, check_weekday=False)]
        begins = date.fromordinal(first + index)
        return begins, [begins.toordinal()] if _fits(rule, begins.toordinal()) else []
    except (ValueError, OverflowError):
        return None, []


def _of_month(rule: Rule, start: datetime, begins: date) -> list[int]:
    if not rule.names_days:
        wanted = frozenset({start.day})
    elif rule.by("BYMONTHDAY"):
        wanted = rule.by("BYMONTHDAY")
    else:
        wanted = frozenset(range(1, 32))
    if rule.by("BYMONTH") and begins.month not in rule.by("BYMONTH"):
        return []
    size = monthrange(begins.year, begins.month)[1]
    numbers = {day if day > 0 else size + 1 + day for day in wanted}
    days = [begins.toordinal() + day - 1 for day in sorted(numbers) if 1 <= day <= size]
    return [day for day in days if _fits(rule, day, within=(begins.toordinal(), size))]


def _of_year(rule: Rule, start: datetime, year: int) -> list[int]:
    months = sorted(rule.by("BYMONTH")) or ([start.month] if not rule.names_days else list(range(1, 13)))
    if rule.nth and not rule.by("BYMONTH"):  # numbered within the year
        within = (date(year, 1, 1).toordinal(), 365 + (monthrange(year, 2)[1] == 29))
        return [day for day in range(within[0], sum(within)) if _fits(rule, day, within=within)]
    days = [day for month in months for day in _of_month(rule, start, date(year, month, 1))]
    if rule.by("BYWEEKNO"):
        days = [day for day in days if _is_in_weeks(rule, date.fromordinal(day))]
    return days


def _fits(rule: Rule, day: int, *, within: tuple[int, int] | None = None, check_weekday: bool = True) -> bool:
    """Tell whether a day passes the lists that say on which days. `within`: first day and size of what `nth` counts."""
    shown = date.fromordinal(day)
    if rule.by("BYMONTH") and shown.month not in rule.by("BYMONTH"):
        return False
    if check_weekday and (rule.weekdays or rule.nth) and not _has_weekday(rule, day, shown.weekday(), within):
        return False
    if rule.by("BYMONTHDAY"):
        size = monthrange(shown.year, shown.month)[1]
        if not {shown.day, shown.day - size - 1} & rule.by("BYMONTHDAY"):
            return False
    if rule.by("BYYEARDAY"):
        number, size = shown.timetuple().tm_yday, 365 + (monthrange(shown.year, 2)[1] == 29)
        return bool({number, number - size - 1} & rule.by("BYYEARDAY"))
    return True


def _has_weekday(rule: Rule, day: int, weekday: int, within: tuple[int, int] | None) -> bool:
    if weekday in rule.weekdays:
        return True
    if within is None:
        return any(weekday == wanted for _number, wanted in rule.nth)
    first, size = within
    from_start, from_end = (day - first) // 7 + 1, -((first + size - 1 - day) // 7 + 1)
    return (from_start, weekday) in rule.nth or (from_end, weekday) in rule.nth


def _is_in_weeks(rule: Rule, day: date) -> bool:
    """Tell whether a day lies in one of the numbered weeks; a week belongs to the year that has four days of it."""
    ordinal = day.toordinal()
    year = next(
        year for year in (day.year + 1, day.year, day.year - 1) if _first_week(year, rule.week_start) <= ordinal
    )
    first, behind = _first_week(year, rule.week_start), _first_week(year + 1, rule.week_start)
    number, weeks = (ordinal - first) // 7 + 1, (behind - first) // 7
    return number in rule.by("BYWEEKNO") or number - weeks - 1 in rule.by("BYWEEKNO")


def _first_week(year: int, week_start: int) -> int:
    """Return the day (ordinal) on which week 1 of a year begins."""
    first = date(year, 1, 1)
    offset = (first.weekday() - week_start) % 7
    return first.toordinal() - offset + (0 if offset <= 3 else 7)


def _within_days(rule: Rule, start: datetime, first: datetime, last: datetime, budget: Budget) -> Iterator[datetime]:
    """Yield the starts of HOURLY, MINUTELY and SECONDLY. A COUNT beside lists is not counted: that errs to busy."""
    step = min(_SECONDS[rule.freq] * rule.interval, 10**9)
    if rule.count is not None and not rule.lists and not rule.weekdays and not rule.nth:
        last = min(last, start + timedelta(seconds=min(step * (rule.count - 1), 4 * 10**9)))
    begin = max(first, start)
    for day in range(ordinal(begin), ordinal(last) + 1):
        budget.step()
        if not _fits(rule, day):
            continue
        midnight = datetime.combine(date.fromordinal(day), time())
        for minute in _minutes(rule, start, day, step):
            budget.step()
            found = midnight + timedelta(minutes=minute)
            if begin.replace(second=0) <= found <= last:
                yield found


def _minutes(rule: Rule, start: datetime, day: int, step: int) -> Iterator[int]:
    hours, minutes = rule.by("BYHOUR"), rule.by("BYMINUTE")
    since = (day - ordinal(start)) * 86400 - (start.hour * 3600 + start.minute * 60)
    if rule.freq == "HOURLY":
        since = (day - ordinal(start)) * 86400 - start.hour * 3600
        for second in range(-since % step, 86400, step):
            if not hours or second // 3600 in hours:
                yield from (second // 60 + minute for minute in sorted(minutes) or [start.minute])
        return
    found = range(1440) if step <= 60 else range(-since % step, 86400, step)
    for each in found:
        minute = each if step <= 60 else each // 60
        if (not hours or minute // 60 in hours) and (not minutes or minute % 60 in minutes):
            yield minute
