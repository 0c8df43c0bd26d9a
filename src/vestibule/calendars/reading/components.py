"""What stands in a calendar: events, free/busy periods and zones, gathered in one pass without keeping the rest."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil, floor

from vestibule.calendars.ports import Reading
from vestibule.calendars.reading import zones
from vestibule.calendars.reading.bounds import DEEPEST, MOST_EVENTS, MOST_ZONES, Budget, malformed, too_big
from vestibule.calendars.reading.lines import Length, Line, Moment, length, moment, parsed, unfolded
from vestibule.calendars.reading.rules import rule, starts

Window = tuple[datetime, datetime]
_FREE_IN_OUTLOOK = frozenset({"FREE", "WORKINGELSEWHERE"})
_MOST_ONSETS = 1000


@dataclass(slots=True)
class Event:
    """An event as written. `replaces` is the start of the occurrence it stands for (RECURRENCE-ID)."""

    uid: str = ""
    start: Moment | None = None
    end: Moment | None = None
    length: Length | None = None
    rule: str = ""
    dates: list[Moment] = field(default_factory=list)
    periods: list[tuple[Moment, Moment | Length]] = field(default_factory=list)
    excluded: list[Moment] = field(default_factory=list)
    replaces: Moment | None = None
    and_following: bool = False
    is_free: bool = False
    is_cancelled: bool = False
    is_ours: bool = False
    sequence: int = 0


@dataclass
class Text:
    """What was found. `periods` are minutes of free/busy components."""

    events: list[Event] = field(default_factory=list)
    definitions: list[zones.Definition] = field(default_factory=list)
    periods: list[tuple[int, int]] = field(default_factory=list)


def understood(body: bytes, reading: Reading, budget: Budget, window: Window) -> Text:
    """Return what of `body` may matter in `window`. Raises CalendarError for no calendar and for too much of one."""
    gatherer = _Gatherer(reading, budget, window)
    for name, line in unfolded(body, budget):
        gatherer.take(name, line)
    if not gatherer.is_closed:
        raise malformed("it ends in the middle" if gatherer.has_begun else "it does not begin as one")
    return gatherer.text


class _Gatherer:
    """Takes line after line, and knows in which components it stands."""

    def __init__(self, reading: Reading, budget: Budget, window: Window) -> None:
        self._reading, self._budget, self._window = reading, budget, window
        self._addresses = set(reading.addresses)
        self._own_uid = re.compile(r"[a-z0-9]{16}@" + re.escape(reading.host)) if reading.host else None
        self._stack: list[bytes] = []
        self._event = Event()
        self._definition = zones.Definition()
        self._observance: dict[bytes, Line] = {}
        self.text = Text()
        self.has_begun = False

    @property
    def is_closed(self) -> bool:
        """Whether there was a calendar, to its end."""
        return self.has_begun and not self._stack

    def take(self, name: bytes, line: bytes) -> None:
        """Take the next line."""
        if name == b"BEGIN":
            self._begin(line[6:].strip().upper())
        elif name == b"END":
            self._end(line[4:].strip().upper())
        elif self._stack:
            wanted = _WANTED.get(self._stack[-1])
            if wanted is not None and name in wanted:
                wanted[name](self, parsed(name, line))

    def _begin(self, component: bytes) -> None:
        if not self._stack and component != b"VCALENDAR":
            return
        self.has_begun = True
        self._stack.append(component)
        if len(self._stack) > DEEPEST:
            raise malformed("its parts are nested too deeply")
        if component == b"VEVENT":
            self._event = Event()
        elif component == b"VTIMEZONE":
            self._definition = zones.Definition()
        elif component in (b"STANDARD", b"DAYLIGHT"):
            self._observance = {}

    def _end(self, component: bytes) -> None:
        if component not in self._stack:
            return
        while self._stack.pop() != component:
            pass
        if component == b"VEVENT":
            self._keep()
        elif component == b"VTIMEZONE" and self._definition.name:
            self.text.definitions.append(self._definition)
            if len(self.text.definitions) > MOST_ZONES:
                raise too_big(f"it defines more than {MOST_ZONES} time zones")
        elif component in (b"STANDARD", b"DAYLIGHT"):
            self._observe()

    def _keep(self) -> None:
        """Keep the event if it may matter: most of a calendar lies in the past."""
        event, (first, last) = self._event, self._window
        if event.start is None and event.replaces is None:
            return
        is_single = not (event.rule or event.dates or event.periods) and event.replaces is None
        if is_single and event.start is not None:
            ends = _rough_end(event)
            if event.start.at > last or (ends is not None and ends < first):
                return
        self.text.events.append(event)
        if len(self.text.events) > MOST_EVENTS:
            raise too_big(f"it has more than {MOST_EVENTS} events")

    # The properties of an event.

    def _uid(self, line: Line) -> None:
        self._event.uid = line.value[:500]
        self._event.is_ours = self._own_uid is not None and self._own_uid.fullmatch(line.value) is not None

    def _start(self, line: Line) -> None:
        self._event.start = _moment(line)
        if self._event.start is not None and self._event.start.is_day and not self._reading.all_day_counts:
            self._event.is_free = True

    def _ends(self, line: Line) -> None:
        self._event.end = _moment(line)

    def _lasts(self, line: Line) -> None:
        self._event.length = length(line.value)

    def _recurs(self, line: Line) -> None:
        self._event.rule = line.value[:4000]

    def _excludes(self, line: Line) -> None:
        self._event.excluded.extend(self._moments(line))

    def _lists(self, line: Line) -> None:
        if line.parameters.get("VALUE", "").upper() != "PERIOD":
            first, last = self._window
            margin = timedelta(days=400)
            self._event.dates.extend(one for one in self._moments(line) if first - margin <= one.at <= last)
            return
        zone = line.parameters.get("TZID", "")
        for part in line.value.split(","):
            self._budget.date()
            begin, _, end = part.partition("/")
            began, ended = moment(begin, zone), moment(end, zone) or length(end)
            if began is not None and ended is not None:
                self._event.periods.append((began, ended))

    def _replaces(self, line: Line) -> None:
        self._event.replaces = _moment(line)
        self._event.and_following = line.parameters.get("RANGE", "").upper() == "THISANDFUTURE"

    def _transparency(self, line: Line) -> None:
        if line.value.upper() == "TRANSPARENT":
            self._event.is_free = True

    def _status(self, line: Line) -> None:
        if line.value.upper() == "CANCELLED":
            self._event.is_free = self._event.is_cancelled = True

    def _outlook_status(self, line: Line) -> None:
        if line.value.upper() in _FREE_IN_OUTLOOK:
            self._event.is_free = True

    def _attendee(self, line: Line) -> None:
        address = line.value.lower().removeprefix("mailto:").strip()
        if line.parameters.get("PARTSTAT", "").upper() == "DECLINED" and address in self._addresses:
            self._event.is_free = True

    def _changes(self, line: Line) -> None:
        digits = line.value[:9]
        self._event.sequence = int(digits) if digits.isascii() and digits.isdigit() else 0

    def _moments(self, line: Line) -> list[Moment]:
        zone, found = line.parameters.get("TZID", ""), []
        for part in line.value.split(","):
            self._budget.date()
            at = moment(part.strip(), zone)
            if at is not None:
                found.append(at)
        return found

    # Free/busy components, zones, and the calendar as a whole.

    def _calendar_name(self, line: Line) -> None:
        """Note whose calendar it is: some are called by the address of their owner."""
        if "@" in line.value:
            self._addresses.add(line.value.lower())

    def _free_busy(self, line: Line) -> None:
        if line.parameters.get("FBTYPE", "BUSY").upper() == "FREE":
            return
        for part in line.value.split(","):
            self._budget.date()
            begin, _, end = part.partition("/")
            began, ended = moment(begin), moment(end) or length(end)
            if began is not None and ended is not None and self._window[0] - timedelta(days=400) < began.at:
                start, until = _utc_minutes(began, ended)
                self.text.periods.append((floor(start), ceil(until)))

    def _zone_name(self, line: Line) -> None:
        self._definition.name = line.value[:200]

    def _zone_place(self, line: Line) -> None:
        self._definition.location = line.value[:200]

    def _of_observance(self, line: Line) -> None:
        self._observance[line.name] = line

    def _observe(self) -> None:
        """Note when an offset of the zone begins to hold, as far as it matters."""
        found = self._observance
        before, after = (zones.offset(found[n].value) if n in found else None for n in (b"TZOFFSETFROM", b"TZOFFSETTO"))
        start = _moment(found[b"DTSTART"]) if b"DTSTART" in found else None
        if before is None or after is None or start is None:
            return
        onsets = [start.at]
        if b"RDATE" in found:
            onsets += [one.at for one in self._moments(found[b"RDATE"])][:_MOST_ONSETS]
        recurs = rule(found[b"RRULE"].value) if b"RRULE" in found else None
        if recurs is not None and recurs.freq == "YEARLY":
            first, last = self._window
            onsets += starts(recurs, start.at, first - timedelta(days=800), last, self._budget)
        self._definition.observances.append(zones.Observance(before, after, onsets[:_MOST_ONSETS]))


Taker = Callable[[_Gatherer, Line], None]
_EVENT: dict[bytes, Taker] = {
    b"UID": _Gatherer._uid,
    b"DTSTART": _Gatherer._start,
    b"DTEND": _Gatherer._ends,
    b"DURATION": _Gatherer._lasts,
    b"RRULE": _Gatherer._recurs,
    b"RDATE": _Gatherer._lists,
    b"EXDATE": _Gatherer._excludes,
    b"RECURRENCE-ID": _Gatherer._replaces,
    b"TRANSP": _Gatherer._transparency,
    b"STATUS": _Gatherer._status,
    b"X-MICROSOFT-CDO-BUSYSTATUS": _Gatherer._outlook_status,
    b"ATTENDEE": _Gatherer._attendee,
    b"SEQUENCE": _Gatherer._changes,
}
_OBSERVANCE: dict[bytes, Taker] = dict.fromkeys(
    (b"DTSTART", b"TZOFFSETFROM", b"TZOFFSETTO", b"RRULE", b"RDATE"), _Gatherer._of_observance
)
_WANTED: dict[bytes, dict[bytes, Taker]] = {
    b"VCALENDAR": {b"X-WR-CALNAME": _Gatherer._calendar_name},
    b"VEVENT": _EVENT,
    b"VFREEBUSY": {b"FREEBUSY": _Gatherer._free_busy},
    b"VTIMEZONE": {b"TZID": _Gatherer._zone_name, b"X-LIC-LOCATION": _Gatherer._zone_place},
    b"STANDARD": _OBSERVANCE,
    b"DAYLIGHT": _OBSERVANCE,
}


def _moment(line: Line) -> Moment | None:
    return moment(line.value, line.parameters.get("TZID", "").strip())


def _rough_end(event: Event) -> datetime | None:
    """Return about when a single event ends; None for one whose end lies too far off to be said."""
    assert event.start is not None
    if event.end is not None:
        return max(event.start.at, event.end.at)
    lasts = event.length or Length(1, 0)
    try:
        return event.start.at + timedelta(days=lasts.days, seconds=lasts.seconds)
    except OverflowError:
        return None


def _utc_minutes(began: Moment, ended: Moment | Length) -> tuple[float, float]:
    start = began.at.replace(tzinfo=UTC).timestamp() / 60
    if isinstance(ended, Moment):
        return start, ended.at.replace(tzinfo=UTC).timestamp() / 60
    return start, start + ended.days * 1440 + ended.seconds / 60
