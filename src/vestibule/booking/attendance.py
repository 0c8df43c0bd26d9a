"""What happens to an appointment when something happens in its meeting."""

from vestibule.booking import announcements, calendar_entries, status
from vestibule.booking.models import Appointment
from vestibule.meetings import outside_news
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.outcome import was_met
from vestibule.notifications import outbox
from vestibule.notifications.facts import Kind
from vestibule.people import audit
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock

S = Appointment.Status
AFTER: dict[str, str] = {
    "arrived": S.ARRIVED,
    "waiting": S.WAITING,
    "left_waiting": S.ARRIVED,
    "admitted": S.IN_VISIT,
    "joined": S.IN_VISIT,
    "back_in_queue": S.WAITING,
}


def on_meeting_event(meeting: Meeting, participant: Participant | None, event: str) -> None:
    """Let the appointment of `meeting` follow its consumer: arrived, waiting, in visit; and how it ended.

    Ended, it was completed if they were let in and somebody met them; they were not seen if they came; they did not
    come if staff opened the visit and its time had begun. A meeting that ends otherwise leaves the appointment to
    staff, who know why. What the status does not allow, such as coming to a cancelled appointment, changes nothing.
    """
    if event == outside_news.EVENT:
        return _placed(meeting)
    by_consumer = participant is not None and participant.kind == Participant.Kind.CONSUMER
    if not by_consumer and event != "ended":
        return
    rows = Appointment.objects.select_for_update(of=("self",)).filter(meeting=meeting)
    appointment = rows.select_related("service", "provider", "business").first()
    if appointment is None:
        return
    wanted = _ending(meeting, appointment) if event == "ended" else AFTER.get(event)
    if wanted is None or wanted not in status.NEXT[appointment.status]:
        return
    actor = _who(meeting, participant)
    status.become(actor, appointment, wanted)
    if wanted == S.NO_SHOW:
        announcements.teller(appointment).missed()
    if wanted == S.NOT_SEEN:
        outbox.drop(appointment.ref, [Kind.FOLLOW_UP])
    if wanted == S.ARRIVED and event == "arrived":
        announcements.teller(appointment).arrived()
    audit.record(actor, appointment.business_id, f"appointment.{wanted}", "appointment", appointment.ref)


def _placed(meeting: Meeting) -> None:
    """The place of a meeting outside came to stand, or is no more: calendars of staff say how to join there."""
    for appointment in Appointment.objects.filter(meeting=meeting).select_related("service__location", "business"):
        calendar_entries.show(appointment, announcements.team_of(appointment))


def _ending(meeting: Meeting, appointment: Appointment) -> str | None:
    """Return how an appointment ended whose meeting has just ended; None where only staff can say."""
    if appointment.status == S.IN_VISIT:
        return S.COMPLETED if was_met(meeting) else S.NOT_SEEN
    if appointment.status in (S.ARRIVED, S.WAITING):
        return S.NOT_SEEN
    was_waited_for = meeting.went_live_at is not None and clock.now() >= meeting.starts_at
    return S.NO_SHOW if appointment.status == S.BOOKED and was_waited_for else None


def _who(meeting: Meeting, participant: Participant | None) -> Actor:
    if participant is None:
        return Actor(ActorKind.SYSTEM, "meeting", meeting.business_id)
    return Actor(ActorKind.CONSUMER, participant.name, meeting.business_id)
