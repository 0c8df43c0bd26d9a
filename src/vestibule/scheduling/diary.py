"""One provider's hours and taken time, and the masks made from them."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable
from typing import NamedTuple, Self

from vestibule.scheduling.bits import Span, clipped, mask_of, merged
from vestibule.scheduling.hours import OpenHours, open_hours
from vestibule.scheduling.periods import Usage, usage_of
from vestibule.scheduling.values import BufferRule, Hours, Period, ProviderId, Rules, Taken
from vestibule.scheduling.zones import Clock

_MOST_KEPT = 64


class Shape(NamedTuple):
    """What about a new appointment decides which starts taken time forbids."""

    length: int
    before: int
    after: int
    rule: str

    def forbids(self, taken: Iterable[Taken]) -> list[tuple[int, int]]:
        """For each, the starts that would come too close to it: the first, and the first behind them."""
        length, before, after, rule = self
        length -= 1
        if rule == BufferRule.SUM.value:
            return [(t.start - t.before - after - length, t.end + t.after + before) for t in taken]
        if rule == BufferRule.NEW_ONLY.value:
            return [(t.start - after - length, t.end + before) for t in taken]
        return [(t.start - max(t.before, after) - length, t.end + max(t.after, before)) for t in taken]


def shape_of(rules: Rules) -> Shape:
    """The shape of an appointment of this service."""
    return Shape(rules.duration, rules.before, rules.after, rules.buffer_rule.value)


class Diary:
    """What one provider has to give. Never changes; safe to share between threads.

    `hours` is None for something always open, such as a device. `version` is the caller's own
    mark of what the diary was made from. Raises UnknownZone.
    """

    def __init__(
        self, provider: ProviderId, hours: Hours | None, taken: Iterable[Taken] = (), *, version: Hashable = None
    ) -> None:
        self.provider = provider
        self.hours = hours
        self.open_hours: OpenHours = open_hours(hours)
        self.taken = tuple(taken)
        self.version = version
        self._blocking = [each for each in self.taken if each.blocks and each.start < each.end]
        self._below: tuple[Diary, list[Taken]] | None = None
        self._clear: dict[tuple[Span, Shape], int] = {}
        self._joinable: dict[tuple[Span, Shape, int, int], int] = {}
        self._usage: dict[tuple[Clock, Period, int, int | None], Usage] = {}
        self._sessions: dict[int, dict[int, int]] = {}
        self._ends: dict[Shape, list[int]] = {}

    def adding(self, *taken: Taken, version: Hashable = None) -> Self:
        """The same diary with more taken time; masks already made are carried over."""
        grown = type(self)(self.provider, self.hours, (*self.taken, *taken), version=version)
        blocking = grown._blocking[len(self._blocking) :]
        for span, shape in list(self._clear):
            grown._clear[span, shape] = self._overlaid(self, blocking, span, shape)
        return grown

    def holding(self, *taken: Taken) -> Self:
        """The same diary with more taken time for one question: masks are corrected as they are asked for."""
        overlaid = type(self)(self.provider, self.hours, (*self.taken, *taken), version=self.version)
        overlaid._below = (self, overlaid._blocking[len(self._blocking) :])
        return overlaid

    def removing(self, *taken: Taken, version: Hashable = None) -> Self:
        """The same diary without these entries. Raises ValueError if one is not in it."""
        rest = list(self.taken)
        for each in taken:
            rest.remove(each)
        shrunk = type(self)(self.provider, self.hours, rest, version=version)
        for (span, shape), mask in list(self._clear.items()):
            for first, last in clipped(shape.forbids(taken), span):
                patch = Span(first, last)
                kept = shrunk._built(patch, shape)
                mask |= patch.full << (first - span.first)
                mask ^= (patch.full ^ kept) << (first - span.first)
            shrunk._clear[span, shape] = mask
        return shrunk

    def clear(self, span: Span, shape: Shape) -> int:
        """The mask of starts that no taken time forbids; hours and grid are not looked at."""
        mask = self._clear.get((span, shape))
        if mask is None:
            mask = self._overlaid(*self._below, span, shape) if self._below else self._built(span, shape)
            if span.is_page:
                self._make_room()
                self._clear[span, shape] = mask
        return mask

    def joinable(self, span: Span, rules: Rules) -> int:
        """The mask of starts of this service that have a seat left and that nothing else forbids."""
        seats, shape = rules.seats or 1, shape_of(rules)
        key = (span, shape, rules.service, seats)
        mask = self._joinable.get(key)
        if mask is None:
            mask = 0
            for start, taken in self.sessions(rules.service).items():
                if span.first <= start < span.last and taken < seats and not self.forbidding(start, rules):
                    mask |= 1 << (start - span.first)
            if span.is_page:
                self._joinable[key] = mask
        return mask

    def sessions(self, service: int) -> dict[int, int]:
        """Seats taken at each start of a service."""
        found = self._sessions.get(service)
        if found is None:
            found = {}
            for each in self._blocking:
                if each.service == service:
                    found[each.start] = found.get(each.start, 0) + each.seats
            self._sessions[service] = found
        return found

    def forbidding(self, start: int, rules: Rules) -> list[Taken]:
        """What forbids a start; of a group service, not those that share it."""
        near = zip(self._blocking, shape_of(rules).forbids(self._blocking), strict=True)
        found = [each for each, (first, last) in near if first <= start < last]
        return [each for each in found if not (rules.seats and _shares(each, start, rules.service))]

    def last_end(self, minute: int, shape: Shape) -> int | None:
        """When the last time that is kept from new appointments ended, at or before `minute`."""
        ends = self._ends.get(shape)
        if ends is None:
            ends = self._ends[shape] = sorted(end for _, end in shape.forbids(self._blocking))
        ended = bisect_right(ends, minute)
        return ends[ended - 1] if ended else None

    def usage(self, clock: Clock, period: Period, week_start: int, service: int | None = None) -> Usage:
        """The bookings of a service, or without one of all services together, by the period they start in."""
        key = (clock, period, week_start, service)
        found = self._usage.get(key)
        if found is None:
            booked = (each for each in self.taken if each.service is not None and not each.held)
            counted = (each for each in booked if service in (None, each.service) and each.start < each.end)
            found = self._usage[key] = usage_of(counted, clock, period, week_start)
        return found

    @staticmethod
    def _overlaid(below: "Diary", blocking: list[Taken], span: Span, shape: Shape) -> int:
        mask = below.clear(span, shape)
        return mask ^ (mask & mask_of(merged(shape.forbids(blocking)), span))

    def _built(self, span: Span, shape: Shape) -> int:
        forbidden = merged(clipped(shape.forbids(self._blocking), span))
        return span.full ^ mask_of(forbidden, span) if forbidden else span.full

    def _make_room(self) -> None:
        if len(self._clear) >= _MOST_KEPT:
            self._clear.clear()
            self._joinable.clear()


def _shares(taken: Taken, start: int, service: int) -> bool:
    return taken.service == service and taken.start == start
