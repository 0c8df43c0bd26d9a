"""Slot scenarios: one question as JSON in, its free starts out (`vestibule slots FILE`)."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TextIO

from vestibule.scheduling.diary import Diary
from vestibule.scheduling.engine import free_starts
from vestibule.scheduling.errors import InvalidRules
from vestibule.scheduling.reading import (
    Given,
    Malformed,
    day,
    flag,
    instant,
    items,
    name,
    names,
    number,
    one_of,
    text,
    time_of_day,
    weekday,
)
from vestibule.scheduling.values import (
    STAFF,
    Alignment,
    Assignment,
    BookingWindow,
    BufferRule,
    DateRange,
    Hold,
    Hours,
    Limits,
    Override,
    Period,
    Person,
    Question,
    RollingAvailableDays,
    RollingDays,
    RollingMinutes,
    Rules,
    Scope,
    Taken,
    Trip,
    WeeklyWindow,
    outward,
)
from vestibule.scheduling.zones import clock_of

THIS, ANOTHER = 1, 2
MOST_MINUTES = 366 * 1440
ASSIGNMENTS = tuple(kind for kind in Assignment if kind is not Assignment.SOME)  # scenarios know no team size


@dataclass(frozen=True, slots=True)
class Scenario:
    """A question and the minutes asked about."""

    id: str
    question: Question
    first: int
    last: int

    def slots(self) -> list[str]:
        """The free starts, as RFC 3339 in UTC."""
        starts = free_starts(self.question, self.first, self.last)
        return [datetime.fromtimestamp(start * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for start in starts]


def run_slots(path: str, out: TextIO) -> int:
    """Answer the scenarios of a file, one JSON line each; 2 if a scenario or the file is malformed.

    Each complaint is one line on stderr; the other scenarios are answered.
    """
    try:
        given = json.loads(Path(path).read_text("utf-8"))
    except OSError as failure:
        return _complain(f"{path}: {failure.strerror}")
    except ValueError as failure:
        return _complain(f"{path}: is not JSON: {failure}")
    outcome = 0
    for position, value in enumerate(given if isinstance(given, list) else [given]):
        try:
            scenario = read_scenario(value)
            out.write(json.dumps({"id": scenario.id, "slots": scenario.slots()}) + "\n")
        except (Malformed, InvalidRules) as fault:
            outcome = _complain(f"scenario {_id_of(value, position)}: {fault}")
    return outcome


def read_scenario(value: object) -> Scenario:
    """Read one scenario. Raises Malformed, naming the key."""
    given = Given(value)
    service, query = given.child("service"), given.child("query")
    if not given.has("staff"):
        raise Malformed("staff", "is missing")
    question = Question(
        rules=read_rules(service),
        people=given.each("staff", _person),
        now=given.read("now", instant),
        holds=given.each("holds", lambda hold: _hold(hold, service.read("duration_min", number(1)))),
        viewer=given.get("viewer_holder", name, None),
        assignment=given.get("assignment", one_of(Assignment, ASSIGNMENTS), Assignment.ANY),
        chosen=given.get("specific_staff", names, ()),
    )
    first, last = -(-query.read("from", instant) // 60), -(-query.read("to", instant) // 60)
    return Scenario(given.read("id", name), question, first, last)


def read_rules(given: Given) -> Rules:
    """Read a service's rules, in the words of the scenarios. Raises Malformed."""
    length, pause = number(1, MOST_MINUTES), number(0, MOST_MINUTES)
    return Rules(
        duration=given.read("duration_min", length),
        step=given.get("slot_interval_min", length, 0),
        service=THIS,
        before=given.get("buffer_before_min", pause, 0),
        after=given.get("buffer_after_min", pause, 0),
        buffer_rule=given.get("buffer_rule", one_of(BufferRule, BufferRule), BufferRule.SUM),
        notice=given.get("min_notice_min", pause, 0),
        alignment=given.get("alignment", one_of(Alignment, Alignment), Alignment.WINDOW),
        align_step=given.get("align_step_min", length, 0),
        alignment_timezone=given.get("alignment_timezone", _zone_or_staff, STAFF),
        window=read_window(given.child("booking_window")) if given.has("booking_window") else None,
        limits=read_limits(given.child("limits")) if given.has("limits") else None,
        seats=given.get("seats", number(1), None),
    )


def read_window(given: Given) -> BookingWindow | None:
    """Read how far ahead bookings go. Raises Malformed."""
    kinds = ("none", "rolling_days", "rolling_available_days", "range", "rolling_minutes")
    kind = given.read("type", one_of(str, kinds))
    timezone = given.get("timezone", _zone_or_staff, STAFF)
    if kind == "none":
        return None
    if kind == "rolling_minutes":
        return RollingMinutes(given.read("minutes", number(0)))
    if kind == "range":
        return DateRange(given.get("from", day, None), given.get("to", day, None), timezone)
    rolling = RollingDays if kind == "rolling_days" else RollingAvailableDays
    return rolling(given.read("days", number(0)), given.get("business_days", flag, False), timezone)


def read_limits(given: Given) -> Limits:
    """Read how much may be booked. Raises Malformed."""
    return Limits(
        max_per=_per_period(given, "max_per"),
        max_minutes_per=_per_period(given, "max_minutes_per"),
        timezone=given.get("timezone", _zone_or_staff, STAFF),
        week_start=given.get("week_start", weekday, 0),
        scope=given.get("scope", one_of(Scope, Scope), Scope.STAFF),
    )


def _per_period(given: Given, key: str) -> tuple[tuple[Period, int], ...]:
    if not given.has(key):
        return ()
    counts = given.child(key)
    return tuple(
        (one_of(Period, Period)(each, counts.key(each)), counts.read(each, number(0))) for each in counts.items()
    )


def _person(given: Given) -> Person:
    hours = Hours(
        timezone=given.read("timezone", _zone),
        weekly=tuple(chain.from_iterable(given.each("weekly", _windows))),
        overrides=given.each("overrides", _override),
        trips=given.each("timezone_changes", _trip),
    )
    taken = (*given.each("busy", _event), *given.each("bookings", _booking))
    diary = Diary(given.read("id", name), hours, taken)
    return Person(diary, fixed=given.get("role", text, "") == "fixed", group=given.get("group", name, None))


def _windows(given: Given) -> list[WeeklyWindow]:
    days = given.read("days", items)
    start, end = given.read("start", time_of_day), given.read("end", time_of_day)
    return [WeeklyWindow(weekday(each, given.key(f"days[{number}]")), start, end) for number, each in enumerate(days)]


def _override(given: Given) -> Override:
    date = given.read("date", day)
    if given.get("closed", flag, False):
        return Override(date)
    return Override(date, given.read("start", time_of_day), given.read("end", time_of_day))


def _trip(given: Given) -> Trip:
    return Trip(given.read("from", day), given.get("to", day, None), given.read("timezone", _zone))


def _event(given: Given) -> Taken:
    return Taken(*_stretch(given))


def _booking(given: Given) -> Taken:
    return Taken(
        *_stretch(given),
        before=given.get("buffer_before_min", number(0), 0),
        after=given.get("buffer_after_min", number(0), 0),
        service=THIS if given.get("same_service", flag, True) else ANOTHER,
        seats=given.get("seats_taken", number(0), 1),
        blocks=given.get("blocks", flag, True),
    )


def _hold(given: Given, duration: int) -> Hold:
    start, end = _stretch(given)
    return Hold(
        start=start,
        end=end,
        expires=given.read("expires", instant),
        holder=given.get("holder", name, ""),
        provider=given.get("staff", name, None),
        service=THIS if end - start == duration else ANOTHER,
    )


def _stretch(given: Given) -> tuple[int, int]:
    """Whole minutes; what is not on them is rounded outward, and what has no length stays so."""
    start, end = given.read("start", instant), given.read("end", instant)
    if end < start:
        raise Malformed(given.key("end"), "must not be before start")
    return outward(start, end) if start < end else (start // 60, start // 60)


def _zone(value: object, path: str) -> str:
    words = text(value, path)
    try:
        clock_of(words)
    except InvalidRules:
        raise Malformed(path, f"{words!r} is not a known IANA time zone") from None
    return words


def _zone_or_staff(value: object, path: str) -> str:
    return STAFF if value == STAFF else _zone(value, path)


def _id_of(value: object, position: int) -> str:
    known = value.get("id") if isinstance(value, dict) else None
    return json.dumps(known) if isinstance(known, str | int) else f"number {position + 1}"


def _complain(words: str) -> int:
    sys.stderr.write(f"vestibule slots: {words}\n")
    return 2
