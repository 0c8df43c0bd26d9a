"""What the page around is told of an appointment: which, of what, when. Nothing about the person."""

from django.http import HttpRequest

from vestibule.booking.models import Appointment
from vestibule.web import times
from vestibule.web.framed import tell


def booked(request: HttpRequest, appointment: Appointment) -> None:
    """It was booked, or asked for."""
    tell(request, "booked", _timed(appointment))


def moved(request: HttpRequest, appointment: Appointment) -> None:
    """It has another time."""
    tell(request, "moved", _timed(appointment))


def cancelled(request: HttpRequest, appointment: Appointment) -> None:
    """It will not be, or is not asked for any more."""
    tell(request, "cancelled", _named(appointment))


def _named(appointment: Appointment) -> dict[str, str]:
    return {"appointment": appointment.ref, "service": appointment.service.slug}


def _timed(appointment: Appointment) -> dict[str, str]:
    is_request = appointment.status == Appointment.Status.REQUESTED
    return {
        **_named(appointment),
        "start": times.iso(appointment.start),
        "end": times.iso(appointment.end),
        "status": "requested" if is_request else "booked",
    }
