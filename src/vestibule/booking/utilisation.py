"""How much of what providers offer is booked: minutes in use over minutes of working hours, by provider and service.

Hours are those set now, days off, holidays and time off taken out; the past is measured by them too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.functions import Greatest, Least

from vestibule.booking import bookable_hours, timetables
from vestibule.booking.models import Occupancy, Seat, Service, ServiceProvider, TimeOff
from vestibule.booking.reports import Asked
from vestibule.booking.setup import values
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.scheduling import Hours
from vestibule.scheduling.bits import clipped, merged
from vestibule.scheduling.hours import open_hours

Stretches = list[tuple[int, int]]


@dataclass(frozen=True)
class Use:
    """Of one provider or service: minutes booked, minutes offered. Seats only of services that have several."""

    pk: int
    slug: str
    name: str
    booked: int
    offered: int
    seats_taken: int = 0
    seats_offered: int = 0

    @property
    def percent(self) -> float | None:
        """Booked of offered, 0 to 100 and more where people are booked outside their hours; None without hours."""
        return 100 * self.booked / self.offered if self.offered else None


@dataclass(frozen=True)
class Utilisation:
    """By provider, by service, and in total; a service's hours are those of all who offer it, shared with others."""

    providers: Sequence[Use]
    services: Sequence[Use]
    booked: int
    offered: int

    @property
    def percent(self) -> float | None:
        return 100 * self.booked / self.offered if self.offered else None


def utilisation(actor: Actor, business: Business, asked: Asked) -> Utilisation:
    """Return how much is booked of what is offered in the stretch, cut at its ends. Raises NotPermitted, NotFound.

    The minutes are those people meet, without buffers; requests that wait for approval take their time as well. Of a
    team's appointment each member's minutes count, of a group session the minutes once.
    """
    values.permit(actor, business.pk, Permission.SEE_RESULTS)
    begin, end = asked.minutes(business.timezone)
    booked = _booked(business, asked, begin, end)
    offers = _offers(business, asked)
    calendar = _Calendar(business, sorted({one.provider_id for one in offers} | _whose(booked)), begin, end)
    by_provider, by_service = _offered(offers, calendar)
    providers = [
        Use(one.pk, one.slug, one.name, _sum(booked, provider=one.pk), by_provider.get(one.pk, 0))
        for one in calendar.providers
    ]
    seats = _seats(business, asked, begin, end)
    services = [
        Use(one.pk, one.slug, one.name, _sum(booked, service=one.pk), by_service.get(one.pk, 0), *seats.get(one.pk, ()))
        for one in _services(business, asked, {service for _who, service in booked})
    ]
    return Utilisation(
        providers, services, sum(booked.values()), sum(by_provider.get(one.pk, 0) for one in calendar.providers)
    )


class _Calendar:
    """The working hours of some providers between two minutes, time off taken out, read once."""

    def __init__(self, business: Business, ids: Iterable[int], begin: int, end: int) -> None:
        rows = Provider.objects.filter(business=business, pk__in=list(ids)).select_related("business")
        self.providers = list(rows.order_by("position", "name", "pk"))
        self._span = (begin, end)
        self._hours = timetables.hours_of(self.providers, begin)
        self._off: dict[int | None, Stretches] = defaultdict(list)
        off = TimeOff.objects.filter(business=business, start_minute__lt=end, end_minute__gt=begin)
        for provider, start, until in off.values_list("provider_id", "start_minute", "end_minute"):
            self._off[provider].append((start, until))
        self._kept: dict[tuple[int, int | None], Stretches] = {}

    def open(self, provider: int, schedule: int | None) -> Stretches:
        """Return when a provider works by one of the schedules, sorted and apart."""
        key = (provider, schedule)
        if key not in self._kept:
            hours = self._hours.get(provider, {}).get(schedule)
            found = open_hours(hours).intervals(*self._span) if hours else []
            off = merged([*self._off[None], *self._off[provider]])
            self._kept[key] = without(clipped(found, self._span), off)
        return self._kept[key]

    def common(self, stretches: Stretches, hours: Hours | None) -> int:
        """Return how many minutes of `stretches` lie within `hours` (None: all of them)."""
        if hours is None:
            return length(stretches)
        return length(stretches) - length(without(stretches, open_hours(hours).intervals(*self._span)))


def length(stretches: Iterable[tuple[int, int]]) -> int:
    """Return the minutes of stretches that do not overlap."""
    return sum(end - start for start, end in stretches)


def without(stretches: Iterable[tuple[int, int]], taken: Sequence[tuple[int, int]]) -> Stretches:
    """Return what is left of sorted stretches without `taken` ones, which are sorted and apart."""
    found: Stretches = []
    behind = 0
    for start, end in stretches:
        while behind < len(taken) and taken[behind][1] <= start:
            behind += 1
        for first, last in taken[behind:]:
            if first >= end:
                break
            if first > start:
                found.append((start, first))
            start = max(start, last)
        if start < end:
            found.append((start, end))
    return found


def _offered(offers: Sequence[ServiceProvider], calendar: _Calendar) -> tuple[dict[int, int], dict[int, int]]:
    """Return offered minutes by provider (all schedules in use, overlaps once) and by service."""
    by_service: dict[int, int] = defaultdict(int)
    schedules: dict[int, set[int | None]] = defaultdict(lambda: {timetables.USUAL})
    for offer in offers:
        schedules[offer.provider_id].add(offer.schedule_id)
        bookable = bookable_hours.hours_of(offer.service.availability, offer.service.business.timezone)
        by_service[offer.service_id] += calendar.common(calendar.open(offer.provider_id, offer.schedule_id), bookable)
    by_provider = {
        one.pk: length(merged([part for each in schedules[one.pk] for part in calendar.open(one.pk, each)]))
        for one in calendar.providers
    }
    return by_provider, by_service


def _booked(business: Business, asked: Asked, begin: int, end: int) -> dict[tuple[int, int], int]:
    """Return minutes in use by (provider, service); those that are only held for somebody do not count."""
    rows = _used(business, asked, begin, end).exclude(pk__in=_only_held(business))
    inside = Least(F("shown_end"), Value(end)) - Greatest(F("shown_start"), Value(begin))
    found = rows.values_list("provider_id", "service_id").annotate(minutes=Sum(inside)).order_by()
    return {(provider, service): int(minutes) for provider, service, minutes in found}


def _used(business: Business, asked: Asked, begin: int, end: int) -> QuerySet[Occupancy]:
    rows: QuerySet[Occupancy] = Occupancy.objects.filter(
        business=business, is_active=True, shown_start__lt=end, shown_end__gt=begin, end_minute__gt=begin
    )
    if asked.provider is not None:
        rows = rows.filter(provider_id=asked.provider)
    if asked.service is not None:
        rows = rows.filter(service_id=asked.service)
    return rows


def _only_held(business: Business) -> list[int]:
    held = Seat.objects.filter(hold__business=business).values_list("occupancy_id", flat=True)
    used = Seat.objects.filter(occupancy__in=list(held), appointment__isnull=False).values_list(
        "occupancy_id", flat=True
    )
    return list(set(held) - set(used))


def _seats(business: Business, asked: Asked, begin: int, end: int) -> Mapping[int, tuple[int, int]]:
    """Return seats taken and seats there were, of each service with several, in the sessions that took place."""
    groups = dict(Service.objects.filter(business=business, seats__gt=1).values_list("pk", "seats"))
    if not groups:
        return {}
    sessions = _used(business, asked, begin, end).filter(service_id__in=groups, seats__appointment__isnull=False)
    found = (
        sessions.values_list("service_id").annotate(taken=Count("seats"), held=Count("pk", distinct=True)).order_by()
    )
    return {service: (taken, count * groups[service]) for service, taken, count in found}


def _offers(business: Business, asked: Asked) -> list[ServiceProvider]:
    rows = ServiceProvider.objects.filter(service__business=business, service__is_active=True, provider__is_active=True)
    if asked.provider is not None:
        rows = rows.filter(provider_id=asked.provider)
    if asked.service is not None:
        rows = rows.filter(service_id=asked.service)
    return list(rows.select_related("service__business"))


def _services(business: Business, asked: Asked, booked: set[int]) -> list[Service]:
    rows = Service.objects.filter(business=business).order_by("position", "name", "pk")
    if asked.service is not None:
        rows = rows.filter(pk=asked.service)
    return [one for one in rows if one.is_active or one.pk in booked]


def _whose(booked: Mapping[tuple[int, int], int]) -> set[int]:
    return {provider for provider, _service in booked}


def _sum(booked: Mapping[tuple[int, int], int], *, provider: int | None = None, service: int | None = None) -> int:
    return sum(
        minutes
        for (who, what), minutes in booked.items()
        if (provider is None or who == provider) and (service is None or what == service)
    )
