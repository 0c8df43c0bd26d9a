"""The verbs that change an appointment. Each is one transaction: check, change, messages, audit entry.

Pages and every API dialect call these. What is returned is fresh from the database.
"""

from datetime import datetime

from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Contact, Helper, Wish
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor

__all__ = ["Contact", "Helper", "Wish", "book", "cancel", "complete", "move", "no_show", "running_late"]


def book(actor: Actor, wish: Wish) -> Appointment:
    """Book `wish` and return the appointment, with meeting, links and messages made.

    The public and consumers book what is offered; staff and keys with `change_appointments` also hidden services and
    times within the notice. Raises a refusal of `booking.errors`, or Invalid naming the field (`answers.<id>`).
    """
    raise NotImplementedError


def move(actor: Actor, appointment: Appointment, start: datetime, *, provider: Provider | None = None) -> Appointment:
    """Move an appointment to `start` (aware), to `provider` if given; links stay, messages move along.

    Raises AlreadyCancelled, WrongStatus, TooLateToChange (consumers), and what booking the start would raise.
    """
    raise NotImplementedError


def cancel(actor: Actor, appointment: Appointment, *, reason: str = "") -> Appointment:
    """Cancel an appointment: its time is free at once, reminders are dropped, both sides are told.

    Raises AlreadyCancelled, WrongStatus, TooLateToChange (consumers).
    """
    raise NotImplementedError


def no_show(actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the consumer did not come. From the start on, staff only."""
    raise NotImplementedError


def complete(actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the visit took place. From the start on, staff only."""
    raise NotImplementedError


def running_late(actor: Actor, appointment: Appointment, minutes: int) -> Appointment:
    """Let the other side know that the consumer is `minutes` (1 to 120) late; shown on the desk."""
    raise NotImplementedError
