"""One question worked on: masks of who could start when, built from the diaries' masks."""

from collections.abc import Iterable, Sequence

from vestibule.scheduling.allowed import (
    ALL_DAYS,
    Days,
    bookable_days,
    last_available_day,
    latest,
    mask_of_days,
    used_up,
    window_clock,
)
from vestibule.scheduling.bits import Span, minutes, pages
from vestibule.scheduling.diary import Diary
from vestibule.scheduling.grid import began, fitting, grid_in_hours, laid
from vestibule.scheduling.hours import OpenHours
from vestibule.scheduling.joint import parts_of
from vestibule.scheduling.lanes import Stretches, of_free, of_hours
from vestibule.scheduling.parts import Part, Pick, enough, part_of
from vestibule.scheduling.periods import Usage, together
from vestibule.scheduling.teams import Choice, choices, held_for_others, holding
from vestibule.scheduling.terms import Terms, terms_of
from vestibule.scheduling.values import (
    Limits,
    Period,
    ProviderId,
    Question,
    RollingAvailableDays,
    RollingMinutes,
    Scope,
)
from vestibule.scheduling.zones import Clock


class Case:
    """A question, and what is worked out once for all its dates; `only` leaves teams with that provider."""

    def __init__(self, question: Question, only: ProviderId | None = None) -> None:
        self.question = question
        self.rules = question.rules
        self._common = terms_of(question.rules, question.now)
        self._own = {
            person.diary.provider: terms_of(question.rules, question.now, person)
            for person in question.people
            if person.rules is not None or person.limits is not None
        }
        self.soonest = self._common.soonest
        if self._own:
            self.soonest = min(self.terms(person.diary).soonest for person in question.people)
        self._every = self.choices = choices(question)
        if only is not None:
            self.choices = [kept for each in self._every if (kept := each.having(only))]
        self._until: int | None = None
        window = question.rules.window
        self._has_dates = window is not None and not isinstance(window, RollingMinutes)
        self._is_plain = not (self._own or self._has_dates or self.rules.seats or self.rules.limits)
        self._dates: dict[tuple[Clock, Span], int] = {}
        self._usage: dict[tuple[Clock, Period, int], Usage] = {}
        self._units = _units(question) if question.resources else []

    def terms(self, diary: Diary) -> Terms:
        """By which rules this person takes the service."""
        return self._own.get(diary.provider, self._common)

    def range(self, first: int, last: int) -> tuple[int, int]:
        """The part of `first` to `last` that is neither too soon for everybody nor too far ahead."""
        furthest = latest(self.rules, self.question.now)
        last = last if furthest is None else min(last, furthest + 1)
        return max(first, self.soonest), last

    def parts(self, span: Span, *, dated: bool = True) -> list[Part]:
        """What the teams offer, before the notice that everybody keeps; `dated` False leaves the window out."""
        room = self.resources(span)
        found: list[Part] = []
        for choice in self.choices:
            found += self._parts(choice, span, room, dated=dated)
        return found

    def member(self, diary: Diary, span: Span, room: int | None = None, *, dated: bool = True) -> int:
        """The starts that neither somebody's taken time nor the rules' dates, notice and limits forbid.

        Of a group service `room` are the starts at which a new session finds what it needs.
        """
        rules, shape, soonest, own_limits = self.terms(diary)
        mask = diary.clear(span, shape)
        if rules.seats:
            mask = (mask if room is None else mask & room) | diary.joinable(span, rules)
        if dated and self._has_dates:
            mask &= self._dated(window_clock(rules.window, diary.open_hours.clock), span)
        if soonest > self.soonest and soonest > span.first:
            mask = mask >> (soonest - span.first) << (soonest - span.first)
        if rules.limits and mask:
            mask &= _outside(*self.limit_days(diary, rules.limits), span)
        if own_limits and mask:
            mask &= _outside(*self.own_limit_days(diary, own_limits), span)
        return mask

    def grid(self, choice: Choice, span: Span) -> int:
        """The starts on the grid that fit into the hours of the teams of a choice with one grid."""
        if not choice.by_free_time:
            return grid_in_hours(choice.hours, choice.clock, self.rules, span)
        team = [side[0] for side in choice.sides]
        found = self.free_grid(self.free_stretches(team, choice.hours, span), choice.clock, span)
        if self.rules.seats:
            for start in self.sessions(team, span):
                gaps = self.session_stretches(team, choice.hours, span, start)
                found |= self.free_grid(gaps, choice.clock, Span(start, start + 1)) << (start - span.first)
        return found & fitting(choice.hours, self.rules.duration, span)

    def free_stretches(self, team: Sequence[Diary], hours: tuple[OpenHours, ...], span: Span) -> Stretches:
        """When everybody works and nothing is taken."""
        gaps = fitting(hours, 1, span)
        for diary in team:
            gaps &= self._free(diary, span)
        if not gaps & 1:
            return of_free(gaps, ())
        ends = [diary.last_end(span.first, self.terms(diary).shape) for diary in team]
        return of_free(gaps, (began(hours, span.first), *ends))

    def session_stretches(
        self, team: Sequence[Diary], hours: tuple[OpenHours, ...], span: Span, start: int
    ) -> Stretches:
        """The one minute `start` of a span, and since when it would be free if nobody had booked a session then."""
        bit, open_time = start - span.first, of_hours(hours, span)
        free = open_time.mask >> bit & 1
        for diary in team:
            if start not in diary.sessions(self.rules.service):
                free &= self._free(diary, span) >> bit & 1
        ends = [diary.last_end(start, self.terms(diary).shape) for diary in team]
        return of_free(free, (open_time.began(bit, span.first), *ends) if free else ())

    def free_grid(self, gaps: Stretches, clock: Clock, span: Span) -> int:
        """The grid in free time, whether or not an appointment fits."""
        return laid(gaps.mask, gaps.begun, clock, self.rules.step, self.rules.align_step, span)

    def sessions(self, team: Iterable[Diary], span: Span) -> set[int]:
        """The starts in a span at which somebody has a session of the service that has room."""
        shared = 0
        for diary in team:
            shared |= diary.joinable(span, self.terms(diary).rules)
        return set(minutes(shared, span.first))

    def resources(self, span: Span) -> int | None:
        """The starts at which enough units of each resource are there for the whole length; None if none is needed."""
        if not self._units:
            return None
        mask = span.full
        for wanted, units in self._units:
            mask = enough([self._unit(unit, span) for unit in units], wanted, mask)
        return mask

    def free_units(self, start: int) -> tuple[tuple[ProviderId, ...], ...]:
        """Of each pool the units that are free for an appointment that begins at `start`."""
        span = Span(start, start + 1)
        return tuple(tuple(unit.provider for unit in units if self._unit(unit, span)) for _, units in self._units)

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
        clocks = {window_clock(window, person.diary.open_hours.clock) for person in self.question.people}
        for span in pages(self.soonest, last):
            days |= self._offered_days(window, span)
            self._until = last_available_day(window, sorted(days))
            if self._until is not None and all(self._until < clock.day(span.last) for clock in clocks):
                return

    def limit_days(self, diary: Diary, limits: Limits) -> tuple[Clock, list[Days]]:
        """The dates on which a limit of the service is reached for somebody, and the clock they are told by."""
        clock = window_clock(limits, diary.open_hours.clock)

        def usage(period: Period) -> Usage:
            if limits.scope is Scope.STAFF:
                return together([diary.usage(clock, period, limits.week_start, self.rules.service)])
            return self._common_usage(clock, period, limits.week_start)

        return clock, used_up(limits, self.rules.duration, usage)

    def own_limit_days(self, diary: Diary, limits: Limits) -> tuple[Clock, list[Days]]:
        """The dates on which a limit on all of somebody's appointments is reached, and the clock they are told by."""
        clock = window_clock(limits, diary.open_hours.clock)

        def usage(period: Period) -> Usage:
            return together([diary.usage(clock, period, limits.week_start)])

        return clock, used_up(limits, self.rules.duration, usage)

    def _parts(self, choice: Choice, span: Span, room: int | None, *, dated: bool) -> Iterable[Part]:
        if self._is_plain:
            shape = self._common.shape
            masks = [[diary.clear(span, shape) for diary in side] for side in choice.sides]
        else:
            masks = [[self.member(diary, span, room, dated=dated) for diary in side] for side in choice.sides]
        if self.rules.seats:
            room = None
        if choice.one_grid:
            grid = self.grid(choice, span)
            picks = [*map(Pick, choice.sides, masks, choice.counts)]
            return (part_of(picks, grid if room is None else grid & room),)
        parts = parts_of(self, choice, span, masks)
        return parts if room is None else [part._replace(starts=part.starts & room) for part in parts]

    def _free(self, diary: Diary, span: Span) -> int:
        return diary.clear(span, self.terms(diary).shape._replace(length=1))

    def _dated(self, clock: Clock, span: Span) -> int:
        mask = self._dates.get((clock, span))
        if mask is None:
            mask = self._dates[clock, span] = mask_of_days([self.days(clock)], clock, span)
        return mask

    def _common_usage(self, clock: Clock, period: Period, week_start: int) -> Usage:
        key = (clock, period, week_start)
        known = self._usage.get(key)
        if known is None:
            diaries = (person.diary for person in self.question.people)
            known = self._usage[key] = together(diary.usage(*key, self.rules.service) for diary in diaries)
        return known

    def _offered_days(self, window: RollingAvailableDays, span: Span) -> set[int]:
        """The dates of a span that have a start, each told by the clock of whoever takes part."""
        room = self.resources(span)
        masks: dict[Clock, int] = {}
        for choice in self._every:
            for part in self._parts(choice, span, room, dated=False):
                for diary, mask in ((one, own) for pick in part.picks for one, own in zip(*pick[:2], strict=True)):
                    clock = window_clock(window, diary.open_hours.clock)
                    masks[clock] = masks.get(clock, 0) | (part.starts & mask)
        return {
            clock.day(minute)
            for clock, mask in masks.items()
            for minute in minutes(mask, span.first)
            if minute >= self.soonest
        }

    def _unit(self, unit: Diary, span: Span) -> int:
        return unit.open_hours.fitting(span, self.rules.duration) & unit.clear(span, self._common.shape)


def _outside(clock: Clock, days: Sequence[Days], span: Span) -> int:
    """The minutes on none of these dates."""
    return span.full ^ mask_of_days(days, clock, span) if days else span.full


def _units(question: Question) -> list[tuple[int, list[Diary]]]:
    """Of each pool how many units are wanted, and the units with what is held of them."""
    held = held_for_others(question)
    return [
        (pool.wanted, [holding(unit, held, everybodys=False) for unit in pool.units]) for pool in question.resources
    ]
