"""Sends what is due, until told to stop. Any number of workers may run at once, here and elsewhere."""

import logging
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

from django.db import connections

from vestibule.notifications import choices, content, gateways, leases, limits, outbox
from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.handing import NobodyTook, hand_over
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.outcomes import NotSent, Outcome, Sent, TooLate
from vestibule.notifications.ports import DeliveryError, Mail, Sms
from vestibule.store import clock
from vestibule.store.ids import new_ref

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
PAUSE_AFTER_ERROR = 1.0
CHANNELS = (OutboxMessage.Channel.EMAIL, OutboxMessage.Channel.SMS)
BATCH = 50
SENDERS = 8
LEASE = timedelta(seconds=10)
RENEW_SECONDS = 2.0
REAP_SECONDS = 1.0
Ways = Mapping[int | None, Sequence[Carrier[Any]]]


class Worker:
    """Takes due messages of one channel in batches and hands them to its gateway, several at once.

    Only the thread that calls `turn` touches the database; the senders' threads wait for gateways and nothing else.
    """

    def __init__(
        self, channel: str, carriers: Gateways, *, batch: int = BATCH, senders: int = SENDERS, lease: timedelta = LEASE
    ) -> None:
        self.name = new_ref()
        self._channel, self._carriers = channel, carriers
        self._batch, self._lease, self._senders = batch, lease, senders
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix=f"send-{channel}")
        self._sending: set[Future[Outcome]] = set()
        self._outcomes: list[Outcome] = []
        self._renewed = 0.0
        self._reaped = -REAP_SECONDS

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set. A database that fails is waited for, and no fault ends it: nobody would notice."""
        try:
            while not stop.is_set():
                try:
                    if self.turn(stop) < self._batch:
                        outbox.wait(POLL_SECONDS)
                except Exception:
                    log.exception("the outbox cannot be read or written; trying again")
                    connections.close_all()
                    stop.wait(PAUSE_AFTER_ERROR)
        finally:
            self.release()
            connections.close_all()

    def release(self) -> None:
        """Wait for what is being sent and let the threads go."""
        self._pool.shutdown(wait=True)

    def turn(self, stop: threading.Event | None = None) -> int:
        """Send one batch of what is due now and return how many messages were taken."""
        self._collect()
        now = clock.now()
        if time.monotonic() - self._reaped > REAP_SECONDS:
            leases.reap(now)
            self._reaped = time.monotonic()
        messages = leases.claim(self.name, self._channel, now=now, most=self._batch, lease=self._lease)
        self._renewed = time.monotonic()
        leaving, staying = limits.sort(messages, now) if messages else ([], [])
        self._outcomes += staying
        if leaving:
            self._send_all(leaving, content.tokens_for(leaving, now), stop)
        self._write()
        return len(messages)

    def _send_all(self, messages: list[OutboxMessage], tokens: dict[int, str], stop: threading.Event | None) -> None:
        """Keep every sender busy until the batch is through."""
        ways = self._carriers.carriers(self._channel, {message.business_id for message in messages})
        for business in {message.business for message in messages if message.business is not None}:
            choices.of(business)  # read here, so that it is known where messages are made
        for first in range(0, len(messages), self._senders):
            if stop is not None and stop.is_set():
                leases.give_back(self.name, messages[first:])
                break
            # Looked at again just before sending: some may be dropped meanwhile, or the lease be lost.
            for message in leases.still_mine(messages[first : first + self._senders], self.name):
                self._sending.add(self._pool.submit(self._send, message, tokens, ways[message.business_id]))
                if len(self._sending) >= self._senders:
                    self._collect(FIRST_COMPLETED)
        self._collect()

    def _collect(self, until: str = ALL_COMPLETED) -> None:
        """Write down outcomes as they come, until one sender is free or all are; keep the leases meanwhile.

        They are written before anything else is sent, so that a worker that is killed repeats no more than it had in
        the air; an outcome leaves the list only then, so that a failing database does not send a mail twice.
        """
        while self._sending:
            done, self._sending = wait(self._sending, timeout=RENEW_SECONDS, return_when=FIRST_COMPLETED)
            self._outcomes += [future.result() for future in done]
            self._write()
            if until == FIRST_COMPLETED and done:
                return
        self._write()

    def _write(self) -> None:
        if self._outcomes:
            leases.finish(self.name, self._outcomes, now=clock.now())
            self._outcomes = []
        if self._sending and time.monotonic() - self._renewed > self._lease.total_seconds() / 3:
            leases.renew(self.name, self._lease)
            self._renewed = time.monotonic()

    def _send(self, message: OutboxMessage, tokens: dict[int, str], carriers: Sequence[Carrier[Any]]) -> Outcome:
        """Make the message and hand it over. Runs in a sender's thread and never raises."""
        if message.not_after is not None and clock.now() >= message.not_after:
            return TooLate(message)
        try:
            return self._handed(message, _made(message, tokens), carriers)
        except DeliveryError as refused:
            log.warning("message %s not sent: %s", message.ref, refused)
            return NotSent(message, str(refused), refused.permanent)
        except NobodyTook as refused:
            log.warning("message %s not sent: %s", message.ref, refused)
            return NotSent(message, str(refused), refused.permanent, refused.wait, refused.refusals)
        except Exception as failure:
            # A fault of ours must neither stop the others nor be tried for ever; its text might hold an address.
            log.exception("message %s cannot be made", message.ref)
            return NotSent(message, f"cannot be made: {type(failure).__name__}", permanent=message.attempts >= 5)

    def _handed(self, message: OutboxMessage, made: Mail | Sms, carriers: Sequence[Carrier[Any]]) -> Sent:
        taken = hand_over(carriers, made, keep=lambda kept: kept.ref)
        is_read_here = self._carriers.keeps_all or taken.carrier.gateway is None
        return Sent(
            message, taken.carrier, taken.gateway_id, content.kept(made) if is_read_here else {}, taken.refusals
        )


def _made(message: OutboxMessage, tokens: dict[int, str]) -> Mail | Sms:
    make = content.sms if message.channel == OutboxMessage.Channel.SMS else content.mail
    return make(message, tokens, clock.now())


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
    """Send due messages until the process is asked to end; returns the exit code."""
    stop = threading.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stop.set())
    run(stop)
    return 0
