"""The coming week, drawn beside the form that changes it: what is open, what can be booked, and what would change."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking import timetables
from vestibule.booking.models import Service
from vestibule.people.errors import Refusal
from vestibule.people.models import Business, Provider
from vestibule.scheduling import Hours, WeeklyWindow
from vestibule.store import clock
from vestibule.store.clock import from_minute
from vestibule.web import times
from vestibule.web.manager import what_if
from vestibule.web.manager.openings import Stretch, open_stretches
from vestibule.web.manager.what_if import NOTHING, Change
from vestibule.web.times import day_bounds

DAYS = 7
MOST_TOLD = 4


@dataclass(frozen=True)
class PreviewDay:
    """One day of the coming week: stretches are drawn, the texts say the same.

    `added` and `gone` are what would come and go if what is typed were saved.
    """

    date: date
    open: Sequence[Stretch]
    free: Sequence[Stretch]
    text: str
    is_empty: bool
    added: Sequence[Stretch] = ()
    gone: Sequence[Stretch] = ()
    added_text: str = ""
    gone_text: str = ""


@dataclass(frozen=True)
class Preview:
    """The coming week in words and bars; `note` says what stands in the way of showing it, `change` what is new."""

    title: str
    days: Sequence[PreviewDay]
    note: str = ""
    change: str = ""


def today_in(zone: str) -> date:
    """Return the present local date of a zone."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def hours_now(business: Business, provider: Provider | None = None, schedule: int | None = None) -> Hours:
    """Return the hours of a provider by one of their schedules, or those of the business; holidays included."""
    who = provider or Provider(pk=0, business=business, uses_business_hours=True)
    who.business = business
    known = timetables.hours_of([who], clock.to_minute(clock.now()))[who.pk]
    return known[schedule] if schedule in known else Hours(known[timetables.USUAL].timezone)


def of_hours(
    business: Business, weekly: Sequence[Any], provider: Provider | None = None, schedule: int | None = None
) -> Preview:
    """Return the coming week as open as it would be with these weekly hours, days off and exceptions included."""
    saved = hours_now(business, provider, schedule)
    return of_open(replace(saved, weekly=windows_of(weekly)))


def windows_of(weekly: Sequence[Any]) -> tuple[WeeklyWindow, ...]:
    """Return the windows of a form as the engine takes them."""
    return tuple(WeeklyWindow(one.weekday, one.start, one.end) for one in weekly)


def of_open(hours: Hours) -> Preview:
    """Return when these hours are open in the coming week, on the clocks where they are kept."""
    first = today_in(hours.timezone)
    return Preview(_("Open in the coming week"), [_open_day(hours, first + timedelta(days=n)) for n in range(DAYS)])


def of_service(service: Service, changes: Mapping[str, Any] | None = None) -> Preview:
    """Return what consumers could book in the coming week if `changes` were saved; nothing is."""
    return of_effect(service, Change(service=what_if.with_fields(service, changes)) if changes else None)


def of_new(service: Service, change: Change) -> Preview:
    """Return what could be booked of a service that is not there yet."""
    first = today_in(service.business.timezone)
    wanted, note = _free(service, first, change)
    days = [_free_day(first + timedelta(days=n), wanted, wanted, service.duration_minutes) for n in range(DAYS)]
    if not note and all(day.is_empty for day in days):
        note = _nothing(bool(change.offers))
    return Preview(_("Free in the coming week"), days, note)


def of_effect(
    service: Service,
    change: Change | None = None,
    first: date | None = None,
    provider: Provider | None = None,
) -> Preview:
    """Return what consumers can book in a week, with what `change` would add and take away.

    The week begins today, or on `first` if that is later. `provider` shows what can be booked with that person alone.
    """
    today = today_in(service.business.timezone)
    begin = max(first or today, today)
    now, note = _free(service, begin, provider=provider)
    wanted = now
    if change is not None:
        wanted, note = _free(service, begin, change, provider)
    shown = (change.service if change else None) or service
    days = [_free_day(begin + timedelta(days=n), now, wanted, shown.duration_minutes) for n in range(DAYS)]
    if not note and all(day.is_empty for day in days):
        has_staff = service.offers.filter(provider__is_active=True).exists()
        note = _nothing(bool(change.offers) if change and change.offers is not None else has_staff)
    told = "" if change is None else _told(days)
    if begin == today:
        return Preview(_("Free in the coming week"), days, note, told)
    title = _("Free in the week from %(day)s on") % {"day": times.written(begin, "j F")}
    return Preview(title, days, note, told)


def _free(
    service: Service, first: date, change: Change = NOTHING, provider: Provider | None = None
) -> tuple[dict[date, list[int]], str]:
    """Return local minutes since midnight by date of the business for a week; or nothing, and why."""
    since, until = day_bounds(first, service.business.timezone, DAYS)
    try:
        return _by_day(service, what_if.starts(service, since, until, change, provider)), ""
    except (Refusal, ValueError) as refused:
        return {}, str(refused)


def _by_day(service: Service, starts: Sequence[int]) -> dict[date, list[int]]:
    """Return local minutes since midnight, by local date of the business."""
    zone = ZoneInfo(service.business.timezone)
    found: dict[date, list[int]] = defaultdict(list)
    for start in starts:
        at = from_minute(start).astimezone(zone)
        found[at.date()].append(at.hour * 60 + at.minute)
    return found


def _nothing(has_staff: bool) -> str:
    if not has_staff:
        return _("Nobody offers this yet. Choose who does under “Who offers it”.")
    return _("Nothing can be booked in these seven days. Look at notice, booking window and working hours.")


def _open_day(hours: Hours, on: date) -> PreviewDay:
    stretches = open_stretches(hours, on, hours.timezone)
    text = ", ".join(f"{in_clock(one.start)}–{in_clock(one.end)}" for one in stretches) or _("Closed")
    return PreviewDay(on, stretches, [], text, not stretches)


def _free_day(
    on: date, now: Mapping[date, Sequence[int]], wanted: Mapping[date, Sequence[int]], length: int
) -> PreviewDay:
    before, after = now.get(on, []), wanted.get(on, [])
    added, gone = sorted(set(after) - set(before)), sorted(set(before) - set(after))
    kept = [start for start in after if start not in added]
    return PreviewDay(
        on,
        [],
        [Stretch(start, length) for start in kept],
        _count(after),
        not after,
        [Stretch(start, length) for start in added],
        [Stretch(start, length) for start in gone],
        _times(added),
        _times(gone),
    )


def _count(starts: Sequence[int]) -> str:
    if not starts:
        return _("Nothing free")
    words = ngettext("%(n)s start, %(first)s", "%(n)s starts, %(first)s to %(last)s", len(starts))
    return words % {"n": len(starts), "first": in_clock(starts[0]), "last": in_clock(starts[-1])}


def _times(starts: Sequence[int]) -> str:
    """Return "09:00, 09:30, 10:00, 10:30 and 4 more"."""
    told = ", ".join(in_clock(start) for start in starts[:MOST_TOLD])
    more = len(starts) - MOST_TOLD
    return _("%(times)s and %(n)s more") % {"times": told, "n": more} if more > 0 else told


def _told(days: Sequence[PreviewDay]) -> str:
    """Return in words what would change in all seven days."""
    added, gone = (sum(len(getattr(day, side)) for day in days) for side in ("added", "gone"))
    if not added and not gone:
        return _("Nothing changes in these seven days.")
    parts = []
    if added:
        parts.append(ngettext("%(n)s start is added", "%(n)s starts are added", added) % {"n": added})
    if gone:
        parts.append(ngettext("%(n)s start goes away", "%(n)s starts go away", gone) % {"n": gone})
    return _("If you save this: %(changes)s.") % {"changes": ", ".join(parts)}


def in_clock(minute: int) -> str:
    """Return "08:00" for 480 minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"
