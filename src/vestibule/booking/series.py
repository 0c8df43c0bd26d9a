"""Appointments that recur: every occurrence is checked, and all that were chosen are booked, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Wish
from vestibule.people.permissions import Actor

WEEK, MONTH = "week", "month"


@dataclass(frozen=True)
class Occurrence:
    """One date of a series: its aware UTC start, and whether it is free.

    If it is not, `code` and `sentence` are the refusal, and `alternatives` free starts near it (aware UTC).
    """

    start: datetime
    is_free: bool
    code: str = ""
    sentence: str = ""
    alternatives: list[datetime] = field(default_factory=list)


def plan(actor: Actor, wish: Wish, *, unit: str, step: int, count: int) -> list[Occurrence]:
    """Return the `count` occurrences of a series that begins at `wish.start`, each checked; nothing is kept.

    `unit` is "week" or "month", `step` how many of them lie between two; `count` is 2 to the service's
    `most_occurrences` (staff: to 52). In the business' zone each has the same time of day, through clock changes;
    monthly ones keep the weekday of the month, such as the second Tuesday, the fifth becoming the last.
    Raises Invalid naming `count`, `unit` or `step`, and what `availability` raises about the service.
    """
    raise NotImplementedError


def book(actor: Actor, wish: Wish, *, unit: str, step: int, starts: Sequence[datetime]) -> list[Appointment]:
    """Book every one of `starts` (aware; at least one; of a plan or of its alternatives), or none of them.

    `wish.start` is passed over; its hold counts for the start it is of. With the same provider throughout if one is
    wished for. The consumer gets one mail about all of them. Raises what booking the first that fails would raise,
    with `facts["start"]`.
    """
    raise NotImplementedError


def cancel_rest(actor: Actor, appointment: Appointment, *, reason: str = "") -> list[Appointment]:
    """Cancel this appointment and all later ones of its series; return those that were cancelled.

    Ones that are over or cancelled are passed over. Raises what cancelling any of the others would raise, and then
    cancels none.
    """
    raise NotImplementedError


def others(appointment: Appointment) -> list[Appointment]:
    """Return the other appointments of its series, by start; none when it is in no series."""
    raise NotImplementedError
