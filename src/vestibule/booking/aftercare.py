"""What a consumer is sent after the visit: a message that waits on the page of the appointment."""

from collections.abc import Sequence

from vestibule.booking import announcements
from vestibule.booking.models import Appointment
from vestibule.meetings import notes
from vestibule.meetings.models import VisitNote
from vestibule.people.permissions import Actor
from vestibule.store.transactions import writing


def send_note(actor: Actor, meeting_ref: str, text: str, files: Sequence[str] = ()) -> VisitNote:
    """Make a message readable for the consumer of a meeting and tell them that it is there, never what it says.

    A walk-in who gave no address is told nothing; they read it where their visit ended. Raises as `notes.send`.
    """
    with writing():
        note = notes.send(actor, meeting_ref, text, files)
        appointment = Appointment.objects.filter(meeting=note.meeting).select_related("business").first()
        if appointment is not None:
            announcements.teller(appointment).wrote(note.ref)
        return note


def reaches(appointment: Appointment | None) -> str:
    """Return the address at which the consumer learns of a message, "" where there is none."""
    if appointment is None:
        return ""
    return str(
        (appointment.email if appointment.takes_mails else "") or (appointment.phone if appointment.takes_texts else "")
    )
