"""Appointments that no longer fit the rules. Changing a rule never moves what is booked: it is listed here instead."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from vestibule.booking import bookable_hours, timetables
from vestibule.booking.models import Appointment, ResourceClosure, ResourceUse, Seat, Service, ServiceProvider, TimeOff
from vestibule.people.models import Business, Provider
from vestibule.scheduling import Hours
from vestibule.scheduling.hours import open_hours
from vestibule.store import clock
from vestibule.store.clock import to_minute

MOST_READ = 5000
Stretch = tuple[int, int]


@dataclass(frozen=True)
class Conflict:
    """An appointment ahead whose time could not be booked any more: `code` is why, `sentence` says it to staff."""

    appointment: Appointment
    provider: Provider
    code: str
    sentence: str


class _Row(NamedTuple):
    """One provider's part in an appointment ahead."""

    appointment: int
    start: int
    end: int
    service: int
    provider: int
    occupancy: int


def conflicts_of(
    business: Business,
    *,
    provider: Provider | None = None,
    service: Service | None = None,
    days: int = 400,
) -> list[Conflict]:
    """Return the appointments and requests ahead that lie outside hours, in closed time or time off, or whose
    resource is closed; earliest first, each once. Looks `days` ahead, at 5,000 appointments at most.

    Only what set-up decides counts: a calendar that cannot be reached closes no appointment.
    """
    now = to_minute(clock.now())
    rows = _rows(business, now, now + days * 24 * 60, provider, service)
    if not rows:
        return []
    look = _Look(business, rows, now)
    found: dict[int, tuple[int, str, str]] = {}
    for row in rows:
        if row.appointment not in found and (why := look.verdict(row)):
            found[row.appointment] = (row.provider, *why)
    known = Appointment.objects.select_related("service", "provider").in_bulk(found)
    return [
        Conflict(known[one], look.providers[who], code, sentence)
        for one, (who, code, sentence) in found.items()
        if one in known
    ]


def _rows(business: Business, since: int, until: int, provider: Provider | None, service: Service | None) -> list[_Row]:
    seats = Seat.objects.filter(
        occupancy__is_active=True,
        occupancy__business=business,
        appointment__start_minute__gte=since,
        appointment__start_minute__lt=until,
        appointment__status__in=(*Appointment.ACTIVE, Appointment.Status.REQUESTED),
    )
    if provider is not None:
        seats = seats.filter(occupancy__provider=provider)
    if service is not None:
        seats = seats.filter(appointment__service=service)
    read: Iterable[tuple[int, ...]] = seats.order_by("appointment__start_minute", "appointment_id").values_list(
        "appointment_id",
        "appointment__start_minute",
        "appointment__end_minute",
        "appointment__service_id",
        "occupancy__provider_id",
        "occupancy_id",
    )[:MOST_READ]
    return [_Row(*row) for row in read]


class _Look:
    """What decides about the appointments of some rows, read once."""

    def __init__(self, business: Business, rows: Sequence[_Row], now: int) -> None:
        self._span = now, max(row.end for row in rows)
        self._zone = business.timezone
        people = Provider.objects.filter(pk__in={row.provider for row in rows}).select_related("business")
        self.providers = {one.pk: one for one in people}
        self._services = Service.objects.in_bulk({row.service for row in rows})
        self._hours = timetables.hours_of(list(self.providers.values()), now)
        self._pinned = _pinned(self._services)
        self._off = _time_off(business, now)
        self._shut = _closures(business, rows)
        self._open: dict[Hours, list[Stretch]] = {}
        self._of_people: dict[tuple[int, int | None], list[Stretch]] = {}
        self._of_services: dict[int, list[Stretch] | None] = {}

    def verdict(self, row: _Row) -> tuple[str, str] | None:
        """Return the refusal code and the sentence for one provider of an appointment, or None if it fits."""
        stretch, name = (row.start, row.end), self.providers[row.provider].name
        for whose in (None, row.provider):
            if _touches(self._off.get(whose, ()), stretch):
                words = _("%(name)s is off then.") if whose else _("The business is closed then.")
                return "closed", words % {"name": name}
        if not _lies_in(self._worked(row), stretch):
            hours = self._hours_of(row)
            day = open_hours(hours).clock.day(row.start)
            if open_hours(hours).closed_on(day):
                return "closed", _("That day is closed for %(name)s.") % {"name": name}
            return "outside_hours", _("This is outside the working hours of %(name)s.") % {"name": name}
        service = self._services[row.service]
        bookable = self._bookable(service)
        if bookable is not None and not _lies_in(bookable, stretch):
            return "outside_hours", _("%(name)s cannot be booked then.") % {"name": service.name}
        if row.appointment in self._shut:
            return "resource_taken", _("%(name)s cannot be used then.") % {"name": self._shut[row.appointment]}
        return None

    def _hours_of(self, row: _Row) -> Hours:
        known = self._hours[row.provider]
        schedule = self._pinned.get((row.service, row.provider))
        return known[schedule] if schedule in known else Hours(known[timetables.USUAL].timezone)

    def _worked(self, row: _Row) -> list[Stretch]:
        key = row.provider, self._pinned.get((row.service, row.provider))
        if key not in self._of_people:
            self._of_people[key] = self._intervals(self._hours_of(row))
        return self._of_people[key]

    def _bookable(self, service: Service) -> list[Stretch] | None:
        if service.pk not in self._of_services:
            hours = bookable_hours.hours_of(service.availability, self._zone)
            self._of_services[service.pk] = None if hours is None else self._intervals(hours)
        return self._of_services[service.pk]

    def _intervals(self, hours: Hours) -> list[Stretch]:
        if hours not in self._open:
            self._open[hours] = open_hours(hours).intervals(*self._span)
        return self._open[hours]


def _pinned(services: Iterable[int]) -> dict[tuple[int, int], int | None]:
    rows = ServiceProvider.objects.filter(service_id__in=list(services), schedule__isnull=False)
    return {(service, who): schedule for service, who, schedule in rows.values_list("service", "provider", "schedule")}


def _time_off(business: Business, since: int) -> Mapping[int | None, list[Stretch]]:
    found: dict[int | None, list[Stretch]] = defaultdict(list)
    rows = TimeOff.objects.filter(business=business, end_minute__gt=since)
    for who, start, end in rows.values_list("provider_id", "start_minute", "end_minute"):
        found[who].append((start, end))
    return found


def _closures(business: Business, rows: Sequence[_Row]) -> dict[int, str]:
    """Return the appointments whose resource is closed, and the resource's name."""
    shut: dict[int, list[Stretch]] = defaultdict(list)
    closures = ResourceClosure.objects.filter(resource__business=business)
    for resource, start, end in closures.values_list("resource_id", "start_minute", "end_minute"):
        shut[resource].append((start, end))
    if not shut:
        return {}
    of_occupancy: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        of_occupancy[row.occupancy].append(row.appointment)
    uses = ResourceUse.objects.filter(is_active=True, unit__resource_id__in=list(shut), occupancy__business=business)
    found: dict[int, str] = {}
    for occupancy, resource, name, start, end in uses.values_list(
        "occupancy_id", "unit__resource_id", "unit__resource__name", "start_minute", "end_minute"
    ):
        if occupancy in of_occupancy and _touches(shut[resource], (start, end)):
            found |= dict.fromkeys(of_occupancy[occupancy], name)
    return found


def _touches(stretches: Iterable[Stretch], one: Stretch) -> bool:
    return any(start < one[1] and one[0] < end for start, end in stretches)


def _lies_in(intervals: Sequence[Stretch], one: Stretch) -> bool:
    at = bisect_right(intervals, one[0], key=lambda span: span[0]) - 1
    return at >= 0 and intervals[at][1] >= one[1]
