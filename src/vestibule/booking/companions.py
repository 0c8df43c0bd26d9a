"""Helpers and interpreters: people a consumer brings, with a seat in the meeting and a link of their own."""

from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Helper
from vestibule.people.permissions import Actor


def add_helper(actor: Actor, appointment: Appointment, helper: Helper) -> str:
    """Invite somebody into the visit of an appointment and return the address they join by: it is shown this once.

    With an e-mail address they are told, now and when the appointment changes. "" when it is not held online, or not
    approved yet. Raises Invalid or InvalidContact naming `name`, `email`, `kind` or `helpers` (five at most),
    WrongStatus, AlreadyCancelled.
    """
    raise NotImplementedError


def remove_helper(actor: Actor, appointment: Appointment, index: int) -> Appointment:
    """Take helper number `index` of `appointment.helpers` out: the link opens nothing any more. Raises NotFound."""
    raise NotImplementedError
