"""What came of trying to send one message."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vestibule.notifications.gateways import Carrier
from vestibule.notifications.handing import Refused
from vestibule.notifications.models import OutboxMessage

NOT_IN_TIME = "not sent in time"
"""What the row of a message says that was dropped because its time had passed."""


@dataclass(frozen=True)
class Sent:
    """A message that was taken: by what, under which id there, what of it is kept for reading, and who had refused."""

    message: OutboxMessage
    carrier: Carrier[Any]
    gateway_id: str
    kept: dict[str, Any]
    refusals: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class NotSent:
    """A message that was not taken, whether there is any use in trying again, and how long a gateway asks to wait."""

    message: OutboxMessage
    error: str
    permanent: bool
    wait: timedelta | None = None
    refusals: tuple[Refused, ...] = ()

    @property
    def is_down(self) -> bool:
        """Whether nothing speaks against the message: its gateways take nothing at all."""
        return bool(self.refusals) and all(one.is_down for one in self.refusals)


@dataclass(frozen=True)
class TooLate:
    """A message whose time had passed when its turn came."""

    message: OutboxMessage


@dataclass(frozen=True)
class Lost:
    """A message that was held for so long that another worker may have it: not sent here."""

    message: OutboxMessage


@dataclass(frozen=True)
class HeldBack:
    """A message that is not sent at all, and why, as staff read it."""

    message: OutboxMessage
    words: str


@dataclass(frozen=True)
class PutOff:
    """A message that leaves later: when, and why."""

    message: OutboxMessage
    until: datetime
    words: str


Outcome = Sent | NotSent | TooLate | Lost | HeldBack | PutOff
