"""Keeping a time for somebody who is still typing. A hold blocks the time for everyone else, to the second."""

from datetime import datetime

from vestibule.booking.models import Hold, Service
from vestibule.people.models import Provider

SECONDS = 300
MOST_PER_CLIENT = 3


def hold(service: Service, start: datetime, *, provider: Provider | None = None, client: str = "") -> Hold:
    """Keep `start` for five minutes and return the hold; `hold.ref` is the secret that books it.

    `client` says who asks (session or address); each may keep three times, and an older one of the same client
    is given up first. Raises what booking the start would raise, and TooMany.
    """
    raise NotImplementedError


def release(ref: str) -> None:
    """Give a hold up; unknown and expired ones are ignored."""
    raise NotImplementedError
