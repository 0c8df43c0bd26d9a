"""The next appointment, from the desk in one step: same consumer, same service, same provider."""

from collections.abc import Sequence
from datetime import datetime

from vestibule.booking.models import Appointment
from vestibule.people.permissions import Actor


def suggest(actor: Actor, appointment: Appointment, *, weeks: Sequence[int] = (1, 2, 4)) -> list[datetime]:
    """Return a free start (aware UTC) about each of `weeks` after the appointment, at about the same time of day.

    Weeks with nothing free are left out.
    """
    raise NotImplementedError


def book(actor: Actor, appointment: Appointment, start: datetime, *, length_minutes: int | None = None) -> Appointment:
    """Book the consumer of `appointment` again, with the same service and provider; `follow_up_of` is set.

    Staff and keys only. Raises what booking raises, and NotPermitted.
    """
    raise NotImplementedError
