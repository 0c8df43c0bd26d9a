"""When providers work, read from the tables: their usual hours, and those under a name that services are pinned to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from vestibule.booking.holidays import public_holidays
from vestibule.booking.models import DateOverride, Trip, WeeklyHours
from vestibule.people.models import Business, Provider
from vestibule.scheduling import Hours, Override, WeeklyWindow
from vestibule.scheduling import Trip as TripAway
from vestibule.store.clock import from_minute

USUAL = None
YEARS_AHEAD = 5
READ = (
    "id",
    "timezone",
    "uses_business_hours",
    "business__timezone",
    "business__holiday_country",
    "business__holiday_region",
    "business__open_holidays",
)
Whose = tuple[int, int | None, int | None]


@dataclass(frozen=True)
class _Rows:
    """Windows and days by whose they are: business, provider (None: everybody's), schedule (None: the usual)."""

    weekly: Mapping[Whose, list[WeeklyWindow]]
    days: Mapping[Whose, list[Override]]
    trips: Mapping[int, list[TripAway]]
    festive: Mapping[int, list[date]]


def hours_of(providers: Sequence[Provider], since: int) -> dict[int, dict[int | None, Hours]]:
    """Return each provider's hours by schedule, `USUAL` among them; public holidays from the year of minute `since`.

    A day of the provider's own comes first, then those of the business, then public holidays. A named schedule takes
    nothing from the usual hours; days on which the whole business is closed close it too, unless it names them.
    """
    theirs = of_providers(providers)
    rows = _Rows(_weekly(theirs), _days(theirs), _trips(providers), _festive(providers, since))
    named: dict[int, set[int | None]] = defaultdict(lambda: {USUAL})
    for _business, provider, schedule in (*rows.weekly, *rows.days):
        if provider is not None:
            named[provider].add(schedule)
    return {one.pk: {schedule: _hours(one, schedule, rows) for schedule in named[one.pk]} for one in providers}


def of_providers(providers: Sequence[Provider]) -> Q:
    """Return the condition for rows of these providers, and those of their businesses that name no provider."""
    businesses = {provider.business_id for provider in providers}
    return Q(business_id__in=businesses) & (
        Q(provider_id__in=[provider.pk for provider in providers]) | Q(provider_id__isnull=True)
    )


def _hours(provider: Provider, schedule: int | None, rows: _Rows) -> Hours:
    follows = schedule is USUAL and provider.uses_business_hours
    weekly = rows.weekly.get((provider.business_id, None if follows else provider.pk, schedule), ())
    days = rows.days.get((provider.business_id, provider.pk, schedule), [])
    shared = rows.days.get((provider.business_id, None, USUAL), ())
    days = days + _further(days, (day for day in shared if day.closed or follows))
    days = days + _further(days, (Override(day) for day in rows.festive[provider.business_id]))
    trips = tuple(rows.trips.get(provider.pk, ()))
    return Hours(provider.timezone or provider.business.timezone, tuple(weekly), tuple(days), trips)


def _further(known: Iterable[Override], others: Iterable[Override]) -> list[Override]:
    """Return those of `others` whose date is not among the `known` ones."""
    named = {one.day for one in known}
    return [one for one in others if one.day not in named]


def _weekly(theirs: Q) -> dict[Whose, list[WeeklyWindow]]:
    found: dict[Whose, list[WeeklyWindow]] = defaultdict(list)
    rows: Iterable[tuple[Any, ...]] = WeeklyHours.objects.filter(theirs).values_list(
        "business_id", "provider_id", "schedule_id", "weekday", "start_minute", "end_minute"
    )
    for business, provider, schedule, *window in rows:
        found[business, provider, schedule].append(WeeklyWindow(*window))
    return found


def _days(theirs: Q) -> dict[Whose, list[Override]]:
    found: dict[Whose, list[Override]] = defaultdict(list)
    rows = DateOverride.objects.filter(theirs).order_by("date", "start_minute", "id")
    read: Iterable[tuple[Any, ...]] = rows.values_list(
        "business_id", "provider_id", "schedule_id", "date", "is_closed", "start_minute", "end_minute"
    )
    for business, provider, schedule, day, closed, *times in read:
        found[business, provider, schedule].append(Override(day) if closed else Override(day, *times))
    return found


def _trips(providers: Sequence[Provider]) -> dict[int, list[TripAway]]:
    found: dict[int, list[TripAway]] = defaultdict(list)
    rows = Trip.objects.filter(provider_id__in=[one.pk for one in providers])
    for provider, first, last, timezone in rows.values_list("provider_id", "first", "last", "timezone"):
        found[provider].append(TripAway(first, last, timezone))
    return found


def _festive(providers: Sequence[Provider], since: int) -> dict[int, list[date]]:
    """Return the public holidays each business keeps, some years on; more are read long before those are over."""
    businesses: dict[int, Business] = {one.business_id: one.business for one in providers}
    begin = from_minute(since).year
    return {
        key: [
            day
            for year in (range(begin, begin + YEARS_AHEAD) if business.holiday_country else ())
            for day in public_holidays(business.holiday_country, business.holiday_region, year)
            if day.isoformat() not in business.open_holidays
        ]
        for key, business in businesses.items()
    }
