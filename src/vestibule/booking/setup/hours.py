"""When a business and its providers work: weekly hours, other hours on a date, time off."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext as _

from vestibule.booking import contacts
from vestibule.booking.models import DateOverride, TimeOff, WeeklyHours
from vestibule.booking.setup import values
from vestibule.people import audit, masks
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

DAY = 24 * 60
MOST_WINDOWS = 12
LONGEST = timedelta(days=1100)


@dataclass(frozen=True)
class Hours:
    """A working window: `weekday` 0 is Monday, `start` and `end` local minutes."""

    weekday: int
    start: int
    end: int


DEFAULT_HOURS = tuple(Hours(weekday, 8 * 60, 17 * 60) for weekday in range(5))


def set_hours(actor: Actor, business: Business, hours: Sequence[Hours], *, provider: Provider | None = None) -> None:
    """Replace weekly hours: a provider's own (who then no longer follows the business'), or the business'."""
    _permit(actor, business, provider)
    windows = _joined(hours)
    with writing():
        WeeklyHours.objects.filter(business=business, provider=provider).delete()
        WeeklyHours.objects.bulk_create(
            WeeklyHours(
                business=business,
                provider=provider,
                weekday=one.weekday,
                start_minute=one.start,
                end_minute=one.end,
            )
            for one in windows
        )
        if provider is not None:
            Provider.objects.filter(pk=provider.pk).update(uses_business_hours=False)
        _changed(actor, business, provider, "hours.changed", hours=[[h.weekday, h.start, h.end] for h in windows])


def follow_business_hours(actor: Actor, provider: Provider) -> None:
    """Let a provider work the business' hours again; the own ones are removed."""
    _permit(actor, provider.business, provider)
    with writing():
        WeeklyHours.objects.filter(provider=provider).delete()
        Provider.objects.filter(pk=provider.pk).update(uses_business_hours=True)
        _changed(actor, provider.business, provider, "hours.followed")


def set_override(
    actor: Actor,
    business: Business,
    on: date,
    windows: Sequence[tuple[int, int]],
    *,
    provider: Provider | None = None,
    note: str = "",
) -> list[DateOverride]:
    """Give one local date other hours instead of the weekly ones; no windows: closed."""
    _permit(actor, business, provider)
    on = values.day(on, "date")
    spans = _joined([Hours(on.weekday(), start, end) for start, end in windows])
    words = contacts.clean_text(note, "note", most=120)
    with writing():
        DateOverride.objects.filter(business=business, provider=provider, date=on).delete()
        rows = [
            DateOverride(
                business=business,
                provider=provider,
                date=on,
                note=words,
                is_closed=not spans,
                start_minute=start,
                end_minute=end,
            )
            for start, end in [(one.start, one.end) for one in spans] or [(0, 0)]
        ]
        made = DateOverride.objects.bulk_create(rows)
        _changed(actor, business, provider, "override.set", date=on.isoformat(), windows=[list(w) for w in windows])
    return made


def remove_override(actor: Actor, business: Business, on: date, *, provider: Provider | None = None) -> None:
    """Give a local date its weekly hours back."""
    _permit(actor, business, provider)
    with writing():
        gone, _kinds = DateOverride.objects.filter(business=business, provider=provider, date=on).delete()
        if gone:
            _changed(actor, business, provider, "override.removed", date=on.isoformat())


def add_time_off(
    actor: Actor,
    business: Business,
    start: datetime,
    end: datetime,
    *,
    provider: Provider | None = None,
    reason: str = "",
) -> TimeOff:
    """Take no appointments from `start` to `end` (aware): a provider, or everyone. Booked ones stay booked."""
    _permit(actor, business, provider)
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("time off needs instants with a zone")
    start, end = start.astimezone(UTC), end.astimezone(UTC)  # a local day need not have 24 hours
    if not timedelta(0) < end - start <= LONGEST:
        raise Invalid(_("Time off ends after it begins, and within three years."), field="end")
    with writing():
        row = TimeOff.objects.create(
            business=business,
            provider=provider,
            start_minute=to_minute(start),
            end_minute=to_minute(end + timedelta(seconds=59)),
            reason=contacts.clean_text(reason, "reason", most=120),
        )
        _changed(actor, business, provider, "time_off.added", start=start.isoformat(), end=end.isoformat())
    return row


def remove_time_off(actor: Actor, time_off: TimeOff) -> None:
    """Take appointments again in that stretch."""
    _permit(actor, time_off.business, time_off.provider)
    with writing():
        TimeOff.objects.filter(pk=time_off.pk).delete()
        _changed(actor, time_off.business, time_off.provider, "time_off.removed", time_off=time_off.ref)


def _permit(actor: Actor, business: Business, provider: Provider | None) -> None:
    """Managers change everybody's hours, providers their own."""
    if provider is not None and provider.business_id != business.pk:
        raise NotFound(_("There is no such provider in your business."))
    own = provider is not None and provider.pk == actor.provider_id
    if own and actor.may(Permission.MANAGE_OWN_HOURS):
        return
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)


def _joined(hours: Sequence[Hours]) -> list[Hours]:
    """Return checked windows with those that touch or overlap on one weekday joined; empty ones are left out."""
    days: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in hours:
        _check(one)
        if one.start != one.end:
            days[one.weekday].append((one.start, one.end if one.end > one.start else one.end + DAY))
    joined = []
    for weekday, windows in sorted(days.items()):
        spans: list[tuple[int, int]] = []
        for start, end in sorted(windows):
            if spans and start <= spans[-1][1]:
                spans[-1] = spans[-1][0], max(spans[-1][1], end)
            else:
                spans.append((start, end))
        joined += [Hours(weekday, start, end if end <= DAY else end - DAY) for start, end in spans]
        if len(spans) > MOST_WINDOWS:
            raise Invalid(_("A day has at most 12 windows. Join some."), field="hours")
    return joined


def _check(hours: Hours) -> None:
    if not 0 <= hours.weekday <= 6:
        raise Invalid(_("Weekdays are numbered 0 for Monday to 6 for Sunday."), field="weekday")
    for field, minute in (("start", hours.start), ("end", hours.end)):
        if not 0 <= minute <= DAY:
            raise Invalid(_("Times are from 00:00 to 24:00."), field=field)
    if hours.start == DAY:
        raise Invalid(_("A window cannot begin at 24:00. Begin it at 00:00 of the next day."), field="start")


def _changed(actor: Actor, business: Business, provider: Provider | None, action: str, **details: object) -> None:
    if provider is None:
        masks.raise_versions_of(business)
    else:
        masks.raise_versions([provider.pk])
    kind, ref, name = (
        ("business", business.ref, business.name) if provider is None else ("provider", provider.ref, provider.name)
    )
    audit.record(actor, business.pk, action, kind, ref, summary=name, **details)
