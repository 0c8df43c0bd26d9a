"""The calendar's arithmetic: columns of a day or a week, blocks in lanes, open hours behind them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zlib import crc32

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking.models import Appointment
from vestibule.people.models import Provider
from vestibule.web.accents import BANDS
from vestibule.web.manager.openings import DAY, Openings, Stretch, Wall, on_day, open_stretches
from vestibule.web.manager.preview import in_clock

S = Appointment.Status
LOOKS = {
    S.REQUESTED: "requested",
    S.WAITING: "waiting",
    S.ARRIVED: "waiting",
    S.IN_VISIT: "waiting",
    S.COMPLETED: "done",
    S.NO_SHOW: "done",
    S.NOT_SEEN: "done",
    S.CANCELLED: "cancelled",
}
MOVABLE = frozenset({S.REQUESTED, S.BOOKED, S.ARRIVED, S.WAITING})
MOST_LANES = 8
PALETTE = tuple(BANDS)


@dataclass
class Block:
    """What stands in a column. Minutes since local midnight; `lane` of `lanes` side by side.

    `ref` names one appointment; several together, such as a session, have an `href` only.
    """

    start: int
    length: int
    title: str
    line: str
    ref: str = ""
    href: str = ""
    look: str = ""
    status: str = ""
    colour: str = ""
    label: str = ""
    provider: str = ""
    can_move: bool = False
    step: int = 15
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

    @property
    def until(self) -> str:
        """When it ends, as clocks show it."""
        return in_clock(self.end % DAY)


@dataclass
class Column:
    """One provider's or resource's day, or one day of the week. `provider` and `resource` are slugs."""

    on: date
    title: str
    line: str = ""
    provider: str = ""
    resource: str = ""
    is_today: bool = False
    closed: str = ""
    open: Sequence[Stretch] = ()
    blocks: list[Block] = field(default_factory=list)
    free: Sequence[tuple[int, str]] = ()

    @property
    def agenda(self) -> list[Block]:
        """What the list on a phone shows."""
        return [block for block in self.blocks if block.href]

    @property
    def crowd(self) -> int:
        """How many blocks stand side by side at most."""
        return max((min(block.lanes, MOST_LANES) for block in self.blocks), default=1)


@dataclass(frozen=True)
class Drawing:
    """How blocks are drawn: in which zone, coloured by what, whether they name their provider, and who may move them
    (None: nobody; an empty set: everybody's, else these providers')."""

    zone: str
    by_label: bool = False
    names_provider: bool = False
    movable: frozenset[int] | None = None

    def colour(self, row: Appointment) -> str:
        """Return the name of the colour of an appointment's service or label, "" for the usual one."""
        if not self.by_label:
            return row.service.colour if row.service.colour in BANDS else ""
        return colour_of_label(row.label)

    def can_move(self, row: Appointment) -> bool:
        """Tell whether the reader may move this one, as far as its status goes."""
        if self.movable is None or row.status not in MOVABLE or not row.service.is_active:
            return False
        return not self.movable or row.provider_id in self.movable


def colour_of_label(label: str) -> str:
    """Return a colour for a label: the same for the same words, whoever looks."""
    return PALETTE[crc32(label.casefold().encode()) % len(PALETTE)] if label else ""


def blocks_of(rows: Iterable[Appointment], on: date, drawing: Drawing) -> list[Block]:
    """Return the appointments of a column as blocks; sessions of a group service count as one."""
    sessions: dict[tuple[int, int, int], list[Appointment]] = defaultdict(list)
    for row in rows:
        alone = 0 if row.service.seats > 1 else row.pk
        sessions[row.service_id, row.start_minute, alone or -row.provider_id].append(row)
    day = Wall(on, drawing.zone)
    blocks = []
    for together in sessions.values():
        stretch = day.part(together[0].start_minute, together[0].end_minute)
        if stretch:
            blocks.append(_block(together[0], together, stretch, drawing))
    return blocks


def busy_blocks(spans: Iterable[tuple[int, int, str]], on: date, zone: str, usual: str) -> list[Block]:
    """Return stretches that are taken otherwise as blocks, named as they are or as `usual`."""
    return [
        Block(part.start, part.length, title or usual, "", look="busy")
        for start, end, title in spans
        for part in on_day([(start, end)], on, zone)
    ]


def in_lanes(blocks: list[Block], on: date) -> list[Block]:
    """Put blocks that overlap side by side, and give each its address; return them in order of their start."""
    ordered = []
    for cluster, lanes in _clusters(_gathered(blocks, on)):
        for block in cluster:
            block.lanes = lanes
            if block.ref:
                block.href = reverse("manage-appointment", args=[block.ref])
        ordered += cluster
    return ordered


def _block(first: Appointment, together: Sequence[Appointment], stretch: Stretch, drawing: Drawing) -> Block:
    names = [first.service.name, first.provider.name if drawing.names_provider else ""]
    block = Block(
        stretch.start,
        stretch.length,
        first.name,
        " · ".join(filter(None, names)),
        colour=drawing.colour(first),
        provider=first.provider.slug,
        label=first.label,
        step=max(first.service.interval_minutes, 5),
    )
    if first.service.seats > 1:
        people = ngettext("%(n)s of %(seats)s person", "%(n)s of %(seats)s people", first.service.seats)
        block.title = people % {"n": len(together), "seats": first.service.seats}
        query = f"when=all&service={first.service.slug}&provider={first.provider.slug}"
        block.href, block.people = f"{reverse('manage-appointments')}?{query}", len(together)
        block.label = ""
        return block
    block.ref, block.status, block.look = first.ref, first.status, LOOKS.get(S(first.status), "")
    block.can_move = drawing.can_move(first) and stretch.length == first.end_minute - first.start_minute
    return block


def _gathered(blocks: list[Block], on: date) -> list[Block]:
    """Where more things happen at once than can be read side by side, say how many."""
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


def hours_shown(columns: Sequence[Column], usual: Sequence[Stretch], *, whole_day: bool) -> tuple[int, int]:
    """Return the first and last hour to draw: usual hours and whatever is booked, or the whole day."""
    if whole_day:
        return 0, 24
    marks = [(one.start, one.end) for one in usual]
    marks += [(part.start, part.end) for column in columns for part in column.open]
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


def stretches_of(openings: Openings, on: date, zone: str, providers: Sequence[Provider] = ()) -> list[Stretch]:
    """Return when a column is open: when any of its providers works, or the business if it has none."""
    every = [openings.of_provider(provider) for provider in providers] or [openings.of_business()]
    joined: list[Stretch] = []
    for part in sorted(
        (part for hours in every for part in open_stretches(hours, on, zone)), key=lambda one: one.start
    ):
        if joined and part.start <= joined[-1].end:
            joined[-1] = Stretch(joined[-1].start, max(joined[-1].end, part.end) - joined[-1].start)
        else:
            joined.append(part)
    return joined
