"""What carries each call, and moving a live one: between the browsers, or over a media server where that is needed."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from vestibule.meetings import join_ways
from vestibule.meetings.access import OVER, locked_meeting, locked_seat, require_going_on
from vestibule.meetings.backends import backend_named
from vestibule.meetings.calls import may_moderate
from vestibule.meetings.errors import BackendSilent, CallFull, NotSetUp, WrongState
from vestibule.meetings.listeners import happened
from vestibule.meetings.models import TURNED_AWAY, Meeting, MeetingEvent, Participant, Recording, VisitRules
from vestibule.meetings.ports import BackendEvent, Capabilities, RoomRef
from vestibule.people import audit
from vestibule.people.permissions import SYSTEM
from vestibule.store.transactions import writing

P2P, SFU = "p2p", "livekit"
State = Participant.State
Choice = VisitRules.Backend
FAILURES_BEFORE_MOVE = 2
"""How often browsers may fail to reach each other before a call that may move does."""


@dataclass(frozen=True)
class Offer:
    """One backend as the rules page shows it: whether it can be chosen, and if not, why and what to do."""

    backend: str
    possible: bool
    why_not: str = ""


@dataclass(frozen=True)
class Move:
    """A call that is to move to `room` for a reason: `people`, `recording`, `line`, `staff` or `server`."""

    meeting: str
    room: RoomRef
    why: str


def is_set_up(backend: str) -> bool:
    """Tell whether the settings hold `backend`."""
    return backend in settings.MEETING_BACKENDS


def offers() -> list[Offer]:
    """Return what a business may choose between, the impossible included, with the reason."""
    if is_set_up(SFU):
        return [Offer(Choice.AUTO, True), Offer(Choice.P2P, True), Offer(Choice.LIVEKIT, True)]
    return [Offer(Choice.AUTO, True), Offer(Choice.P2P, True), Offer(Choice.LIVEKIT, False, no_media_server())]


def no_media_server() -> str:
    """Say why there is no media server, and what to do about it."""
    return _(
        "No media server is set up, so calls hold four people and cannot be recorded. "
        "Whoever runs this server can set one up: VESTIBULE_LIVEKIT_URL, with key and secret."
    )


def capabilities(meeting: Meeting) -> Capabilities:
    """Return what the call of `meeting` can do now."""
    return backend_named(carried_by(meeting)).capabilities


def carried_by(meeting: Meeting) -> str:
    """Return the backend of `meeting`; browsers alone, where its media server is no longer set up."""
    return str(meeting.backend) if is_set_up(meeting.backend) else P2P


def most_people(meeting: Meeting) -> int:
    """Return how many people the call of `meeting` can hold at most, after a move if need be."""
    if join_ways.is_at_microsoft(meeting):
        return join_ways.MOST_AT_MICROSOFT
    backends = {carried_by(meeting), *([SFU] if may_move(meeting, SFU) else [])}
    return max(backend_named(name).capabilities.max_participants for name in backends)


def rules_of(meeting: Meeting) -> VisitRules:
    """Return the rules of the meeting's business, without asking again where they were read with it."""
    return getattr(meeting.business, "visit_rules", None) or VisitRules(business_id=meeting.business_id)


def may_move(meeting: Meeting, to: str) -> bool:
    """Tell whether the rules and the settings let the call of `meeting` be carried by `to`."""
    rules = rules_of(meeting)
    return is_set_up(to) and rules.backend in (Choice.AUTO, to)


def other_ways(meeting: Meeting) -> list[str]:
    """Return by what else the rules and the settings let the call of `meeting` be carried; not where Microsoft does."""
    if join_ways.is_at_microsoft(meeting):
        return []
    return [name for name in (P2P, SFU) if name != carried_by(meeting) and may_move(meeting, name)]


def room_of(meeting: Meeting) -> RoomRef:
    """Return where the call of `meeting` is."""
    return RoomRef(carried_by(meeting), meeting.ref, epoch=meeting.epoch)


def before_joining(seat_ref: str) -> Move | None:
    """Return the move that must come before `seat_ref` joins, or None.

    An empty call begins where the rules want it; one that is full moves to the media server where that may be.
    Raises CallFull when it may not. Nothing is stored: call `moved` once the new room is there.
    """
    seat = Participant.objects.select_related("meeting").get(ref=seat_ref)
    meeting = seat.meeting
    others = meeting.participants.filter(state=State.IN_CALL).exclude(pk=seat.pk).count()
    wanted = _wanted_at_start(meeting)
    if others == 0:
        return _move(meeting, wanted, "server") if wanted != meeting.backend else None
    limit = capabilities(meeting).max_participants
    if others < limit:
        return None
    if meeting.backend == SFU or not may_move(meeting, SFU):
        raise CallFull(limit)
    return _move(meeting, SFU, "people")


def after_failure(seat_ref: str) -> Move | None:
    """Note that the browsers did not reach each other; return the move that helps, if there is one."""
    with writing():
        seat = locked_seat(seat_ref)
        if seat.state != State.IN_CALL or seat.meeting.backend != P2P:
            return None
        happened(seat.meeting, seat, "line_failed")
        failures = MeetingEvent.objects.filter(
            meeting=seat.meeting, kind="line_failed", details__moved__isnull=True
        ).count()
        if failures < FAILURES_BEFORE_MOVE or not may_move(seat.meeting, SFU):
            return None
        return _move(seat.meeting, SFU, "line")


def by_staff(seat_ref: str, to: str) -> Move | None:
    """Return the move somebody who may moderate asks for; None if the call is there already.

    Raises NotPermitted, NotSetUp with the reason, or CallFull when more people are in than `to` carries.
    """
    meeting = may_moderate(seat_ref).meeting
    if carried_by(meeting) == to:
        return None
    require_possible(meeting, to)
    if meeting.recordings.filter(state=Recording.State.RUNNING).exists():
        raise WrongState(_("The call is being recorded, which ties it to where it is. End the recording first."))
    limit = backend_named(to).capabilities.max_participants
    if meeting.participants.filter(state=State.IN_CALL).count() > limit:
        raise CallFull(limit)
    return _move(meeting, to, "staff")


def after_silence(seat_ref: str) -> Move | None:
    """Return the move away from a media server that does not answer, if the rules allow it and the people fit."""
    meeting = Participant.objects.select_related("meeting").get(ref=seat_ref).meeting
    if meeting.backend == P2P or not may_move(meeting, P2P):
        return None
    others = meeting.participants.filter(state=State.IN_CALL).exclude(ref=seat_ref).count()
    fits = others < backend_named(P2P).capabilities.max_participants
    return _move(meeting, P2P, "server") if fits else None


def is_in_call(seat_ref: str) -> bool:
    """Tell whether somebody is in the call."""
    return bool(Participant.objects.filter(ref=seat_ref, state=State.IN_CALL).exists())


def is_shut_out(seat_ref: str) -> bool:
    """Tell whether somebody who may hold a token must stay out: staff took them out, or the meeting is over."""
    seat = Participant.objects.select_related("meeting").filter(ref=seat_ref).first()
    if seat is None:
        return True
    return seat.state in TURNED_AWAY or seat.meeting.state in OVER


def note(event: BackendEvent) -> None:
    """Keep in the meeting's log what a media server says of who came and left; its word changes nothing else."""
    with writing():
        meeting = Meeting.objects.filter(ref=event.meeting).first()
        if meeting is None:
            return
        seat = meeting.participants.filter(ref=event.participant).first() if event.participant else None
        happened(meeting, seat, f"media_{event.kind}", epoch=event.epoch)


def is_intruder(event: BackendEvent) -> bool:
    """Tell whether somebody who came into a room may not be there: they are not in the call, or the meeting is over."""
    seat = Participant.objects.select_related("meeting").filter(ref=event.participant).first()
    if seat is None:
        # The recorder and other services of the media server have names of their own.
        return False
    return seat.meeting.ref != event.meeting or seat.state != State.IN_CALL or seat.meeting.state in OVER


def for_recording(meeting: Meeting) -> Move | None:
    """Return the move a recording needs; None if the call is carried by what can record. Raises NotSetUp."""
    if capabilities(meeting).recording:
        return None
    require_possible(meeting, SFU)
    return _move(meeting, SFU, "recording")


def require_possible(meeting: Meeting, backend: str) -> None:
    """Raise NotSetUp, with the reason, unless calls of this business may be carried by `backend`."""
    if not is_set_up(backend):
        raise NotSetUp(no_media_server())
    if not may_move(meeting, backend):
        raise NotSetUp(_("The rules of this business keep its calls where they are. A manager can change them."))


def moved(move: Move) -> bool:
    """Store that the call is carried elsewhere from now on; False if it moved or ended meanwhile."""
    with writing():
        meeting = locked_meeting(move.meeting)
        require_going_on(meeting)
        if meeting.epoch != move.room.epoch - 1:
            return False
        meeting.backend, meeting.epoch = move.room.backend, move.room.epoch
        meeting.save(update_fields=["backend", "epoch"])
        facts: dict[str, Any] = {"backend": move.room.backend, "epoch": move.room.epoch, "why": move.why}
        happened(meeting, None, "carried", **facts)
        audit.record(SYSTEM, meeting.business_id, "meeting.carried", "meeting", meeting.ref, **facts)
        return True


def silent(backend: str) -> BackendSilent:
    """Return the refusal for a media server that does not answer."""
    return BackendSilent(backend)


def _wanted_at_start(meeting: Meeting) -> str:
    rules = rules_of(meeting)
    if rules.backend == Choice.LIVEKIT and is_set_up(SFU):
        return SFU
    return P2P if rules.backend == Choice.P2P else carried_by(meeting)


def _move(meeting: Meeting, to: str, why: str) -> Move:
    return Move(meeting.ref, RoomRef(to, meeting.ref, epoch=meeting.epoch + 1), why)
