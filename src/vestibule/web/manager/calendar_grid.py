"""The calendar's arithmetic: columns of a day or a week, blocks in lanes, open hours behind them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking.models import Appointment, Seat
from vestibule.calendars.models import BusyInterval
from vestibule.people.models import Provider
from vestibule.web.manager.openings import DAY, Openings, Stretch, Wall, bounds, on_day, open_stretches
from vestibule.web.manager.preview import in_clock

S = Appointment.Status
LOOKS = {
    S.WAITING: "waiting",
    S.ARRIVED: "waiting",
    S.IN_VISIT: "waiting",
    S.COMPLETED: "done",
    S.NO_SHOW: "done",
    S.CANCELLED: "cancelled",
}


@dataclass
class Block:
    """What stands in a column. Minutes since local midnight; `lane` of `lanes` side by side."""

    start: int
    length: int
    title: str
    line: str
    ref: str = ""
    href: str = ""
    look: str = ""
    status: str = ""
    people: int = 1
    lane: int = 0
    lanes: int = 1

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def is_booked(self) -> bool:
        """Whether this is an appointment, or several; else it is time that is used otherwise."""
        return bool(self.ref or self.href)

    @property
    def clock(self) -> str:
        """When it begins, as clocks show it."""
        return in_clock(self.start)


@dataclass
class Column:
    """One provider's day, or one day of the week."""

    on: date
    title: str
    line: str = ""
    href: str = ""
    provider: str = ""
    is_today: bool = False
    open: Sequence[Stretch] = ()
    blocks: list[Block] = field(default_factory=list)
    free: Sequence[tuple[int, str]] = ()

    @property
    def agenda(self) -> list[Block]:
        """What the list on a phone shows."""
        return [block for block in self.blocks if block.href]


MOST_LANES = 2


class Day:
    """Everything that happens on some local dates, read in a few queries and asked for by column."""

    def __init__(self, zone: str, first: date, days: int, rows: Iterable[Appointment]) -> None:
        self._zone = zone
        self._marks = [bounds(first + timedelta(days=ahead), zone)[0] for ahead in range(days + 1)]
        self._dates = [first + timedelta(days=ahead) for ahead in range(days)]
        self._by_date: dict[date, list[Appointment]] = defaultdict(list)
        self._by_provider: dict[tuple[date, int], list[Appointment]] = defaultdict(list)
        self._all = list(rows)
        for row in self._all:
            for on in self._touched(row):
                self._by_date[on].append(row)
                self._by_provider[on, row.provider_id].append(row)
        self._busy: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def read_for(self, providers: Sequence[Provider]) -> None:
        """Read what stands in the columns of these providers besides: joint appointments, outside calendars."""
        by_id = {row.pk: row for row in self._all}
        mine = {provider.pk for provider in providers}
        seats = Seat.objects.filter(
            occupancy__provider__in=mine,
            appointment__isnull=False,
            occupancy__start_minute__lt=self._marks[-1],
            occupancy__end_minute__gt=self._marks[0],
        )
        for appointment, provider in seats.values_list("appointment_id", "occupancy__provider_id"):
            row = by_id.get(appointment)
            if row is not None and row.provider_id != provider:
                for on in self._touched(row):
                    self._by_provider[on, provider].append(row)
        busy = BusyInterval.objects.filter(
            provider__in=mine, start_minute__lt=self._marks[-1], end_minute__gt=self._marks[0]
        )
        for provider, start, end in busy.values_list("provider_id", "start_minute", "end_minute"):
            self._busy[provider].append((start, end))

    def blocks(self, on: date, openings: Openings, provider: Provider | None) -> list[Block]:
        """Return the blocks of one column: a provider's on a date, or everybody's."""
        mine = self._by_provider[on, provider.pk] if provider else self._by_date[on]
        blocks = _appointments(mine, on, self._zone, names_provider=provider is None)
        for off in openings.off(provider):
            title = off.reason or _("Time off")
            blocks += self._busy_blocks([(off.start_minute, off.end_minute)], on, title)
        if provider:
            blocks += self._busy_blocks(self._busy[provider.pk], on, _("Busy elsewhere"))
        shown = in_lanes(blocks if provider else _gathered(blocks, on))
        for block in shown:
            if block.ref:
                block.href = reverse("manage-appointment", args=[block.ref])
        return shown

    def _touched(self, row: Appointment) -> list[date]:
        first = max(bisect_right(self._marks, row.start_minute) - 1, 0)
        last = bisect_left(self._marks, row.end_minute)
        return self._dates[first:last]

    def _busy_blocks(self, spans: Iterable[tuple[int, int]], on: date, title: str) -> list[Block]:
        return [
            Block(stretch.start, stretch.length, title, "", look="busy") for stretch in on_day(spans, on, self._zone)
        ]


def _appointments(rows: Iterable[Appointment], on: date, zone: str, *, names_provider: bool) -> list[Block]:
    sessions: dict[tuple[int, int, int], list[Appointment]] = defaultdict(list)
    for row in rows:
        alone = 0 if row.service.seats > 1 else row.pk
        sessions[row.service_id, row.start_minute, alone or -row.provider_id].append(row)
    groups = list(sessions.values())
    day = Wall(on, zone)
    blocks = []
    for together in groups:
        stretch = day.part(together[0].start_minute, together[0].end_minute)
        if stretch:
            blocks.append(_block(together[0], together, stretch, names_provider))
    return blocks


def _block(first: Appointment, together: Sequence[Appointment], stretch: Stretch, names_provider: bool) -> Block:
    line = f"{first.service.name} · {first.provider.name}" if names_provider else first.service.name
    if first.service.seats > 1:
        people = ngettext("%(n)s of %(seats)s person", "%(n)s of %(seats)s people", len(together))
        values = {"n": len(together), "seats": first.service.seats}
        query = f"when=all&service={first.service.slug}&provider={first.provider.slug}"
        href = f"{reverse('manage-appointments')}?{query}"
        return Block(stretch.start, stretch.length, people % values, line, "", href, people=len(together))
    look = LOOKS.get(S(first.status), "")
    return Block(stretch.start, stretch.length, first.name, line, first.ref, "", look, status=first.status)


def _gathered(blocks: list[Block], on: date) -> list[Block]:
    """Where too many things happen at once to be read side by side, say how many."""
    found: list[Block] = []
    for cluster, lanes in _clusters(blocks):
        booked = [block for block in cluster if block.is_booked]
        if lanes <= MOST_LANES or not booked:
            found += cluster
            continue
        start, end = booked[0].start, max(block.end for block in booked)
        count = sum(block.people for block in booked)
        title = ngettext("%(n)s appointment", "%(n)s appointments", count) % {"n": count}
        href = f"{reverse('manage-calendar')}?date={on.isoformat()}"
        found.append(Block(start, end - start, title, _("Open the day"), "", href, people=count))
        found += [block for block in cluster if not block.is_booked]
    return found


def _clusters(blocks: list[Block]) -> list[tuple[list[Block], int]]:
    """Group blocks that overlap, one through another; give each its lane and each group its number of lanes."""
    groups: list[tuple[list[Block], int]] = []
    cluster: list[Block] = []
    ends: list[int] = []
    for block in sorted(blocks, key=lambda block: (block.start, -block.length)):
        if cluster and block.start >= max(ends):
            groups.append((cluster, len(ends)))
            cluster, ends = [], []
        lane = next((number for number, end in enumerate(ends) if end <= block.start), len(ends))
        ends[lane : lane + 1] = [block.end]
        block.lane = lane
        cluster.append(block)
    return [*groups, (cluster, len(ends))] if cluster else groups


def in_lanes(blocks: list[Block]) -> list[Block]:
    """Put blocks that overlap side by side; return them in order of their start."""
    ordered = []
    for cluster, lanes in _clusters(blocks):
        for block in cluster:
            block.lanes = lanes
        ordered += cluster
    return ordered


def hours_shown(columns: Sequence[Column], usual: Sequence[Stretch], *, whole_day: bool) -> tuple[int, int]:
    """Return the first and last hour to draw: usual hours and whatever is booked, or the whole day."""
    if whole_day:
        return 0, 24
    marks = [(one.start, one.end) for one in usual]
    marks += [(block.start, block.end) for column in columns for block in column.blocks if block.href]
    first = min((start for start, _end in marks), default=8 * 60)
    last = max((end for _start, end in marks), default=18 * 60)
    return min(first // 60, 23), min(max(-(-last // 60), first // 60 + 4), 24)


def free_hours(open_: Sequence[Stretch], blocks: Sequence[Block], since: int) -> list[int]:
    """Return the minutes at which each hour begins that is open and not wholly taken, from `since` on."""
    taken: list[Any] = [(block.start, block.end) for block in blocks]
    hours = []
    for hour in range(0, DAY, 60):
        is_open = any(one.start < hour + 60 and one.end > hour for one in open_)
        is_full = any(start <= hour and end >= hour + 60 for start, end in taken)
        if hour + 60 > since and is_open and not is_full:
            hours.append(hour)
    return hours


def stretches_of(openings: Openings, on: date, zone: str, provider: Provider | None) -> list[Stretch]:
    """Return when a column is open."""
    hours = openings.of_provider(provider) if provider else openings.of_business()
    return open_stretches(hours, on, zone)
