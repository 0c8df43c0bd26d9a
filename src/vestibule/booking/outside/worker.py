"""Keeps every linked business in step with its scheduler outside, until told to stop.

Any number of workers may run at once, here and elsewhere: each takes a link under a lease, measured by the machine's
clock, brings what waits and reads what stands there, so that of one link nobody reads while somebody else writes. The
threads that wait for servers touch no table.
"""

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from vestibule.booking.models import OutsideAppointment, SchedulerLink
from vestibule.booking.outside import busy_time, delivery, linking, reading, taking, waking
from vestibule.booking.outside.delivery import Errand, Result
from vestibule.booking.outside.reading import Read, Reading
from vestibule.booking.outside.standing import Names
from vestibule.booking.ports import OutsideScheduler, SchedulerError
from vestibule.people import outside_accounts
from vestibule.store import clock, threads
from vestibule.store.ids import new_ref
from vestibule.store.pauses import spread
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)

State = OutsideAppointment.State
POLL_SECONDS = 1.0
AT_ONCE = 3
LEASE = timedelta(minutes=5)
"""Longer than bringing and reading take: each has an adapter of its own, which ends within 45 seconds."""
LONGEST_PAUSE = timedelta(minutes=5)
USUAL = 3.0


@dataclass(frozen=True)
class Job:
    """What is to be done with one link: changes to be brought, and what is to be read (None: not yet)."""

    link: SchedulerLink
    access: dict[str, str] = field(repr=False)
    names: Names
    errands: tuple[Errand, ...]
    reading: Reading | None
    due: datetime


@dataclass(frozen=True)
class Outcome:
    """What came of a job."""

    job: Job
    results: tuple[Result, ...] = ()
    read: Read | None = None
    error: SchedulerError | None = None


def interval() -> timedelta:
    """Return how often each scheduler outside is read; a setting that is no number, or out of bounds, is three."""
    try:
        minutes = float(settings.CONFIGURATION["SCHEDULER_MINUTES"])
    except ValueError:
        minutes = 0
    return timedelta(minutes=minutes if 0.05 <= minutes <= 24 * 60 else USUAL)


class Worker:
    """Works in a few threads, so that a server that hangs holds up no other."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.name = new_ref()
        self._at_once = at_once
        self._running: set[Future[Outcome]] = set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. No fault ends it."""
        threads.go_on(self._step, stop, "schedulers outside cannot be kept in step with")

    def _step(self) -> None:
        if self.turn() or self._running:
            wait(self._running, timeout=POLL_SECONDS / 4, return_when=FIRST_COMPLETED)
        else:
            waking.wait(POLL_SECONDS)

    def turn(self) -> int:
        """Write down what has come, take what is due, and return how many links were taken."""
        self._collect()
        free = self._at_once - len(self._running)
        jobs = claim(self.name, most=free) if free > 0 else []
        for job in jobs:
            self._begin(job)
        return len(jobs)

    def drain(self, rounds: int = 50) -> int:
        """Do everything that is due now, and return how many links were taken; for commands and tests."""
        done = 0
        while rounds and (taken := self.turn()):
            done, rounds = done + taken, rounds - 1
            while self._running:
                wait(self._running, return_when=FIRST_COMPLETED)
                self._collect()
        return done

    def _begin(self, job: Job) -> None:
        """Do a job in a thread of its own, which does not hold up the end of the process."""
        future: Future[Outcome] = Future()

        def fulfil() -> None:
            try:
                future.set_result(do(job))
            except BaseException as fault:  # whoever collects it is told
                future.set_exception(fault)

        self._running.add(future)
        threading.Thread(target=fulfil, name="scheduler", daemon=True).start()

    def _collect(self) -> None:
        for future in [one for one in self._running if one.done()]:
            self._running.discard(future)
            write(future.result(), self.name)


def claim(worker: str, *, most: int) -> list[Job]:
    """Take up to `most` links that are due for `worker`, the longest due first.

    One that is due in a far future, because a test clock was set back, is due too.
    """
    now, machine_now = clock.now(), _machine_now()
    is_due = Q(next_at__lte=now) | Q(next_at__gt=now + 2 * LONGEST_PAUSE + 2 * interval())
    waits = OutsideAppointment.objects.filter(
        link=OuterRef("pk"), state__in=[State.QUEUED, State.LEASED], next_at__lte=now
    )
    is_free = Q(leased_by="") | Q(leased_until__lt=machine_now)
    due = linking.active().filter(is_due | (Q(failures=0) & Exists(waits)), is_free)
    if not due.exists():
        return []
    with writing():
        locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("next_at")
        links = list(locked[:most])
        return [job for link in links if (job := _job(link, worker, now, machine_now + LEASE)) is not None]


def _job(link: SchedulerLink, worker: str, now: datetime, until: datetime) -> Job | None:
    """Lease a link and return what is to be done with it. Inside a writing block."""
    SchedulerLink.objects.filter(pk=link.pk).update(leased_by=worker, leased_until=until)
    try:
        access = linking.access_to(link)
    except SchedulerError as failure:
        _note(link, failure, was_read=False, due=link.next_at)
        return None
    names = Names.of(link.pk)
    errands = delivery.claim(link, worker, until, names, tells=linking.is_chosen_to_tell(link.business_id))
    is_due = link.next_at <= now or link.next_at > now + 2 * LONGEST_PAUSE + 2 * interval()
    planned = reading.planned(link, names) if is_due else None
    return Job(link, access, names, tuple(errands), planned, link.next_at)


def do(job: Job) -> Outcome:
    """Bring and read. Never raises, touches no table: made for a thread of its own."""
    results: list[Result] = []
    try:
        if job.errands:
            with _opened(job) as scheduler:
                results = delivery.bring(scheduler, job.link.external_id, job.errands)
            failed = next(
                (one.error for one in results if one.error is not None and delivery.is_of_all(one.error)), None
            )
            if failed is not None:
                return Outcome(job, tuple(results), error=failed)
        if job.reading is None:
            return Outcome(job, tuple(results))
        ended = frozenset(one.errand.id.casefold() for one in results if one.error is None and one.stands is None)
        with _opened(job) as scheduler:
            read = reading.read(scheduler, job.link.external_id, job.reading, ended - {""})
        return Outcome(job, tuple(results), read, read.error)
    except SchedulerError as failure:
        return Outcome(job, tuple(results), error=failure)
    except Exception as fault:  # a fault of ours must not stop the other links
        log.exception("scheduler link %s cannot be kept in step with", job.link.pk)
        return Outcome(job, tuple(results), error=SchedulerError(f"cannot be read: {type(fault).__name__}"))


@contextmanager
def _opened(job: Job) -> Iterator[OutsideScheduler]:
    scheduler = linking.opened(job.link.kind, job.access)
    try:
        yield scheduler
    finally:
        scheduler.close()


def write(outcome: Outcome, worker: str) -> None:
    """Write down what came of a job, unless `worker` has lost the link meanwhile."""
    link = outcome.job.link

    def is_mine() -> bool:
        held = SchedulerLink.objects.select_for_update(no_key=True).filter(pk=link.pk, leased_by=worker, is_on=True)
        return bool(held.exists())

    done = {result.errand.row for result in outcome.results}
    unbegun = [Result(one, error=outcome.error, was_asked=False) for one in outcome.job.errands if one.row not in done]
    for result in (*outcome.results, *unbegun):
        if not taking.done(partial(delivery.finish, link, result, outcome.job.names), is_mine):
            taking.done(partial(delivery.give_up, result), is_mine)
    if outcome.read is not None:
        taking.take(link, outcome.read, outcome.job.names, is_mine)
        _take_free(link, outcome, is_mine)
    with writing():
        if is_mine():
            was_read = outcome.read is not None and outcome.read.appointments is not None
            _note(link, outcome.error, was_read=was_read, due=outcome.job.due)


def _take_free(link: SchedulerLink, outcome: Outcome, is_mine: Any) -> None:
    read = outcome.read
    if read is None or read.free is None:
        return
    with writing():
        if is_mine():
            busy_time.replace(link, outcome.job.names, read.reading, read.free)


def _note(link: SchedulerLink, error: SchedulerError | None, *, was_read: bool, due: datetime) -> None:
    """Note how it went and when to look again. Somebody may have asked meanwhile: then it stays due."""
    current = SchedulerLink.objects.get(pk=link.pk)
    now = clock.now()
    values: dict[str, Any] = {"last_tried_at": now, "leased_by": "", "leased_until": None}
    if error is None:
        values |= {"failures": 0, "problem": ""}
        again = now + spread(interval(), 0.9, 1.1)
        if was_read:
            values["read_at"] = now
        else:  # changes alone were brought: when it is to be read stays as it was
            again = current.next_at
    else:
        values |= {"failures": current.failures + 1, "problem": str(error)[:300]}
        again = now + _pause(current.failures + 1, error)
    if current.next_at == due:
        values["next_at"] = again
    SchedulerLink.objects.filter(pk=link.pk).update(**values)
    if error is None or error.code == "away":
        outside_accounts.note(link.business_id, linking.ACCOUNTS[link.kind], is_answering=error is None)


def _pause(failures: int, error: SchedulerError) -> timedelta:
    """Return how long to wait after so many failures: ten seconds, doubling to five minutes; longer if asked to."""
    whole: timedelta = min(timedelta(seconds=10) * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    asked = timedelta(seconds=min(error.wait, 3600))
    return max(spread(whole, 0.8, 1.0), asked)


def _machine_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def run(stop: threading.Event) -> None:
    """Keep in step until `stop` is set."""
    Worker().run(stop)


def start(stop: threading.Event) -> threading.Thread:
    """Keep in step in a thread of its own until `stop` is set."""
    return threads.begin(run, stop, "schedulers")


def keep_in_step() -> int:
    """Do everything that is due, once; return how many links that were. For commands and tests."""
    return Worker().drain()
