"""How visits went: waits, lateness of both sides, lengths, who did not come or gave up, technical failures.

One query over the meetings of a stretch, walk-ins included; the rest is arithmetic in memory. Only meetings whose time
has begun count, and none that were cancelled.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import BigIntegerField, Value
from django.db.models.functions import Coalesce

from vestibule.booking.models import Appointment, Service
from vestibule.booking.reports import Asked, Bucket, begins_of
from vestibule.booking.setup import values
from vestibule.meetings.models import Meeting, VisitRecord, WaitingArea
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.scheduling import zones
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute

S = Appointment.Status
Result = VisitRecord.Result
CAUSES = ("connection", "relay", "media_server", "device")


Key = Callable[["Visit"], object]


class By(StrEnum):
    """What one line of the report is about."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    PROVIDER = "provider"
    SERVICE = "service"
    AREA = "area"


class Visit(NamedTuple):
    """One meeting of the stretch, as the tables have it."""

    meeting: int
    starts_at: datetime
    ends_at: datetime
    kind: str
    host: int | None
    area: int | None
    provider: int | None
    service: int | None
    status: str | None
    came_at: datetime | None
    waited_from: datetime | None
    wait_seconds: int | None
    seen_at: datetime | None
    host_at: datetime | None
    joined_at: datetime | None
    both_at: datetime | None
    parted_at: datetime | None
    result: str | None
    failures: Mapping[str, Sequence[str]] | None


FIELDS = (
    *("pk", "starts_at", "ends_at", "kind", "host_id", "in_area"),
    *("appointment__provider_id", "appointment__service_id", "appointment__status"),
    *(f"records__{name}" for name in Visit._fields[9:]),
)
ROOM_FIELDS = ("pk", "records__starts_at", *FIELDS[2:])
"""Of a room: people come to it again and again, each time with a start of its own."""


@dataclass
class Figures:
    """Many lengths of time: how many, half of them at most `median`, nine in ten at most `most_of_them`. In seconds."""

    each: list[int] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.each)

    @property
    def median(self) -> int | None:
        return self._rank(0.5)

    @property
    def most_of_them(self) -> int | None:
        return self._rank(0.9)

    @property
    def longest(self) -> int | None:
        return max(self.each, default=None)

    def _rank(self, share: float) -> int | None:
        """Return the smallest value that `share` of all do not exceed."""
        if not self.each:
            return None
        ordered = sorted(self.each)
        return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


@dataclass
class VisitLine:
    """The visits of one day, week, month, provider, service or area. `slug` is "" for a stretch of days.

    `visits` is all that were to take place, `walk_ins` and `rooms` those without an appointment. `seen` took place,
    `no_shows` did not come, `left` came and left before being seen; the rest nobody has settled. `waits` are from the
    queue to the door. Who came by appointment was late by `consumer_late`; staff let them in `staff_late` after the
    start, or after they came if that was later; both only of those who were late at all. `lengths` are of the two sides
    together, `beyond` how much longer than planned each was (shorter: negative). `failures` counts visits with
    technical trouble by cause.
    """

    label: str
    slug: str = ""
    first: date | None = None
    last: date | None = None
    visits: int = 0
    walk_ins: int = 0
    rooms: int = 0
    seen: int = 0
    no_shows: int = 0
    left: int = 0
    waits: Figures = field(default_factory=Figures)
    consumer_late: Figures = field(default_factory=Figures)
    staff_late: Figures = field(default_factory=Figures)
    lengths: Figures = field(default_factory=Figures)
    beyond: Figures = field(default_factory=Figures)
    failures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CAUSES, 0))
    failed: int = 0
    meetings: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class VisitReport:
    """The lines in order, and all of them together."""

    lines: Sequence[VisitLine]
    whole: VisitLine


def report(actor: Actor, business: Business, asked: Asked, by: By = By.DAY) -> VisitReport:
    """Return how the visits of the stretch went. Raises NotPermitted, NotFound.

    A visit that was handed over counts for who took it. Providers, services and areas without visits are left out.
    """
    values.permit(actor, business.pk, Permission.SEE_RESULTS)
    rows = visits(business, asked)
    lines, key = _lines(business, asked, by)
    whole = VisitLine("")
    for row in rows:
        line = lines.get(key(row))
        if line is not None:
            _add(line, row)
            _add(whole, row)
    each = {id(line): line for line in lines.values()}.values()  # one line stands for several days
    return VisitReport([line for line in each if line.visits or line.first is not None], whole)


def visits(business: Business, asked: Asked) -> list[Visit]:
    """Return the meetings of the stretch whose time has begun, walk-ins included, and each use of a room."""
    begin, end = asked.minutes(business.timezone)
    since, until = from_minute(begin), min(from_minute(end), clock.now())
    default = WaitingArea.objects.filter(business=business, is_default=True).values_list("pk", flat=True).first()
    in_area = Coalesce("area_id", Value(default, output_field=BigIntegerField()))
    every = Meeting.objects.filter(business=business)
    rows = every.filter(starts_at__gte=since, starts_at__lt=until).exclude(kind=Meeting.Kind.ROOM)
    rows = rows.exclude(state=Meeting.State.CANCELLED).exclude(appointment__status__in=(S.CANCELLED, S.REQUESTED))
    rooms = every.filter(kind=Meeting.Kind.ROOM, records__starts_at__gte=since, records__starts_at__lt=until)
    found = [Visit(*row) for row in rows.annotate(in_area=in_area).order_by().values_list(*FIELDS)]
    found += [Visit(*row) for row in rooms.annotate(in_area=in_area).order_by().values_list(*ROOM_FIELDS)]
    return [row for row in found if _is_asked(row, asked)]


def provider_of(row: Visit) -> int | None:
    """Return whose visit it was: who took it over, else who was booked."""
    return row.host if row.host is not None else row.provider


def _is_asked(row: Visit, asked: Asked) -> bool:
    return (
        (asked.provider is None or provider_of(row) == asked.provider)
        and (asked.service is None or row.service == asked.service)
        and (asked.area is None or row.area == asked.area)
    )


def _add(line: VisitLine, row: Visit) -> None:
    is_walk_in, is_room = row.kind == Meeting.Kind.WALK_IN, row.kind == Meeting.Kind.ROOM
    line.visits += 1
    line.walk_ins += is_walk_in
    line.rooms += is_room
    line.meetings.append(row.meeting)
    line.seen += _was_seen(row)
    line.no_shows += row.status == S.NO_SHOW
    line.left += _gave_up(row)
    if row.waited_from is not None and row.seen_at is not None:
        line.waits.each.append(row.wait_seconds or 0)
    if not is_walk_in and not is_room:
        _add_lateness(line, row)
    if row.both_at is not None and row.parted_at is not None:
        length = _seconds(row.parted_at - row.both_at)
        line.lengths.each.append(length)
        if not is_room:  # nobody said how long it was to take
            line.beyond.each.append(length - _seconds(row.ends_at - row.starts_at))
    causes = [cause for cause in CAUSES if (row.failures or {}).get(cause)]
    line.failed += bool(causes)
    for cause in causes:
        line.failures[cause] += 1


def _was_seen(row: Visit) -> bool:
    if row.status is None:
        return row.seen_at is not None
    return row.status in (S.COMPLETED, S.IN_VISIT)


def _gave_up(row: Visit) -> bool:
    return row.status == S.NOT_SEEN if row.status is not None else row.result == Result.NOT_SEEN


def _add_lateness(line: VisitLine, row: Visit) -> None:
    came = row.waited_from or row.joined_at or row.came_at
    if came is not None and came > row.starts_at:
        line.consumer_late.each.append(_seconds(came - row.starts_at))
    due = max(row.starts_at, row.waited_from) if row.waited_from is not None else row.starts_at
    if row.seen_at is not None and row.seen_at > due:
        line.staff_late.each.append(_seconds(row.seen_at - due))


def _seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)


def _lines(business: Business, asked: Asked, by: By) -> tuple[dict[object, VisitLine], Key]:
    """Return the lines by what `Key` says of a visit; several days may have the same one."""
    if by in (By.DAY, By.WEEK, By.MONTH):
        return _by_days(business, Asked(asked.first, asked.last, Bucket(by.value)))
    if by is By.PROVIDER:
        named = Provider.objects.filter(business=business).order_by("name", "pk")
        return _named(named, provider_of)
    if by is By.SERVICE:
        named = Service.objects.filter(business=business).order_by("name", "pk")
        return _named(named, lambda row: row.service)
    areas = WaitingArea.objects.filter(business=business).order_by("position", "name", "pk")
    return _named(areas, lambda row: row.area)


def _named(rows: Iterable[Provider | Service | WaitingArea], key: Key) -> tuple[dict[object, VisitLine], Key]:
    lines: dict[object, VisitLine] = {one.pk: VisitLine(one.name, one.slug) for one in rows}
    lines[None] = VisitLine("")
    return lines, key


def _by_days(business: Business, asked: Asked) -> tuple[dict[object, VisitLine], Key]:
    begins = begins_of(business, asked)
    lasts = [*(day - timedelta(days=1) for day in begins[1:]), asked.last]
    lines: dict[object, VisitLine] = {}
    for first, last in zip(begins, lasts, strict=True):
        line = VisitLine(first.isoformat(), first=first, last=last)
        lines |= dict.fromkeys(range(zones.day_of(first), zones.day_of(last) + 1), line)
    begin, end = asked.minutes(business.timezone)
    pieces = zones.clock_of(business.timezone).pieces(begin, end)

    def day_of(row: Visit) -> int:
        minute = to_minute(row.starts_at)
        offset = next((shown for _from, until, shown in pieces if minute < until), pieces[-1][2])
        return (minute + offset) // (24 * 60)

    return lines, day_of
