"""The questions the engine answers."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from vestibule.scheduling.bits import Span, minutes, pages
from vestibule.scheduling.cases import Case, Part
from vestibule.scheduling.values import ProviderId, Question


class Offer:
    """The free starts between two minutes, and on request who could take each."""

    def __init__(self, case: Case, first: int, last: int) -> None:
        self._case = case
        self._people = case.question.people
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
        able = {member for sides in self._sides(start) for side in sides for member in side}
        return tuple(person.diary.provider for person in self._people if person.diary.provider in able)

    def by_provider(self) -> dict[ProviderId, list[int]]:
        """The starts each provider could take part in, earliest first; cheaper than `providers` of every start."""
        found: dict[ProviderId, list[int]] = {person.diary.provider: [] for person in self._people}
        for first, (_span, parts) in self._parts.items():
            able: dict[ProviderId, int] = {}
            for part in parts:
                for side, masks in zip(part.choice.sides, part.masks, strict=True):
                    for diary, mask in zip(side, masks, strict=True):
                        able[diary.provider] = able.get(diary.provider, 0) | (part.starts & mask)
            for provider, mask in able.items():
                listed = _listed(mask, first)
                found[provider] += listed[bisect_left(listed, self._first) : bisect_left(listed, self._last)]
        return found

    def teams(self, start: int) -> Iterator[tuple[ProviderId, ...]]:
        """Each team that could take `start`; a team of one for `any` and `specific`."""
        for sides in self._sides(start):
            yield from product(*sides)

    def has_team(self, start: int, team: Sequence[ProviderId]) -> bool:
        """Whether exactly these people, in any order, could take `start` together; cheap however many teams could."""
        wanted = set(team)
        return len(wanted) == len(team) and any(wanted == set(able) for able in self.teams(start))

    def seats_left(self, start: int) -> int | None:
        """The most seats one team has left at `start`: 0 if not on offer, None for appointments of one consumer."""
        seats, service = self._case.rules.seats, self._case.rules.service
        if seats is None:
            return None
        used = {p.diary.provider: p.diary.sessions(service).get(start, 0) for p in self._people}
        return max((seats - max(used[one] for one in team) for team in self.teams(start)), default=0)

    def units(self, start: int) -> tuple[tuple[ProviderId, ...], ...]:
        """Of each pool the units that are free for the whole of `start`, in the pool's order.

        A start that is offered names at least as many as the pool wants, unless it joins a session, which has its own.
        """
        return tuple(self._case.free_units(pool, start) for pool in self._case.question.resources)

    def _sides(self, start: int) -> Iterator[list[list[ProviderId]]]:
        found = self._at(start)
        if found is None:
            return
        span, parts = found
        bit = start - span.first
        for part in parts:
            if part.starts >> bit & 1:
                pairs = [
                    zip(side, masks, strict=True) for side, masks in zip(part.choice.sides, part.masks, strict=True)
                ]
                yield [[diary.provider for diary, mask in side if mask >> bit & 1] for side in pairs]

    def _at(self, start: int) -> tuple[Span, list[Part]] | None:
        for first, found in self._parts.items():
            if first <= start < found[0].last and self._masks[first] >> (start - first) & 1:
                return found
        return None


@lru_cache(maxsize=1024)
def _listed(mask: int, first: int) -> list[int]:
    """The minutes of a page's mask, kept: the same months are asked for again and again."""
    return minutes(mask, first)


def offer(question: Question, first: int, last: int) -> Offer:
    """Find the starts with `first` <= start < `last`, in minutes."""
    return Offer(Case(question), first, last)


def free_starts(question: Question, first: int, last: int) -> list[int]:
    """The minutes in `first` <= start < `last` at which an appointment may begin."""
    return offer(question, first, last).starts
