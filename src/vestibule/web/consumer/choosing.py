"""Choosing a time: a month of days with something free, and the times of one day. For booking and for moving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from vestibule.booking import availability
from vestibule.booking.availability import Slot
from vestibule.booking.contacts import clean_zone
from vestibule.booking.models import Appointment, Service
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.consumer import months
from vestibule.web.consumer.repeats import Repeat, read_repeat
from vestibule.web.slots_by_part import by_part

ZONE_COOKIE = "vestibule_zone"


@dataclass(frozen=True)
class Choice:
    """What has been chosen so far: how long, with whom, how often, in which zone, on which day.

    `own_zone` is the reader's, where known, else the business'; `zone` the one times are shown in.
    """

    service: Service
    zone: str
    own_zone: str
    provider: Provider | None = None
    length: int | None = None
    repeat: Repeat | None = None
    day: date | None = None
    moving: Appointment | None = None

    @property
    def minutes(self) -> int:
        """How long the appointment takes."""
        if self.moving is not None:
            return self.moving.end_minute - self.moving.start_minute
        return self.length or self.service.duration_minutes


def zone_of(request: HttpRequest, fallback: str) -> str:
    """Return the zone the reader chose, or their browser's, or `fallback`; never an unknown one."""
    return zone_in(request.GET.get("timezone", ""), request, fallback)


def zone_in(named: str, request: HttpRequest, fallback: str) -> str:
    """Return the zone `named` by a form, or the reader's browser's, or `fallback`; never an unknown one."""
    return _known_zone(named) or own_zone_of(request, fallback)


def own_zone_of(request: HttpRequest, fallback: str) -> str:
    """Return the zone of the reader's browser, or `fallback`."""
    return _known_zone(unquote(request.COOKIES.get(ZONE_COOKIE, ""))) or fallback


def providers_of(service: Service) -> list[Provider]:
    """Return who can be chosen for `service`, in the order they are shown; empty when the consumer may not choose."""
    if not service.consumer_chooses_provider or service.assignment != Service.Assignment.ANY:
        return []
    return list(Provider.objects.filter(offers__service=service, is_active=True).order_by("position", "name", "id"))


def provider_named(service: Service, slug: str) -> Provider | None:
    """Return whom `slug` names among those who can be chosen, or None."""
    return next((one for one in providers_of(service) if one.slug == slug), None) if slug else None


def length_named(service: Service, minutes: str) -> int | None:
    """Return the length that `minutes` names among those offered, or None for the usual one and for anything else."""
    return next((one for one in availability.lengths_of(service)[1:] if str(one) == minutes), None)


def read(request: HttpRequest, service: Service, *, moving: Appointment | None = None) -> Choice:
    """Return what the address says has been chosen; what cannot be read counts as not chosen."""
    given = request.GET
    fallback = moving.timezone if moving else service.business.timezone
    try:
        day = date.fromisoformat(given.get("day", ""))
    except ValueError:
        day = None
    return Choice(
        service,
        zone_of(request, fallback),
        own_zone_of(request, fallback),
        provider_named(service, given.get("provider", "")),
        None if moving else length_named(service, given.get("length", "")),
        None if moving else read_repeat(service, given),
        day,
        moving,
    )


def context(choice: Choice, path: str) -> dict[str, Any]:
    """Return what `consumer/parts/times.html` shows: next free time, month, and the day's times by part of the day."""
    service, zone = choice.service, choice.zone
    home = service.business.timezone
    first_free = _next_free(choice)
    today = day_in(clock.now(), zone)
    day = choice.day or (day_in(first_free.start, zone) if first_free else today)
    day = min(max(day, today), today + timedelta(days=availability.HORIZON_DAYS))
    slots = _slots_of(choice, day) if first_free else []
    stand_ins = _stand_ins(choice, slots)
    zones = _zones(choice, day, first_free)
    return {
        "choice": choice,
        "next_free": first_free,
        "next_free_provider": _only_name(first_free, choice),
        "day": day,
        "day_name": times.of_date(day),
        "slot_parts": by_part(slots, zone, home if zones["zones_differ"] else "", stand_ins),
        "has_slots": bool(slots),
        "chosen_provider": choice.provider,
        "providers": providers_of(service),
        "stands_in": list(stand_ins.values()),
        "lengths": _lengths(choice, path),
        "anyone_url": address(path, choice, provider="", day=""),
        "with_everyone": _team(service),
        **zones,
        **_month(choice, day, today, path),
    }


def address(path: str, choice: Choice, **changes: str) -> str:
    """Return the address of this page with the choice so far, changed by `changes`."""
    parts: Mapping[str, str] = {
        "length": str(choice.length or ""),
        "provider": choice.provider.slug if choice.provider else "",
        **(choice.repeat.query() if choice.repeat else {}),
        "day": choice.day.isoformat() if choice.day else "",
        "timezone": choice.zone if choice.zone != choice.own_zone else "",
        **changes,
    }
    query = urlencode({name: value for name, value in parts.items() if value})
    return f"{path}?{query}" if query else path


def day_in(start: datetime, zone: str) -> date:
    """Return the local date of `start` in `zone`."""
    return start.astimezone(ZoneInfo(zone)).date()


def _known_zone(name: str) -> str:
    try:
        return clean_zone(name) if name else ""
    except Invalid:
        return ""


def _next_free(choice: Choice) -> Slot | None:
    """Return the next free time; for somebody who moves, one that is not the time they have."""
    found = _first_from(choice, clock.now())
    if found and choice.moving and clock.to_minute(found.start) == choice.moving.start_minute:
        return _first_from(choice, found.start + timedelta(minutes=1))
    return found


def _first_from(choice: Choice, after: datetime) -> Slot | None:
    length = choice.minutes if choice.minutes in availability.lengths_of(choice.service) else None
    return availability.next_free(choice.service, after, provider=choice.provider, length=length)


def _slots_of(choice: Choice, day: date) -> list[Slot]:
    since, until = months.bounds(day, day, choice.zone)
    slots = availability.free_starts(
        choice.service, since, until, provider=choice.provider, length=choice.length, moving=choice.moving
    )
    own = choice.moving.start_minute if choice.moving else None
    return [slot for slot in slots if clock.to_minute(slot.start) != own]


def _month(choice: Choice, day: date, today: date, path: str) -> dict[str, Any]:
    since, until = months.bounds(*months.ends(day), choice.zone)
    free = availability.days_with_free(
        choice.service,
        since,
        until,
        choice.zone,
        provider=choice.provider,
        length=choice.length,
        moving=choice.moving,
    )

    def link(on: date) -> str:
        return address(path, choice, day=on.isoformat()) + "#times"

    month = months.month_of(day, today=today, week_start=choice.service.business.week_start, free=free, link=link)
    before, after = month.day_before, month.day_after or _day_after(choice, day)
    return {
        "month": month,
        "earlier_day": {"date": before, "href": link(before)} if before else None,
        "later_day": {"date": after, "href": link(after)} if after else None,
    }


def _day_after(choice: Choice, day: date) -> date | None:
    """Return the next day with something free after the month of `day`, of which nothing more is free."""
    _since, until = months.bounds(*months.ends(day), choice.zone)
    found = _first_from(choice, until)
    return day_in(found.start, choice.zone) if found else None


def _zones(choice: Choice, day: date, first_free: Slot | None) -> dict[str, Any]:
    """Return the zone times are shown in, whether clocks at the business differ then, and what may be chosen: the
    reader's and the business', if their clocks differ.
    """
    home, bounds = choice.service.business.timezone, months.bounds(day, day, choice.zone)
    seen = [first_free.start, *bounds] if first_free else []
    choices = [choice.zone]
    for one in (choice.own_zone, home):
        if all(times.differ(one, other, *seen) for other in choices):
            choices.append(one)
    return {
        "zone": choice.zone,
        "business_zone": home,
        "zones_differ": times.differ(choice.zone, home, *seen),
        "zone_choices": choices,
    }


def _lengths(choice: Choice, path: str) -> list[dict[str, Any]]:
    """Return the lengths to choose from, shortest first; empty where there is just one."""
    if choice.moving is not None or len(availability.lengths_of(choice.service)) < 2:
        return []
    usual = choice.service.duration_minutes
    return [
        {
            "minutes": one,
            "href": address(path, choice, length="" if one == usual else str(one)),
            "is_chosen": one == choice.minutes,
        }
        for one in sorted(availability.lengths_of(choice.service))
    ]


def _stand_ins(choice: Choice, slots: Sequence[Slot]) -> dict[int, str]:
    """Return who stands in for the chosen provider in some of `slots`: names by id."""
    if choice.provider is None:
        return {}
    others = {one for slot in slots for one in slot.providers} - {choice.provider.pk}
    return dict(Provider.objects.filter(pk__in=others).values_list("pk", "name")) if others else {}


def _team(service: Service) -> list[str]:
    """Return whom one meets where it is always the same people together; else nobody."""
    if service.assignment != Service.Assignment.ALL:
        return []
    people = Provider.objects.filter(offers__service=service, is_active=True).order_by("position", "name", "id")
    return [one.name for one in people[:6]]


def _only_name(slot: Slot | None, choice: Choice) -> str:
    """Name the provider of the next free time: the chosen one or who stands in, else where just one is free then."""
    if slot is None or not choice.service.consumer_chooses_provider:
        return ""
    if choice.provider is not None and choice.provider.pk in slot.providers:
        return choice.provider.name
    return Provider.objects.get(pk=slot.providers[0]).name if len(slot.providers) == 1 else ""
