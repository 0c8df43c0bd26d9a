"""The words of the slot engine: frozen values, in integers of UTC.

A *minute* is whole minutes since 1970-01-01T00:00Z, a *second* whole seconds since then.
A *time of day* is minutes after local midnight, 0 to 1440. Lengths are elapsed minutes.
Zones appear only as IANA names; `STAFF` stands for "the provider's own zone".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from vestibule.scheduling.errors import InvalidRules, at_least, check_times

if TYPE_CHECKING:
    from vestibule.scheduling.diary import Diary

ProviderId = int | str
STAFF = "staff"
DAY = 1440


class BufferRule(StrEnum):
    """How the buffers of two neighbours combine."""

    SUM = "sum"
    MAX = "max"
    NEW_ONLY = "new_only"


class Alignment(StrEnum):
    """Where the grid of starts begins."""

    WINDOW = "window"
    CLOCK = "clock"
    FREE = "free"


class Assignment(StrEnum):
    """Who must be free: any one, everybody, those chosen, the fixed plus one of each group, or some of them."""

    ANY = "any"
    ALL = "all"
    SPECIFIC = "specific"
    MIXED = "mixed"
    SOME = "some"


class Period(StrEnum):
    """What a limit counts over."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Scope(StrEnum):
    """Whose bookings of the service a limit counts: this provider's, or everybody's."""

    STAFF = "staff"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """Working hours that start on one weekday (0 = Monday); `end` before `start` runs past midnight."""

    weekday: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise InvalidRules("weekday", f"must be 0 to 6, not {self.weekday}")
        check_times(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Override:
    """Hours of one local date instead of its weekly ones; without times the date is closed.

    Several for one date add up, but one that closes the date wins.
    """

    day: date
    start: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise InvalidRules("override", "needs both start and end, or neither")
        if self.start is not None and self.end is not None:
            check_times(self.start, self.end)

    @property
    def closed(self) -> bool:
        return self.start is None


@dataclass(frozen=True, slots=True)
class Trip:
    """Local dates, `first` to `last` inclusive (None: for good), on which hours are kept in `timezone`.

    Where trips overlap, the one that begins later counts; of those that begin together, the shorter.
    """

    first: date
    last: date | None
    timezone: str


@dataclass(frozen=True, slots=True)
class Hours:
    """When one provider works."""

    timezone: str
    weekly: tuple[WeeklyWindow, ...] = ()
    overrides: tuple[Override, ...] = ()
    trips: tuple[Trip, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """Time of a provider that is used: an event of an outside calendar, or an appointment.

    Minutes, half-open; give events that are not on whole minutes rounded outward (`outward`).
    Without length it is ignored. An event has no buffers and no service. `service` is what was
    booked: it decides whether seats are shared and whether limits count it. One that does not
    block takes no time and no seat, but counts for limits. Time off `closes`: it blocks like an
    event, and a start inside it is refused as closed rather than taken. Of a team's appointment
    each member has an entry; give them one number as `appointment`, so that limits of scope
    `service` count it once. `held` marks a hold: it blocks and takes a seat, and no limit counts it.
    """

    start: int
    end: int
    before: int = 0
    after: int = 0
    service: int | None = None
    seats: int = 1
    blocks: bool = True
    closes: bool = False
    held: bool = False
    appointment: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody's unfinished booking: blocks until the second `expires`, but never its own `holder`.

    Without a provider it blocks everybody. A hold of a group service takes one seat.
    """

    start: int
    end: int
    expires: int
    holder: str
    provider: ProviderId | None = None
    before: int = 0
    after: int = 0
    service: int | None = None


@dataclass(frozen=True, slots=True)
class RollingDays:
    """Bookable up to and including the local date `days` after today (counting Monday to Friday only, if asked)."""

    days: int
    business_days: bool = False
    timezone: str = STAFF


@dataclass(frozen=True, slots=True)
class RollingAvailableDays:
    """Bookable on the first `days` local dates that have a free start (weekends not counted, if asked)."""

    days: int
    business_days: bool = False
    timezone: str = STAFF


@dataclass(frozen=True, slots=True)
class DateRange:
    """Bookable on the local dates `first` to `last`, both included; None leaves that side open."""

    first: date | None
    last: date | None
    timezone: str = STAFF


@dataclass(frozen=True, slots=True)
class RollingMinutes:
    """Bookable when the start is at most `minutes` from now, to the second."""

    minutes: int


BookingWindow = RollingDays | RollingAvailableDays | DateRange | RollingMinutes


@dataclass(frozen=True, slots=True)
class Limits:
    """Most bookings, and most booked minutes, of the service per period; a total equal to it is allowed.

    A booking counts in the local period of its start. `week_start` is a weekday, 0 = Monday.
    """

    max_per: tuple[tuple[Period, int], ...] = ()
    max_minutes_per: tuple[tuple[Period, int], ...] = ()
    timezone: str = STAFF
    week_start: int = 0
    scope: Scope = Scope.STAFF


@dataclass(frozen=True, slots=True)
class Rules:
    """How one service may be booked. Lengths are elapsed minutes; `service` tells its bookings from others.

    `step` defaults to the length; `align_step` (for `free`) to the largest of 60, 30, 20, 15, 10, 5
    that divides the step, else 1. `seats` is None for an appointment of one consumer.
    """

    duration: int
    step: int = 0
    service: int = 1
    before: int = 0
    after: int = 0
    buffer_rule: BufferRule = BufferRule.SUM
    notice: int = 0
    alignment: Alignment = Alignment.WINDOW
    align_step: int = 0
    alignment_timezone: str = STAFF
    window: BookingWindow | None = None
    limits: Limits | None = None
    seats: int | None = None

    def __post_init__(self) -> None:
        at_least(1, duration=self.duration, seats=1 if self.seats is None else self.seats)
        at_least(0, step=self.step, align_step=self.align_step)
        at_least(0, before=self.before, after=self.after, notice=self.notice)
        step = self.step or self.duration
        fits = (size for size in (60, 30, 20, 15, 10, 5, 1) if step % size == 0)
        object.__setattr__(self, "step", step)
        object.__setattr__(self, "align_step", self.align_step or next(fits))


@dataclass(frozen=True, slots=True)
class Person:
    """One provider of the service; for a mixed team either fixed, or one of a group.

    `rules`, if set, is how this person takes the service: their buffers (`before`, `after`), `notice` and `limits` hold
    for this person in place of the question's; everything else in them is not read. `limits` count all appointments of
    the person together, of whatever service (entries with a service; not events, not holds), next to the service's
    limits; their scope is always the person.
    """

    diary: "Diary"
    fixed: bool = False
    group: str | None = None
    rules: Rules | None = None
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Interchangeable units of what else is needed, and how many of them at once.

    A unit is a diary like a person's: hours (None: always there) and taken time. A start needs `wanted` units that are
    there, and not taken, for its whole length; around what takes them the buffers of the question's rules are kept,
    whoever takes the appointment. A `Hold` whose provider is a unit's name holds that unit, so units need names no
    person has; a hold without a provider holds no unit.

    Of a group service a start whose session everybody of the team already has needs no unit: the session has its own.
    A new session at that minute, of another provider, does need one. So give a unit one entry for each session it
    serves, for as long as somebody has a seat in it; whether the entry names the service makes no difference.
    """

    units: Sequence["Diary"]
    wanted: int = 1

    def __post_init__(self) -> None:
        at_least(1, wanted=self.wanted)


@dataclass(frozen=True, slots=True)
class Question:
    """Everything the answer depends on, except the dates asked for.

    `people` are all who offer the service (limits of scope `service` count them all); `chosen`
    are the providers wanted with `Assignment.SPECIFIC`. `now` is a second, with the fraction cut.
    `resources` lists what else must be free (a seat in a session that exists needs none of it, see `Pool`). `hours`
    says when the service can be booked at all, on top of everybody's own hours: starts lie in what both have, and the
    grid is laid there; local dates and times keep following the provider's zone. `team_size` is how many of the people
    an appointment with `Assignment.SOME` takes, at least 1.
    """

    rules: Rules
    people: Sequence[Person]
    now: int
    holds: Sequence[Hold] = ()
    viewer: str | None = None
    assignment: Assignment = Assignment.ANY
    chosen: tuple[ProviderId, ...] = ()
    resources: Sequence[Pool] = ()
    hours: Hours | None = None
    team_size: int = 0

    def __post_init__(self) -> None:
        if self.assignment is Assignment.SOME:
            at_least(1, team_size=self.team_size)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one start: `code` is the refusal when not `ok`, and empty when it is.

    `rule` is one of provider, notice, window, hours, grid, busy, buffer, hold, seats, resource, limit.
    `detail` is a plain English fact for the machine door and logs, not a sentence for consumers.
    """

    rule: str
    ok: bool
    code: str = ""
    detail: str = ""
    provider: ProviderId | None = field(default=None, compare=False)


def outward(start: int, end: int) -> tuple[int, int]:
    """The whole minutes that cover the seconds from `start` to `end`."""
    return start // 60, -(-end // 60)
