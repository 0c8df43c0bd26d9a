"""Servers that tell us of changes: which calendars it is wanted for, and what is done when they call.

What is called is a hint that something may be new, and never the news itself: the calendar is read then, once for all
that is called within two seconds. Where nobody can call us, or nobody does, calendars are looked at by the clock.
"""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from vestibule.calendars import adapters, waking
from vestibule.calendars.models import CalendarSubscription, Connection, LinkedCalendar
from vestibule.calendars.ports import Heard, News, Said
from vestibule.people import secrets
from vestibule.people.errors import NotFound
from vestibule.store import clock
from vestibule.store.transactions import after_commit, writing

State = CalendarSubscription.State
PURPOSE = "calendars.subscription"
PATH = "/hooks/calendars/"
QUIET = timedelta(seconds=2)
"""How long further calls are waited for before a calendar is read: a meeting of many comes as many calls."""
SELDOM = timedelta(minutes=30)
"""How often a calendar is looked at whose server calls."""
MOST_AT_ONCE = 1000
_OURS = frozenset({"localhost", "local", "internal", "intranet", "lan", "corp", "home", "arpa", "test", "invalid"})


def public_origin() -> str:
    """Return where servers of others may call us; "" where they cannot: not by https, or in a network of our own."""
    parts = urlsplit(settings.PUBLIC_URL)
    host = parts.hostname or ""
    try:
        is_open = ip_address(host).is_global
    except ValueError:
        is_open = "." in host and host.rpartition(".")[2] not in _OURS
    return f"https://{parts.netloc}" if parts.scheme == "https" and is_open else ""


def address_of(row: CalendarSubscription) -> str:
    """Return where the server of a calendar calls."""
    return f"{row.origin}{PATH}{row.hook}"


def key_of(row: CalendarSubscription) -> str:
    """Return what a call must hold to be believed: 43 signs, derived from the server's secret."""
    return secrets.derived(PURPOSE, row.hook)


def is_wanted(calendar: LinkedCalendar | None) -> bool:
    """Tell whether changes of a calendar are to be told to us."""
    if calendar is None or not (calendar.counts_busy or calendar.receives):
        return False
    connection = calendar.connection
    is_told = connection.kind in settings.CALENDAR_NOTIFIERS and not connection.only_times
    return is_told and connection.provider.is_active and bool(public_origin())


def ensure(connection: Connection) -> None:
    """Have changes told of each calendar for which they are wanted. Inside the writing block of a reading."""
    if connection.kind not in settings.CALENDAR_NOTIFIERS:
        return
    for calendar in connection.calendars.select_related("connection__provider", "subscription"):
        row = getattr(calendar, "subscription", None)
        if row is None and is_wanted(calendar):
            CalendarSubscription.objects.create(
                business_id=connection.business_id, calendar=calendar, kind=connection.kind, origin=public_origin()
            )
            after_commit(waking.wake)
        elif row is not None and row.next_at > clock.now() and not (is_wanted(calendar) and is_ours(row)):
            _due_now(CalendarSubscription.objects.filter(pk=row.pk))


def is_ours(row: CalendarSubscription) -> bool:
    """Tell whether the server calls where we are."""
    return row.origin == public_origin()


def is_live(connection: Connection) -> bool:
    """Tell whether changes of every calendar of a connection are told to us."""
    if connection.kind not in settings.CALENDAR_NOTIFIERS:
        return False
    wanted = connection.calendars.filter(Q(counts_busy=True) | Q(receives=True))
    live = Q(subscription__state=State.LIVE, subscription__expires_at__gt=clock.now())
    return wanted.exists() and not wanted.exclude(live).exists()


def hook_of(hook: str) -> CalendarSubscription:
    """Return the subscription that is called at `hook`. Raises NotFound."""
    found: CalendarSubscription | None = CalendarSubscription.objects.filter(hook=hook).first()
    if found is None:
        raise NotFound("There is nothing to be told here.")
    return found


def heard(row: CalendarSubscription, query: Mapping[str, str], body: bytes) -> Heard:
    """Return what a call says. Raises Unreadable."""
    return adapters.notifier(row.kind).heard(query, body)


def is_being_made(row: CalendarSubscription) -> bool:
    """Tell whether the server may ask now whether it is us whom it is to call."""
    return not row.external_id and bool(row.leased_by)


def take(row: CalendarSubscription, said: Iterable[Said]) -> int:
    """Do what a call at `row` asks for, as far as it is believed; return for how many subscriptions it was.

    A call may speak of other subscriptions of the business. Repeated, late and untrue ones change nothing.
    """
    news: dict[int, set[News]] = defaultdict(set)
    known = _named(row, said := list(said)[:MOST_AT_ONCE])
    for one in said:
        meant = known.get(one.subscription) or (row if not row.external_id else None)
        if meant is not None and _is_believed(meant, one):
            news[meant.pk].add(one.news)
    rows = {one.pk: one for one in (*known.values(), row)}
    for key, what in news.items():
        _act(rows[key], what)
    return len(news)


def _named(row: CalendarSubscription, said: Iterable[Said]) -> dict[str, CalendarSubscription]:
    names = {one.subscription for one in said} - {""}
    if names <= {row.external_id}:
        return {row.external_id: row} if row.external_id else {}
    rows = CalendarSubscription.objects.filter(business=row.business_id, external_id__in=names)
    return {one.external_id: one for one in rows}


def _is_believed(row: CalendarSubscription, said: Said) -> bool:
    return hmac.compare_digest(key_of(row).encode(), said.key.encode("utf-8", "surrogatepass"))


def _act(row: CalendarSubscription, news: set[News]) -> None:
    now = clock.now()
    changes: dict[str, object] = {}
    if row.told_at is None or abs(now - row.told_at) > timedelta(minutes=1):
        changes["told_at"] = now
    if News.ASKS in news and not row.is_asked:
        changes |= {"is_asked": True, "next_at": now}
    if News.ENDED in news:
        changes |= {"external_id": "", "state": State.MAKING, "is_asked": False, "next_at": now, "expires_at": None}
    if changes:
        with writing():
            CalendarSubscription.objects.filter(pk=row.pk, external_id=row.external_id).update(**changes)
            after_commit(waking.wake)
    if news - {News.ASKS}:
        _read_soon(row, anew=News.MISSED in news)


def _read_soon(row: CalendarSubscription, *, anew: bool) -> None:
    """Let a calendar be read once the calls have come; also where it is being read just now, which may be too early."""
    soon = clock.now() + QUIET
    is_late = Q(next_at__gt=soon) | (~Q(leased_by="") & Q(next_at__lte=clock.now()))
    found = Connection.objects.filter(is_late, calendars=row.calendar_id)
    if not anew and not found.exists():
        return
    with writing():
        Connection.objects.filter(pk__in=list(found.values_list("pk", flat=True))).update(next_at=soon)
        if anew and row.calendar_id is not None:
            LinkedCalendar.objects.filter(pk=row.calendar_id).exclude(token="").update(token="")


def _due_now(rows: object) -> None:
    rows.update(next_at=clock.now())  # type: ignore[attr-defined]  # a query of subscriptions
    after_commit(waking.wake)
