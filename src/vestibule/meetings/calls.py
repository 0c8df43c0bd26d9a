"""Who is in the call. Being in is decided here and in the database; browsers only ask."""

from django.utils.translation import gettext as _

from vestibule.meetings import elsewhere, join_ways
from vestibule.meetings.access import locked_seat, require_going_on, require_unlocked
from vestibule.meetings.backends import backend_of
from vestibule.meetings.errors import CallFull, NotAdmitted
from vestibule.meetings.listeners import happened
from vestibule.meetings.models import Participant
from vestibule.meetings.roles import Ability, may
from vestibule.meetings.waiting import go_live, is_in, is_staff, take_out
from vestibule.people import audit
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock
from vestibule.store.transactions import writing

State = Participant.State


def join_call(seat_ref: str) -> Participant:
    """Put somebody who was let in into the call; staff open the meeting by it. Doing it again changes nothing.

    Raises NotAdmitted, MeetingOver, RoomLocked for somebody who was not in before, HeldElsewhere where there is no call
    of ours, or CallFull when as many as the backend carries are in already.
    """
    with writing():
        seat = locked_seat(seat_ref)
        require_going_on(seat.meeting)
        if not is_in(seat):
            raise NotAdmitted
        if seat.state == State.IN_CALL:
            return seat
        require_unlocked(seat)
        elsewhere.require_here(seat)
        limit = backend_of(seat.meeting.backend).capabilities.max_participants
        limit = join_ways.MOST_AT_MICROSOFT if join_ways.is_at_microsoft(seat.meeting) else limit
        if seat.meeting.participants.filter(state=State.IN_CALL).count() >= limit:
            raise CallFull(limit)
        if is_staff(seat):
            go_live(seat.meeting)
        seat.state, seat.joined_at = State.IN_CALL, clock.now()
        seat.save(update_fields=["state", "joined_at"])
        happened(seat.meeting, seat, "joined")
        return seat


def leave_call(seat_ref: str, reason: str = "") -> Participant:
    """Leave the call, or a visit that is held elsewhere. The admission stays: they may join again until it ends."""
    with writing():
        seat = locked_seat(seat_ref)
        if seat.state == State.IN_CALL or elsewhere.stays_in(seat):
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


def lock(by_ref: str, on: bool) -> None:
    """Lock the room, or unlock it, as the seat `by_ref`. Raises NotPermitted unless its role moderates."""
    with writing():
        by = _moderator(by_ref)
        meeting = by.meeting
        if meeting.is_locked == on:
            return
        meeting.is_locked = on
        meeting.save(update_fields=["is_locked"])
        event = "room_locked" if on else "room_unlocked"
        happened(meeting, by, event)
        audit.record(_as_actor(by), meeting.business_id, f"meeting.{event}", "meeting", meeting.ref)


def put_out(by_ref: str, seat_ref: str) -> Participant:
    """Take somebody out of the visit, as the seat `by_ref` of the same meeting whose role moderates.

    Raises NotPermitted, NotFound for a seat of another meeting, WrongState for staff and for who is not in.
    """
    with writing():
        by, seat = _moderator(by_ref), locked_seat(seat_ref)
        if seat.meeting_id != by.meeting_id:
            raise NotFound(_("That person is not in this visit."))
        take_out(_as_actor(by), seat)
        return seat


def may_moderate(seat_ref: str) -> Participant:
    """Return the seat if it is in the visit and its role moderates; raises as `require_in`, and NotPermitted."""
    seat = require_in(seat_ref)
    _require_moderation(seat)
    return seat


def _moderator(seat_ref: str) -> Participant:
    seat = locked_seat(seat_ref)
    require_going_on(seat.meeting)
    if not is_in(seat):
        raise NotAdmitted
    _require_moderation(seat)
    return seat


def _require_moderation(seat: Participant) -> None:
    if not may(seat, Ability.MODERATE):
        raise NotPermitted(_("Your role in this call does not allow this, so nothing was changed. Ask the host."))


def _as_actor(seat: Participant) -> Actor:
    kind = ActorKind.STAFF if is_staff(seat) else ActorKind.CONSUMER
    return Actor(kind, seat.name, seat.meeting.business_id)
