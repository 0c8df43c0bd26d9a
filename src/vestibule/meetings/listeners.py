"""Telling the layers above what happened in a meeting, inside the transaction of the change."""

from functools import cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.meetings import call_news, outcome
from vestibule.meetings.models import Meeting, MeetingEvent, Participant
from vestibule.people import audit
from vestibule.people.permissions import Actor
from vestibule.store import clock


class Listener(Protocol):
    """Something `MEETING_LISTENERS` names. What it raises undoes the change."""

    def __call__(self, meeting: Meeting, participant: Participant | None, event: str) -> None: ...


@cache
def _load(path: str) -> Listener:
    return cast(Listener, import_string(path))


def happened(meeting: Meeting, participant: Participant | None, event: str, **details: Any) -> None:
    """Keep `event` in the meeting's log and call each listener with it.

    Statuses and reports follow arrived, waiting, left_waiting, held, back_in_queue, admitted, denied, removed, joined,
    left, started and ended; the others stand in the log alone.
    """
    MeetingEvent.objects.create(meeting=meeting, participant=participant, at=clock.now(), kind=event, details=details)
    outcome.note(meeting, participant, event)
    call_news.happened(meeting, participant, event)
    for path in settings.MEETING_LISTENERS:
        _load(path)(meeting, participant, event)


def done_by(actor: Actor, seat: Participant, event: str) -> None:
    """Tell of what `actor` did with somebody: in the meeting's log with their name, and in the audit."""
    happened(seat.meeting, seat, event, by=actor.label)
    audit.record(actor, seat.meeting.business_id, f"meeting.{event}", "meeting", seat.meeting.ref, participant=seat.ref)
