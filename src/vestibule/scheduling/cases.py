"""One question worked on: masks of who could start when, built from the diaries' masks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from vestibule.scheduling.allowed import (
    ALL_DAYS,
    Days,
    bookable_days,
    earliest,
    last_available_day,
    latest,
    mask_of_days,
    used_up,
    window_clock,
)
from vestibule.scheduling.bits import Span, minutes, pages
from vestibule.scheduling.diary import Diary, shape_of
from vestibule.scheduling.grid import began, fitting, grid_in_hours, laid
from vestibule.scheduling.periods import Usage, together
from vestibule.scheduling.teams import Choice, choices
from vestibule.scheduling.values import (
    Alignment,
    Limits,
    Period,
    Pool,
    ProviderId,
    Question,
    RollingAvailableDays,
    RollingMinutes,
    Scope,
)
from vestibule.scheduling.zones import Clock


@dataclass(frozen=True, slots=True)
class Part:
    """What one choice offers in a span: `starts` for the team, and `masks` of each member's own."""

    choice: Choice
    starts: int
    masks: list[list[int]]


class Case:
    """A question, and what is worked out once for all its dates; `only` leaves teams with that provider."""

    def __init__(self, question: Question, only: ProviderId | None = None) -> None:
        self.question = question
        self.rules = question.rules
        self.shape = shape_of(question.rules)
        self._every = self.choices = choices(question)
        if only is not None:
            self.choices = [kept for each in self._every if (kept := each.having(only))]
        self._until: int | None = None
        window = question.rules.window
        self._has_dates = window is not None and not isinstance(window, RollingMinutes)
        self._dates: dict[tuple[Clock, Span], int] = {}
        self._usage: dict[tuple[Clock, Period], Usage] = {}

    def range(self, first: int, last: int) -> tuple[int, int]:
        """The part of `first` to `last` that is neither too soon nor too far ahead."""
        furthest = latest(self.rules, self.question.now)
        last = last if furthest is None else min(last, furthest + 1)
        return max(first, earliest(self.rules, self.question.now)), last

    def parts(self, span: Span) -> list[Part]:
        """What each choice offers, before notice."""
        room = self.resources(span)
        return [self._part(choice, span, room) for choice in self.choices]

    def member(self, diary: Diary, span: Span, dated: bool = True) -> int:
        """The starts that neither somebody's taken time nor the rules' dates and limits forbid."""
        mask = diary.clear(span, self.shape)
        if self.rules.seats:
            mask |= diary.joinable(span, self.rules)
        if dated and self._has_dates:
            mask &= self._dated(window_clock(self.rules.window, diary.open_hours.clock), span)
        if self.rules.limits and mask:
            mask &= self.within_limits(diary, self.rules.limits, span)
        return mask

    def grid(self, choice: Choice, span: Span) -> int:
        """The starts on the grid that fit into the team's hours."""
        if self.rules.alignment is not Alignment.FREE:
            return grid_in_hours(choice.hours, choice.clock, self.rules, span)
        team = [side[0] for side in choice.sides]
        found = self._free_grid(team, choice.clock, span)
        if self.rules.seats:
            for start in self._sessions(team, span):
                emptied = [diary.without_session(start, self.rules.service) for diary in team]
                found |= self._free_grid(emptied, choice.clock, Span(start, start + 1)) << (start - span.first)
        return found

    def resources(self, span: Span) -> int | None:
        """The starts at which one unit of each resource is there for the whole length; None if none is needed."""
        if not self.question.resources:
            return None
        mask = span.full
        for pool in self.question.resources:
            mask &= reduce(or_, (self._unit(unit, span) for unit in pool.units), 0)
        return mask

    def free_units(self, pool: Pool, start: int) -> tuple[ProviderId, ...]:
        """The units of a pool that are free for an appointment that begins at `start`."""
        return tuple(unit.provider for unit in pool.units if self._unit(unit, Span(start, start + 1)))

    def days(self, clock: Clock) -> Days:
        """The dates of the booking window, first and last, by the clock they are told by."""
        if isinstance(self.rules.window, RollingAvailableDays):
            return ALL_DAYS[0], ALL_DAYS[1] if self._until is None else self._until
        return bookable_days(self.rules.window, clock, self.question.now)

    def look_ahead(self, last: int) -> None:
        """Count the dates that have a start from now on; needed before asking about minutes up to `last`."""
        window = self.rules.window
        if not isinstance(window, RollingAvailableDays):
            return
        days: set[int] = set()
        for span in pages(earliest(self.rules, self.question.now), last):
            clocks = set()
            for day, clock in self._offered_days(window, span):
                days.add(day)
                clocks.add(clock)
            self._until = last_available_day(window, sorted(days))
            if self._until is not None and all(self._until < clock.day(span.last) for clock in clocks):
                return

    def limit_days(self, diary: Diary, limits: Limits) -> tuple[Clock, list[Days]]:
        """The dates on which a limit is reached for this provider, and the clock they are told by."""
        clock = window_clock(limits, diary.open_hours.clock)

        def usage(period: Period) -> Usage:
            if limits.scope is Scope.STAFF:
                return together([diary.usage(clock, period, limits.week_start, self.rules.service)])
            return self._common_usage(clock, period, limits.week_start)

        return clock, used_up(limits, self.rules.duration, usage)

    def within_limits(self, diary: Diary, limits: Limits, span: Span) -> int:
        """The starts that break no limit."""
        clock, days = self.limit_days(diary, limits)
        return span.full ^ mask_of_days(days, clock, span) if days else span.full

    def _part(self, choice: Choice, span: Span, room: int | None, *, dated: bool = True) -> Part:
        starts = self.grid(choice, span)
        if room is not None:
            starts &= room
        masks = [[self.member(diary, span, dated) for diary in side] for side in choice.sides]
        for side in masks:
            starts &= side[0] if len(side) == 1 else reduce(or_, side)
        return Part(choice, starts, masks)

    def _dated(self, clock: Clock, span: Span) -> int:
        mask = self._dates.get((clock, span))
        if mask is None:
            mask = self._dates[clock, span] = mask_of_days([self.days(clock)], clock, span)
        return mask

    def _common_usage(self, clock: Clock, period: Period, week_start: int) -> Usage:
        known = self._usage.get((clock, period))
        if known is None:
            diaries = (person.diary for person in self.question.people)
            known = together(diary.usage(clock, period, week_start, self.rules.service) for diary in diaries)
            self._usage[clock, period] = known
        return known

    def _offered_days(self, window: RollingAvailableDays, span: Span) -> Iterator[tuple[int, Clock]]:
        soonest, _ = self.range(span.first, span.last)
        room = self.resources(span)
        for part in (self._part(choice, span, room, dated=False) for choice in self._every):
            starts = [minute for minute in minutes(part.starts, span.first) if minute >= soonest]
            for clock in {window_clock(window, hours.clock) for hours in part.choice.hours}:
                yield from ((clock.day(minute), clock) for minute in starts)

    def _free_grid(self, team: list[Diary], clock: Clock, span: Span) -> int:
        hours = tuple(diary.open_hours for diary in team)
        gaps, begun = fitting(hours, 1, span), []
        for diary in team:
            gaps &= diary.clear(span, self.shape._replace(length=1))
        if gaps & 1:
            begun = [began(hours, span.first), *(diary.last_end(span.first, self.shape) for diary in team)]
        start = max((each for each in begun if each is not None), default=None)
        grid = laid(gaps, start, clock, self.rules.step, self.rules.align_step, span)
        return grid & fitting(hours, self.rules.duration, span)

    def _sessions(self, team: list[Diary], span: Span) -> set[int]:
        starts = {start for diary in team for start in diary.sessions(self.rules.service)}
        return {start for start in starts if span.first <= start < span.last}

    def _unit(self, unit: Diary, span: Span) -> int:
        return unit.open_hours.fitting(span, self.rules.duration) & unit.clear(span, self.shape)
