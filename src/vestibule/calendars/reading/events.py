"""From iCalendar text to busy minutes: which events count, when they take place, and what changes single ones."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil, floor

from vestibule.calendars.ports import OurEntry, Reading
from vestibule.calendars.reading.bounds import MOST_BUSY, MOST_OCCURRENCES, Budget, too_big
from vestibule.calendars.reading.components import Event, Text, understood
from vestibule.calendars.reading.lines import Length, Moment, ordinal
from vestibule.calendars.reading.rules import Rule, rule, starts
from vestibule.calendars.reading.zones import ToMinute, Zones

MARGIN = timedelta(days=2)
Stretch = tuple[int, int]
_OLDEST, _LATEST = datetime(1902, 1, 1), datetime(2200, 1, 1)


@dataclass(frozen=True)
class Understood:
    """What a calendar comes to: busy stretches, sorted and merged; and entries of ours, which never count."""

    busy: tuple[Stretch, ...]
    ours: tuple[OurEntry, ...] = ()


def read(body: bytes, reading: Reading, budget: Budget | None = None) -> Understood:
    """Return when `body` makes its owner busy, within the reading's minutes.

    Raises CalendarError for what is no calendar, was cut off, or costs more than it may.
    """
    budget = budget or Budget()
    text = understood(body, reading, budget, _window(reading))
    zones = Zones(reading.zone, text.definitions)
    busy = [found for found in text.periods if found[0] < found[1]]
    ours = []
    for group in _by_uid(text).values():
        if group[0].is_ours:
            ours.append(_ours(group[-1], zones, reading))
        else:
            busy.extend(_Group(group, zones, reading, budget).busy())
            if len(busy) > 4 * MOST_BUSY:
                busy = merged(busy)
                _hold(busy)
    busy = [(max(start, reading.first), min(end, reading.last)) for start, end in busy]
    return Understood(tuple(_hold(merged(busy))), tuple(one for one in ours if one is not None))


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return stretches sorted, with overlapping and touching ones joined and empty ones left out."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _sane(at: datetime) -> datetime:
    """Return a local time within the age that is reckoned with."""
    return min(max(at, _OLDEST), _LATEST)


def _hold(busy: list[Stretch]) -> list[Stretch]:
    if len(busy) > MOST_BUSY:
        raise too_big(f"it has more than {MOST_BUSY} busy times")
    return busy


def _window(reading: Reading) -> tuple[datetime, datetime]:
    """Return the local times that may matter, in whatever zone."""
    first, last = (datetime.fromtimestamp(at * 60, UTC).replace(tzinfo=None) for at in (reading.first, reading.last))
    return first - MARGIN, last + MARGIN


def _by_uid(text: Text) -> dict[object, list[Event]]:
    """Return events by UID; one without any stands for itself."""
    groups: dict[object, list[Event]] = defaultdict(list)
    for number, event in enumerate(text.events):
        groups[event.uid or number].append(event)
    return groups


def _ours(event: Event, zones: Zones, reading: Reading) -> OurEntry | None:
    if event.start is None:
        return None
    start, end = _Times(event, zones, reading).stretch(_sane(event.start.at))
    return OurEntry(event.uid, start, end, event.is_cancelled)


@dataclass
class _Times:
    """How long an event takes, and which minutes a local start of it means."""

    event: Event
    zones: Zones
    reading: Reading
    to_minute: ToMinute = field(init=False)
    length: Length = field(init=False)

    def __post_init__(self) -> None:
        start = self.event.start
        assert start is not None
        self.to_minute = self.zones.minutes("" if start.is_day else start.zone)
        self.length = self._length(start)

    def _length(self, start: Moment) -> Length:
        if self.event.length is not None:
            return self.event.length
        if self.event.end is None:
            return Length(1, 0) if start.is_day else Length(0, 0)
        if start.is_day:
            return Length(max(0, ordinal(self.event.end.at) - ordinal(start.at)), 0)
        began, ended = self.minute(start), self.minute(self.event.end)
        return Length(0, max(0, round((ended - began) * 60)))

    @property
    def is_nothing(self) -> bool:
        """Whether the event takes no time at all."""
        return self.length.days * 86400 + self.length.seconds <= 0

    def minute(self, moment: Moment) -> float:
        """Return the UTC minute of a date (in the owner's zone) or time; dates of this age only are exact."""
        return self.zones.minutes("" if moment.is_day else moment.zone)(_sane(moment.at))

    def stretch(self, start: datetime) -> Stretch:
        """Return the minutes, rounded outward, of the event if it begins at local time `start`."""
        began = self.to_minute(start)
        ended = self.to_minute(start + timedelta(days=self.length.days)) if self.length.days else began
        return floor(began), ceil(ended + self.length.seconds / 60)


class _Group:
    """The events of one UID: one or more that recur or not, and those that stand for single occurrences."""

    def __init__(self, events: list[Event], zones: Zones, reading: Reading, budget: Budget) -> None:
        self._zones, self._reading, self._budget = zones, reading, budget
        self._masters = [one for one in events if one.replaces is None and one.start is not None]
        latest: dict[Moment, Event] = {}
        for one in events:
            if one.replaces is not None and _sequence(one) >= _sequence(latest.get(one.replaces)):
                latest[one.replaces] = one
        self._single = {moment: one for moment, one in latest.items() if not one.and_following}
        self._following = sorted(
            ((moment, one) for moment, one in latest.items() if one.and_following), key=lambda pair: pair[0].at
        )

    def busy(self) -> Iterator[Stretch]:
        """Yield every stretch within the reading's minutes."""
        for one in self._single.values():
            yield from self._once(one)
        if not self._masters:  # an invitation to single occurrences, without what they belong to
            for _moment, one in self._following:
                yield from self._once(one)
        for master in self._masters:
            yield from self._occurrences(master)

    def _once(self, event: Event) -> Iterator[Stretch]:
        if event.start is not None and not event.is_free and event.start.at == _sane(event.start.at):
            yield from self._if_seen(_Times(event, self._zones, self._reading).stretch(event.start.at))

    def _if_seen(self, found: Stretch) -> Iterator[Stretch]:
        if found[0] < found[1] and found[0] < self._reading.last and found[1] > self._reading.first:
            yield found

    def _occurrences(self, master: Event) -> Iterator[Stretch]:
        times = _Times(master, self._zones, self._reading)
        if (master.is_free or times.is_nothing) and not self._following:
            return
        assert master.start is not None
        excluded = _Excluded([*self._single, *master.excluded], self._zones, of_days=master.start.is_day)
        for number, local in enumerate(self._locals(master, times)):
            self._budget.step()
            if number > MOST_OCCURRENCES:  # more than anybody can mean: taken for busy all along
                yield from self._if_seen((times.stretch(local)[0], self._reading.last))
                return
            if not excluded.holds(local, times):
                yield from self._if_seen(self._as_changed(master, local, times))
        if not master.is_free:
            for began, ended in master.periods:
                yield from self._if_seen(self._period(began, ended))

    def _period(self, began: Moment, ended: Moment | Length) -> Stretch:
        start = self._zones.minutes(began.zone)(began.at)
        if isinstance(ended, Length):
            return floor(start), ceil(start + ended.days * 1440 + ended.seconds / 60)
        return floor(start), ceil(self._zones.minutes(ended.zone)(ended.at))

    def _locals(self, master: Event, times: _Times) -> Iterator[datetime]:
        """Yield local starts: of the event itself, its rule and its list of dates."""
        assert master.start is not None
        first, last = _window(self._reading)
        first -= timedelta(days=times.length.days, seconds=times.length.seconds)
        furthest = self._furthest_shift()
        first, last = first - furthest, last + furthest
        found = rule(master.rule) if master.rule else None
        if _OLDEST <= master.start.at <= last:
            yield master.start.at
        for also in master.dates:
            yield self._in_zone_of(master.start, also)
        if found is not None:
            for local in starts(found, master.start.at, first, last, self._budget):
                if local != master.start.at and not self._is_behind_until(found, local, times):
                    yield local

    def _furthest_shift(self) -> timedelta:
        shifts = [
            abs(_sane(one.start.at) - _sane(moment.at)) for moment, one in self._following if one.start is not None
        ]
        return min(max(shifts, default=timedelta(0)), timedelta(days=400))

    def _is_behind_until(self, rule: Rule, local: datetime, times: _Times) -> bool:
        if rule.until is None or rule.until.is_day or rule.until.zone != "UTC":
            return False
        if times.event.start is not None and times.event.start.is_day:
            return ordinal(local) > ordinal(rule.until.at)
        return times.to_minute(local) > times.minute(rule.until)

    def _in_zone_of(self, start: Moment, also: Moment) -> datetime:
        """Return a date of a list as local time of its event, whatever zone the list is written in."""
        if also.is_day and not start.is_day:
            return datetime.combine(also.at.date(), start.at.time())
        guess = _sane(also.at)
        if also.zone == start.zone or start.is_day:
            return guess
        wanted = self._zones.minutes(also.zone)(guess)
        for _attempt in range(2):
            guess += timedelta(minutes=wanted - self._zones.minutes(start.zone)(guess))
        return guess

    def _as_changed(self, master: Event, local: datetime, times: _Times) -> Stretch:
        """Return when an occurrence takes place, after a change of it and all that follow; nothing if it does not."""
        key = self._key(master, local, times)
        for moment, one in reversed(self._following):
            assert master.start is not None
            since = self._in_zone_of(master.start, moment)
            if self._key(master, since, times) > key:
                continue
            if one.is_free or one.start is None:
                return (0, 0)
            shift = self._in_zone_of(master.start, one.start) - since
            changed = _Times(one, self._zones, self._reading)
            changed.to_minute = times.to_minute
            return changed.stretch(local + shift)
        return times.stretch(local) if not master.is_free else (0, 0)

    @staticmethod
    def _key(master: Event, local: datetime, times: _Times) -> int:
        """Return what tells occurrences of one event apart: the day, or the minute."""
        return ordinal(local) if master.start is not None and master.start.is_day else floor(times.to_minute(local))


class _Excluded:
    """Which occurrences of an event do not take place where its rule puts them."""

    def __init__(self, moments: Iterable[Moment], zones: Zones, *, of_days: bool) -> None:
        moments = list(moments)
        self._days = {ordinal(one.at) for one in moments if one.is_day or of_days}
        self._minutes = {
            floor(zones.minutes(one.zone)(_sane(one.at))) for one in moments if not one.is_day and not of_days
        }
        self._is_empty = not moments
        self._of_days = of_days

    def holds(self, local: datetime, times: _Times) -> bool:
        """Tell whether the occurrence at `local` is one of them."""
        if self._is_empty:
            return False
        return ordinal(local) in self._days or (not self._of_days and floor(times.to_minute(local)) in self._minutes)


def _sequence(event: Event | None) -> int:
    return event.sequence if event is not None else -1
