"""Requests: appointments that wait for staff to say yes. They take their time until answered, or until they expire."""

from vestibule.booking.models import Appointment
from vestibule.people.permissions import Actor


def approve(actor: Actor, appointment: Appointment) -> Appointment:
    """Turn a request into a booked appointment: meeting and visit links are made, both sides told, reminders planned.

    Staff, keys and the own provider only. Raises NotPermitted, WrongStatus (no request any more), AlreadyCancelled.
    """
    raise NotImplementedError


def decline(actor: Actor, appointment: Appointment, *, reason: str = "") -> Appointment:
    """Turn a request down: it is cancelled by the business, its time is free, the consumer is told, with `reason`.

    Raises as `approve`.
    """
    raise NotImplementedError


def expire_due() -> int:
    """Cancel every request nobody answered in time and tell its consumer; return how many there were."""
    raise NotImplementedError
