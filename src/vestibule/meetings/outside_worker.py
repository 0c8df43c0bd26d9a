"""Brings meetings to where they are held outside, until told to stop. Any number of workers may run at once."""

import logging
import threading
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import timedelta

from vestibule.meetings import outside, outside_delivery
from vestibule.meetings.outside_delivery import Delivery, Result
from vestibule.store import threads
from vestibule.store.ids import new_ref

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
AT_ONCE = 6
ROWS_AT_ONCE = 8
"""Places taken in one turn; those of one business are brought out one after the other."""
LEASE = timedelta(minutes=10)


class Worker:
    """Asks vendors in a few threads, so that one that hangs holds up no other."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.name = new_ref()
        self._at_once = at_once
        self._running: dict[Future[list[Result]], Delivery] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. No fault ends it."""
        threads.go_on(self._step, stop, "meetings cannot be brought out")

    def _step(self) -> None:
        if self.turn() or self._running:
            wait(self._running, timeout=POLL_SECONDS / 4, return_when=FIRST_COMPLETED)
        else:
            outside.due.wait(POLL_SECONDS)
            outside.due.clear()

    def turn(self) -> int:
        """Write down what has come, take what is due, and return how much was taken."""
        self._collect()
        if len(self._running) >= self._at_once:
            return 0
        busy = {delivery.business_id for delivery in self._running.values()}
        deliveries = outside_delivery.claim(self.name, most=ROWS_AT_ONCE, lease=LEASE, but=busy)
        for one in deliveries:
            self._begin(one)
        return len(deliveries)

    def drain(self) -> int:
        """Do everything that is due now, and return how many deliveries it was; for commands and tests."""
        done = 0
        while taken := self.turn():
            done += taken
            while self._running:
                wait(self._running, return_when=FIRST_COMPLETED)
                self._collect()
        return done

    def _begin(self, delivery: Delivery) -> None:
        """Ask in a thread of its own, which does not hold up the end of the process."""
        future: Future[list[Result]] = Future()

        def fulfil() -> None:
            try:
                future.set_result(outside_delivery.bring(delivery))
            except BaseException as fault:  # whoever collects it is told
                future.set_exception(fault)

        self._running[future] = delivery
        threading.Thread(target=fulfil, name="outside", daemon=True).start()

    def _collect(self) -> None:
        for future in [one for one in self._running if one.done()]:
            outside_delivery.finish(self._running.pop(future), future.result(), self.name)


def run(stop: threading.Event) -> None:
    """Bring meetings out until `stop` is set."""
    Worker().run(stop)


def start(stop: threading.Event) -> threading.Thread:
    """Bring meetings out in a thread of its own until `stop` is set."""
    return threads.begin(run, stop, "outside")


def bring_due() -> int:
    """Bring out everything that is due, once; return how many deliveries that was. For commands and tests."""
    return Worker().drain()
