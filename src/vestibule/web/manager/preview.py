"""The coming week, drawn beside the form that changes it: what is open, what can be booked."""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking import availability
from vestibule.booking.models import Service
from vestibule.people.errors import Refusal
from vestibule.people.models import Business, Provider
from vestibule.scheduling import Hours, WeeklyWindow
from vestibule.store import clock
from vestibule.web.manager.openings import Openings, Stretch, open_stretches

DAYS = 7


@dataclass(frozen=True)
class PreviewDay:
    """One day of the coming week: `open` and `free` are drawn, `text` says the same."""

    date: date
    open: Sequence[Stretch]
    free: Sequence[Stretch]
    text: str
    is_empty: bool


@dataclass(frozen=True)
class Preview:
    """The coming week in words and bars; `note` says what stands in the way of showing it."""

    title: str
    days: Sequence[PreviewDay]
    note: str = ""


def today_in(zone: str) -> date:
    """Return the present local date of a zone."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def of_hours(business: Business, weekly: Sequence[Any], provider: Provider | None = None) -> Preview:
    """Return the coming week as open as it would be with these weekly hours, days off and exceptions included."""
    openings = Openings(business, [provider] if provider else [])
    saved = openings.of_provider(provider) if provider else openings.of_business()
    windows = tuple(WeeklyWindow(one.weekday, one.start, one.end) for one in weekly)
    hours = Hours(saved.timezone, windows, saved.overrides)
    first = today_in(saved.timezone)
    days = [_open_day(hours, first + timedelta(days=ahead)) for ahead in range(DAYS)]
    return Preview(_("Open in the coming week"), days)


def of_service(service: Service, changes: Mapping[str, Any] | None = None) -> Preview:
    """Return what consumers could book in the coming week if `changes` were saved; nothing is."""
    wanted = copy.copy(service)
    for name, value in (changes or {}).items():
        setattr(wanted, name, value)
    wanted.visibility, wanted.is_active = Service.Visibility.PUBLIC, True
    zone = service.business.timezone
    first, now = today_in(zone), clock.now()
    free: dict[date, list[Stretch]] = defaultdict(list)
    note = ""
    try:
        for slot in availability.free_starts(wanted, now, now + timedelta(days=DAYS + 1)):
            at = slot.start.astimezone(ZoneInfo(zone))
            free[at.date()].append(Stretch(at.hour * 60 + at.minute, wanted.duration_minutes))
    except (Refusal, ValueError) as refused:
        note = str(refused)
    days = [_free_day(first + timedelta(days=ahead), free) for ahead in range(DAYS)]
    if not note and all(day.is_empty for day in days):
        note = _nothing(service)
    return Preview(_("Free in the coming week"), days, note)


def _nothing(service: Service) -> str:
    if not service.offers.filter(provider__is_active=True).exists():
        return _("Nobody offers this yet. Choose who does under “Who offers it”.")
    return _("Nothing can be booked in these seven days. Look at notice, booking window and working hours.")


def _open_day(hours: Hours, on: date) -> PreviewDay:
    stretches = open_stretches(hours, on, hours.timezone)
    text = ", ".join(f"{in_clock(one.start)}–{in_clock(one.end)}" for one in stretches) or _("Closed")
    return PreviewDay(on, stretches, [], text, not stretches)


def _free_day(on: date, free: Mapping[date, Sequence[Stretch]]) -> PreviewDay:
    mine = free.get(on, [])
    if not mine:
        return PreviewDay(on, [], [], _("Nothing free"), True)
    words = ngettext("%(n)s start, %(first)s", "%(n)s starts, %(first)s to %(last)s", len(mine))
    values = {"n": len(mine), "first": in_clock(mine[0].start), "last": in_clock(mine[-1].start)}
    return PreviewDay(on, [], mine, words % values, False)


def in_clock(minute: int) -> str:
    """Return "08:00" for 480 minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"
