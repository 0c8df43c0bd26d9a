"""The starts of teams, each of which may have a grid of its own (see `lanes`)."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from vestibule.scheduling.bits import Span
from vestibule.scheduling.diary import Diary
from vestibule.scheduling.grid import fitting, grid_in_hours
from vestibule.scheduling.hours import OpenHours
from vestibule.scheduling.lanes import Stretches, of_hours
from vestibule.scheduling.parts import Part, Pick, part_of, shifted
from vestibule.scheduling.teams import Choice, Side
from vestibule.scheduling.values import Alignment

if TYPE_CHECKING:
    from vestibule.scheduling.cases import Case


class Lane(NamedTuple):
    """Those of one side whose stretches begin together, and the grid of a team of which they are the last."""

    side: int
    diaries: Side
    masks: list[int]
    stretches: Stretches
    grid: int


def parts_of(case: "Case", choice: Choice, span: Span, masks: list[list[int]]) -> Iterator[Part]:
    """What the teams of a choice offer; `masks` are the starts of each member as far as their own rules go."""
    if case.rules.alignment is Alignment.CLOCK:
        yield _by_the_clock(case, choice, span, masks)
        return
    shared = 0
    if case.rules.seats and choice.by_free_time:
        for start in sorted(case.sessions([diary for side in choice.sides for diary in side], span)):
            shared |= 1 << (start - span.first)
            yield from _around_session(case, choice, start, span, masks)
    lanes = list(_lanes(case, choice, span, masks))
    for part in _parts(choice, lanes):
        starts = part.starts ^ (part.starts & shared)
        if starts:
            yield part._replace(starts=starts)


def _by_the_clock(case: "Case", choice: Choice, span: Span, masks: list[list[int]]) -> Part:
    length = case.rules.duration
    fits = [
        [mask & fitting(_hours(choice, diary), length, span) for diary, mask in zip(side, own, strict=True)]
        for side, own in zip(choice.sides, masks, strict=True)
    ]
    picks = [Pick(*each) for each in zip(choice.sides, fits, choice.counts, strict=True)]
    return part_of(picks, choice.clock.marks(case.rules.step, span))


def _around_session(case: "Case", choice: Choice, start: int, span: Span, masks: list[list[int]]) -> Iterator[Part]:
    """The one start that a session may share: its own time is as good as free."""
    bit = start - span.first
    own = [[mask >> bit & 1 for mask in side] for side in masks]
    for part in _parts(choice, list(_lanes(case, choice, span, own, session=start))):
        if part.starts:
            yield shifted(part, start, span)


def _lanes(
    case: "Case", choice: Choice, span: Span, masks: list[list[int]], session: int | None = None
) -> Iterator[Lane]:
    """With `session` the lanes of that one minute, as though it was free."""
    for number, side in enumerate(choice.sides):
        for diaries, own in _together(choice, side, masks[number]):
            if not any(own):
                continue
            hours = _hours(choice, diaries[0])
            fits = fitting(hours, case.rules.duration, span)
            if not choice.by_free_time:
                stretches = of_hours(hours, span)
                grid = grid_in_hours(hours, choice.clock, case.rules, span)
            elif session is None:
                stretches = case.free_stretches(diaries, hours, span)
                grid = case.free_grid(stretches, choice.clock, span)
            else:
                fits = fits >> (session - span.first) & 1
                stretches = case.session_stretches(diaries, hours, span, session)
                grid = case.free_grid(stretches, choice.clock, Span(session, session + 1))
            yield Lane(number, diaries, [mask & fits for mask in own], stretches, grid)


def _together(choice: Choice, side: Side, masks: list[int]) -> list[tuple[Side, list[int]]]:
    if choice.by_free_time:
        return [([diary], [mask]) for diary, mask in zip(side, masks, strict=True)]
    found: dict[OpenHours, tuple[Side, list[int]]] = {}
    for diary, mask in zip(side, masks, strict=True):
        diaries, own = found.setdefault(diary.open_hours, ([], []))
        diaries.append(diary)
        own.append(mask)
    return list(found.values())


def _parts(choice: Choice, lanes: Sequence[Lane]) -> Iterator[Part]:
    """Each lane in turn is the last to begin; of those that begin together the first in the list counts as last."""
    for number, last in enumerate(lanes):
        if not last.grid & reduce(or_, last.masks):
            continue
        able = [
            lane.masks
            if lane is last
            else _limited(lane.masks, lane.stretches.no_later(last.stretches, strictly=other < number))
            for other, lane in enumerate(lanes)
        ]
        yield part_of([_pick(choice, side, last, lanes, able) for side in range(len(choice.sides))], last.grid)


def _limited(masks: list[int], to: int) -> list[int]:
    return [mask & to for mask in masks] if to else [0] * len(masks)


def _pick(choice: Choice, side: int, last: Lane, lanes: Sequence[Lane], able: Sequence[list[int]]) -> Pick:
    count = choice.counts[side]
    if side == last.side and count == 1:
        return Pick(last.diaries, last.masks)
    diaries: list[Diary] = []
    masks: list[int] = []
    leads = 0
    if side == last.side:
        diaries, masks, leads = [*last.diaries], [*last.masks], len(last.diaries)
    for lane, own in zip(lanes, able, strict=True):
        if lane.side == side and lane is not last:
            diaries += lane.diaries
            masks += own
    return Pick(diaries, masks, count, leads)


def _hours(choice: Choice, diary: Diary) -> tuple[OpenHours, ...]:
    return (diary.open_hours, *choice.service)
