"""What a browser shows on its way to a connection, so that any process can answer each step without knowing the others.

A place is what a browser keeps through all its connections: its name is signed. A ticket opens a connection: it is made
of the browser's token, encrypted, since a WebSocket carries no header of its own.
"""

import hmac
import secrets as chance
import time
from dataclasses import dataclass
from typing import Final

from cryptography.fernet import InvalidToken

from vestibule.people import secrets

TICKET_SECONDS: Final = 60
_PURPOSE: Final = "realtime ticket"


class Wrong(Exception):
    """A ticket that opens nothing: forged, or older than a minute."""


@dataclass(frozen=True)
class Ticket:
    """What opens a connection: for which place, with whose token, and whether the place has been connected before."""

    place: str
    token: str
    again: bool
    program: str = ""


def new_place() -> str:
    """Return a name for the place of one browser."""
    return chance.token_hex(12)


def signature(place: str, holder: str) -> str:
    """Return what shows that `holder` was given `place`."""
    return secrets.derived("realtime place", f"{place} {holder}")


def is_signed(place: str, holder: str, given: str) -> bool:
    """Tell whether `holder` was given `place`."""
    return hmac.compare_digest(signature(place, holder).encode(), given.encode())


def issue(ticket: Ticket) -> str:
    """Return a ticket as it travels in an address."""
    clear = "\n".join((str(int(time.time())), ticket.place, str(int(ticket.again)), ticket.program, ticket.token))
    return secrets.encrypt(_PURPOSE, clear.encode())


def opened(given: str) -> Ticket:
    """Return what a ticket says. Raises Wrong."""
    try:
        clear = secrets.decrypt(_PURPOSE, given).decode()
        made_at, place, again, program, token = clear.split("\n")
    except (InvalidToken, ValueError) as wrong:
        raise Wrong from wrong
    if time.time() - int(made_at) > TICKET_SECONDS:
        raise Wrong
    return Ticket(place, token, again == "1", program)
