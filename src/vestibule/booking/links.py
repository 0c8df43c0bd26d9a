"""The addresses of one appointment: to manage it, and to join the visit, for each who takes part."""

from dataclasses import dataclass

from vestibule.booking.models import Appointment


@dataclass(frozen=True)
class Addresses:
    """Absolute addresses with their tokens: secret, to be shown once or sent to their person. "" where none."""

    manage: str
    visit: str


def addresses(appointment: Appointment) -> Addresses:
    """Return the consumer's two addresses."""
    raise NotImplementedError


def provider_visit(appointment: Appointment) -> str:
    """Return the visit address of the appointment's provider, or "" without a meeting."""
    raise NotImplementedError
