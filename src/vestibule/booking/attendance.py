"""What happens to an appointment when something happens in its meeting."""

from vestibule.booking import status
from vestibule.booking.models import Appointment
from vestibule.meetings.models import Meeting, Participant
from vestibule.people import audit
from vestibule.people.permissions import Actor, ActorKind

S = Appointment.Status
AFTER: dict[str, str] = {
    "arrived": S.ARRIVED,
    "waiting": S.WAITING,
    "left_waiting": S.ARRIVED,
    "admitted": S.IN_VISIT,
    "joined": S.IN_VISIT,
}


def on_meeting_event(meeting: Meeting, participant: Participant | None, event: str) -> None:
    """Let the appointment of `meeting` follow its consumer: arrived, waiting, in visit; completed when it ends.

    A meeting that ends without the consumer leaves the appointment to staff, who know why. What the status does not
    allow, such as coming to a cancelled appointment, changes nothing.
    """
    by_consumer = participant is not None and participant.kind == Participant.Kind.CONSUMER
    if not by_consumer and event != "ended":
        return
    appointment = Appointment.objects.select_for_update(of=("self",)).filter(meeting=meeting).first()
    if appointment is None:
        return
    wanted = S.COMPLETED if event == "ended" else AFTER.get(event)
    if wanted is None or wanted not in status.NEXT[appointment.status]:
        return
    if event == "ended" and appointment.status != S.IN_VISIT:
        return
    actor = _who(meeting, participant)
    status.become(actor, appointment, wanted)
    audit.record(actor, appointment.business_id, f"appointment.{wanted}", "appointment", appointment.ref)


def _who(meeting: Meeting, participant: Participant | None) -> Actor:
    if participant is None:
        return Actor(ActorKind.SYSTEM, "meeting", meeting.business_id)
    return Actor(ActorKind.CONSUMER, participant.name, meeting.business_id)
