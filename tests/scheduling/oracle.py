"""A second opinion on slot scenarios: the contract read literally, one minute at a time.

What scenarios have no words for is told by further keys (`wider.py` says which).

Slow and plain on purpose. It shares nothing with the engine: local times come from `datetime`
and `zoneinfo`, every rule is a sentence of the contract, and nothing is remembered but readings.
"""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60


@cache
def zone(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@lru_cache(maxsize=200_000)
def reading(minute: int, name: str) -> tuple[date, int]:
    """Local date and minutes after midnight that a wall clock shows."""
    local = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone(name))
    return local.date(), local.hour * 60 + local.minute


@lru_cache(maxsize=200_000)
def second(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).replace(microsecond=0).timestamp())


def ceil_minute(stamp: str) -> int:
    return -(-second(stamp) // 60)


def tod(words: str) -> int:
    return int(words[:2]) * 60 + int(words[3:])


def next_day(day: date, days: int = 1) -> date:
    return day + timedelta(days=days)


def begins_later(trip: Json) -> tuple[str, int, str]:
    """Orders trips by how much they count: the later counts more, of two the shorter."""
    last = trip.get("to")
    return trip["from"], -(date.fromisoformat(last).toordinal() if last else 10**7), trip["timezone"]


class Staff:
    """One of the staff, with what the viewer may see of their time."""

    def __init__(self, given: Json, case: "Oracle") -> None:
        self.given, self.case = given, case
        self.id = str(given["id"])
        self.overrides = given.get("overrides") or []
        self.trips = sorted(given.get("timezone_changes") or [], key=begins_later, reverse=True)
        self.zones = {given.get("timezone"), *(trip["timezone"] for trip in self.trips)}
        self.service = {**case.service, **given["own"]} if given.get("own") else case.service
        self.known_open: dict[int, bool] = {}
        self.windows, self.zone_of_date = cache(self.windows_of), cache(self.zone_of)
        self.blocks = [each for each in self.blocking() if each["start"] != each["end"]]

    def windows_of(self, day: date) -> list[tuple[int, int]]:
        mine = [each for each in self.overrides if each["date"] == day.isoformat()]
        if any(each.get("closed") for each in mine):
            return []
        if not mine:
            mine = [each for each in self.given["weekly"] if WEEKDAYS[day.weekday()] in each["days"]]
        return [(tod(each["start"]), tod(each["end"])) for each in mine]

    def overridden(self, day: date) -> bool:
        return any(each["date"] == day.isoformat() for each in self.overrides)

    def zone_of(self, day: date) -> str:
        for trip in self.trips:
            if trip["from"] <= day.isoformat() <= (trip.get("to") or "9999"):
                return str(trip["timezone"])
        return str(self.given["timezone"])

    def zone_at(self, minute: int) -> str:
        for trip in self.trips:
            shown = reading(minute, trip["timezone"])[0].isoformat()
            if trip["from"] <= shown <= (trip.get("to") or "9999"):
                return str(trip["timezone"])
        return str(self.given["timezone"])

    def is_open(self, minute: int) -> bool:
        if minute not in self.known_open:
            self.known_open[minute] = any(self.open_in(minute, name) for name in self.zones)
        return self.known_open[minute]

    def open_in(self, minute: int, name: str) -> bool:
        if self.given.get("timezone") is None:
            return True
        today, at = reading(minute, name)
        yesterday = next_day(today, -1)
        if self.zone_of_date(today) == name and any(
            start <= at < (end if start < end else MIDNIGHT) for start, end in self.windows(today) if start != end
        ):
            return True
        spills = not self.overridden(today) and self.zone_of_date(yesterday) == name
        return spills and any(at < end < start for start, end in self.windows(yesterday))

    def blocking(self) -> Iterator[Json]:
        for each in self.given.get("busy") or []:
            yield {**each, "foreign": True}
        for each in self.given.get("bookings") or []:
            if each.get("blocks", True):
                yield each
        length = self.case.duration * 60
        for each in self.case.given.get("holds") or []:
            holds_all = each.get("staff") is None and not self.given.get("unit")
            if not holds_all and str(each.get("staff")) != self.id:
                continue
            if each["holder"] == self.case.given.get("viewer_holder") or self.case.now >= second(each["expires"]):
                continue
            yield {**each, "same_service": second(each["end"]) - second(each["start"]) == length}

    def forbidden(self, start: int, end: int, ignoring: int | None = None) -> bool:
        """Whether something lies in, or too near, the minutes from `start` to `end`."""
        for each in self.blocks:
            begun, ended = second(each["start"]), second(each["end"])
            if ignoring is not None and self.shares(each, ignoring):
                continue
            before, after = self.gaps(each)
            if start * 60 < ended + after * 60 and end * 60 > begun - before * 60:
                return True
        return False

    def shares(self, each: Json, start: int) -> bool:
        mine = not each.get("foreign") and each.get("same_service", True)
        return bool(self.case.seats and mine and second(each["start"]) == start * 60)

    def gaps(self, each: Json) -> tuple[int, int]:
        """The gaps wanted before and after what is already there."""
        service = self.service
        new_before, new_after = service.get("buffer_before_min") or 0, service.get("buffer_after_min") or 0
        old_before, old_after = each.get("buffer_before_min", 0), each.get("buffer_after_min", 0)
        rule = service.get("buffer_rule", "sum")
        if rule == "sum":
            return old_before + new_after, old_after + new_before
        if rule == "max":
            return max(old_before, new_after), max(old_after, new_before)
        return new_after, new_before

    def has_time(self, start: int) -> bool:
        taken = sum(each.get("seats_taken", 1) for each in self.blocks if self.shares(each, start))
        if self.case.seats and taken >= self.case.seats and any(self.shares(each, start) for each in self.blocks):
            return False
        return not self.forbidden(start, start + self.case.duration, ignoring=start)

    def zone_for(self, name: str | None, minute: int) -> str:
        return self.zone_at(minute) if name in (None, "staff") else str(name)

    def has_session(self, start: int) -> bool:
        return any(self.shares(each, start) for each in self.blocks)

    def within_limits(self, start: int) -> bool:
        limits = self.service.get("limits") or {}
        scope = [self] if limits.get("scope", "staff") == "staff" else self.case.staff
        booked = [each for staff in scope for each in staff.given.get("bookings") or []]
        of_service = [each for each in booked if each.get("same_service", True)]
        mine = self.given.get("bookings") or []
        return self.keeps(limits, of_service, start) and self.keeps(self.given.get("limits") or {}, mine, start)

    def keeps(self, limits: Json, counted: list[Json], start: int) -> bool:
        counted = [each for each in counted if each["start"] != each["end"]]

        def period(minute: int, kind: str) -> object:
            day = reading(minute, self.zone_for(limits.get("timezone"), minute))[0]
            back = (day.weekday() - WEEKDAYS.index(limits.get("week_start", "mon"))) % 7
            return {"day": day, "week": next_day(day, -back), "month": (day.year, day.month), "year": day.year}[kind]

        for key in ("max_per", "max_minutes_per"):
            for kind, most in (limits.get(key) or {}).items():
                same = [
                    (second(each["end"]) - second(each["start"])) // 60
                    for each in counted
                    if period(second(each["start"]) // 60, kind) == period(start, kind)
                ]
                have = len(same) + 1 if key == "max_per" else sum(same) + self.case.duration
                if have > most:
                    return False
        return True

    def gives_notice(self, start: int) -> bool:
        return start * 60 >= self.case.now + int(self.service.get("min_notice_min") or 0) * 60

    def in_window(self, start: int) -> bool:
        window = self.case.service.get("booking_window") or {"type": "none"}
        kind = window["type"]
        if kind == "rolling_minutes":
            return start * 60 <= self.case.now + int(window["minutes"]) * 60
        name = window.get("timezone")
        day = reading(start, self.zone_for(name, start))[0]
        if kind == "range":
            return bool(window["from"] <= day.isoformat() <= window["to"])
        if kind == "rolling_days":
            today = reading(self.case.now // 60, self.zone_for(name, self.case.now // 60))[0]
            return day <= days_on(today, window["days"], bool(window.get("business_days")))
        return True


def days_on(day: date, days: int, business: bool) -> date:
    while days:
        day = next_day(day)
        if not business or day.weekday() < 5:
            days -= 1
    return day


class Oracle:
    """One scenario."""

    def __init__(self, given: Json) -> None:
        self.given, self.service = given, given["service"]
        self.now = second(given["now"])
        self.duration = int(self.service["duration_min"])
        self.step = int(self.service.get("slot_interval_min") or self.duration)
        self.seats = self.service.get("seats")
        self.leads: dict[tuple[Staff, ...], Staff] = {}
        self.oldest_of: dict[tuple[Staff, ...], int] = {}
        self.mondays: dict[tuple[tuple[Staff, ...], date], int] = {}
        self.beginnings: dict[object, dict[int, int | None]] = {}
        self.staff = [Staff(each, self) for each in given["staff"]]
        self.hours = Staff({"id": "", **given["hours"]}, self) if given.get("hours") else None
        self.pools = [
            (pool["wanted"], [Staff({**unit, "unit": True}, self) for unit in pool["units"]])
            for pool in given.get("resources") or []
        ]

    def slots(self) -> list[str]:
        first, last = (ceil_minute(self.given["query"][key]) for key in ("from", "to"))
        window = self.service.get("booking_window") or {}
        if window.get("type") == "rolling_available_days":
            return self.in_first_days(window, first, last)
        return [stamp(start) for start in range(max(first, self.now // 60), last) if any(self.takers(start))]

    def in_first_days(self, window: Json, first: int, last: int) -> list[str]:
        found: list[tuple[int, frozenset[date]]] = []
        for start in range(self.now // 60, last):
            for team in self.takers(start):
                zones = {staff.zone_for(window.get("timezone"), start) for staff in team}
                found.append((start, frozenset(reading(start, name)[0] for name in zones)))
        days = sorted({day for _, shown in found for day in shown})
        counted = [day for day in days if not window.get("business_days") or day.weekday() < 5]
        wanted = window["days"]
        end = date.min if not wanted else counted[wanted - 1] if len(counted) >= wanted else date.max
        return [
            stamp(start) for start in sorted({start for start, shown in found if max(shown) <= end and start >= first})
        ]

    def takers(self, start: int) -> Iterator[tuple[Staff, ...]]:
        """Each team that could take a start."""
        for team in self.teams():
            if (
                all(self.may(staff, start) for staff in team)
                and self.on_grid(team, start)
                and all(
                    self.both_open(staff, minute) for staff in team for minute in range(start, start + self.duration)
                )
                and self.has_resources(team, start)
            ):
                yield team

    def may(self, staff: Staff, start: int) -> bool:
        return (
            self.both_open(staff, start)
            and staff.gives_notice(start)
            and staff.has_time(start)
            and staff.in_window(start)
            and staff.within_limits(start)
        )

    def both_open(self, staff: Staff, minute: int) -> bool:
        return staff.is_open(minute) and (self.hours is None or self.hours.is_open(minute))

    def has_resources(self, team: tuple[Staff, ...], start: int) -> bool:
        """A session that everybody already has needs nothing more; a new one needs its units for the whole time."""
        if self.seats and all(staff.has_session(start) for staff in team):
            return True
        end = start + self.duration
        return all(
            wanted
            <= sum(all(map(unit.is_open, range(start, end))) and not unit.forbidden(start, end) for unit in units)
            for wanted, units in self.pools
        )

    def teams(self) -> list[tuple[Staff, ...]]:
        kind = self.given.get("assignment", "any")
        if kind == "all":
            return [tuple(self.staff)] if self.staff else []
        if kind == "mixed":
            fixed = [staff for staff in self.staff if staff.given.get("role") == "fixed"]
            rest = [staff for staff in self.staff if staff not in fixed]
            groups = {str(staff.given.get("group")) for staff in rest}
            picks = [[staff for staff in rest if str(staff.given.get("group")) == group] for group in sorted(groups)]
            return [(*fixed, *pick) for pick in itertools.product(*picks)] if self.staff else []
        if self.size:
            return list(itertools.combinations(self.staff, self.size))
        chosen = [str(each) for each in self.given.get("specific_staff") or []]
        return [(staff,) for staff in self.staff if kind in ("any", "some") or staff.id in chosen]

    @property
    def size(self) -> int:
        """How many of the staff an appointment takes; 0 if that is not what is asked, or one."""
        size = int(self.given.get("team_size") or 0)
        return size if self.given.get("assignment") == "some" and size > 1 else 0

    def on_grid(self, team: tuple[Staff, ...], start: int) -> bool:
        alignment = self.service.get("alignment", "window")
        if alignment == "clock":
            return self.is_mark(team, start, self.step)
        round_to = self.align_step() if alignment == "free" else 1
        found = self.begun(team, start)
        begun = self.monday(team, start) if found is None else found
        while not self.is_mark(team, begun, round_to):
            begun += 1
        return begun <= start and (start - begun) % self.step == 0

    def begun(self, team: tuple[Staff, ...], start: int) -> int | None:
        """When the working window, or free gap, began that a start lies in; None if there was no beginning."""
        session = any(staff.shares(each, start) for staff in team for each in staff.blocks)
        known = self.beginnings.setdefault((team, start if session else None), {})
        oldest, minute = self.oldest(team), start
        while minute not in known and minute >= oldest and self.usable(team, minute - 1, start):
            minute -= 1
        found = known.get(minute, None if minute < oldest else minute)
        known.update(dict.fromkeys(range(minute, start + 1), found))
        return found

    def usable(self, team: tuple[Staff, ...], minute: int, start: int) -> bool:
        """Whether a minute belongs to the same working window, or free gap, as what is around it."""
        if not all(self.both_open(staff, minute) for staff in team):
            return False
        if self.service.get("alignment") != "free":
            return True
        return not any(staff.forbidden(minute, minute + 1, ignoring=start) for staff in team)

    def oldest(self, team: tuple[Staff, ...]) -> int:
        """Weeks before anything irregular: what is open from here to there always was."""
        if team in self.oldest_of:
            return self.oldest_of[team]
        days = [each["date"] for staff in (*team, *filter(None, [self.hours])) for each in staff.overrides]
        days += [trip["from"] for staff in team for trip in staff.trips]
        days += [each["start"][:10] for staff in team for each in staff.blocks]
        days += [self.given["query"]["from"][:10], self.given["now"][:10]]
        self.oldest_of[team] = second(min(days) + "T00:00:00Z") // 60 - 9 * MIDNIGHT
        return self.oldest_of[team]

    def monday(self, team: tuple[Staff, ...], start: int) -> int:
        """The minute at which the lead's clock first showed the week a start lies in."""

        def shown(minute: int) -> date:
            return reading(minute, self.lead_zone(team, minute))[0]

        latest = max(shown(minute) for minute in range(start, start - 2 * MIDNIGHT, -15))
        week = next_day(latest, -latest.weekday())
        if (team, week) not in self.mondays:
            midnight = second(f"{week}T00:00:00Z") // 60
            minutes = range(midnight - 15 * 60, start + 1)
            self.mondays[team, week] = next(minute for minute in minutes if shown(minute) >= week)
        return self.mondays[team, week]

    def align_step(self) -> int:
        default = next(size for size in (60, 30, 20, 15, 10, 5, 1) if self.step % size == 0)
        return int(self.service.get("align_step_min") or default)

    def is_mark(self, team: tuple[Staff, ...], minute: int, step: int) -> bool:
        return reading(minute, self.lead_zone(team, minute))[1] % step == 0

    def lead_zone(self, team: tuple[Staff, ...], minute: int) -> str:
        """The zone the grid is told in: of a team, its first fixed member's, else the lowest id's; of some, of all."""
        if team not in self.leads:
            ordered = sorted(self.staff if self.size else team, key=lambda staff: staff.id)
            if self.given.get("assignment") == "mixed":
                ordered.sort(key=lambda staff: (staff.given.get("role") != "fixed", str(staff.given.get("group"))))
            self.leads[team] = ordered[0]
        return self.leads[team].zone_for(self.service.get("alignment_timezone"), minute)


def stamp(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def slots(scenario: Json) -> list[str]:
    """The starts a literal reading of the contract offers."""
    return Oracle(json.loads(json.dumps(scenario))).slots()


def teams(scenario: Json, stamped: str) -> set[frozenset[str]]:
    """Who could take a start together."""
    found = Oracle(json.loads(json.dumps(scenario))).takers(ceil_minute(stamped))
    return {frozenset(staff.id for staff in team) for team in found}
