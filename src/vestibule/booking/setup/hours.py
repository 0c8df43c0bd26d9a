"""When a business and its providers work: weekly hours, other hours on a date."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from vestibule.booking import contacts
from vestibule.booking.models import DateOverride, Schedule, WeeklyHours
from vestibule.booking.setup import values
from vestibule.people import audit, masks
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

DAY = 24 * 60
MOST_WINDOWS = 12


@dataclass(frozen=True)
class Hours:
    """A working window: `weekday` 0 is Monday, `start` and `end` local minutes."""

    weekday: int
    start: int
    end: int


DEFAULT_HOURS = tuple(Hours(weekday, 8 * 60, 17 * 60) for weekday in range(5))


def set_hours(
    actor: Actor,
    business: Business,
    hours: Sequence[Hours],
    *,
    provider: Provider | None = None,
    schedule: Schedule | None = None,
) -> None:
    """Replace weekly hours: a provider's own (who then no longer follows the business'), or the business'.

    With one of the provider's schedules, those of the schedule.
    """
    permit_hours(actor, business, provider)
    _require_theirs(provider, schedule)
    windows = _joined(hours)
    with writing():
        WeeklyHours.objects.filter(business=business, provider=provider, schedule=schedule).delete()
        WeeklyHours.objects.bulk_create(
            WeeklyHours(
                business=business,
                provider=provider,
                schedule=schedule,
                weekday=one.weekday,
                start_minute=one.start,
                end_minute=one.end,
            )
            for one in windows
        )
        if provider is not None and schedule is None:
            Provider.objects.filter(pk=provider.pk).update(uses_business_hours=False)
        tell_change(actor, business, provider, "hours.changed", hours=[[h.weekday, h.start, h.end] for h in windows])


def follow_business_hours(actor: Actor, provider: Provider) -> None:
    """Let a provider work the business' hours again; the own ones are removed."""
    permit_hours(actor, provider.business, provider)
    with writing():
        WeeklyHours.objects.filter(provider=provider, schedule=None).delete()
        Provider.objects.filter(pk=provider.pk).update(uses_business_hours=True)
        tell_change(actor, provider.business, provider, "hours.followed")


def set_override(
    actor: Actor,
    business: Business,
    on: date,
    windows: Sequence[tuple[int, int]],
    *,
    provider: Provider | None = None,
    schedule: Schedule | None = None,
    note: str = "",
) -> list[DateOverride]:
    """Give one local date other hours instead of the weekly ones; no windows: closed."""
    permit_hours(actor, business, provider)
    _require_theirs(provider, schedule)
    on = values.day(on, "date")
    spans = _joined([Hours(on.weekday(), start, end) for start, end in windows])
    words = contacts.clean_text(note, "note", most=120)
    with writing():
        DateOverride.objects.filter(business=business, provider=provider, schedule=schedule, date=on).delete()
        rows = [
            DateOverride(
                business=business,
                provider=provider,
                schedule=schedule,
                date=on,
                note=words,
                is_closed=not spans,
                start_minute=start,
                end_minute=end,
            )
            for start, end in [(one.start, one.end) for one in spans] or [(0, 0)]
        ]
        made = DateOverride.objects.bulk_create(rows)
        tell_change(actor, business, provider, "override.set", date=on.isoformat(), windows=[list(w) for w in windows])
    return made


def remove_override(
    actor: Actor,
    business: Business,
    on: date,
    *,
    provider: Provider | None = None,
    schedule: Schedule | None = None,
) -> None:
    """Give a local date its weekly hours back."""
    permit_hours(actor, business, provider)
    rows = DateOverride.objects.filter(business=business, provider=provider, schedule=schedule, date=on)
    with writing():
        gone, _kinds = rows.delete()
        if gone:
            tell_change(actor, business, provider, "override.removed", date=on.isoformat())


def permit_hours(actor: Actor, business: Business, provider: Provider | None) -> None:
    """Let managers change everybody's hours, providers their own. Raises NotPermitted, NotFound."""
    if provider is not None and provider.business_id != business.pk:
        raise NotFound(_("There is no such provider in your business."))
    own = provider is not None and provider.pk == actor.provider_id
    if own and actor.may(Permission.MANAGE_OWN_HOURS):
        return
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)


def _require_theirs(provider: Provider | None, schedule: Schedule | None) -> None:
    if schedule is not None and (provider is None or schedule.provider_id != provider.pk):
        raise NotFound(_("There is no such schedule of this person."))


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


def tell_change(actor: Actor, business: Business, provider: Provider | None, action: str, **details: object) -> None:
    """Tell every process and the audit trail that hours of a provider, or of everybody, changed."""
    if provider is None:
        masks.raise_versions_of(business)
    else:
        masks.raise_versions([provider.pk])
    kind, ref, name = (
        ("business", business.ref, business.name) if provider is None else ("provider", provider.ref, provider.name)
    )
    audit.record(actor, business.pk, action, kind, ref, summary=name, **details)
