"""What time does to meetings: forgotten ones end, and their logs are forgotten."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from vestibule.meetings.access import OVER
from vestibule.meetings.models import WAITS, Meeting, MeetingEvent, Participant
from vestibule.meetings.waiting import KEPT_FOR, close
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.transactions import writing

State = Participant.State
RECENT = timedelta(days=2)
KEPT = timedelta(days=30)
MOST_EVENTS = 2000


def end_forgotten() -> list[str]:
    """End each meeting that is past its closing with nobody in the call; return their references.

    Nobody pressed "End for everyone": the last one just left, or somebody still waits for staff who never came. One
    that nobody came to is left to staff, unless somebody came by without an appointment. A visit in a room is over
    once everybody has been gone for a while, however long the room itself is there.
    """
    now = clock.now()
    recent = Meeting.objects.filter(business__in=Business.objects.all(), starts_at__gt=now - RECENT, starts_at__lt=now)
    closed = recent.filter(closes_at__lte=now).exclude(participants__state=State.IN_CALL)
    planned = Q(state=Meeting.State.PLANNED)
    waited_for = planned & Q(participants__state__in=(State.ARRIVED, *WAITS))
    walked_in = planned & Q(kind=Meeting.Kind.WALK_IN)
    overdue = closed.filter(Q(state=Meeting.State.LIVE) | waited_for | walked_in).distinct()
    refs = {*overdue.values_list("ref", flat=True), *_left_rooms(recent).values_list("ref", flat=True)}
    return [ref for ref in sorted(refs) if _end(ref)]


def forget_old_events() -> int:
    """Delete a batch of events older than 30 days; return how many there were."""
    old = MeetingEvent.objects.filter(at__lt=clock.now() - KEPT).order_by("pk").values_list("pk", flat=True)
    keys = list(old[:MOST_EVENTS])
    if keys:
        with writing():
            MeetingEvent.objects.filter(pk__in=keys).delete()
    return len(keys)


def _left_rooms(recent: QuerySet[Meeting]) -> QuerySet[Meeting]:
    here = Q(participants__state__in=(State.ARRIVED, *WAITS, State.ADMITTED, State.IN_CALL))
    lately = Q(participants__state=State.LEFT, participants__left_at__gt=clock.now() - KEPT_FOR)
    rooms = recent.filter(kind=Meeting.Kind.ROOM, state=Meeting.State.LIVE, online__isnull=True)
    return rooms.filter(went_live_at__lte=clock.now() - KEPT_FOR).exclude(here).exclude(lately)


def _end(ref: str) -> bool:
    with writing():
        meeting: Meeting = Meeting.objects.select_for_update().get(ref=ref)
        is_busy = meeting.participants.filter(state=State.IN_CALL).exists()
        if meeting.state in OVER or is_busy:
            return False
        close(meeting, forgotten=True)
        return True
