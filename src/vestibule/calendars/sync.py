"""Reading one connection: what is to be asked, asking it, and writing down what came of it.

Asking touches no table and may take long; writing is one short transaction for each connection, and tells other
processes of it only when busy time really changed.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from vestibule.calendars import adapters, differences, outages, pushes, subscriptions, tokens
from vestibule.calendars.connections import BY_ACCOUNT, access_of, reopen
from vestibule.calendars.models import BusyInterval, Connection, LinkedCalendar
from vestibule.calendars.ports import Access, CalendarError, Changes, Reading, Trouble
from vestibule.people import masks
from vestibule.store import clock, rows
from vestibule.store.pauses import spread
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)

DAYS_BACK, DAYS_AHEAD = 1, 400
DAY = 24 * 60
CLOSED_FOR = 10 * 366 * DAY
CLOSED = "closed"
GOING_ON = timedelta(seconds=5)
SOON_AGAIN = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
WITH_OTHERS = timedelta(minutes=2)
"""At most, after which a vendor is asked again that many calendars ask together: one of them finds out for all."""
_AT_ONCE = 500


@dataclass(frozen=True)
class Job:
    """One connection to be read: `calendars` are (key, address, token); the instants are of the product's clock."""

    connection: int
    kind: str
    access: Access
    reading: Reading
    calendars: tuple[tuple[int, str, str], ...]
    began: datetime
    due: datetime


@dataclass(frozen=True)
class Outcome:
    """What came of a job: changes by the calendar's key, and what went wrong with any of them."""

    job: Job
    changes: tuple[tuple[int, Changes], ...] = ()
    error: CalendarError | None = None


def interval() -> timedelta:
    """Return how often each connection is looked at; a setting that is no number, or below one minute, is five."""
    try:
        minutes = float(settings.CONFIGURATION["CALENDAR_MINUTES"])
    except ValueError:
        minutes = 0
    return timedelta(minutes=minutes if 0.01 <= minutes <= DAY else 5)


def usual(connection: Connection) -> timedelta:
    """Return how often a connection is looked at: seldom, but never not at all, where its server tells of changes."""
    return max(interval(), subscriptions.SELDOM) if subscriptions.is_live(connection) else interval()


def job_of(connection: Connection) -> Job:
    """Return what is to be asked of a connection."""
    today = clock.to_minute(clock.now()) // DAY * DAY
    provider = connection.provider
    access = access_of(connection)
    member = provider.membership
    known = (provider.email, member.user.email if member is not None else "", access.username)
    reading = Reading(
        first=today - DAYS_BACK * DAY,
        last=today + DAYS_AHEAD * DAY,
        zone=provider.zone,
        addresses=frozenset(address.lower() for address in known if "@" in address),
        all_day_counts=connection.all_day_counts,
        host=adapters.own_host(),
    )
    wanted = [one for one in connection.calendars.all() if one.counts_busy or one.receives]
    calendars = tuple((one.pk, one.address, one.token) for one in wanted)
    return Job(connection.pk, connection.kind, access, reading, calendars, clock.now(), connection.next_at)


def ask(job: Job) -> Outcome:
    """Ask the calendars of a job. Never raises, touches no table: made for a thread of its own."""
    changes: list[tuple[int, Changes]] = []
    error: CalendarError | None = None
    try:
        source = adapters.opened(job.kind, job.access)
        try:
            for key, address, token in job.calendars:
                try:
                    changes.append((key, source.changes(address, token, job.reading)))
                except CalendarError as failure:
                    error = error or failure
                    if failure.kind in (Trouble.UNREACHABLE, Trouble.CREDENTIALS):
                        break
        finally:
            source.close()
    except CalendarError as failure:
        error = failure
    except Exception as fault:  # a fault of ours must not stop the other calendars
        log.exception("calendar connection %s cannot be read", job.connection)
        error = CalendarError(f"cannot be read: {type(fault).__name__}", Trouble.MALFORMED, permanent=False)
    return Outcome(job, tuple(changes), error)


def failed(connection: Connection, fault: Exception) -> Outcome:
    """Return the outcome of a connection that could not even be asked: its access cannot be read."""
    error = CalendarError(f"cannot be read: {type(fault).__name__}", Trouble.CREDENTIALS, permanent=True)
    nothing = Reading(0, 0, "UTC")
    job = Job(connection.pk, connection.kind, Access(""), nothing, (), clock.now(), connection.next_at)
    return Outcome(job, error=error)


def write(outcome: Outcome, worker: str) -> bool:
    """Write down what came of a job, unless `worker` has lost it meanwhile; tell whether busy time changed."""
    with writing():
        locked = Connection.objects.select_for_update(of=("self",)).select_related("provider")
        connection = locked.filter(pk=outcome.job.connection, leased_by=worker).first()
        if connection is None:
            return False
        changed = False
        linked = {one.pk: one for one in connection.calendars.all()}
        for key, changes in outcome.changes:
            if key in linked:
                changed |= _take(linked[key], connection, changes, outcome.job)
        changed |= _close(connection) if _note(connection, outcome) else reopen(connection)
        if outcome.error is None:
            subscriptions.ensure(connection)
        if outcome.error is None or outcome.error.kind is Trouble.UNREACHABLE:
            outages.note(connection.business_id, connection.kind, is_answering=outcome.error is None)
        if changed:
            masks.raise_versions([connection.provider_id])
    return changed


def _take(calendar: LinkedCalendar, connection: Connection, changes: Changes, job: Job) -> bool:
    if calendar.receives:
        differences.notice(calendar, changes, job.reading, job.began)
        if (
            changes.is_whole or changes.remains is not None
        ):  # once a day: whatever may be missing, or be called differently by now
            pushes.taken_up(calendar, import_string(settings.CALENDAR_ENTRIES)(connection.provider_id))
    is_read = changes.is_whole or changes.remains is not None
    fresh = {"token": changes.token} | ({"read_whole_at": clock.now()} if is_read else {})
    if _is_still_asked(calendar, job):
        LinkedCalendar.objects.filter(pk=calendar.pk).update(**fresh)
    return _replace(calendar, connection, changes) if calendar.counts_busy else False


def _is_still_asked(calendar: LinkedCalendar, job: Job) -> bool:
    """Tell whether nobody asked for a calendar to be read anew while it was being read."""
    return (calendar.pk, calendar.address, calendar.token) in job.calendars


def _replace(calendar: LinkedCalendar, connection: Connection, changes: Changes) -> bool:
    """Bring the stored busy time to what `changes` says; tell whether that was a difference."""
    stored = BusyInterval.objects.filter(calendar=calendar, closes=False)
    if changes.remains is not None:
        named = {item.ref[:500] for item in changes.items}
        known = [one for one in _rows(stored) if one[1][0] in named or tokens.short(one[1][0]) not in changes.remains]
    elif not changes.is_whole:
        names = [*(item.ref for item in changes.items), *changes.gone]
        known = [row for part in _parts(names) for row in _rows(stored.filter(external_id__in=part))]
    else:
        known = _rows(stored)
    wanted = {(item.ref[:500], *stretch) for item in changes.items for stretch in item.busy}
    dropped = [key for key, row in known if row not in wanted]
    added = wanted - {row for _key, row in known}
    for keys in _parts(dropped):
        BusyInterval.objects.filter(pk__in=keys).delete()
    made = [
        BusyInterval(
            business_id=connection.business_id,
            provider_id=connection.provider_id,
            calendar=calendar,
            source=connection.kind,
            external_id=ref,
            start_minute=start,
            end_minute=end,
        )
        for ref, start, end in sorted(added)
    ]
    for part in _parts(made):
        rows.insert(part)
    return bool(dropped or added)


def _rows(found: QuerySet[BusyInterval]) -> list[tuple[int, tuple[str, int, int]]]:
    values = found.values_list("pk", "external_id", "start_minute", "end_minute")
    return [(key, (ref, start, end)) for key, ref, start, end in values]


def _parts(names: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return [names[first : first + _AT_ONCE] for first in range(0, len(names), _AT_ONCE)]


def _note(connection: Connection, outcome: Outcome) -> bool:
    """Note how it went and when to look again; tell whether the calendar is now out of reach for too long.

    Somebody may have asked meanwhile for it to be looked at again: then it stays due.
    """
    now, error = clock.now(), outcome.error
    connection.last_tried_at = now
    if error is None:
        connection.last_reached_at, connection.failures = now, 0
        connection.problem_kind = connection.problem = ""
        has_more = any(changes.is_part for _key, changes in outcome.changes)
        again = now + (GOING_ON if has_more else spread(usual(connection), 0.9, 1.1))
    else:
        connection.failures += 1
        connection.problem_kind, connection.problem = error.kind.value, str(error)[:300]
        pause = _pause(connection.failures)
        is_of_all = connection.kind in BY_ACCOUNT and error.kind is Trouble.UNREACHABLE
        again = now + (min(pause, WITH_OTHERS) if is_of_all else pause)
    if connection.next_at == outcome.job.due:
        connection.next_at = again
    connection.leased_by, connection.leased_until = "", None
    connection.save(
        update_fields=[
            *("last_tried_at", "last_reached_at", "failures", "problem_kind", "problem"),
            *("next_at", "leased_by", "leased_until"),
        ]
    )
    return error is not None and is_out_of_reach(connection, now)


def is_out_of_reach(connection: Connection, now: datetime) -> bool:
    """Tell whether a calendar was not reached for longer than its tolerance."""
    if connection.tolerance_minutes is None:
        return False
    since = connection.last_reached_at or connection.created_at
    return now - since >= timedelta(minutes=connection.tolerance_minutes)


def _pause(failures: int) -> timedelta:
    """Return how long to wait after so many failures: a minute, then the usual time, then ever longer, to an hour."""
    usual = interval()
    whole = min(usual, SOON_AGAIN) if failures <= 2 else min(usual * 2 ** min(failures - 3, 10), LONGEST_PAUSE)
    return spread(max(whole, usual if failures > 2 else whole), 0.8, 1.0)


def _close(connection: Connection) -> bool:
    """Close the provider's time from now on; tell whether it was open."""
    counted = connection.calendars.filter(counts_busy=True).first()
    if counted is None or BusyInterval.objects.filter(calendar__connection=connection, closes=True).exists():
        return False
    now = clock.to_minute(clock.now())
    BusyInterval.objects.create(
        business_id=connection.business_id,
        provider_id=connection.provider_id,
        calendar=counted,
        source=connection.kind,
        external_id=CLOSED,
        start_minute=now,
        end_minute=now + CLOSED_FOR,
        closes=True,
    )
    return True
