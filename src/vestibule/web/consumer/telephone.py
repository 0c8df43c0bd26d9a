"""The telephone beside a visit: which ways there are, what was asked for, and the number that is known."""

from typing import Any

from vestibule.booking.models import Appointment
from vestibule.meetings import areas, call_requests, identity
from vestibule.meetings.models import Participant


def phone_context(seat: Participant) -> dict[str, Any]:
    """Return what `parts/by_phone.html` shows for a seat: the ways, an open request, and the number known.

    The number of whoever booked is offered to them alone, never to a helper, and not while it is what they are asked
    to be recognised by.
    """
    asked = call_requests.open_of(seat)
    booked = own_appointment(seat)
    known = booked.phone if booked is not None else call_requests.known_number(seat, seat.meeting)
    return {
        "ways": call_requests.ways(seat.meeting.business_id),
        "asked": asked,
        "phone": asked.phone if asked is not None else "" if _is_asked_for(seat) else known,
    }


def _is_asked_for(seat: Participant) -> bool:
    found = identity.of(seat, areas.area_of(seat.meeting))
    return "phone" in found.asked and not found.is_settled


def own_appointment(seat: Participant) -> Appointment | None:
    """Return the appointment of a consumer's seat; None for helpers, and for walk-ins."""
    if seat.kind != Participant.Kind.CONSUMER:
        return None
    rows = Appointment.objects.select_related("service__business", "service__location", "provider", "business")
    return rows.filter(meeting=seat.meeting).first()
