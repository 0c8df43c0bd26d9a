"""Tells subscribers what happened, until told to stop. Any number of workers may run at once, here and elsewhere.

The threads that wait for addresses touch no table.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from uuid import UUID

from vestibule.store import threads
from vestibule.store.ids import new_ref
from vestibule.subscriptions import delivery, lifetimes, outbox, sealing, shapes
from vestibule.subscriptions.delivery import Batch, Result
from vestibule.subscriptions.ports import Poster, Reply, Request, Unreachable
from vestibule.subscriptions.shapes import shape

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
AT_ONCE = 12
SLOW_AT_ONCE = 6
"""Of those, how many may be with addresses that fail, or take their time."""
ANSWER_SECONDS = 30.0
JOB_SECONDS = 45.0
"""A job begins no request that could last beyond it."""
LOOKS_AT_LIVES = 5.0


@dataclass(frozen=True)
class Job:
    """A batch in the words of its listener. `nothing_of` are events it has no words for, so that they are done."""

    batch: Batch
    requests: tuple[Request, ...] = field(repr=False)
    nothing_of: frozenset[UUID] = frozenset()

    @property
    def is_slow(self) -> bool:
        return self.batch.row.failures > 0 or self.batch.row.slow_seconds >= delivery.SLOW_SECONDS


class Worker:
    """Asks several addresses at once, so that one that hangs holds up no other."""

    def __init__(self, by: Poster | None = None, at_once: int = AT_ONCE, slow_at_once: int = SLOW_AT_ONCE) -> None:
        self.name = new_ref()
        self._by, self._at_once, self._slow_at_once = by, at_once, slow_at_once
        self._running: dict[Future[list[Result]], Job] = {}
        self._looked = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. No fault ends it."""
        threads.go_on(self._step, stop, "subscribers cannot be told")

    def _step(self) -> None:
        if not self.turn():
            self._pause()

    def turn(self) -> int:
        """Write down what has come, begin what is due, and return how many subscriptions were taken."""
        self._collect()
        if time.monotonic() - self._looked >= LOOKS_AT_LIVES:
            lifetimes.end_due()
            self._looked = time.monotonic()
        free = self._at_once - len(self._running)
        if free <= 0:
            return 0
        slow = sum(job.is_slow for job in self._running.values())
        room = self._slow_at_once - slow
        running = Counter(job.batch.row.business_id for job in self._running.values())
        most = min(free, room) if room > 0 else free
        taken = delivery.claim(self.name, most=most, running=running, but_slow=room <= 0)
        for batch in taken:
            self._begin(batch)
        return len(taken)

    def drain(self, rounds: int = 50) -> int:
        """Do everything that is due now, and return how many batches were taken; for commands and tests."""
        done = 0
        while rounds and (taken := self.turn()):
            done, rounds = done + taken, rounds - 1
            while self._running:
                wait(self._running, return_when=FIRST_COMPLETED)
                self._collect()
        return done

    def _pause(self) -> None:
        if self._running:
            wait(self._running, timeout=POLL_SECONDS / 4, return_when=FIRST_COMPLETED)
        else:
            outbox.wait(POLL_SECONDS)

    def _begin(self, batch: Batch) -> None:
        """Put a batch into words and post it in a thread of its own, which does not hold up the end of the process."""
        try:
            job = _job(batch)
        except sealing.Unreadable as wrong:
            delivery.write(self.name, batch, [Result(Request("POST", ""), words=str(wrong))])
            return
        except Exception:  # what is odd about one event must not stop the others; its facts are nobody's business
            log.exception("an event for subscription %s cannot be put into words", batch.row.guid)
            delivery.unsayable(self.name, batch)
            return
        future: Future[list[Result]] = Future()
        by = self._by or shapes.poster()

        def fulfil() -> None:
            future.set_result(post(by, job.requests))

        self._running[future] = job
        threading.Thread(target=fulfil, name="telling", daemon=True).start()

    def _collect(self) -> None:
        for future in [one for one in self._running if one.done()]:
            job, results = self._running[future], future.result()
            left = {event for request in job.requests[len(results) :] for event in request.events}
            delivery.write(self.name, job.batch, results, nothing_of=job.nothing_of, left=left)
            del self._running[future]


def _job(batch: Batch) -> Job:
    told = batch.told()
    requests = shape(batch.row.shape).posts(sealing.addressee(batch.row), told)
    said = {event for request in requests for event in request.events}
    return Job(batch, tuple(requests), frozenset(one.id for one in told if one.id not in said))


def post(by: Poster, requests: Sequence[Request]) -> list[Result]:
    """Post one after another until an address fails, or there is no time for more. Never raises, touches no table."""
    results: list[Result] = []
    begun = time.monotonic()
    for request in requests:
        at = time.monotonic()
        if results and at - begun + ANSWER_SECONDS > JOB_SECONDS:
            break
        reply, words = _asked(by, request)
        result = Result(request, reply, words, time.monotonic() - at)
        results.append(result)
        if not result.is_taken and not result.is_refused:
            break
    return results


def _asked(by: Poster, request: Request) -> tuple[Reply | None, str]:
    try:
        return by.ask(request, seconds=ANSWER_SECONDS), ""
    except Unreachable as silent:
        return None, str(silent)
    except Exception as fault:  # its text may hold the address
        log.error("an address could not be asked: %s", type(fault).__name__)
        return None, f"could not be asked: {type(fault).__name__}"


def run(stop: threading.Event) -> None:
    """Tell subscribers until `stop` is set."""
    Worker().run(stop)


def start(stop: threading.Event) -> threading.Thread:
    """Tell subscribers in a thread of its own until `stop` is set."""
    return threads.begin(run, stop, "subscriptions")


def tell_due() -> int:
    """Tell everything that is due, once; return how many batches that were. For commands and tests."""
    return Worker().drain()
