"""When people are free, and nothing else of their calendars: Graph's getSchedule, many mailboxes at a time.

https://learn.microsoft.com/graph/api/calendar-getschedule: twenty mailboxes and 62 days at most.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from vestibule.calendars.ports import CalendarError, Changes, Found, Item, Reading, Trouble
from vestibule.calendars.reading.zones import zone_named
from vestibule.integrations.microsoft365.graph import Graph, Json, of_user
from vestibule.store import clock

DAY = 24 * 60
DAYS_AHEAD = 62
ONE_PART = 31 * DAY
MAILBOXES = 20
INTERVAL = 15
"""Minutes that one sign of the view stands for, which is read where no times are given."""
TAKEN = frozenset({"busy", "oof", "tentative", "unknown"})
TAKEN_SIGNS = frozenset("123")
PREFER = 'outlook.timezone="UTC"'
ALL = "times"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Stretches = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class WorkingHours:
    """When somebody works, as Outlook knows it: `days` from 0 (Monday), `start` and `end` where they are."""

    days: frozenset[int]
    start: time
    end: time
    zone: str


@dataclass(frozen=True)
class Schedule:
    """When one mailbox is taken, in UTC minutes, sorted and joined; or Graph's `problem` with it."""

    busy: Stretches = ()
    away: Stretches = ()
    """Of these, when its owner is out of office."""
    working: WorkingHours | None = None
    problem: str = ""


def schedule(graph: Graph, addresses: Sequence[str], start: int, end: int) -> dict[str, Schedule]:
    """Return when each of `addresses` is taken from minute `start` to `end`. Raises GraphError.

    Asked in parts of 31 days and twenty mailboxes, as the first of each twenty. A mailbox that is not there, or whose
    times may not be seen, has a `problem`; the others have theirs all the same.
    """
    found: dict[str, Schedule] = {}
    for first in range(0, len(addresses), MAILBOXES):
        some = addresses[first : first + MAILBOXES]
        for begins in range(start, end, ONE_PART):
            for name, one in _asked(graph, some, begins, min(begins + ONE_PART, end)).items():
                found[name] = _joined(found[name], one) if name in found else one
    missing = Schedule(problem="Graph says nothing of this mailbox")
    return {address: found.get(address.lower(), missing) for address in addresses}


def changes(graph: Graph, address: str, reading: Reading) -> Changes:
    """Return when a mailbox is taken in the next 62 days, as everything there is. Raises GraphError, CalendarError."""
    last = min(reading.last, clock.to_minute(clock.now()) // DAY * DAY + DAYS_AHEAD * DAY)
    found = _usable(schedule(graph, [address], reading.first, last)[address])
    return Changes("", (Item(ALL, busy=found.busy),) if found.busy else (), is_whole=True)


def calendar(graph: Graph, address: str) -> Found:
    """Return the calendar whose times are seen; a trial as well. Raises GraphError, CalendarError."""
    now = clock.to_minute(clock.now())
    _usable(schedule(graph, [address], now, now + DAY)[address])
    return Found("calendar", "Outlook", can_write=False)


def _usable(found: Schedule) -> Schedule:
    if found.problem:
        raise CalendarError(found.problem, Trouble.REFUSED, permanent=True)
    return found


def _asked(graph: Graph, addresses: Sequence[str], start: int, end: int) -> dict[str, Schedule]:
    wish = {
        "schedules": list(addresses),
        "startTime": {"dateTime": _text(start), "timeZone": "UTC"},
        "endTime": {"dateTime": _text(end), "timeZone": "UTC"},
        "availabilityViewInterval": INTERVAL,
    }
    told = graph.post(f"{of_user(addresses[0])}/calendar/getSchedule", wish, PREFER).get("value")
    rows = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return {str(one.get("scheduleId", "")).lower(): _schedule(one, start, end) for one in rows}


def _schedule(told: Json, start: int, end: int) -> Schedule:
    error = told.get("error")
    if isinstance(error, dict):
        code = "".join(sign for sign in str(error.get("responseCode", "")) if sign.isalnum())[:60]
        return Schedule(problem=f"Graph shows no times of this mailbox ({code or 'no reason given'})")
    items = list(_items(told.get("scheduleItems"), start, end))
    busy = [one for status, *one in items if status in TAKEN]
    if not items:
        busy = [list(one) for one in _viewed(str(told.get("availabilityView") or ""), start, end)]
    away = [one for status, *one in items if status == "oof"]
    return Schedule(joined(busy), joined(away), _working(told.get("workingHours")))


def _items(told: Any, first: int, last: int) -> Iterator[tuple[str, int, int]]:
    for one in told if isinstance(told, list) else []:
        times = [_minute(one.get(name)) for name in ("start", "end")] if isinstance(one, dict) else [None]
        start, end = times if len(times) == 2 else (None, None)
        if start is not None and end is not None and start < end and start < last and end > first:
            yield str(one.get("status", "busy")).lower(), max(start, first), min(end, last)


def _viewed(view: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what is taken by the view, a sign for each quarter of an hour: all there is where details are hidden."""
    for number, sign in enumerate(view):
        begins = start + number * INTERVAL
        if sign in TAKEN_SIGNS and begins < end:
            yield begins, min(begins + INTERVAL, end)


def joined(stretches: Sequence[Sequence[int]]) -> Stretches:
    """Return stretches sorted, and those that touch as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((one[0], one[1]) for one in stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _joined(one: Schedule, other: Schedule) -> Schedule:
    away, busy = joined([*one.away, *other.away]), joined([*one.busy, *other.busy])
    return Schedule(busy, away, one.working or other.working, one.problem or other.problem)


def _working(told: Any) -> WorkingHours | None:
    """Return somebody's working hours; None where Outlook says none, or in a zone made up by hand."""
    if not isinstance(told, Mapping):
        return None
    named = told.get("timeZone")
    zone = zone_named(str(named.get("name", ""))) if isinstance(named, Mapping) else None
    days = told.get("daysOfWeek")
    try:
        start, end = (time.fromisoformat(str(told.get(name)).partition(".")[0]) for name in ("startTime", "endTime"))
    except ValueError:
        return None
    if not zone or not isinstance(days, list):
        return None
    known = {str(day).lower() for day in days}
    return WorkingHours(frozenset(number for number, name in enumerate(_WEEKDAYS) if name in known), start, end, zone)


def _minute(told: Any) -> int | None:
    if not isinstance(told, dict) or not isinstance(told.get("dateTime"), str):
        return None
    try:
        local = datetime.fromisoformat(told["dateTime"].partition(".")[0].removesuffix("Z"))
        zone = zone_named(str(told.get("timeZone") or "UTC"))
        return clock.to_minute(local.replace(tzinfo=ZoneInfo(zone))) if zone else None
    except (ValueError, KeyError, OSError):
        return None


def _text(minute: int) -> str:
    return f"{clock.from_minute(minute):%Y-%m-%dT%H:%M:%S}"
