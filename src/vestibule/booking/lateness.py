"""Who does not come: noted by itself where a service says so, with the way to another time."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from vestibule.booking import access, announcements, status
from vestibule.booking.models import Appointment, Service
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

S = Appointment.Status
RECENT = timedelta(days=2)
MOST_AT_ONCE = 200


def note_missed() -> int:
    """Note each appointment nobody of the consumer's side came to, and tell them; return how many there were.

    Only online ones, where coming is seen, whose service sets a time to wait, and whose visit staff did not start.
    Whoever said that they run late is waited for that much longer. Who comes after all is let in as before.
    """
    waits = dict(Service.objects.exclude(no_show_after_minutes=None).values_list("pk", "no_show_after_minutes"))
    if not waits:
        return 0
    now = clock.now()
    came = Participant.objects.filter(
        meeting_id=OuterRef("meeting_id"),
        kind__in=(Participant.Kind.CONSUMER, Participant.Kind.HELPER),
        arrived_at__isnull=False,
    )
    begun = Appointment.objects.filter(
        ~Exists(came),
        business__in=set(Service.objects.filter(pk__in=waits).values_list("business_id", flat=True)),
        status=S.BOOKED,
        start_minute__gt=to_minute(now - RECENT),
        start_minute__lte=to_minute(now),
        service_id__in=waits,
        meeting__state=Meeting.State.PLANNED,
    ).select_related("meeting")
    overdue = [one for one in begun[: MOST_AT_ONCE * 5] if _waited_until(one, waits[one.service_id]) <= to_minute(now)]
    return sum(_note(one) for one in overdue[:MOST_AT_ONCE])


def _waited_until(appointment: Appointment, minutes: int | None) -> int:
    return appointment.start_minute + (minutes or 0) + (appointment.running_late_minutes or 0)


def _note(appointment: Appointment) -> bool:
    with writing():
        current = access.locked(SYSTEM, appointment)
        if current.status != S.BOOKED or current.meeting is None or current.meeting.state != Meeting.State.PLANNED:
            return False
        status.become(SYSTEM, current, S.NO_SHOW)
        announcements.teller(current).missed()
        access.record(SYSTEM, current, "no_show", noticed="automatically")
        return True
