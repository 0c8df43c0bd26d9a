"""Tells that the place of a meeting outside came to stand, stopped, or went wrong, in the transaction of the change."""

from vestibule.meetings.listeners import happened
from vestibule.meetings.models import Meeting
from vestibule.meetings.outside import OutsideShown, shown
from vestibule.people import audit
from vestibule.people.permissions import SYSTEM

EVENT = "outside_changed"


def tell(meeting: Meeting, before: OutsideShown | None) -> None:
    """Let pages that show `meeting`, and calendars with it, learn of its place, if that is not as it was `before`."""
    now = shown(meeting)
    if now == before:
        return
    state = now.state if now is not None else ""
    happened(meeting, None, EVENT, state=state)
    audit.record(SYSTEM, meeting.business_id, "meeting.outside_changed", "meeting", meeting.ref, state=state)
