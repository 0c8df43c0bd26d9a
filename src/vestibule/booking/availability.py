"""Which starts are free: rows go in as integers, the slot engine answers, and what it needs is kept per provider.

Every time taken and given is an aware UTC datetime. `as_staff` leaves out notice, booking window and visibility:
staff may book what consumers may not, but never an overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vestibule.booking.models import Service
from vestibule.people.models import Provider


@dataclass(frozen=True, slots=True)
class Slot:
    """A free start; `providers` are the ids of who is free then (all who take part, for joint appointments)."""

    start: datetime
    end: datetime
    providers: tuple[int, ...]


@dataclass(frozen=True)
class Verdict:
    """What one rule says about a start: `rule` is a refusal code, `sentence` is for the reader."""

    rule: str
    allows: bool
    sentence: str


def free_starts(
    service: Service,
    since: datetime,
    until: datetime,
    *,
    provider: Provider | None = None,
    holder: str = "",
    as_staff: bool = False,
) -> list[Slot]:
    """Return the free starts of `service` with `since` <= start < `until`, earliest first; at most 62 days.

    `provider` asks for one person's starts only. `holder` is the reference of an own hold, which does not block.
    Raises ServiceHidden, ProviderNotOffered, or Invalid for a longer or reversed stretch.
    """
    raise NotImplementedError


def next_free(
    service: Service, after: datetime, *, provider: Provider | None = None, as_staff: bool = False
) -> Slot | None:
    """Return the first free start at or after `after` within the booking window (at most 400 days on), or None."""
    raise NotImplementedError


def days_with_free(
    service: Service,
    since: datetime,
    until: datetime,
    zone: str,
    *,
    provider: Provider | None = None,
    as_staff: bool = False,
) -> dict[date, int]:
    """Return how many free starts each local date in `zone` has; dates without any are left out."""
    raise NotImplementedError


def explain(service: Service, start: datetime, *, provider: Provider | None = None) -> Sequence[Verdict]:
    """Return what each rule says about `start`, for one provider or for the one who comes closest."""
    raise NotImplementedError
