"""Looks at every calendar in its turn and brings appointments out, until told to stop.

Any number of workers may run at once, here and elsewhere: each takes what is due under a lease, measured by the
machine's clock. What is due is asked of the product's clock. The threads that wait for servers touch no table.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from vestibule.calendars import delivery, sync, waking, watching
from vestibule.calendars.models import Connection
from vestibule.store import clock, threads
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
AT_ONCE = 8
ROWS_AT_ONCE = 40
LEASE = timedelta(minutes=3)


class Worker:
    """Reads and stores in a few threads, so that a server that hangs holds up no other."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.name = new_ref()
        self._at_once = at_once
        self._running: dict[Future[Any], Callable[[Any], object]] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. No fault ends it."""
        threads.go_on(self._step, stop, "calendars cannot be looked at")

    def _step(self) -> None:
        if self.turn() or self._running:
            wait(self._running, timeout=POLL_SECONDS / 4, return_when=FIRST_COMPLETED)
        else:
            waking.wait(POLL_SECONDS)

    def turn(self) -> int:
        """Write down what has come, take what is due, and return how much was taken."""
        self._collect()
        free = self._at_once - len(self._running)
        if free <= 0:
            return 0
        deliveries = delivery.claim(self.name, most=ROWS_AT_ONCE, lease=LEASE)
        for one in deliveries:
            self._begin(delivery.bring, one, self._stored)
        due = claim(self.name, most=max(1, free - len(deliveries)), lease=LEASE)
        for connection in due:
            try:
                self._begin(sync.ask, sync.job_of(connection), self._read)
            except Exception as fault:  # such as a secret nobody can open any more: it must not stop the others
                log.exception("calendar connection %s cannot be read", connection.pk)
                sync.write(sync.failed(connection, fault), self.name)
        tasks = watching.claim(self.name, most=max(1, free - len(deliveries) - len(due)), lease=LEASE)
        for task in tasks:
            self._begin(watching.do, task, self._kept)
        return len(deliveries) + len(due) + len(tasks)

    def drain(self) -> int:
        """Do everything that is due now, and return how much it was; for commands and tests."""
        done = 0
        while taken := self.turn():
            done += taken
            self._wait()
        return done

    def _begin(self, work: Callable[[Any], Any], given: Any, then: Callable[[Any], object]) -> None:
        """Do `work` in a thread of its own, which does not hold up the end of the process."""
        future: Future[Any] = Future()

        def fulfil() -> None:
            try:
                future.set_result(work(given))
            except BaseException as fault:  # whoever collects it is told
                future.set_exception(fault)

        self._running[future] = then
        threading.Thread(target=fulfil, name="calendar", daemon=True).start()

    def _wait(self) -> None:
        while self._running:
            wait(self._running, return_when=FIRST_COMPLETED)
            self._collect()

    def _collect(self) -> None:
        for future in [one for one in self._running if one.done()]:
            self._running.pop(future)(future.result())

    def _read(self, outcome: sync.Outcome) -> None:
        sync.write(outcome, self.name)

    def _kept(self, done: watching.Done) -> None:
        watching.finish(done, self.name)

    def _stored(self, results: list[delivery.Result]) -> None:
        delivery.finish(results, self.name)


def claim(worker: str, *, most: int, lease: timedelta) -> list[Connection]:
    """Take up to `most` connections that are due for `worker`, the longest due first.

    One that is due in a far future, because a test clock was set back, is due too.
    """
    now, machine_now = clock.now(), datetime.fromtimestamp(time.time(), UTC)
    is_due = Q(next_at__lte=now) | Q(next_at__gt=now + 2 * sync.LONGEST_PAUSE + 2 * sync.interval())
    is_free = Q(leased_by="") | Q(leased_until__lt=machine_now)
    due = Connection.objects.filter(is_due & is_free, provider__is_active=True)
    if not due.exists():
        return []
    with writing():
        locked = due.select_for_update(of=("self",), skip_locked=True).order_by("next_at")
        keys = list(locked.values_list("pk", flat=True)[:most])
        Connection.objects.filter(pk__in=keys).update(leased_by=worker, leased_until=machine_now + lease)
    rows = Connection.objects.filter(pk__in=keys).select_related("provider__business", "provider__membership__user")
    return list(rows.prefetch_related("calendars"))


def run(stop: threading.Event) -> None:
    """Look at calendars until `stop` is set."""
    Worker().run(stop)


def start(stop: threading.Event) -> threading.Thread:
    """Look at calendars in a thread of its own until `stop` is set."""
    return threads.begin(run, stop, "calendars")


def sync_due() -> int:
    """Look at everything that is due, once; return how much that was. For commands and tests."""
    return Worker().drain()
