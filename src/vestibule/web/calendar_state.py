"""How connected calendars are doing, in words: on their pages, and as banners where somebody has to know."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.calendars import connections, subscriptions, sync, trouble
from vestibule.calendars.models import BusyInterval, CalendarSubscription, Connection, ShownAppointment
from vestibule.people.permissions import Actor
from vestibule.store import clock

SHOWN_FOR = timedelta(days=7)
MOST_BANNERS = 3


@dataclass(frozen=True)
class CalendarState:
    """One connection: `tone` (success, warning, problem, info), a word for it, what it means, and what is open."""

    connection: Connection
    tone: str
    label: str
    text: str
    is_closed: bool
    failed: int = 0
    changed_outside: int = 0


@dataclass(frozen=True)
class Notice:
    """Something somebody has to do about a calendar."""

    kind: str
    title: str
    text: str
    href: str
    action: str


def states(rows: Iterable[Connection]) -> list[CalendarState]:
    """Return how each connection is doing."""
    rows = list(rows)
    keys = [row.pk for row in rows]
    closed = set(
        BusyInterval.objects.filter(calendar__connection__in=keys, closes=True).values_list(
            "calendar__connection_id", flat=True
        )
    )
    shown = ShownAppointment.objects.filter(calendar__connection__in=keys)
    failed = _count(shown.filter(state=ShownAppointment.State.FAILED))
    differs = _count(shown.exclude(differs="").filter(differs_at__gte=clock.now() - SHOWN_FOR))
    return [_state(row, row.pk in closed, failed[row.pk], differs[row.pk]) for row in rows]


def notices(actor: Actor) -> list[Notice]:
    """Return what `actor` has to know of the calendars they look after, the worst first, at most a few."""
    troubled = connections.visible_to(actor).filter(provider__is_active=True)
    found = [state for state in states(troubled.filter(failures__gt=0)) if state.is_closed or _needs_somebody(state)]
    found.sort(key=lambda state: (not state.is_closed, state.connection.pk))
    failing = ShownAppointment.objects.filter(
        calendar__connection__in=troubled.filter(failures=0), state=ShownAppointment.State.FAILED
    )
    found += states(troubled.filter(pk__in=failing.values("calendar__connection")))
    return [_notice(state) for state in found[:MOST_BANNERS]]


def _needs_somebody(state: CalendarState) -> bool:
    """Tell whether waiting will not help."""
    return state.connection.problem_kind not in ("", "unreachable")


def _count(rows: Any) -> Counter[int]:
    return Counter(rows.values_list("calendar__connection_id", flat=True))


def _state(row: Connection, is_closed: bool, failed: int, differs: int) -> CalendarState:
    said = trouble.words(row.problem_kind, by_account=row.kind in connections.BY_ACCOUNT)
    if is_closed:
        return CalendarState(row, "problem", _("Closed"), said, True, failed, differs)
    if row.failures:
        return CalendarState(row, "warning", _("Not reached"), said, False, failed, differs)
    if row.last_tried_at is None:
        words = _("It is being read for the first time. Load the page again in a moment.")
        return CalendarState(row, "info", _("Reading"), words, False, failed, differs)
    if failed:
        words = ngettext(
            "%(n)s appointment could not be stored in it.", "%(n)s appointments could not be stored in it.", failed
        )
        return CalendarState(row, "warning", _("Incomplete"), words % {"n": failed}, False, failed, differs)
    return CalendarState(row, "success", _("Up to date"), "", False, failed, differs)


def _notice(state: CalendarState) -> Notice:
    row = state.connection
    href = reverse("manage-connection", args=[row.ref])
    named = {"calendar": row.name, "provider": row.provider.name}
    if state.is_closed:
        title = _("%(provider)s cannot be booked: the calendar “%(calendar)s” is out of reach")
        text = _("Nobody knows when they are busy, so their time is closed until it is reached again.")
        return Notice("problem", title % named, f"{text} {state.text}", href, _("See the calendar"))
    if row.failures:
        title = _("The calendar “%(calendar)s” of %(provider)s cannot be read")
        return Notice("warning", title % named, state.text, href, _("See the calendar"))
    title = _("Appointments are missing in the calendar “%(calendar)s” of %(provider)s")
    return Notice("warning", title % named, state.text, href, _("See the calendar"))


def seen(connection: Connection) -> str:
    """Return how soon changes in a calendar are seen, in words."""
    if subscriptions.is_live(connection):
        return _("At once: Microsoft 365 tells us")
    minutes = max(1, round(sync.usual(connection).total_seconds() / 60))
    return ngettext("Within %(n)s minute", "Within %(n)s minutes", minutes) % {"n": minutes}


def told_why_not(connection: Connection) -> str:
    """Return why changes are not told to us, where that was tried; "" where they are, or were never to be."""
    rows = CalendarSubscription.objects.filter(calendar__connection=connection)
    failed = rows.filter(state=CalendarSubscription.State.FAILED).first()
    return failed.problem if failed is not None else ""


def differences(connection: Connection) -> Sequence[ShownAppointment]:
    """Return what was done to our entries outside in the last week, the latest first."""
    since: datetime = clock.now() - SHOWN_FOR
    rows = ShownAppointment.objects.filter(calendar__connection=connection, differs_at__gte=since)
    return list(rows.exclude(differs="").order_by("-differs_at")[:20])
