"""Having changes told to us: subscriptions made, renewed each day, made anew once lost, and taken back.

As with reading: what is to be done is claimed, done in a thread that touches no table, and written down.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from vestibule.calendars import adapters, subscriptions
from vestibule.calendars.connections import BY_ACCOUNT, access_of, account_of
from vestibule.calendars.models import CalendarSubscription, Connection, new_hook
from vestibule.calendars.ports import Access, CalendarError, Notifies, SubscriptionGone, Trouble, Watched
from vestibule.store import clock
from vestibule.store.pauses import spread
from vestibule.store.transactions import after_commit, writing

log = logging.getLogger(__name__)

State = CalendarSubscription.State
RENEWED_EVERY = timedelta(days=1)
BEFORE_THE_END = timedelta(hours=6)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
LEAVING = "subscriptions of an account that is left"
AFTER_A_REFUSAL = timedelta(hours=6)


@dataclass(frozen=True)
class Task:
    """What is to be done about one subscription: `make`, `renew`, `reauthorize` or `end`."""

    row: int
    do: str
    kind: str
    access: Access = field(repr=False)
    calendar: str
    address: str = field(repr=False)
    key: str = field(repr=False)
    external_id: str
    is_again: bool


@dataclass(frozen=True)
class Done:
    """What came of it."""

    task: Task
    watched: Watched | None = None
    error: CalendarError | None = None


def claim(worker: str, *, most: int, lease: timedelta) -> list[Task]:
    """Take up to `most` subscriptions about which something is due. Looks before it takes the writer's turn."""
    now, machine_now = clock.now(), datetime.fromtimestamp(time.time(), UTC)
    is_due = Q(next_at__lte=now) | Q(next_at__gt=now + 2 * RENEWED_EVERY)
    due = CalendarSubscription.objects.filter(is_due, Q(leased_by="") | Q(leased_until__lt=machine_now))
    if not due.exists():
        return []
    with writing():
        locked = due.select_for_update(of=("self",), skip_locked=True).order_by("next_at")
        keys = list(locked.values_list("pk", flat=True)[:most])
        CalendarSubscription.objects.filter(pk__in=keys).update(leased_by=worker, leased_until=machine_now + lease)
    rows = CalendarSubscription.objects.filter(pk__in=keys).select_related("calendar__connection__provider")
    return [_task(row) for row in rows]


def do(task: Task) -> Done:
    """Do it. Never raises, touches no table: made for a thread of its own."""
    try:
        notifier = adapters.notifier(task.kind).opened(settings.CONFIGURATION, task.access)
        try:
            return Done(task, _done(notifier, task))
        finally:
            notifier.close()
    except CalendarError as failure:
        return Done(task, error=failure)
    except Exception as fault:  # a fault of ours must not stop the others
        log.exception("calendar subscription %s cannot be kept", task.row)
        words = f"cannot be kept: {type(fault).__name__}"
        return Done(task, error=CalendarError(words, Trouble.MALFORMED, permanent=False))


def finish(done: Done, worker: str) -> None:
    """Write down what came of it, and let a calendar be read whose server tells from now on: of before it told us not.

    What was called meanwhile stays wanted.
    """
    with writing():
        row = CalendarSubscription.objects.select_for_update().filter(pk=done.task.row, leased_by=worker).first()
        if row is None:
            return
        if done.task.do == "end" and _is_over(row, done):
            _after_the_end(row)
            return
        values = {"leased_by": "", "leased_until": None} | _values(row, done)
        CalendarSubscription.objects.filter(pk=row.pk).update(**values)
        if done.task.do == "make" and done.error is None and row.calendar is not None:
            Connection.objects.filter(pk=row.calendar.connection_id).update(next_at=clock.now())


def on_account_left(business_id: int, kind: str, access: Mapping[str, str]) -> None:
    """Let subscriptions of an account that is left be made anew with the next one, and try to take the old ones back.

    Once, beside whoever waits; what does not succeed ends by itself within three days, and what it calls meanwhile is
    not believed. Inside the writing block of the change.
    """
    kinds = [one for one, account in BY_ACCOUNT.items() if account == kind]
    rows = CalendarSubscription.objects.filter(business_id=business_id, kind__in=kinds).exclude(external_id="")
    made = list(rows.values_list("kind", "external_id"))
    anew = {"external_id": "", "state": State.MAKING, "expires_at": None, "next_at": clock.now()}
    for row in rows:
        CalendarSubscription.objects.filter(pk=row.pk).update(**anew, hook=new_hook(), leased_by="", leased_until=None)
    if made:
        after_commit(threading.Thread(target=_take_back, name=LEAVING, args=(made, dict(access)), daemon=True).start)


def _take_back(made: Sequence[tuple[str, str]], access: Mapping[str, str]) -> None:
    for kind, external_id in made:
        try:
            notifier = adapters.notifier(kind).opened(settings.CONFIGURATION, Access("", account=access))
            try:
                notifier.unsubscribe(external_id)
            finally:
                notifier.close()
        except CalendarError as failure:
            log.info("a calendar subscription is left to end by itself: %s", failure)


def _task(row: CalendarSubscription) -> Task:
    calendar = row.calendar
    access = Access("")
    try:
        access = access_of(calendar.connection) if calendar is not None else Access("")
    except Exception:  # a secret nobody can open any more, which the calendar itself tells of
        log.warning("the access of calendar subscription %s cannot be read", row.pk)
    if calendar is None:
        access = Access("", account=account_of(row.business_id, row.kind))
    is_kept = subscriptions.is_wanted(calendar) and subscriptions.is_ours(row)
    what = "end" if not is_kept else "make" if not row.external_id else "reauthorize" if row.is_asked else "renew"
    return Task(
        row.pk,
        what,
        row.kind,
        access,
        calendar.address if calendar is not None else "",
        subscriptions.address_of(row),
        subscriptions.key_of(row),
        row.external_id,
        is_again=row.failures > 0,
    )


def _done(notifier: Notifies, task: Task) -> Watched | None:
    if task.do == "make":
        return notifier.subscribe(task.calendar, task.address, task.key, is_again=task.is_again)
    if task.do == "end":
        if task.external_id:
            notifier.unsubscribe(task.external_id)
        return None
    if task.do == "reauthorize":
        notifier.reauthorize(task.external_id)
    return notifier.renew(task.external_id)


def _is_over(row: CalendarSubscription, done: Done) -> bool:
    """Tell whether nothing is left of one that is to end; what cannot be taken back ends by itself."""
    ends = row.expires_at or clock.now()
    return done.error is None or done.error.permanent or ends <= clock.now()


def _after_the_end(row: CalendarSubscription) -> None:
    """Forget it, or let it begin anew where it is called at another address by now."""
    row.delete()
    if row.calendar is not None and subscriptions.is_wanted(row.calendar):
        subscriptions.ensure(row.calendar.connection)


def _values(row: CalendarSubscription, done: Done) -> dict[str, Any]:
    now, error = clock.now(), done.error
    if error is None and done.watched is not None:
        until = done.watched.until
        return {
            "external_id": done.watched.external_id,
            "state": State.LIVE,
            "is_asked": False,
            "expires_at": until,
            "failures": 0,
            "problem": "",
            "next_at": max(now + timedelta(minutes=1), min(now + RENEWED_EVERY, until - BEFORE_THE_END)),
        }
    values: dict[str, Any] = {"failures": row.failures + 1, "problem": str(error)[:300]}
    if done.task.do in ("renew", "reauthorize") and _is_lost(error):
        return values | {
            "external_id": "",
            "state": State.MAKING,
            "is_asked": False,
            "expires_at": None,
            "next_at": now,
        }
    if error is not None and error.permanent:
        return values | {"state": State.FAILED, "next_at": now + AFTER_A_REFUSAL}
    return values | {"next_at": now + _pause(row.failures + 1)}


def _is_lost(error: CalendarError | None) -> bool:
    """Tell whether a subscription is another's by now, or nobody's."""
    return isinstance(error, SubscriptionGone) or (error is not None and error.kind is Trouble.REFUSED)


def _pause(failures: int) -> timedelta:
    whole: timedelta = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    return spread(whole, 0.8, 1.0)
