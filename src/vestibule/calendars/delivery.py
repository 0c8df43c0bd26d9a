"""Bringing appointments into calendars: rows claimed in batches, stored one by one, tried again with growing pauses."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.db.models import Q

from vestibule.calendars import adapters, outages
from vestibule.calendars.connections import BY_ACCOUNT, access_of
from vestibule.calendars.models import ShownAppointment
from vestibule.calendars.ports import (
    Access,
    BusySource,
    CalendarError,
    CalendarTarget,
    Conflict,
    Entry,
    Stored,
    Trouble,
)
from vestibule.store import clock
from vestibule.store.pauses import spread
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)

State, Difference = ShownAppointment.State, ShownAppointment.Difference
MOST_ATTEMPTS = 30
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)


@dataclass(frozen=True)
class Wanted:
    """One row as it was claimed: `entry` is to stand in the calendar, or is to be taken out."""

    row: int
    calendar: str
    entry: Entry
    is_wanted: bool
    version: int
    attempts: int
    known: Stored | None


@dataclass(frozen=True)
class Delivery:
    """What is to be done in the calendars of one connection; without access when nobody can open its secret."""

    connection: int
    kind: str
    access: Access | None
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True)
class Result:
    """What came of one row: where it stands now (None: nowhere), what had become of it outside, or what went wrong."""

    wanted: Wanted
    stored: Stored | None = None
    difference: str = ""
    error: CalendarError | None = None
    was_tried: bool = True


def claim(worker: str, *, most: int, lease: timedelta) -> list[Delivery]:
    """Take up to `most` rows that are due for `worker`, by connection. Looks before it takes the writer's turn."""
    now, machine_now = clock.now(), datetime.fromtimestamp(time.time(), UTC)
    is_due = Q(state=State.QUEUED, next_at__lte=now) | Q(state=State.LEASED, leased_until__lt=machine_now)
    due = ShownAppointment.objects.filter(is_due, state__in=[State.QUEUED, State.LEASED])
    if not due.exists():
        return []
    with writing():
        keys = list(due.select_for_update(skip_locked=True).order_by("next_at").values_list("pk", flat=True)[:most])
        taken = ShownAppointment.objects.filter(pk__in=keys)
        for row in taken:
            ShownAppointment.objects.filter(pk=row.pk).update(
                state=State.LEASED, leased_by=worker, leased_until=machine_now + lease, attempts=row.attempts + 1
            )
    rows = ShownAppointment.objects.filter(pk__in=keys).select_related("calendar__connection").order_by("pk")
    return _by_connection(list(rows))


def bring(delivery: Delivery) -> list[Result]:
    """Do what is wanted. Never raises, touches no table: made for a thread of its own."""
    try:
        source = _opened(delivery)
    except CalendarError as failure:
        return [Result(one, one.known, error=failure) for one in delivery.wanted]
    results: list[Result] = []
    try:
        target = cast("CalendarTarget", source)
        for number, one in enumerate(delivery.wanted):
            results.append(_one(target, one))
            error = results[-1].error
            if error is not None and error.kind in (Trouble.UNREACHABLE, Trouble.CREDENTIALS):
                rest = delivery.wanted[number + 1 :]
                return results + [Result(other, other.known, error=error, was_tried=False) for other in rest]
        return results
    except Exception as fault:  # a fault of ours must not stop the others
        log.exception("appointments cannot be stored through connection %s", delivery.connection)
        error = CalendarError(f"cannot be stored: {type(fault).__name__}", Trouble.REFUSED, permanent=False)
        done = {result.wanted.row for result in results}
        return results + [Result(one, one.known, error=error) for one in delivery.wanted if one.row not in done]
    finally:
        source.close()


def _opened(delivery: Delivery) -> BusySource:
    if delivery.access is None:
        raise CalendarError("the stored password cannot be read", Trouble.CREDENTIALS, permanent=True)
    return adapters.opened(delivery.kind, delivery.access)


def finish(results: Sequence[Result], worker: str) -> None:
    """Write down what came of rows. Where one stands is noted even if something else is wanted of it by now."""
    with writing():
        for result in results:
            _finish(result, worker)
        _note(results)


def _note(results: Sequence[Result]) -> None:
    """Note of each business whether its vendor answers."""
    keys = [one.wanted.row for one in results if one.error is None or one.error.kind is Trouble.UNREACHABLE]
    rows = ShownAppointment.objects.filter(pk__in=keys, calendar__connection__kind__in=BY_ACCOUNT)
    asked = {key: about for key, *about in rows.values_list("pk", "business_id", "calendar__connection__kind")}
    for result in results:
        if result.wanted.row in asked:
            outages.note(*asked[result.wanted.row], is_answering=result.error is None)


def _finish(result: Result, worker: str) -> None:
    row = ShownAppointment.objects.filter(pk=result.wanted.row)
    mine = row.filter(leased_by=worker, state=State.LEASED)
    if result.error is not None:
        mine.update(**_failed(result))
        return
    stands = result.stored or Stored("")
    place: dict[str, Any] = {"href": stands.ref[:500], "etag": stands.etag[:200]}
    if result.difference:
        place |= {"differs": result.difference, "differs_at": clock.now()}
    row.update(**place)
    if result.wanted.is_wanted:
        mine.update(state=State.DONE, leased_by="", leased_until=None, last_error="", next_at=clock.now())
    else:
        mine.filter(is_wanted=False).delete()


def _failed(result: Result) -> dict[str, Any]:
    error, attempts = result.error, result.wanted.attempts - (0 if result.was_tried else 1)
    assert error is not None
    is_over = error.permanent and error.kind is not Trouble.CREDENTIALS
    return {
        "state": State.FAILED if is_over or attempts >= MOST_ATTEMPTS else State.QUEUED,
        "next_at": clock.now() + pause(max(attempts, 1)),
        "attempts": attempts,
        "last_error": str(error)[:300],
        "leased_by": "",
        "leased_until": None,
    }


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubling up to an hour, spread so that retries do not meet."""
    whole: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return spread(whole, 0.5, 1.0)


def _one(target: CalendarTarget, wanted: Wanted) -> Result:
    try:
        try:
            return Result(wanted, _do(target, wanted, wanted.known))
        except Conflict as conflict:
            found = Stored(wanted.known.ref if wanted.known else "", conflict.etag) if conflict.etag else None
            return Result(wanted, _do(target, wanted, found), _difference(wanted, conflict))
    except CalendarError as failure:
        return Result(wanted, wanted.known, error=failure)


def _do(target: CalendarTarget, wanted: Wanted, known: Stored | None) -> Stored | None:
    if wanted.is_wanted:
        return target.put(wanted.calendar, wanted.entry, known)
    target.delete(wanted.calendar, wanted.entry.uid, known)
    return None


def _difference(wanted: Wanted, conflict: Conflict) -> str:
    """Return what had become of an entry; nothing for one we did not know to be there, an answer lost on its way."""
    if wanted.known is None or not wanted.is_wanted:
        return ""
    return Difference.MOVED.value if conflict.etag else Difference.DELETED.value


def _by_connection(rows: Sequence[ShownAppointment]) -> list[Delivery]:
    found = []
    for key, one in {row.calendar.connection_id: row.calendar.connection for row in rows}.items():
        access: Access | None
        try:
            access = access_of(one)
        except Exception:  # a secret nobody can open any more: sync says so, and nothing of it must stop the others
            log.exception("the access of calendar connection %s cannot be read", key)
            access = None
        wanted = tuple(_wanted(row) for row in rows if row.calendar.connection_id == key)
        found.append(Delivery(key, one.kind, access, wanted))
    return found


def _wanted(row: ShownAppointment) -> Wanted:
    known = Stored(row.href, row.etag) if row.href else None
    entry = Entry(**row.content)
    return Wanted(row.pk, row.calendar.address, entry, row.is_wanted, row.version, row.attempts, known)
