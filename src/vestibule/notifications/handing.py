"""Hands one message over: to the first gateway, and to the next when that one clearly did not take it.

Runs in the threads that send: it knows no tables.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from vestibule.notifications.gateways import Carrier
from vestibule.notifications.ports import DeliveryError, Gone, WithoutKey

log = logging.getLogger(__name__)
Message = TypeVar("Message")
LONGEST_ID, LONGEST_WORDS = 200, 500


@dataclass(frozen=True)
class Refused:
    """One gateway that did not take a message, and why. `is_down` says that it could take no other either.

    `is_gone`: who the message was for is not there any more.
    """

    carrier: Carrier[Any]
    words: str
    is_down: bool
    is_gone: bool = False


@dataclass(frozen=True)
class Taken:
    """The gateway that took a message, the id it has there, and the gateways that had not taken it before."""

    carrier: Carrier[Any]
    gateway_id: str
    refusals: tuple[Refused, ...] = ()


class NobodyTook(Exception):
    """No gateway took the message. `permanent`: no use in trying again; `wait`: what a gateway asked for."""

    def __init__(
        self, words: str, refusals: Sequence[Refused], *, permanent: bool, wait: timedelta | None = None
    ) -> None:
        super().__init__(words)
        self.refusals, self.permanent, self.wait = tuple(refusals), permanent, wait


def hand_over(
    carriers: Sequence[Carrier[Any]],
    message: Message,
    keep: Callable[[Message], str],
    *,
    before: Callable[[], None] = lambda: None,
    turn: Callable[[Carrier[Any]], None] = lambda _carrier: None,
    left_out: bool = False,
) -> Taken:
    """Give `message` to the first of `carriers` that takes it; `keep` is what takes it without a gateway.

    The next is asked only after an error that speaks of the gateway and says that the message was not taken.
    `before` is called before each is asked, `turn` by a gateway that takes no key, when from then on it may have the
    message; what they raise ends it. `left_out`: there are others, which nobody asks now. Raises NobodyTook.
    """
    refusals: list[Refused] = []
    errors: list[DeliveryError] = []
    for carrier in carriers:
        before()
        try:
            given = _given(carrier, message, turn) if carrier.gateway else keep(message)
        except DeliveryError as error:
            errors.append(error)
            refusals.append(_refused(carrier, error))
            if error.maybe_taken or not error.of_gateway:
                break
        else:
            return Taken(carrier, _writable(given, LONGEST_ID), tuple(refusals))
    raise NobodyTook(
        refusals[-1].words,
        refusals,
        permanent=_is_final(errors, left_out),
        wait=min((error.wait for error in errors if error.wait), default=None),
    )


def _refused(carrier: Carrier[Any], error: DeliveryError) -> Refused:
    words, is_down = _writable(str(error), LONGEST_WORDS), error.of_gateway and not error.permanent
    return Refused(carrier, words, is_down=is_down, is_gone=isinstance(error, Gone))


def _given(carrier: Carrier[Any], message: Any, turn: Callable[[Carrier[Any]], None]) -> str:
    gateway: Any = carrier.gateway
    if isinstance(gateway, WithoutKey):
        return gateway.send_in_turn(message, lambda: turn(carrier))
    given: str = gateway.send(message)
    return given


def _is_final(errors: Sequence[DeliveryError], left_out: bool) -> bool:
    """What is wrong with the message is so for all; what is wrong with a gateway only when all say it is for good."""
    last = errors[-1]
    return last.permanent and (not last.of_gateway or (not left_out and all(error.permanent for error in errors)))


def _writable(told: str, most: int) -> str:
    """Return what a gateway told as any database takes it: half a sign would stop all that is written with it."""
    return "".join(sign for sign in told[:most] if sign.isprintable())
