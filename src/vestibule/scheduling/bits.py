"""Sets of minutes as big integers: bit i of a mask is minute `first + i` of its span."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import count
from struct import unpack
from typing import NamedTuple

PAGE_BITS = 16
_FEW = 8


class Span(NamedTuple):
    """The minutes `first` <= minute < `last`."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first

    @property
    def full(self) -> int:
        return (1 << (self.last - self.first)) - 1

    @property
    def is_page(self) -> bool:
        """Whether masks of this span are worth keeping: it is one of those every question shares."""
        return self.last - self.first == 1 << PAGE_BITS and not self.first & ((1 << PAGE_BITS) - 1)


@lru_cache(maxsize=4096)
def pages(first: int, last: int) -> tuple[Span, ...]:
    """The pages of 2**16 minutes that together cover `first` to `last`."""
    numbers = range(first >> PAGE_BITS, ((last - 1) >> PAGE_BITS) + 1)
    return tuple(Span(number << PAGE_BITS, (number + 1) << PAGE_BITS) for number in numbers)


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted, with overlapping and touching ones joined and empty ones dropped."""
    joined: list[tuple[int, int]] = []
    edge = None
    for start, end in sorted(spans):
        if start >= end:
            continue
        if edge is not None and start <= edge:
            if end > edge:
                joined[-1] = (joined[-1][0], end)
                edge = end
        else:
            joined.append((start, end))
            edge = end
    return joined


def clipped(spans: Iterable[tuple[int, int]], within: tuple[int, int]) -> list[tuple[int, int]]:
    """The parts that lie in `within`; order is kept."""
    first, last = within
    return [
        pair if pair[0] >= first and pair[1] <= last else (max(pair[0], first), min(pair[1], last))
        for pair in spans
        if pair[0] < last and pair[1] > first
    ]


def mask_of(spans: Iterable[tuple[int, int]], within: Span) -> int:
    """The minutes of `spans`, which must be merged; parts outside `within` and empty ones are left out."""
    first = within.first
    parts = [(start - first, end - first) for start, end in clipped(spans, within) if start < end]
    if len(parts) < _FEW:
        mask = 0
        for start, end in parts:
            mask |= ((1 << (end - start)) - 1) << start
        return mask
    starts, ends = bytearray(within.length // 8 + 1), bytearray(within.length // 8 + 1)
    for start, end in parts:
        starts[start >> 3] |= 1 << (start & 7)
        ends[end >> 3] |= 1 << (end & 7)
    return int.from_bytes(ends, "little") - int.from_bytes(starts, "little")


def eroded(mask: int, length: int) -> int:
    """The minutes at which `length` consecutive ones begin."""
    done = 1
    while done < length:
        shift = min(done, length - done)
        mask &= mask >> shift
        done += shift
    return mask


def beginnings(mask: int) -> int:
    """The first minute of each run."""
    return mask ^ (mask & (mask << 1))


def leading(mask: int) -> int:
    """How long the run is that begins with the first minute of the span; 0 if there is none."""
    return (mask ^ (mask + 1)).bit_length() - 1


def comb(step: int, length: int) -> int:
    """Every `step`-th minute of `length`, beginning with the first."""
    teeth, width = 1, step
    while width < length:
        teeth |= teeth << width
        width *= 2
    return teeth & ((1 << length) - 1) if length > 0 else 0


def stepped(runs: int, seeds: int, step: int) -> int:
    """Every `step`-th minute from each seed to the end of the run the seed lies in."""
    reach = eroded(runs, step + 1) << step
    while reach:
        seeds |= (seeds << step) & reach
        reach &= reach << step
        step *= 2
    return seeds


def first_marked(runs: int, marks: int) -> int:
    """The first marked minute of each run that has one.

    Adding the beginnings makes a carry run through the unmarked minutes of each run; it lands on
    the first that is marked, or just behind the run.
    """
    unmarked = runs ^ (runs & marks)
    landed = unmarked + beginnings(runs)
    return (landed ^ (landed & unmarked)) & runs & marks


def minutes(mask: int, first: int) -> list[int]:
    """The minutes of a mask whose span begins at `first`, in order."""
    found: list[int] = []
    words = -(-mask.bit_length() // 64)
    for base, word in zip(count(first - 1, 64), unpack(f"<{words}Q", mask.to_bytes(words * 8, "little")), strict=False):
        while word:
            lowest = word & -word
            found.append(base + lowest.bit_length())
            word ^= lowest
    return found
