"""Removes what has had its time: expired holds, answers to repeated requests, counts of rate limits, sessions.

Nothing here is needed for a right answer: what has expired is not believed wherever it is read. It only keeps the
database small.
"""

import logging
import threading
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.db import DatabaseError, connections

from vestibule.booking import holds
from vestibule.people import rates, remembered

log = logging.getLogger(__name__)
EVERY_SECONDS = 15 * 60


def start(stop: threading.Event) -> threading.Thread:
    """Tidy every quarter of an hour in a thread of its own, until `stop` is set."""
    thread = threading.Thread(target=_run, args=(stop,), name="housekeeping", daemon=True)
    thread.start()
    return thread


def tidy() -> None:
    """Remove everything that has had its time. A database that fails is tried again next time."""
    for remove in _JOBS:
        try:
            remove()
        except DatabaseError:
            log.exception("housekeeping failed and is tried again in %s s", EVERY_SECONDS)


def _run(stop: threading.Event) -> None:
    while not stop.wait(EVERY_SECONDS):
        tidy()
        connections.close_all()


def _clear_sessions() -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


_JOBS: tuple[Callable[[], object], ...] = (holds.purge, remembered.purge, rates.purge, _clear_sessions)
