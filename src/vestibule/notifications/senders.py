"""The threads that hand messages over: they make a message, ask its gateways, and touch no table."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from vestibule.notifications import content, pushing
from vestibule.notifications.gateways import Carrier
from vestibule.notifications.handing import NobodyTook, hand_over
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.outcomes import Lost, NotSent, Outcome, Sent, TooLate
from vestibule.notifications.ports import DeliveryError, Mail, Push, Sms
from vestibule.store import clock

log = logging.getLogger(__name__)

TURN_SECONDS = 1.0
HURRIED_SECONDS = 0.1


class LeaseLost(Exception):
    """The worker stood still for so long that somebody else may have the message by now."""


class Turn:
    """Whose message is between one gateway's hands and ours: one message at a time, while the gateway is quick."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked_at: float | None = None
        self._spent = 0.0

    def take(self, patience: float, require: Callable[[], None]) -> bool:
        """Wait for the turn and take it; False once the gateway alone has used up `patience` seconds of the wait.

        How long we take ourselves does not count: what the gateway has taken is written down first. While it cannot
        be, `require` is asked again and again, and ends the wait by what it raises.
        """
        begun = self._spent_by_gateway()
        while not self._lock.acquire(timeout=patience):
            require()
            if self._spent_by_gateway() - begun >= patience:
                return False
        self._asked_at = time.monotonic()
        return True

    def answered(self) -> None:
        """Note that the gateway has answered."""
        self._spent, self._asked_at = self._spent_by_gateway(), None

    def end(self) -> None:
        """Let the next message be handed over: what came of this one is written down."""
        self._lock.release()

    def _spent_by_gateway(self) -> float:
        asked = self._asked_at
        return self._spent + (time.monotonic() - asked if asked is not None else 0.0)


@dataclass(eq=False)
class Parcel:
    """One message on its way, with the gateways that may be asked; `left_out`: others it has are resting.

    It may be handed over before the machine's second `until`, when the lease ends.
    """

    message: OutboxMessage
    tokens: dict[int, str]
    carriers: Sequence[Carrier[Any]]
    until: float
    left_out: bool = False
    turn: Turn | None = field(default=None, repr=False)

    @property
    def first(self) -> Carrier[Any]:
        """The gateway it leaves for."""
        return self.carriers[0]

    def end_turn(self) -> None:
        """Let the next message of the gateway be handed over: what came of this one is written down."""
        if self.turn is not None:
            self.turn.end()
            self.turn = None


class Senders:
    """So many threads. With a gateway that takes no key, one message at a time is between its hands and ours.

    A crash then repeats no more than that one. A message waits until the gateway has taken so many seconds for others,
    fewer in a hurry, so that a slow gateway is not made slower still.
    """

    def __init__(self, channel: str, most: int, *, keeps_all: bool) -> None:
        self.most = most
        self._patience = TURN_SECONDS
        self._channel, self._keeps_all = channel, keeps_all
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=f"send-{channel}")
        self._turns: defaultdict[str, Turn] = defaultdict(Turn)

    def start(self, parcel: Parcel) -> Future[Outcome]:
        """Hand a message over in a thread of its own; the future never raises."""
        return self._pool.submit(self._send, parcel)

    def hurry(self, much_is_due: bool) -> None:
        """Wait for one's turn less long while much is due."""
        self._patience = HURRIED_SECONDS if much_is_due else TURN_SECONDS

    def release(self) -> None:
        """Wait for what is being sent and let the threads go."""
        self._pool.shutdown(wait=True)

    def _send(self, parcel: Parcel) -> Outcome:
        message = parcel.message
        if message.not_after is not None and clock.now() >= message.not_after:
            return TooLate(message)
        try:
            return self._handed(parcel, _made(message, parcel.tokens, self._channel))
        except LeaseLost:
            log.warning("message %s was held for too long and is left to others", message.ref)
            return Lost(message)
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

    def _handed(self, parcel: Parcel, made: Mail | Sms | Push) -> Sent:
        try:
            taken = hand_over(
                parcel.carriers,
                made,
                keep=lambda kept: kept.ref,
                before=partial(_require_lease, parcel),
                turn=partial(self._await_turn, parcel),
                left_out=parcel.left_out,
            )
        finally:
            if parcel.turn is not None:
                parcel.turn.answered()
        is_read_here = self._keeps_all or taken.carrier.gateway is None
        kept = content.kept(made) if is_read_here and not isinstance(made, Push) else {}
        return Sent(parcel.message, taken.carrier, taken.gateway_id, kept, taken.refusals)

    def _await_turn(self, parcel: Parcel, carrier: Carrier[Any]) -> None:
        parcel.end_turn()
        turn = self._turns[carrier.key]
        if turn.take(self._patience, partial(_require_lease, parcel)):
            parcel.turn = turn
        _require_lease(parcel)


def _require_lease(parcel: Parcel) -> None:
    if time.time() >= parcel.until:
        raise LeaseLost


def _made(message: OutboxMessage, tokens: dict[int, str], channel: str) -> Mail | Sms | Push:
    if channel == OutboxMessage.Channel.PUSH:
        return pushing.push(message, clock.now())
    make = content.sms if channel == OutboxMessage.Channel.SMS else content.mail
    return make(message, tokens, clock.now())
