"""What came of trying to send one message."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from vestibule.notifications.gateways import Carrier
from vestibule.notifications.handing import Refused
from vestibule.notifications.models import OutboxMessage


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


@dataclass(frozen=True)
class TooLate:
    """A message whose time had passed when its turn came."""

    message: OutboxMessage


Outcome = Sent | NotSent | TooLate
