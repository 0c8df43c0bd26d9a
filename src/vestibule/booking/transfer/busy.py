"""Busy times from files: they block their provider like an outside calendar, until they are taken out again."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vestibule.booking.transfer import importing, tables
from vestibule.booking.transfer.lines import Line, Plan, State
from vestibule.calendars.models import BusyInterval
from vestibule.calendars.ports import CalendarError, Reading
from vestibule.calendars.reading import events
from vestibule.people import audit, masks
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute
from vestibule.store.transactions import writing

SOURCE = "import"
DAYS_AHEAD = 400
LONGEST = 366 * 24 * 60


def plan_table(actor: Actor, business: Business, content: bytes, provider: Provider | None = None) -> Plan:
    """Say what becomes of each line of a CSV file of busy times: columns Date, Start, End, Provider, Zone, Title.

    Without Start a line is a whole day. `provider` counts where a line names nobody.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    table = tables.read(content, importing.KNOWN)
    tables.require(table, ["Date"] if provider else ["Date", "Provider"])
    people: dict[str, Provider] = {}
    for one in Provider.objects.visible_to(actor):
        people |= {name.casefold(): one for name in (one.slug, one.name, one.email) if name}
    known = _known(business)
    return Plan([_line(number, cells, business, people, provider, known) for number, cells in table.rows])


def plan_calendar(actor: Actor, business: Business, content: bytes, provider: Provider) -> Plan:
    """Say which times of an iCalendar file make `provider` busy from now on, 400 days at most.

    Recurring, transparent, cancelled and all-day entries count as they do in a calendar that is connected.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    if len(content) > tables.MOST_BYTES:
        raise Invalid(_("This file is larger than 5 MB. Split it, and take in one part after the other."), field="file")
    now = to_minute(clock.now())
    zone = provider.timezone or business.timezone
    addresses = frozenset({provider.email.lower()} if provider.email else ())
    try:
        found = events.read(content, Reading(now, now + DAYS_AHEAD * 24 * 60, zone, addresses))
    except CalendarError as error:
        words = _("This calendar cannot be read: %(why)s.")
        raise Invalid(words % {"why": error}, field="file") from error
    known = _known(business)
    lines = [_planned(number, provider, span, "", zone, known) for number, span in enumerate(found.busy, 1)]
    if not lines:
        raise Invalid(_("Nothing in this calendar makes anybody busy from now on."), field="file")
    if len(lines) > tables.MOST_LINES:
        raise Invalid(_("This calendar has more than 5,000 busy times. Export fewer of them."), field="file")
    return Plan(lines)


def take(actor: Actor, business: Business, plan: Plan) -> Plan:
    """Store the new busy times of a plan. What is booked already stays booked."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    with writing():
        made = [BusyInterval(business=business, source=SOURCE, **line.what) for line in plan.new]
        BusyInterval.objects.bulk_create(made, batch_size=500)
        masks.raise_versions({one.provider_id for one in made})
        details = {"new": len(plan.new), "skipped": len(plan.skipped), "refused": len(plan.refused)}
        audit.record(actor, business.pk, "data.imported", "business", business.ref, summary="busy times", **details)
    return plan


def taken_in(actor: Actor, business: Business) -> list[tuple[Provider, int]]:
    """Return who has busy times ahead that came from files, and how many."""
    rows = BusyInterval.objects.visible_to(actor).filter(source=SOURCE, end_minute__gt=to_minute(clock.now()))
    counts: dict[int, int] = {}
    for provider in rows.values_list("provider_id", flat=True):
        counts[provider] = counts.get(provider, 0) + 1
    people = Provider.objects.visible_to(actor).filter(pk__in=counts)
    return [(one, counts[one.pk]) for one in people]


def take_out(actor: Actor, provider: Provider) -> int:
    """Remove the busy times of a provider that came from files; return how many there were."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    with writing():
        gone, _kinds = BusyInterval.objects.visible_to(actor).filter(provider=provider, source=SOURCE).delete()
        masks.raise_versions([provider.pk])
        audit.record(
            actor, provider.business_id, "busy.removed", "provider", provider.ref, summary=provider.name, count=gone
        )
    return gone


def _known(business: Business) -> set[tuple[int, int, int]]:
    rows = BusyInterval.objects.filter(business=business, source=SOURCE)
    return set(rows.values_list("provider_id", "start_minute", "end_minute"))


def _line(
    number: int,
    cells: Mapping[str, str],
    business: Business,
    people: Mapping[str, Provider],
    usual: Provider | None,
    known: set[tuple[int, int, int]],
) -> Line:
    title = " ".join(filter(None, (cells.get("Provider", "")[:60], cells.get("Date", "")[:20], cells.get("Start", ""))))
    try:
        named = cells.get("Provider", "")
        provider = people.get(named.casefold()) if named else usual
        if provider is None:
            raise Invalid(_("There is nobody called “%(name)s”.") % {"name": named[:60]})
        span = _span(cells, provider.timezone or business.timezone)
        return _planned(number, provider, span, cells.get("Title", "")[:200], business.timezone, known)
    except Refusal as refused:
        return Line(number, title, State.REFUSED, refused.sentence)


def _span(cells: Mapping[str, str], zone: str) -> tuple[int, int]:
    if not cells.get("Start"):
        on, home = tables.day(cells.get("Date", "")), ZoneInfo(zone)
        if not 2000 <= on.year <= 2199:
            raise Invalid(_("This date is too far away. Write it as 2026-12-24."))
        return (
            to_minute(datetime.combine(on, time(), home)),
            to_minute(datetime.combine(on + timedelta(days=1), time(), home)),
        )
    start, end = importing.stretch(cells, zone)
    if end is None:
        raise Invalid(_("It has a start and no end. Fill in both, or leave both empty for the whole day."))
    return to_minute(start), to_minute(end)


def _planned(
    number: int, provider: Provider, span: tuple[int, int], title: str, zone: str, known: set[tuple[int, int, int]]
) -> Line:
    start, end = span
    here = from_minute(start).astimezone(ZoneInfo(zone))
    until = from_minute(end).astimezone(ZoneInfo(zone))
    words = f"{provider.name}, {here:%Y-%m-%d %H:%M} – {until:%H:%M}"
    if end <= to_minute(clock.now()):
        return Line(number, words, State.SKIPPED, _("It is over."))
    if (provider.pk, start, end) in known:
        return Line(number, words, State.SKIPPED, _("This busy time is here already."))
    if not 0 < end - start <= LONGEST:
        return Line(number, words, State.REFUSED, _("A busy time lasts a minute to a year."))
    known.add((provider.pk, start, end))
    what = {"provider": provider, "start_minute": start, "end_minute": end, "summary": title}
    return Line(number, words, State.NEW, title, what)
