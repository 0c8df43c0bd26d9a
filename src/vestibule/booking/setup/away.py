"""Time off, and travel to another zone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule.booking import contacts
from vestibule.booking.models import TimeOff, Trip
from vestibule.booking.own_calendar import telling
from vestibule.booking.setup import values
from vestibule.booking.setup.hours import permit_hours, tell_change
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing
from vestibule.subscriptions.kinds import Kind

LONGEST = timedelta(days=1100)
YEARS = range(1970, 2200)
MOST_TRIPS = 50


def add_time_off(
    actor: Actor,
    business: Business,
    start: datetime,
    end: datetime,
    *,
    provider: Provider | None = None,
    reason: str = "",
    redirect_to: Provider | None = None,
) -> TimeOff:
    """Take no appointments from `start` to `end` (aware): a provider, or everyone. Booked ones stay booked.

    Whoever asks for the provider then is shown `redirect_to`, a colleague of theirs.
    """
    permit_hours(actor, business, provider)
    start, end = checked_stretch(start, end, _("Time off ends after it begins, and within three years."))
    _require_colleague(business, provider, redirect_to)
    with writing():
        row = TimeOff.objects.create(
            business=business,
            provider=provider,
            start_minute=to_minute(start),
            end_minute=to_minute(end + timedelta(seconds=59)),
            reason=contacts.clean_text(reason, "reason", most=120),
            redirect_to=redirect_to,
        )
        tell_change(actor, business, provider, "time_off.added", start=start.isoformat(), end=end.isoformat())
        telling.time_off(Kind.APPOINTMENT_CREATED, business.pk, row.ref, _whose(row))
    return row


def remove_time_off(actor: Actor, time_off: TimeOff) -> None:
    """Take appointments again in that stretch."""
    permit_hours(actor, time_off.business, time_off.provider)
    with writing():
        telling.time_off(Kind.APPOINTMENT_DELETED, time_off.business_id, time_off.ref, _whose(time_off))
        TimeOff.objects.filter(pk=time_off.pk).delete()
        tell_change(actor, time_off.business, time_off.provider, "time_off.removed", time_off=time_off.ref)


def _whose(time_off: TimeOff) -> Iterable[str]:
    """Return the references of the providers whose time it is: everybody's where it is of the business."""
    if time_off.provider is not None:
        return [time_off.provider.ref]
    return Provider.objects.filter(business_id=time_off.business_id, is_active=True).values_list("ref", flat=True)


def checked_stretch(start: datetime, end: datetime, words: str) -> tuple[datetime, datetime]:
    """Return a stretch in UTC. Raises Invalid (`words`, field `end`) unless it lasts up to three years, in our age."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("a stretch needs instants with a zone")
    require_our_age(start, words, "start")
    require_our_age(end, words, "end")
    start, end = start.astimezone(UTC), end.astimezone(UTC)  # a local day need not have 24 hours
    if not timedelta(0) < end - start <= LONGEST:
        raise Invalid(words, field="end")
    return start, end


def require_our_age(moment: datetime, words: str, field: str) -> None:
    """Raise Invalid (`words`, `field`) for years whose days cannot be told in every zone, or in minutes of a row."""
    if moment.year not in YEARS:
        raise Invalid(words, field=field)


def add_trip(actor: Actor, provider: Provider, first: date, last: date | None, timezone: str) -> Trip:
    """Let a provider keep their hours in another zone from `first` to `last`, both included; None: for good."""
    permit_hours(actor, provider.business, provider)
    first = values.day(first, "first")
    last = values.maybe(values.day)(last, "last")
    if last is not None and last < first:
        raise Invalid(_("The last day is before the first."), field="last")
    zone = values.zone(timezone, "timezone")
    with writing():
        theirs = Trip.objects.filter(provider=provider)
        if theirs.count() >= MOST_TRIPS:
            raise Invalid(_("That is more travel than fits here. Remove what is over first."), field="first")
        if theirs.filter(Q(last__gte=first) | Q(last=None), first__lte=last or date.max).exists():
            raise Invalid(_("There is travel on some of these days already. Remove it first."), field="first")
        trip = Trip.objects.create(
            business_id=provider.business_id, provider=provider, first=first, last=last, timezone=zone
        )
        tell_change(actor, provider.business, provider, "trip.added", first=first.isoformat(), timezone=zone)
    return trip


def remove_trip(actor: Actor, trip: Trip) -> None:
    """Let the hours be in the provider's own zone again on those days."""
    permit_hours(actor, trip.business, trip.provider)
    with writing():
        Trip.objects.filter(pk=trip.pk).delete()
        tell_change(actor, trip.business, trip.provider, "trip.removed", first=trip.first.isoformat())


def _require_colleague(business: Business, provider: Provider | None, other: Provider | None) -> None:
    if other is None:
        return
    if other.business_id != business.pk:
        raise NotFound(_("There is no such provider in your business."))
    if provider is None:
        raise Invalid(_("Only one person's time off can lead to a colleague."), field="redirect_to")
    if other.pk == provider.pk or not other.is_active:
        raise Invalid(_("Choose a colleague who can be booked."), field="redirect_to")
