"""Short words for rule tests: times as "09:00" on Monday 3 June 2024, or as "2024-06-03 09:00"."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from vestibule.scheduling import Diary, Hold, Hours, Override, Person, Question, Rules, Taken, WeeklyWindow, free_starts

MONDAY = date(2024, 6, 3)
LONG_BEFORE = "2024-05-20 00:00"


def at(words: str) -> int:
    """The UTC minute of "09:00" or "2024-06-03 09:00"."""
    return second(words) // 60


def second(words: str) -> int:
    """The UTC second of "09:00", "2024-06-03 09:00" or "2024-06-03 09:00:30"."""
    full = words if "-" in words else f"{MONDAY} {words}"
    return int(datetime.fromisoformat(full).replace(tzinfo=UTC).timestamp())


def time(words: str) -> int:
    """The time of day of "09:00"."""
    return int(words[:2]) * 60 + int(words[3:])


def daily(*windows: str, zone: str = "UTC", days: Sequence[int] = range(7), **more: Any) -> Hours:
    """The same windows, such as "09:00-12:00", every day."""
    times = [(time(start), time(end)) for start, _, end in (window.partition("-") for window in windows)]
    return Hours(zone, tuple(WeeklyWindow(day, start, end) for day in days for start, end in times), **more)


def instead(day: str, *windows: str) -> tuple[Override, ...]:
    """Other windows on one date; none closes it."""
    if not windows:
        return (Override(date.fromisoformat(day)),)
    return tuple(Override(date.fromisoformat(day), time(window[:5]), time(window[6:])) for window in windows)


def taken(start: str, end: str, **more: Any) -> Taken:
    return Taken(at(start), at(end), **more)


def booked(start: str, end: str, **more: Any) -> Taken:
    """An appointment of the service that `Rules` is about by default."""
    return Taken(at(start), at(end), service=more.pop("service", 1), **more)


def held(start: str, end: str, *, expires: str = "2030-01-01 00:00", holder: str = "other", **more: Any) -> Hold:
    return Hold(at(start), at(end), second(expires), holder, **more)


def question(rules: Rules, *diaries: Diary, now: str = LONG_BEFORE, **more: Any) -> Question:
    return Question(rules, [Person(diary) for diary in diaries], second(now), **more)


def ask(asked: Question, first: str = "00:00", last: str = "2024-06-04 00:00") -> list[str]:
    """Free starts as "09:00", with the date where it is not Monday 3 June."""
    return [shown(start) for start in free_starts(asked, at(first), at(last))]


def shown(minute: int) -> str:
    words = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M")
    return words.removeprefix(f"{MONDAY} ")


def offered(
    hours: Hours, *entries: Taken, now: str = LONG_BEFORE, holds: Sequence[Hold] = (), **rules: Any
) -> list[str]:
    """Free starts of one provider that Monday; hour-long appointments unless told otherwise."""
    diary = Diary("s", hours, entries)
    return ask(question(Rules(**{"duration": 60, **rules}), diary, now=now, holds=holds, viewer="me"))


def offered_on(hours: Hours, first: str, last: str, *entries: Taken, now: str | None = None, **rules: Any) -> list[str]:
    """Free starts of one provider between two instants, such as "2024-06-03 09:00"."""
    diary = Diary("s", hours, entries)
    asked = question(Rules(**{"duration": 60, **rules}), diary, now=now or "2000-01-01 00:00")
    return ask(asked, first, last)
