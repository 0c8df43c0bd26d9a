"""What time does by itself: requests expire, offers lapse, who did not come is noted; and what has had its time goes.

The first is done every few seconds, so that it follows the product's clock however that is moved. The second is never
needed for a right answer: what has expired is not believed wherever it is read. It only keeps the database small.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.db import connections

from vestibule.booking import (
    answers,
    beside,
    desk_alerts,
    documents,
    holds,
    lateness,
    replanning,
    requests,
    timely,
    unread,
    waitlist,
)
from vestibule.booking.own_calendar import changes, events
from vestibule.calendars import pushes
from vestibule.chat import files, threads
from vestibule.meetings import area_pictures, recordings, relays, talking
from vestibule.notifications import browsers, by_program_mails, limits, outages, outbox, reporting
from vestibule.people import identities, rates, remembered
from vestibule.store import clock
from vestibule.subscriptions import lifetimes

log = logging.getLogger(__name__)
TICK_SECONDS = 3.0
EVERY_SECONDS = 15 * 60
Job = Callable[[], object]


def start(stop: threading.Event) -> threading.Thread:
    """Tick every few seconds and tidy every quarter of an hour in a thread of its own, until `stop` is set."""
    thread = threading.Thread(target=_run, args=(stop,), name="housekeeping", daemon=True)
    thread.start()
    return thread


def tick() -> bool:
    """Do what is due by the product's clock; tell whether all of it went well. What fails is tried again next time."""
    return _do(_DUE)


def tidy() -> bool:
    """Remove everything that has had its time; tell whether all of it went well."""
    return _do(_REMOVE)


def _run(stop: threading.Event) -> None:
    tidied = time.monotonic()
    while not stop.wait(TICK_SECONDS):
        went_well = tick()
        if time.monotonic() - tidied >= EVERY_SECONDS:
            went_well = tidy() and went_well
            tidied = time.monotonic()
        if not went_well:  # the connection may be what failed
            connections.close_all()


def _do(jobs: Sequence[Job]) -> bool:
    went_well = True
    for job in jobs:
        try:
            job()
        except Exception:  # a fault in one job must not keep the others from being done
            went_well = False
            log.exception("housekeeping failed and is tried again")
    return went_well


def _forget_counts() -> None:
    limits.purge(clock.now().date())


def _clear_sessions() -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def _forget_conversations() -> None:
    """Conversations go after the days their business keeps them, and so do texts people sent and what programs noted.

    Looked at each quarter of an hour of product time.
    """
    now = clock.now()
    if _forgot and abs((now - _forgot[0]).total_seconds()) < EVERY_SECONDS:
        return
    talking.forget_old()
    threads.retire_due()
    answers.forget_old()
    events.forget_old()
    beside.forget_old()
    _forgot[:] = [now]


_forgot: list[datetime] = []
_DUE: tuple[Job, ...] = (
    requests.expire_due,
    lateness.note_missed,
    desk_alerts.tell_due,
    timely.tell_due,
    replanning.replan_due,
    outages.tell_due,
    reporting.note_silent,
    unread.tell_due,
    waitlist.tick,
    relays.check_now_and_then,
    _forget_conversations,
)
_REMOVE: tuple[Job, ...] = (
    holds.purge,
    changes.purge,
    documents.purge,
    files.purge,
    threads.purge,
    pushes.purge,
    browsers.purge,
    outbox.purge,
    by_program_mails.purge,
    recordings.delete_due,
    area_pictures.purge,
    remembered.purge,
    identities.purge,
    lifetimes.purge,
    rates.purge,
    _forget_counts,
    _clear_sessions,
)
