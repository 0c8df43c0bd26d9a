"""What the teams of a question offer in a span, as masks; who they are is only worked out when asked."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import combinations
from operator import or_
from typing import NamedTuple

from vestibule.scheduling.bits import Span
from vestibule.scheduling.diary import Diary
from vestibule.scheduling.teams import rank
from vestibule.scheduling.values import ProviderId

Team = tuple[ProviderId, ...]


class Pick(NamedTuple):
    """`size` of these diaries, one of the first `leads` among them (0: whichever); `masks` are their starts."""

    diaries: Sequence[Diary]
    masks: Sequence[int]
    size: int = 1
    leads: int = 0

    def starts(self) -> int:
        """The starts at which enough can."""
        if len(self.masks) == self.size == 1:
            return self.masks[0]
        found = reduce(or_, self.masks[: self.leads] if self.leads else self.masks, 0)
        return found if self.size == 1 else found & enough(self.masks, self.size, found)

    def able(self, bit: int) -> tuple[list[Diary], list[Diary]]:
        """Who can at a start: those who lead, and the rest."""
        leads = self.leads or len(self.diaries)
        who = [number for number, mask in enumerate(self.masks) if mask >> bit & 1]
        return (
            [self.diaries[number] for number in who if number < leads],
            [self.diaries[number] for number in who if number >= leads],
        )

    def teams(self, bit: int) -> Iterator[Team]:
        """Each way to pick at a start, one at a time: there may be very many."""
        leads, rest = [[diary.provider for diary in side] for side in self.able(bit)]
        if self.size == 1:
            yield from ((name,) for name in leads)
            return
        for number in range(max(1, self.size - len(rest)), min(self.size, len(leads)) + 1):
            for some in combinations(leads, number):
                for others in combinations(rest, self.size - number):
                    yield tuple(sorted((*some, *others), key=rank))

    def best(self, bit: int, worth: Callable[[Diary], int]) -> int:
        """The most that whoever is worth least on a team can be worth."""
        leads, rest = ([worth(diary) for diary in side] for side in self.able(bit))
        leads.sort(reverse=True)
        others = sorted((*leads[1:], *rest), reverse=True)
        return min([leads[0], *others[: self.size - 1]])


class Part(NamedTuple):
    """Teams with the same grid: one pick from each side, at any of `starts`."""

    picks: Sequence[Pick]
    starts: int

    def teams(self, bit: int) -> Iterator[Team]:
        """Each team that could take a start."""
        return _joined(self.picks, bit)

    def has(self, bit: int, wanted: set[ProviderId]) -> bool:
        """Whether exactly these people could take a start together."""
        if len(wanted) != sum(pick.size for pick in self.picks):
            return False
        for pick in self.picks:
            leads, rest = ([diary for diary in side if diary.provider in wanted] for side in pick.able(bit))
            if not leads or len(leads) + len(rest) != pick.size:
                return False
        return True


def part_of(picks: Sequence[Pick], grid: int) -> Part:
    """The part in which these picks start on a grid."""
    for pick in picks:
        grid &= pick.starts()
    return Part(picks, grid)


def enough(masks: Sequence[int], count: int, among: int) -> int:
    """The minutes of `among` that lie in at least `count` of the masks."""
    reached = [among, *[0] * count]
    for number, mask in enumerate(masks):
        for have in range(min(count, number + 1), 0, -1):
            reached[have] |= reached[have - 1] & mask
    return reached[count]


def shifted(part: Part, minute: int, span: Span) -> Part:
    """A part of one minute as a part of the span around it."""
    by = minute - span.first
    picks = [pick._replace(masks=[mask << by for mask in pick.masks]) for pick in part.picks]
    return Part(picks, part.starts << by)


def _joined(picks: Sequence[Pick], bit: int) -> Iterator[Team]:
    if not picks:
        yield ()
        return
    for some in picks[0].teams(bit):
        for others in _joined(picks[1:], bit):
            yield (*some, *others)
