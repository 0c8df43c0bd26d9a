"""Appointments as entries of calendars outside: in those of the providers who take part, and in feeds."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment, Location, Seat
from vestibule.calendars import pushes
from vestibule.calendars.ports import Entry
from vestibule.meetings import elsewhere
from vestibule.meetings.elsewhere import Elsewhere
from vestibule.people.models import Business, Provider
from vestibule.store import clock

S = Appointment.Status
SHOWN = (*Appointment.ACTIVE, S.COMPLETED, S.NO_SHOW, S.NOT_SEEN)
FEED_BACK, FEED_AHEAD = timedelta(days=30), timedelta(days=400)
MOST_IN_FEED = 10_000
_READ = ("business", "service__location", "provider", "meeting__outside")


def show(appointment: Appointment, team: Sequence[Provider]) -> None:
    """Let an appointment stand in the calendars of its providers, as it is now. Inside the block of the change."""
    if appointment.status in Appointment.ACTIVE:
        entry = _entry(appointment, discreet=False)
        pushes.plan(appointment.business_id, appointment.ref, entry, [one.pk for one in team])


def take_away(appointment: Appointment) -> None:
    """Take an appointment out of every calendar. Inside the block of the change."""
    pushes.withdraw(appointment.ref)


def coming(provider: int) -> Iterable[tuple[str, Entry]]:
    """Yield reference and entry of every appointment ahead in which a provider takes part."""
    now = clock.to_minute(clock.now())
    rows = taking_part(provider).filter(status__in=Appointment.ACTIVE, end_minute__gt=now)
    for one in rows.select_related(*_READ):
        yield one.ref, _entry(one, discreet=False)


def in_feed(business: Business, provider: Provider | None, *, discreet: bool) -> list[Entry]:
    """Return what the feed of a business, or of one of its providers, shows: a month back, a year ahead."""
    now = clock.now()
    rows = Appointment.objects.filter(business=business) if provider is None else taking_part(provider.pk)
    rows = rows.filter(
        business=business,
        status__in=SHOWN,
        end_minute__gt=clock.to_minute(now - FEED_BACK),
        start_minute__lt=clock.to_minute(now + FEED_AHEAD),
    )
    shown = rows.select_related(*_READ)[:MOST_IN_FEED]
    return [_entry(one, discreet=discreet, names_provider=provider is None) for one in shown]


def entries(rows: Any) -> list[Entry]:
    """Return appointments (a query set) as entries that name everything, for a file that staff take out."""
    shown = rows.select_related(*_READ)[:MOST_IN_FEED]
    return [_entry(one, discreet=False, names_provider=True) for one in shown]


def taking_part(provider: int) -> Any:
    """Return the appointments, whatever their status, in which a provider takes part."""
    takes_part = Seat.objects.filter(appointment_id=OuterRef("pk"), occupancy__provider_id=provider)
    return Appointment.objects.filter(Q(provider_id=provider) | Exists(takes_part))


def _entry(of: Appointment, *, discreet: bool, names_provider: bool = False) -> Entry:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    held = elsewhere.for_staff(of.meeting) if of.meeting is not None and not discreet else None
    with translation.override(of.business.language):
        return Entry(
            uid=f"{of.ref}@{host}",
            sequence=of.version,
            start=of.start_minute,
            end=of.end_minute,
            title=_title(of, discreet=discreet, names_provider=names_provider),
            text=_way(held) if held is not None else "",
            place="" if discreet else "Microsoft Teams" if held is not None else place_of(of),
            url="" if discreet else f"{settings.PUBLIC_URL}/manage/appointments/{of.ref}",
            stamp=clock.to_minute(of.created_at),
        )


def _title(of: Appointment, *, discreet: bool, names_provider: bool) -> str:
    said = (
        _("Appointment") if discreet else _("%(service)s with %(name)s") % {"service": of.service.name, "name": of.name}
    )
    return f"{of.provider.name}: {said}" if names_provider else said


def _way(held: Elsewhere) -> str:
    """Return how staff join a visit that is held in Teams; "" until its meeting stands there."""
    if not held.url:
        return ""
    lines = [_("Join in Teams: %(link)s") % {"link": held.url}]
    if held.number:
        lines.append(_("Meeting ID: %(number)s") % {"number": held.number})
    if held.passcode:
        lines.append(_("Passcode: %(passcode)s") % {"passcode": held.passcode})
    return "\n".join(lines)


def place_of(of: Appointment) -> str:
    """Return where an appointment is, in the language now active."""
    place = of.service.location
    if place is None or place.kind == Location.Kind.ONLINE:
        return _("Online")
    return _("By telephone") if place.kind == Location.Kind.PHONE else place.address or place.name
