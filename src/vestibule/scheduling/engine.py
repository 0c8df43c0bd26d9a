"""The questions the engine answers."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from vestibule.scheduling.bits import Span, minutes, pages
from vestibule.scheduling.cases import Case
from vestibule.scheduling.diary import Diary
from vestibule.scheduling.parts import Part
from vestibule.scheduling.values import ProviderId, Question


class Offer:
    """The free starts between two minutes, and on request who could take each."""

    def __init__(self, case: Case, first: int, last: int) -> None:
        self._case = case
        self._parts: dict[int, tuple[Span, list[Part]]] = {}
        self._masks: dict[int, int] = {}
        self._first, self._last = first, last = case.range(first, last)
        if first >= last:
            return
        case.look_ahead(last)
        one = Span(first, last)
        for span in [one] if last - first == 1 else pages(first, last):
            parts = case.parts(span)
            mask = 0
            for part in parts:
                mask |= part.starts
            low, high = max(first, span.first), min(last, span.last)
            mask &= ((1 << (high - low)) - 1) << (low - span.first)
            self._parts[span.first], self._masks[span.first] = (span, parts), mask

    @property
    def starts(self) -> list[int]:
        """Free starts, earliest first, as minutes."""
        return [start for first, mask in self._masks.items() for start in minutes(mask, first)]

    def __contains__(self, start: object) -> bool:
        return isinstance(start, int) and self._at(start) is not None

    def __bool__(self) -> bool:
        return any(self._masks.values())

    def providers(self, start: int) -> tuple[ProviderId, ...]:
        """Everybody who takes part in at least one team that could take `start`, in the question's order."""
        able = {
            diary.provider
            for part, bit in self._taking(start)
            for pick in part.picks
            for side in pick.able(bit)
            for diary in side
        }
        people = (person.diary.provider for person in self._case.question.people)
        return tuple(provider for provider in people if provider in able)

    def by_provider(self) -> dict[ProviderId, list[int]]:
        """The starts each provider could take part in, earliest first; cheaper than `providers` of every start."""
        found: dict[ProviderId, list[int]] = {person.diary.provider: [] for person in self._case.question.people}
        for first, (_span, parts) in self._parts.items():
            able: dict[ProviderId, int] = {}
            for part in parts:
                for pick in part.picks:
                    for diary, mask in zip(pick.diaries, pick.masks, strict=True):
                        able[diary.provider] = able.get(diary.provider, 0) | (part.starts & mask)
            for provider, mask in able.items():
                listed = _listed(mask, first)
                found[provider] += listed[bisect_left(listed, self._first) : bisect_left(listed, self._last)]
        return found

    def teams(self, start: int) -> Iterator[tuple[ProviderId, ...]]:
        """Each team that could take `start`, once; a team of one for `any` and `specific`.

        They are made one at a time: of 10 out of 40 there are 847 million, so stop early, or ask `has_team`.
        """
        for part, bit in self._taking(start):
            yield from part.teams(bit)

    def has_team(self, start: int, team: Sequence[ProviderId]) -> bool:
        """Whether exactly these people, in any order, could take `start` together; cheap however many teams could."""
        wanted = set(team)
        return len(wanted) == len(team) and any(part.has(bit, wanted) for part, bit in self._taking(start))

    def seats_left(self, start: int) -> int | None:
        """The most seats one team has left at `start`: 0 if not on offer, None for appointments of one consumer."""
        seats, service = self._case.rules.seats, self._case.rules.service
        if seats is None:
            return None

        def left(diary: Diary) -> int:
            return seats - diary.sessions(service).get(start, 0)

        taking = self._taking(start)
        return max((min(pick.best(bit, left) for pick in part.picks) for part, bit in taking), default=0)

    def units(self, start: int) -> tuple[tuple[ProviderId, ...], ...]:
        """Of each pool the units that are free for the whole of `start`, in the pool's order.

        A start that is offered names at least as many as the pool wants, unless it joins a session, which has its own.
        """
        return self._case.free_units(start)

    def _taking(self, start: int) -> Iterator[tuple[Part, int]]:
        """The parts that offer a start, and the bit it is."""
        found = self._at(start)
        if found is not None:
            span, parts = found
            bit = start - span.first
            yield from ((part, bit) for part in parts if part.starts >> bit & 1)

    def _at(self, start: int) -> tuple[Span, list[Part]] | None:
        for first, found in self._parts.items():
            if first <= start < found[0].last and self._masks[first] >> (start - first) & 1:
                return found
        return None


@lru_cache(maxsize=4096)  # two months of a thousand providers; fewer, and each question would push out the next one's
def _listed(mask: int, first: int) -> list[int]:
    """The minutes of a page's mask, kept: the same months are asked for again and again."""
    return minutes(mask, first)


def offer(question: Question, first: int, last: int) -> Offer:
    """Find the starts with `first` <= start < `last`, in minutes."""
    return Offer(Case(question), first, last)


def free_starts(question: Question, first: int, last: int) -> list[int]:
    """The minutes in `first` <= start < `last` at which an appointment may begin."""
    return offer(question, first, last).starts
