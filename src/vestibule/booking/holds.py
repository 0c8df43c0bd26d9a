"""Keeping a time for somebody who is still typing. A hold blocks the time for everyone else, to the second."""

import hashlib
import secrets
from datetime import datetime, timedelta

from vestibule.booking import availability, seating
from vestibule.booking.errors import HoldExpired, TooManyHolds
from vestibule.booking.models import Hold, Service
from vestibule.booking.seating import Aim, Place
from vestibule.people.models import Provider
from vestibule.store import clock, rows
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

SECONDS = 300
MOST_PER_CLIENT = 3
MOST_PER_ADDRESS = 20  # which a whole office may share
MOST_LOCAL = 2000  # behind a proxy that is not trusted, everybody shares the machine's own


def hold(
    service: Service,
    start: datetime,
    *,
    provider: Provider | None = None,
    length: int | None = None,
    client: str = "",
    most: int = MOST_PER_CLIENT,
    seconds: int = SECONDS,
    instead_of: str = "",
) -> Hold:
    """Keep `start` for five minutes (or `seconds`) and return the hold; `hold.ref` is the secret that books it.

    `length` in minutes is one of `availability.lengths_of`. `instead_of` is the reference of an own hold that gives
    way, be it of the same start; when the start cannot be kept, it stays.
    `client` says who asks (session or address); each may keep `most` times at once.
    Raises what booking the start would raise, and TooManyHolds.
    """
    availability.require_offered(service, start)
    expires = clock.now().replace(microsecond=0) + timedelta(seconds=seconds)
    ref = secrets.token_urlsafe(20)
    aim = Aim(
        service,
        to_minute(start),
        service.business.timezone,
        provider.pk if provider else None,
        holder=instead_of,
        keeping=(ref, int(expires.timestamp())),
        length=length,
    )
    who = hashlib.sha256(client.encode()).hexdigest() if client else ""
    with writing():
        if who and Hold.objects.filter(client=who, expires_at__gt=clock.now()).count() >= most:
            raise TooManyHolds
        return seating.take(aim, lambda place: _store(service, place, ref, who, expires))


def release(ref: str) -> None:
    """Give a hold up; unknown and expired ones are ignored."""
    with writing():
        found = Hold.objects.filter(ref=ref, expires_at__gt=clock.now()).first()
        if found is not None:
            seating.give_up_hold(found)


def require(ref: str, service: Service, start: datetime) -> Hold:
    """Return the live hold `ref` of this start. Raises HoldExpired for any other."""
    found: Hold | None = Hold.objects.filter(
        ref=ref, service=service, start_minute=to_minute(start), expires_at__gt=clock.now()
    ).first()
    if found is None:
        raise HoldExpired
    return found


def is_of(ref: str, service: Service, start: datetime) -> bool:
    """Tell whether `ref` is a hold of this start, even one that has expired."""
    return Hold.objects.filter(ref=ref, service=service, start_minute=to_minute(start)).exists()


def purge() -> int:
    """Delete what is left of expired holds; return how many. They block nothing, so any time will do."""
    gone = 0
    for found in Hold.objects.filter(expires_at__lte=clock.now() - timedelta(hours=1))[:200]:
        with writing():
            seating.give_up_hold(found)
            gone += 1
    return gone


def _store(service: Service, place: Place, ref: str, who: str, expires: datetime) -> Hold:
    made = Hold(
        business_id=service.business_id,
        ref=ref,
        client=who,
        service=service,
        start_minute=place.start,
        end_minute=place.end,
        created_at=clock.now(),
        expires_at=expires,
    )
    rows.insert([made])
    place.seat(hold=made)
    return made
