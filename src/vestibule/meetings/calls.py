"""Who is in the call. Being in is decided here and in the database; browsers only ask."""

from vestibule.meetings.access import locked_seat, require_going_on
from vestibule.meetings.backends import backend_named
from vestibule.meetings.errors import CallFull, NotAdmitted
from vestibule.meetings.listeners import happened
from vestibule.meetings.models import Participant
from vestibule.meetings.waiting import go_live, is_in, is_staff
from vestibule.store import clock
from vestibule.store.transactions import writing

State = Participant.State


def join_call(seat_ref: str) -> Participant:
    """Put somebody who was let in into the call; staff open the meeting by it. Doing it again changes nothing.

    Raises NotAdmitted, MeetingOver, or CallFull when as many as the backend carries are in already.
    """
    with writing():
        seat = locked_seat(seat_ref)
        require_going_on(seat.meeting)
        if not is_in(seat):
            raise NotAdmitted
        if seat.state == State.IN_CALL:
            return seat
        limit = backend_named(seat.meeting.backend).capabilities.max_participants
        if seat.meeting.participants.filter(state=State.IN_CALL).count() >= limit:
            raise CallFull(limit)
        if is_staff(seat):
            go_live(seat.meeting)
        seat.state, seat.joined_at = State.IN_CALL, clock.now()
        seat.save(update_fields=["state", "joined_at"])
        happened(seat.meeting, seat, "joined")
        return seat


def leave_call(seat_ref: str, reason: str = "") -> Participant:
    """Leave the call. The admission stays: they may join again until the meeting ends."""
    with writing():
        seat = locked_seat(seat_ref)
        if seat.state == State.IN_CALL:
            seat.state, seat.left_at = State.LEFT, clock.now()
            seat.save(update_fields=["state", "left_at"])
            happened(seat.meeting, seat, "left", reason=reason[:64])
        return seat


def require_in(seat_ref: str) -> Participant:
    """Return the seat if staff let it in and the meeting goes on; else raise NotAdmitted or MeetingOver.

    Ask it before anything that only people inside may have, such as credentials for media.
    """
    seat = Participant.objects.select_related("meeting").filter(ref=seat_ref).first()
    if seat is None:
        raise NotAdmitted
    require_going_on(seat.meeting)
    if not is_in(seat):
        raise NotAdmitted
    found: Participant = seat
    return found
