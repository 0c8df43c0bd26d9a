"""The grid of starts, laid on stretches of time that need not begin in the span looked at."""

from collections.abc import Sequence
from functools import lru_cache

from vestibule.scheduling.bits import Span, beginnings, comb, first_marked, leading, stepped
from vestibule.scheduling.hours import OpenHours
from vestibule.scheduling.values import DAY, Alignment, Rules
from vestibule.scheduling.zones import Clock, weekday_of


def grid_in_hours(team: tuple[OpenHours, ...], clock: Clock, rules: Rules, span: Span) -> int:
    """The starts on the grid that fit into everybody's hours, for `window` and `clock`."""
    way = (team, clock, rules.alignment is Alignment.CLOCK, rules.step, rules.duration)
    return _page_grid(*way, span) if span.is_page else _grid(*way, span)


def fitting(team: Sequence[OpenHours], duration: int, span: Span) -> int:
    """The minutes from which everybody is open for `duration`."""
    fits = team[0].fitting(span, duration)
    for hours in team[1:]:
        fits &= hours.fitting(span, duration)
    return fits


def began(team: Sequence[OpenHours], minute: int) -> int | None:
    """When the stretch began in which all are open at `minute`; None if all always were."""
    return max((start for hours in team if (start := hours.began(minute)) is not None), default=None)


def laid(stretches: int, start: int | None, clock: Clock, step: int, align: int, span: Span) -> int:
    """Every `step`-th minute of each stretch, from its first multiple of `align` on.

    `start` is when the stretch began that holds the first minute of the span, where there is one.
    If it always was open, its grid begins anew each Monday.
    """
    seeds = beginnings(stretches) if align == 1 else first_marked(stretches, clock.marks(align, span))
    length = leading(stretches)
    if not length:
        return stepped(stretches, seeds, step)
    seeds = seeds >> length << length
    endless = 0
    if start is None:
        endless = _endless(length, clock, step, align, span)
    elif (seed := _on_or_after(clock.next_mark(start, align), step, span.first) - span.first) < length:
        seeds |= 1 << seed
    return stepped(stretches, seeds, step) | endless


def _on_or_after(seed: int, step: int, minute: int) -> int:
    return seed if seed >= minute else minute + (seed - minute) % step


def _endless(length: int, clock: Clock, step: int, align: int, span: Span) -> int:
    found, end = 0, span.first + length
    day = clock.day(span.first)
    day -= weekday_of(day)
    monday = _midnight(clock, day)
    while monday < end:
        day += 7
        following = _midnight(clock, day)
        seed = _on_or_after(clock.next_mark(monday, align), step, span.first)
        if seed < end:
            found |= comb(step, min(following, end) - seed) << (seed - span.first)
        monday = following
    return found


def _midnight(clock: Clock, day: int) -> int:
    return clock.spans_of(day, day + 6, ((day - 2) * DAY, (day + 8) * DAY))[0][0]


@lru_cache(maxsize=2048)
def _page_grid(team: tuple[OpenHours, ...], clock: Clock, by_clock: bool, step: int, duration: int, span: Span) -> int:
    return _grid(team, clock, by_clock, step, duration, span)


def _grid(team: tuple[OpenHours, ...], clock: Clock, by_clock: bool, step: int, duration: int, span: Span) -> int:
    fits = fitting(team, duration, span)
    if by_clock:
        return fits & clock.marks(step, span)
    stretches = fitting(team, 1, span)
    start = began(team, span.first) if stretches & 1 else None
    return fits & laid(stretches, start, clock, step, 1, span)
