"""Reading what the calendar shows: a few queries, however many appointments, providers and rooms there are."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment, Resource, ResourceClosure, ResourceUse, Seat, Service
from vestibule.calendars.models import BusyInterval
from vestibule.people.models import Provider
from vestibule.web.manager.calendar_asked import Asked
from vestibule.web.manager.openings import DAY
from vestibule.web.manager.pages import StaffRequest
from vestibule.web.times import day_bounds

Span = tuple[int, int]
SHOWN = ("ref", "business_id", "service_id", "provider_id", "status", "start_minute", "end_minute", "name", "label")


class Happening:
    """What happens on some local dates, asked for by date and by whose column it stands in.

    An owner is a provider's or a resource's key; a busy stretch carries what it is called ("" if nobody said).
    """

    def __init__(self, zone: str, first: date, days: int) -> None:
        self._marks = [day_bounds(first + timedelta(days=ahead), zone)[0] for ahead in range(days + 1)]
        self._dates = [first + timedelta(days=ahead) for ahead in range(days)]
        self._rows: dict[tuple[date, int], list[Appointment]] = defaultdict(list)
        self._busy: dict[int, list[tuple[int, int, str]]] = defaultdict(list)

    @property
    def span(self) -> Span:
        """The first minute, and the one after the last."""
        return self._marks[0], self._marks[-1]

    def put(self, row: Appointment, owner: int) -> None:
        """Add an appointment to each date it touches."""
        first = max(bisect_right(self._marks, row.start_minute) - 1, 0)
        for on in self._dates[first : bisect_left(self._marks, row.end_minute)]:
            self._rows[on, owner].append(row)

    def put_busy(self, owner: int, start: int, end: int, title: str) -> None:
        """Add a stretch that is taken otherwise."""
        self._busy[owner].append((start, end, title))

    def rows(self, on: date, owners: Iterable[int]) -> list[Appointment]:
        """Return the appointments of some owners on a date, each once."""
        found = {row.pk: row for owner in owners for row in self._rows.get((on, owner), ())}
        return list(found.values())

    def busy(self, owner: int) -> Sequence[tuple[int, int, str]]:
        """Return what else takes an owner's time."""
        return self._busy.get(owner, ())


def wanted(request: StaffRequest, asked: Asked, span: Span) -> QuerySet[Appointment]:
    """Return the appointments of a stretch that fit what is asked for, whoever has them."""
    rows = Appointment.objects.visible_to(request.actor).filter(
        start_minute__lt=span[1], start_minute__gte=span[0] - DAY, end_minute__gt=span[0]
    )
    rows = rows.exclude(status=Appointment.Status.CANCELLED)
    if asked.service:
        rows = rows.filter(service__slug=asked.service)
    if asked.status:
        rows = rows.filter(status=asked.status)
    return rows.filter(label=asked.label) if asked.label else rows


def of_providers(request: StaffRequest, asked: Asked, providers: Sequence[Provider]) -> Happening:
    """Read what these providers have: their appointments, those they take part in, and outside events."""
    happening = Happening(request.business.timezone, asked.on, asked.days)
    first, last = happening.span
    mine = {provider.pk for provider in providers}
    rows = wanted(request, asked, (first, last))
    found = {row.pk: row for row in rows.filter(provider__in=mine).only(*SHOWN)}
    seats = Seat.objects.filter(
        occupancy__provider__in=mine,
        appointment__isnull=False,
        occupancy__start_minute__lt=last,
        occupancy__end_minute__gt=first,
    ).values_list("appointment_id", "occupancy__provider_id")
    joint = list(seats)
    others = {pk for pk, _provider in joint} - set(found)
    if others:
        found |= {row.pk: row for row in rows.filter(pk__in=others).only(*SHOWN)}
    _complete(request, found.values())
    for row in found.values():
        if row.provider_id in mine:
            happening.put(row, row.provider_id)
    for pk, owner in joint:
        if pk in found and found[pk].provider_id != owner:
            happening.put(found[pk], owner)
    busy = BusyInterval.objects.filter(provider__in=mine, start_minute__lt=last, end_minute__gt=first)
    columns = ("provider_id", "start_minute", "end_minute", "summary", "closes")
    for owner, start, end, title, closes in busy.values_list(*columns):
        happening.put_busy(owner, start, end, _("Calendar cannot be reached") if closes else title)
    return happening


def of_resources(request: StaffRequest, asked: Asked, resources: Sequence[Resource]) -> Happening:
    """Read what uses these resources, and when they are closed."""
    happening = Happening(request.business.timezone, asked.on, asked.days)
    first, last = happening.span
    mine = {resource.pk for resource in resources}
    uses = ResourceUse.objects.filter(unit__resource__in=mine, start_minute__lt=last, end_minute__gt=first).values_list(
        "occupancy_id", "unit__resource_id"
    )
    by_occupancy: dict[int, set[int]] = defaultdict(set)
    for occupancy, resource in uses:
        by_occupancy[occupancy].add(resource)
    seats = Seat.objects.filter(occupancy__in=by_occupancy, appointment__isnull=False)
    taken = list(seats.values_list("appointment_id", "occupancy_id"))
    rows = wanted(request, asked, (first, last)).filter(pk__in={pk for pk, _occupancy in taken})
    found = {row.pk: row for row in rows.only(*SHOWN)}
    _complete(request, found.values())
    for pk, occupancy in taken:
        if pk in found:
            for resource in by_occupancy[occupancy]:
                happening.put(found[pk], resource)
    closed = ResourceClosure.objects.filter(resource__in=mine, start_minute__lt=last, end_minute__gt=first)
    for owner, start, end, reason in closed.values_list("resource_id", "start_minute", "end_minute", "reason"):
        happening.put_busy(owner, start, end, reason)
    return happening


def _complete(request: StaffRequest, rows: Iterable[Appointment]) -> None:
    """Give rows their service and provider; both are few, so each is read once."""
    found = list(rows)
    services = Service.objects.visible_to(request.actor).in_bulk({row.service_id for row in found})
    providers = Provider.objects.visible_to(request.actor).in_bulk({row.provider_id for row in found})
    for row in found:
        row.service, row.provider = services[row.service_id], providers[row.provider_id]
