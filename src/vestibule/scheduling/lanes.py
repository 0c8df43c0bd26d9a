"""Teams whose members begin to work, or become free, at different times: each team has a grid of its own.

A team's stretch of common time begins when that of its last member does. So its grid is that member's
own, and instead of all teams we go through who comes last: everybody else of the team must have begun no
later. That takes as many masks as there are pairs of people with different hours, never as many as teams.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from vestibule.scheduling.bits import Span, beginnings
from vestibule.scheduling.grid import began, fitting
from vestibule.scheduling.hours import OpenHours


class Stretches(NamedTuple):
    """Minutes of working time, or of free time, and when the one began that holds the span's first minute.

    `begun` is None if that one always was, or if there is none.
    """

    mask: int
    begun: int | None
    heads: int

    def no_later(self, last: "Stretches", *, strictly: bool) -> int:
        """The common minutes of stretches of which this one began no later than `last`'s (or strictly earlier).

        Where `last` begins, a stretch of common time does. Adding those beginnings to the common time
        clears the stretches that have one.
        """
        both = self.mask & last.mask
        heads = last.heads & both
        if strictly:
            heads ^= heads & self.heads
        heads = heads >> 1 << 1
        if both & 1 and _is_before(self.begun, last.begun, strictly):
            heads |= 1
        return both ^ (both & (both + heads))

    def began(self, bit: int, first: int) -> int | None:
        """When the stretch began that holds this minute of a span that begins at `first`; None if it always was."""
        before = (1 << bit) - 1
        gaps = (self.mask & before) ^ before
        return first + gaps.bit_length() if gaps else self.begun


def of_hours(hours: tuple[OpenHours, ...], span: Span) -> Stretches:
    """The stretches in which all these are open."""
    return _page_stretches(hours, span) if span.is_page else _stretches(hours, span)


def of_free(mask: int, begun: Sequence[int | None]) -> Stretches:
    """Free time; what the first stretch needed to begin is the latest of `begun`."""
    return Stretches(mask, max((each for each in begun if each is not None), default=None), beginnings(mask))


def _is_before(one: int | None, other: int | None, strictly: bool) -> bool:
    """None was always there."""
    if one is None or other is None:
        return one is None and (other is not None or not strictly)
    return one < other if strictly else one <= other


@lru_cache(maxsize=512)
def _page_stretches(hours: tuple[OpenHours, ...], span: Span) -> Stretches:
    return _stretches(hours, span)


def _stretches(hours: tuple[OpenHours, ...], span: Span) -> Stretches:
    mask = fitting(hours, 1, span)
    return Stretches(mask, began(hours, span.first) if mask & 1 else None, beginnings(mask))
