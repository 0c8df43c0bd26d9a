"""Appointments that no longer fit the rules. Changing a rule never moves what is booked: it is listed here instead."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    seats = _seats(business, now, now + days * 24 * 60, provider, service)
    if not seats:
        return []
    look = _Look(business, seats, now)
    found: dict[int, Conflict] = {}
    for one in seats:
        appointment, who = one.appointment, one.occupancy.provider
        if appointment.pk not in found and (why := look.verdict(appointment, who)):
            found[appointment.pk] = Conflict(appointment, who, *why)
    return sorted(found.values(), key=lambda conflict: (conflict.appointment.start_minute, conflict.appointment.pk))


def _seats(business: Business, since: int, until: int, provider: Provider | None, service: Service | None) -> list[Any]:
    rows = Seat.objects.filter(
        occupancy__is_active=True,
        occupancy__business=business,
        appointment__start_minute__gte=since,
        appointment__start_minute__lt=until,
        appointment__status__in=(*Appointment.ACTIVE, Appointment.Status.REQUESTED),
    )
    if provider is not None:
        rows = rows.filter(occupancy__provider=provider)
    if service is not None:
        rows = rows.filter(appointment__service=service)
    rows = rows.select_related("appointment__service", "appointment__provider", "occupancy__provider__business")
    return list(rows.order_by("appointment__start_minute")[:MOST_READ])


class _Look:
    """What decides about the appointments of some seats, read once."""

    def __init__(self, business: Business, seats: Sequence[Any], now: int) -> None:
        providers = {one.occupancy.provider_id: one.occupancy.provider for one in seats}
        self._zone = business.timezone
        self._span = now, max(one.appointment.end_minute for one in seats)
        self._hours = timetables.hours_of(list(providers.values()), now)
        self._pinned = _pinned(seats)
        self._off = _time_off(business, now)
        self._shut = _closures(seats)
        self._open: dict[Hours, list[Stretch]] = {}

    def verdict(self, appointment: Appointment, who: Provider) -> tuple[str, str] | None:
        """Return the refusal code and the sentence for one provider of an appointment, or None if it fits."""
        stretch = appointment.start_minute, appointment.end_minute
        for whose in (None, who.pk):
            if _touches(self._off.get(whose, ()), stretch):
                words = _("%(name)s is off then.") if whose else _("The business is closed then.")
                return "closed", words % {"name": who.name}
        hours = self._hours_of(appointment, who)
        if not _lies_in(self._intervals(hours), stretch):
            day = open_hours(hours).clock.day(appointment.start_minute)
            if open_hours(hours).closed_on(day):
                return "closed", _("That day is closed for %(name)s.") % {"name": who.name}
            return "outside_hours", _("This is outside the working hours of %(name)s.") % {"name": who.name}
        bookable = bookable_hours.hours_of(appointment.service.availability, self._zone)
        if bookable is not None and not _lies_in(self._intervals(bookable), stretch):
            return "outside_hours", _("%(name)s cannot be booked then.") % {"name": appointment.service.name}
        if appointment.pk in self._shut:
            return "resource_taken", _("%(name)s cannot be used then.") % {"name": self._shut[appointment.pk]}
        return None

    def _hours_of(self, appointment: Appointment, who: Provider) -> Hours:
        known = self._hours[who.pk]
        schedule = self._pinned.get((appointment.service_id, who.pk))
        return known[schedule] if schedule in known else Hours(known[timetables.USUAL].timezone)

    def _intervals(self, hours: Hours) -> list[Stretch]:
        if hours not in self._open:
            self._open[hours] = open_hours(hours).intervals(*self._span)
        return self._open[hours]


def _pinned(seats: Iterable[Any]) -> dict[tuple[int, int], int | None]:
    services = {one.appointment.service_id for one in seats}
    rows = ServiceProvider.objects.filter(service_id__in=services)
    return {(service, who): schedule for service, who, schedule in rows.values_list("service", "provider", "schedule")}


def _time_off(business: Business, since: int) -> Mapping[int | None, list[Stretch]]:
    found: dict[int | None, list[Stretch]] = defaultdict(list)
    rows = TimeOff.objects.filter(business=business, end_minute__gt=since)
    for who, start, end in rows.values_list("provider_id", "start_minute", "end_minute"):
        found[who].append((start, end))
    return found


def _closures(seats: Sequence[Any]) -> dict[int, str]:
    """Return the appointments whose resource is closed, and the resource's name."""
    by_occupancy: dict[int, list[int]] = defaultdict(list)
    for one in seats:
        by_occupancy[one.occupancy_id].append(one.appointment_id)
    shut: dict[int, list[Stretch]] = defaultdict(list)
    business = seats[0].occupancy.business_id
    for resource, start, end in ResourceClosure.objects.filter(resource__business=business).values_list(
        "resource_id", "start_minute", "end_minute"
    ):
        shut[resource].append((start, end))
    if not shut:
        return {}
    uses = ResourceUse.objects.filter(is_active=True, unit__resource_id__in=shut, occupancy__business=business)
    found: dict[int, str] = {}
    for occupancy, resource, name, start, end in uses.values_list(
        "occupancy_id", "unit__resource_id", "unit__resource__name", "start_minute", "end_minute"
    ):
        if occupancy in by_occupancy and _touches(shut[resource], (start, end)):
            found |= dict.fromkeys(by_occupancy[occupancy], name)
    return found


def _touches(stretches: Iterable[Stretch], one: Stretch) -> bool:
    return any(start < one[1] and one[0] < end for start, end in stretches)


def _lies_in(intervals: Sequence[Stretch], one: Stretch) -> bool:
    at = bisect_right(intervals, one[0], key=lambda span: span[0]) - 1
    return at >= 0 and intervals[at][1] >= one[1]
