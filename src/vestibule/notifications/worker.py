"""Sends what is due, until told to stop. Any number of workers may run at once, here and elsewhere."""

import logging
import math
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import timedelta
from typing import Any

from django.db import connections

from vestibule.notifications import by_program_content, choices, content, gateways, leases, limits, outbox, pushing
from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.circuits import Circuits
from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.outcomes import Outcome
from vestibule.notifications.senders import Parcel, Senders
from vestibule.store import clock
from vestibule.store.ids import new_ref

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
PAUSE_AFTER_ERROR = 1.0
CHANNELS = (OutboxMessage.Channel.EMAIL, OutboxMessage.Channel.SMS, OutboxMessage.Channel.PUSH)
BATCH = 50
SENDERS = 8
"""At once to one gateway. Twice as many are there, and none gets more than are left free for others.

So those that hang, or take their time, do not hold everybody up: the second gets half as many as the first, and so on.
"""
LEASE = timedelta(seconds=10)
REAP_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 0.2
STUCK_SECONDS = 0.5
SLOW_REST = 2.0
"""How long no more is taken up for a business whose gateway has its hands full and answers nothing."""
STAY_SECONDS = 1.0
"""How long a batch is stayed with: then what still waits for a gateway gives way to what is due for others."""
NICE = 10
Ways = Mapping[int | None, Sequence[Carrier[Any]]]


class Worker:
    """Takes due messages of one channel in batches and hands them to their gateways, several at once.

    Only the thread that calls `turn` or `run` touches the database; the senders' threads wait for gateways.
    """

    def __init__(
        self,
        channel: str,
        carriers: Gateways,
        *,
        batch: int = BATCH,
        senders: int = SENDERS,
        lease: timedelta = LEASE,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` is what rests of gateways are measured by."""
        self.name = new_ref()
        self._channel, self._carriers = channel, carriers
        self._batch, self._lease = batch, lease
        self._senders = Senders(channel, 2 * senders, keeps_all=carriers.keeps_all)
        self._seconds, self._circuits = seconds, Circuits(seconds)
        self._sending: dict[Future[Outcome], Parcel] = {}
        self._unwritten: list[tuple[Parcel | None, Outcome]] = []
        self._letters: dict[int, Letter] = {}
        self._resting: dict[int | None, float] = {}
        self._renewed = time.monotonic()
        self._reaped = -REAP_SECONDS

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set. A database that fails is waited for, and no fault ends it: nobody would notice."""
        try:
            while not stop.is_set():
                try:
                    if self.step(stop) < self._batch:
                        self._pause()
                except Exception:
                    log.exception("the outbox cannot be read or written; trying again")
                    connections.close_all()
                    stop.wait(PAUSE_AFTER_ERROR)
            self._drain()
        finally:
            self.release()
            connections.close_all()

    def release(self) -> None:
        """Wait for what is being sent and let the threads go."""
        self._senders.release()

    def turn(self, stop: threading.Event | None = None) -> int:
        """Send one batch of what is due now, wait until it is through, and return how many messages were taken."""
        taken = self.step(stop, stays=math.inf)
        self._drain()
        return taken

    def step(self, stop: threading.Event | None = None, *, stays: float = STAY_SECONDS) -> int:
        """Take one batch of what is due now and let it leave; return how many messages were taken.

        The last of them may be in the air still: whoever hangs there is not waited for. After `stays` seconds those
        that could not even begin go back.
        """
        self._collect()
        if len(self._sending) >= self._senders.most:
            return 0
        here = time.monotonic()
        self._resting = {one: until for one, until in self._resting.items() if until > self._seconds()}
        if here - self._reaped > REAP_SECONDS:
            self._tidy()
        if not self._sending:
            self._renewed = here
        now, most, without = clock.now(), self._batch, set(self._resting)
        taken = leases.claim(self.name, self._channel, now=now, most=most, lease=self._lease, without=without)
        # What this very worker has in the air comes again when the machine's clock jumps: it is left to finish.
        in_air = {parcel.message.pk for parcel in self._sending.values()}
        leaving, staying = limits.sort([one for one in taken if one.pk not in in_air], now) if taken else ([], [])
        if self._channel == OutboxMessage.Channel.PUSH:
            leaving, lost = pushing.addressed(leaving)
            staying = [*staying, *lost]
        self._unwritten += [(None, one) for one in staying]
        self._senders.hurry(len(taken) == self._batch)
        if leaving:
            self._send_all(leaving, content.tokens_for(leaving, now), stop, stays)
        self._collect()
        return len(taken)

    def _tidy(self) -> None:
        """Take up what others left lying, and let go what has become of no use while its gateway rests."""
        leases.reap(clock.now())
        if self._resting:
            leases.expire(self._channel, clock.now())
        self._reaped = time.monotonic()

    def _pause(self) -> None:
        if self._sending:
            self._collect(POLL_SECONDS)
        else:
            outbox.wait(POLL_SECONDS)

    def _send_all(
        self,
        messages: list[OutboxMessage],
        tokens: dict[int, str],
        stop: threading.Event | None,
        stays: float = STAY_SECONDS,
    ) -> None:
        """Let a batch leave as senders become free. What cannot go on for its gateway's sake goes back untried."""
        ways = self._carriers.carriers(self._channel, {message.business_id for message in messages})
        for business in {message.business for message in messages if message.business is not None}:
            choices.of(business)  # read here, so that it is known where messages are made
        waiting, looked, leaves = messages, 0.0, time.monotonic() + stays
        while waiting and not (stop is not None and stop.is_set()):
            if time.monotonic() - looked > LOOK_AGAIN_SECONDS:
                # Looked at again just before sending: some may be dropped meanwhile, or the lease be lost.
                waiting, looked = leases.still_mine(waiting, self.name), time.monotonic()
            waiting, has_begun = self._begin(waiting, tokens, ways)
            if not waiting:
                break
            goes_on = self._collect(STUCK_SECONDS) or has_begun
            if not goes_on or time.monotonic() > leaves:
                self._rest({message.business_id for message in waiting}, POLL_SECONDS if goes_on else SLOW_REST)
                break
        if waiting:
            limits.uncount(leases.give_back(self.name, waiting), clock.now().date())

    def _begin(
        self, messages: Sequence[OutboxMessage], tokens: dict[int, str], ways: Ways
    ) -> tuple[list[OutboxMessage], bool]:
        """Begin to send what there is room for; return what has to wait, and whether anything was begun."""
        busy = Counter(_lane(parcel.message, parcel.first) for parcel in self._sending.values())
        waiting, resting, has_begun = [], [], False
        for message in messages:
            carriers = by_program_content.carriers(message, ways[message.business_id])
            usable = self._circuits.usable(carriers)
            if not usable:
                self._rest({message.business_id}, self._circuits.rest(carriers))
                resting.append(message)
            elif busy[lane := _lane(message, usable[0])] >= self._senders.most - busy.total():
                waiting.append(message)
            else:
                busy[lane] += 1
                by_program_content.load(message, self._letters)
                left_out = len(usable) < len(carriers)
                parcel = Parcel(message, tokens, usable, self._until(), left_out)
                self._circuits.asked(parcel.first)
                self._sending[self._senders.start(parcel)] = parcel
                has_begun = True
        if resting:
            limits.uncount(leases.give_back(self.name, resting), clock.now().date())
        return waiting, has_begun

    def _rest(self, businesses: set[int | None], seconds: float) -> None:
        self._resting.update(dict.fromkeys(businesses, self._seconds() + seconds))

    def _until(self) -> float:
        """Return the machine's second at which the leases of now end, as far as this worker knows."""
        return time.time() + self._lease.total_seconds() - (time.monotonic() - self._renewed)

    def _drain(self) -> None:
        """Wait until nothing is in the air."""
        while self._sending:
            self._collect(STUCK_SECONDS)
        self._collect()

    def _collect(self, seconds: float = 0.0) -> bool:
        """Write down what came of messages, waiting so long for the first; return whether there was any.

        It is written before anything else is sent, so that a worker that is killed repeats no more than it had in
        the air; an outcome leaves the list only then, so that a failing database does not send a mail twice.
        """
        done = wait(self._sending, timeout=seconds, return_when=FIRST_COMPLETED).done if self._sending else set()
        for future in done:
            parcel, outcome = self._sending.pop(future), future.result()
            self._circuits.learn(parcel.first, outcome)
            self._unwritten.append((parcel, outcome))
        if self._unwritten:
            leases.finish(self.name, [outcome for _parcel, outcome in self._unwritten], now=clock.now())
            written, self._unwritten = self._unwritten, []
            for finished, _outcome in written:
                if finished is not None:
                    finished.end_turn()
                    finished.message.letter = None  # ten megabytes, perhaps, and others of the batch are still waiting
        self._keep()
        return bool(done)

    def _keep(self) -> None:
        """Keep the leases of what is in the air; a message that somebody else took meanwhile is not sent here."""
        if not self._sending or time.monotonic() - self._renewed < self._lease.total_seconds() / 3:
            return
        until, here = time.time() + self._lease.total_seconds(), time.monotonic()
        mine = leases.renew(self.name, self._lease)
        for parcel in self._sending.values():
            parcel.until = until if parcel.message.pk in mine else 0.0
        self._renewed = here


def _lane(message: OutboxMessage, carrier: Carrier[Any]) -> str:
    """Return whose place among the senders a message takes: its gateway's, or that of the push service of a browser.

    Whoever turns a browser on says which service that is.
    """
    return carrier.key if message.address is None else f"{carrier.key}:{message.address.site}"


def run(stop: threading.Event) -> None:
    """Send due messages until `stop` is set.

    Each channel has a worker of its own, so that a mail server that hangs does not delay text messages.
    """
    carriers = gateways.configured()
    workers = [Worker(channel, carriers) for channel in CHANNELS]
    threads = [
        threading.Thread(target=worker.run, args=(stop,), name=f"outbox-{worker.name}", daemon=True)
        for worker in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def send_due(carriers: Gateways) -> int:
    """Send everything that is due now and return how many messages were tried; for commands and tests."""
    tried = 0
    for channel in CHANNELS:
        worker = Worker(channel, carriers)
        while taken := worker.turn():
            tried += taken
        worker.release()
    return tried


def run_forever() -> int:
    """Send due messages until the process is asked to end; returns the exit code.

    The process steps back behind those that answer people (POSIX `nice`): a reminder may wait for a booking.
    """
    os.nice(NICE)
    stop = threading.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stop.set())
    run(stop)
    return 0
