"""Choosing a time: a month of days with something free, and the times of one day. For booking and for moving."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vestibule.booking import availability
from vestibule.booking.availability import Slot
from vestibule.booking.contacts import clean_zone
from vestibule.booking.models import Appointment, Service
from vestibule.booking.rules import WEEKDAYS
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.store import clock

ZONE_COOKIE = "vestibule_zone"
NOON, EVENING = 12, 17


@dataclass(frozen=True)
class Choice:
    """What has been chosen so far: whose times, in which zone, on which day."""

    service: Service
    zone: str
    provider: Provider | None
    day: date | None
    moving: Appointment | None = None


def zone_of(request: HttpRequest, fallback: str) -> str:
    """Return the zone the reader chose, or their browser's, or `fallback`; never an unknown one."""
    for given in (request.GET.get("timezone", ""), unquote(request.COOKIES.get(ZONE_COOKIE, ""))):
        if given:
            try:
                return clean_zone(given)
            except Invalid:
                continue
    return fallback


def providers_of(service: Service) -> list[Provider]:
    """Return who can be chosen for `service`, in the order they are shown; empty when the consumer may not choose."""
    if not service.consumer_chooses_provider or service.assignment != Service.Assignment.ANY:
        return []
    return list(Provider.objects.filter(offers__service=service, is_active=True).order_by("position", "name", "id"))


def read(request: HttpRequest, service: Service, *, moving: Appointment | None = None) -> Choice:
    """Return what the address says has been chosen; what cannot be read counts as not chosen."""
    wanted = request.GET.get("provider", "")
    provider = next((one for one in providers_of(service) if one.slug == wanted), None)
    zone = zone_of(request, moving.timezone if moving else service.business.timezone)
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = None
    return Choice(service, zone, provider, day, moving)


def context(choice: Choice, path: str) -> dict[str, Any]:
    """Return what `consumer/parts/times.html` shows: next free time, month, and the day's times by part of the day."""
    service, zone = choice.service, choice.zone
    first_free = _next_free(choice)
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    day = choice.day or (first_free.start.astimezone(ZoneInfo(zone)).date() if first_free else today)
    day = min(max(day, today), today + timedelta(days=availability.HORIZON_DAYS))
    month = _month(choice, day, today, path)
    return {
        "next_free": first_free,
        "next_free_provider": _only_name(first_free, choice),
        "day": day,
        "day_name": date_format(day, "l j F"),
        "slot_parts": _parts(_slots_of(choice, day), zone),
        "zone": zone,
        "business_zone": service.business.timezone,
        "zones_differ": zone != service.business.timezone,
        "chosen_provider": choice.provider,
        "providers": providers_of(service),
        **month,
    }


def address(path: str, choice: Choice, **changes: str) -> str:
    """Return the address of this page with the choice so far, changed by `changes`."""
    parts: Mapping[str, str] = {
        "day": choice.day.isoformat() if choice.day else "",
        "provider": choice.provider.slug if choice.provider else "",
        "timezone": choice.zone if choice.zone != choice.service.business.timezone else "",
        **changes,
    }
    query = urlencode({name: value for name, value in parts.items() if value})
    return f"{path}?{query}" if query else path


def _day_bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    midnight = datetime.min.time()
    place = ZoneInfo(zone)
    return (
        datetime.combine(first, midnight, place).astimezone(ZoneInfo("UTC")),
        datetime.combine(last + timedelta(days=1), midnight, place).astimezone(ZoneInfo("UTC")),
    )


def _next_free(choice: Choice) -> Slot | None:
    """Return the next free time; for somebody who moves, one that is not the time they have."""
    found = availability.next_free(choice.service, clock.now(), provider=choice.provider)
    if found and choice.moving and clock.to_minute(found.start) == choice.moving.start_minute:
        after = found.start + timedelta(minutes=1)
        return availability.next_free(choice.service, after, provider=choice.provider)
    return found


def _slots_of(choice: Choice, day: date) -> list[Slot]:
    since, until = _day_bounds(day, day, choice.zone)
    slots = availability.free_starts(choice.service, since, until, provider=choice.provider, moving=choice.moving)
    own = choice.moving.start_minute if choice.moving else None
    return [slot for slot in slots if clock.to_minute(slot.start) != own]


def _parts(slots: list[Slot], zone: str) -> list[dict[str, Any]]:
    place = ZoneInfo(zone)
    parts: list[dict[str, Any]] = [
        {"label": _("Morning"), "icon": "morning", "slots": []},
        {"label": _("Afternoon"), "icon": "sun", "slots": []},
        {"label": _("Evening"), "icon": "evening", "slots": []},
    ]
    for slot in slots:
        hour = slot.start.astimezone(place).hour
        parts[(hour >= NOON) + (hour >= EVENING)]["slots"].append({"start": slot.start, "offset": _offset(slot, place)})
    return parts


def _offset(slot: Slot, place: ZoneInfo) -> str:
    written = slot.start.astimezone(place).strftime("%z")
    return f"{written[:3]}:{written[3:]}"


def _month(choice: Choice, day: date, today: date, path: str) -> dict[str, Any]:
    first = day.replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    since, until = _day_bounds(first, last, choice.zone)
    free = availability.days_with_free(
        choice.service, since, until, choice.zone, provider=choice.provider, moving=choice.moving
    )
    starts_on = WEEKDAYS.index(choice.service.business.week_start)
    weeks = [
        [
            {
                "date": on,
                "href": address(path, choice, day=on.isoformat()) if free.get(on) and on >= today else "",
                "is_today": on == today,
                "is_chosen": on == day,
            }
            if on.month == first.month
            else None
            for on in week
        ]
        for week in calendar.Calendar(starts_on).monthdatescalendar(first.year, first.month)
    ]
    before, after = first - timedelta(days=1), last + timedelta(days=1)
    return {
        "month": first,
        "weeks": weeks,
        "weekdays": [date_format(on, "D") for on in _one_week(starts_on)],
        "previous": address(path, choice, day=before.isoformat()) if before >= today else "",
        "next": address(path, choice, day=after.isoformat()) if _within_reach(after, today) else "",
    }


def _within_reach(day: date, today: date) -> bool:
    return day <= today + timedelta(days=availability.HORIZON_DAYS)


def _one_week(starts_on: int) -> list[date]:
    monday = date(2024, 1, 1)
    return [monday + timedelta(days=(starts_on + number) % 7) for number in range(7)]


def _only_name(slot: Slot | None, choice: Choice) -> str:
    """Name the provider of the next free time where just one is free then and the consumer may choose."""
    if slot is None or choice.provider or len(slot.providers) != 1:
        return choice.provider.name if slot and choice.provider else ""
    return Provider.objects.get(pk=slot.providers[0]).name if choice.service.consumer_chooses_provider else ""
