"""A month of the calendar: each date with how much is booked, and the first of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from vestibule.booking.models import Appointment, Service
from vestibule.booking.rules import WEEKDAYS
from vestibule.store.clock import from_minute
from vestibule.web.accents import BANDS
from vestibule.web.manager import calendar_rows
from vestibule.web.manager.calendar_asked import Asked
from vestibule.web.manager.calendar_grid import LOOKS, colour_of_label
from vestibule.web.manager.openings import Openings, open_stretches
from vestibule.web.manager.pages import StaffRequest
from vestibule.web.manager.preview import today_in
from vestibule.web.times import day_bounds, local

MOST_NAMED = 4


@dataclass(frozen=True)
class Entry:
    """One of the first appointments of a date."""

    ref: str
    at: str
    name: str
    look: str
    colour: str


@dataclass
class Cell:
    """A date of the month; `entries` are the first few of `count` appointments, `requests` wait for an answer."""

    on: date
    is_inside: bool
    is_today: bool
    closed: str = ""
    count: int = 0
    requests: int = 0
    entries: list[Entry] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.entries)


def weeks(request: StaffRequest, asked: Asked) -> list[list[Cell]]:
    """Return the month in weeks, with the dates of its neighbours that fill the first and the last."""
    business, zone = request.business, request.business.timezone
    lead = (asked.on.weekday() - WEEKDAYS.index(business.week_start)) % 7
    first = asked.on - timedelta(days=lead)
    many = -(-(lead + asked.days) // 7)
    openings = Openings(business, [asked.provider] if asked.provider else [], since=asked.on)
    today = today_in(zone)
    cells = {}
    for ahead in range(many * 7):
        on = first + timedelta(days=ahead)
        cells[on] = Cell(on, on.month == asked.on.month, on == today)
    for on, cell in cells.items():
        hours = openings.of_provider(asked.provider) if asked.provider else openings.of_business()
        if openings.has_hours(asked.provider) and not open_stretches(hours, on, zone):
            cell.closed = openings.closed_note(on, asked.provider)
    _fill(request, asked, cells, (day_bounds(first, zone)[0], day_bounds(first, zone, many * 7)[1]))
    ordered = list(cells.values())
    return [ordered[start : start + 7] for start in range(0, len(ordered), 7)]


def _fill(request: StaffRequest, asked: Asked, cells: dict[date, Cell], span: tuple[int, int]) -> None:
    rows = calendar_rows.wanted(request, asked, span).filter(start_minute__gte=span[0])
    if asked.provider:
        rows = rows.filter(Q(provider=asked.provider) | Q(seats__occupancy__provider=asked.provider)).distinct()
    if asked.resource:
        uses = "seats__occupancy__resources__unit__resource"
        rows = rows.filter(**{uses: asked.resource}).distinct()
    colours = dict(Service.objects.visible_to(request.actor).values_list("pk", "colour"))
    by_day: dict[date, list[tuple[str, int, str, str, int, str]]] = defaultdict(list)
    zone = request.business.timezone
    columns = ("ref", "start_minute", "name", "status", "service_id", "label")
    for row in rows.order_by("start_minute", "pk").values_list(*columns):
        by_day[local(from_minute(row[1]), zone).date()].append(row)
    for on, found in by_day.items():
        cell = cells.get(on)
        if cell is None:
            continue
        cell.count = len(found)
        cell.requests = sum(row[3] == Appointment.Status.REQUESTED for row in found)
        cell.entries = [_entry(row, zone, colours, by_label=asked.colours == "label") for row in found[:MOST_NAMED]]


def _entry(row: tuple[str, int, str, str, int, str], zone: str, colours: dict[int, str], *, by_label: bool) -> Entry:
    ref, start, name, status, service, label = row
    colour = colour_of_label(label) if by_label else colours.get(service, "")
    at = f"{local(from_minute(start), zone):%H:%M}"
    return Entry(ref, at, name, LOOKS.get(Appointment.Status(status), ""), colour if colour in BANDS else "")


def weekday_names(week: Sequence[Cell]) -> list[date]:
    """Return one date for each column's heading."""
    return [cell.on for cell in week]
