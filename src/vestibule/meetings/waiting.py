"""The waiting room: coming, waiting, and being let in. Only staff let people in."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule.meetings import areas, elsewhere, identity, names, outcome, outside, visit_rules
from vestibule.meetings.access import (
    OVER,
    host_name,
    hosted_meeting,
    hosted_seat,
    locked_seat,
    require_going_on,
    require_unlocked,
)
from vestibule.meetings.errors import MeetingOver, PlaceLocked, QueueClosed, TooEarly, WrongState
from vestibule.meetings.listeners import done_by, happened
from vestibule.meetings.models import (
    TURNED_AWAY,
    WAITS,
    Meeting,
    OnlineMeeting,
    Participant,
    ParticipantQuerySet,
    VisitRules,
)
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

State = Participant.State
REJOIN = timedelta(minutes=2)
KEPT_FOR = timedelta(minutes=15)
"""How long the place of somebody whose connection is gone is kept, as when a phone was locked."""
TIMES = ("arrived_at", "waiting_since", "held_at", "admitted_at", "joined_at", "left_at")
"""What is kept of how far somebody has come."""
DEVICE_STATES = {
    "mic": frozenset({"ok", "denied", "missing", "busy", "silent", "off", "unknown"}),
    "cam": frozenset({"ok", "denied", "missing", "busy", "silent", "off", "unknown"}),
    "speaker": frozenset({"ok", "failed", "unknown"}),
    "network": frozenset({"direct", "relay", "blocked", "unknown"}),
    "bandwidth": frozenset({"video", "audio", "phone", "unknown"}),
    "browser": frozenset({"chrome", "edge", "firefox", "safari", "ios", "android", "other"}),
}


def is_staff(seat: Participant) -> bool:
    """Tell whether `seat` belongs to the business' side, which needs nobody to let it in."""
    return seat.kind == Participant.Kind.PROVIDER


def is_in(seat: Participant) -> bool:
    """Tell whether somebody let `seat` in and nobody has taken that back.

    Whoever left may come back within two minutes; then staff let them in anew. Staff may come back at any time.
    """
    if seat.state != State.LEFT or is_staff(seat):
        return was_in(seat) and seat.state in (State.ADMITTED, State.IN_CALL, State.LEFT)
    return was_in(seat) and seat.left_at is not None and clock.now() < seat.left_at + REJOIN


def was_in(seat: Participant) -> bool:
    """Tell whether somebody let `seat` in at some time, and has neither turned it away nor taken it out since."""
    return seat.admitted_at is not None and seat.state not in TURNED_AWAY


def is_newcomer(seat: Participant) -> bool:
    """Tell whether `seat` has no place in the queue yet, or none any more, and was never let in."""
    return seat.state not in WAITS and not was_in(seat) and not _has_place(seat, clock.now())


def is_turned_off(seat: Participant) -> bool:
    """Tell whether staff have closed the queue before this person stood in it: those who came by are not taken then."""
    meeting = seat.meeting
    if meeting.kind != Meeting.Kind.WALK_IN or seat.kind != Participant.Kind.CONSUMER or not is_newcomer(seat):
        return False
    return areas.is_closed(areas.area_of(meeting), clock.now())


def is_open(meeting: Meeting, now: datetime) -> bool:
    """Tell whether people may come to wait at `now`; a live meeting that overruns stays open, but no room does."""
    if meeting.state == Meeting.State.LIVE and meeting.kind != Meeting.Kind.ROOM:
        return True
    if meeting.state == Meeting.State.LIVE:
        return meeting.opens_at <= now < meeting.closes_at
    return meeting.state == Meeting.State.PLANNED and meeting.opens_at <= now < meeting.closes_at


def arrive(seat_ref: str) -> Participant:
    """A page with this seat has opened. Staff are in at once; others have arrived, if the room is open.

    A place in the queue and an admission are kept; a place in the call is not, since a new page is in no call. Whoever
    was lost from the queue for at most 15 minutes waits again at once, at the old place.
    """
    with writing():
        seat = locked_seat(seat_ref)
        now = clock.now()
        if not (is_open(seat.meeting, now) or (is_staff(seat) and seat.meeting.state not in OVER)):
            return seat
        if seat.meeting.kind == Meeting.Kind.ROOM and not is_staff(seat):
            _begin_if_nobody_is_here(seat.meeting, now)
            seat.refresh_from_db(fields=["state", *TIMES])
        if seat.state == State.IN_CALL:
            _save(seat, State.ADMITTED)
        elif _is_back(seat):
            _save(seat, State.ADMITTED)
            happened(seat.meeting, seat, "came_back")
        elif _has_place(seat, now):
            _save(seat, State.ON_HOLD if seat.held_at is not None else State.WAITING)
            happened(seat.meeting, seat, "waiting", again=True)
        elif seat.state == State.INVITED or (seat.state == State.LEFT and not is_in(seat)):
            seat.arrived_at = seat.arrived_at or now
            seat.waiting_since = seat.held_at = None
            if is_staff(seat):
                seat.admitted_at = now
            _save(seat, State.ADMITTED if is_staff(seat) else State.ARRIVED)
            happened(seat.meeting, seat, "arrived")
        return seat


def enter_waiting(seat_ref: str, name: str = "") -> Participant:
    """Take a place in the queue. Doing it again, or once let in, changes nothing.

    Raises TooEarly or MeetingOver outside the opening, WrongState for somebody staff turned away, and for who made no
    device check where the business asks for one, PlaceLocked after too many wrong answers, QueueClosed for a walk-in
    who comes after staff closed the queue.
    """
    with writing():
        seat = locked_seat(seat_ref)
        now = clock.now()
        if is_staff(seat):
            raise NotPermitted(_("Staff do not wait: you can join the call at once."))
        require_going_on(seat.meeting)
        if not is_open(seat.meeting, now):
            raise TooEarly(seat.meeting.opens_at) if now < seat.meeting.opens_at else MeetingOver()
        if seat.state in TURNED_AWAY:
            raise WrongState(_("Staff did not let you in. If you think this is a mistake, please call them."))
        if seat.state in WAITS or is_in(seat):
            return seat
        if seat.locked_at is not None:
            raise PlaceLocked
        if not seat.devices and _asks_for_check(seat.meeting):
            raise WrongState(_("Try your camera and microphone first. What does not work stops nobody."))
        if is_turned_off(seat):
            area = areas.area_of(seat.meeting)
            raise QueueClosed(areas.words_when_closed(area), area.closed_until)
        seat.name = names.of_guest(name or seat.name, seat.meeting.business_id)
        seat.arrived_at = seat.arrived_at or now
        seat.waiting_since = now
        _save(seat, State.WAITING)
        if seat.meeting.kind == Meeting.Kind.WALK_IN:
            outside.checked_in(seat.meeting)
        happened(seat.meeting, seat, "waiting")
        return seat


def _asks_for_check(meeting: Meeting) -> bool:
    return visit_rules.of(meeting.business_id).device_check == VisitRules.DeviceCheck.REQUIRED


def leave_waiting(seat_ref: str) -> Participant:
    """Give up the place in the queue. Raises WrongState once let in."""
    with writing():
        seat = locked_seat(seat_ref)
        if is_in(seat):
            raise WrongState(_("You have been let in already. Leave the call instead."))
        if seat.state in WAITS:
            seat.waiting_since = seat.held_at = None
            _save(seat, State.ARRIVED)
            happened(seat.meeting, seat, "left_waiting")
        return seat


def gone(seat_ref: str) -> Participant:
    """The connection was lost and the time to come back is over: the person has left.

    A place in the queue is remembered for who comes back soon. Who was let in to a visit held elsewhere is there now.
    """
    with writing():
        seat = locked_seat(seat_ref)
        if seat.state not in (State.ARRIVED, *WAITS, State.ADMITTED, State.IN_CALL) or elsewhere.stays_in(seat):
            return seat
        event = "left" if is_in(seat) else "left_waiting"
        if seat.state not in WAITS:
            seat.waiting_since = seat.held_at = None
        seat.left_at = clock.now()
        _save(seat, State.LEFT)
        happened(seat.meeting, seat, event, lost=True)
        return seat


def admit(actor: Actor, seat_ref: str, *, confirmed: bool = False) -> Participant:
    """Let somebody in. Twice is once. `confirmed`: the actor knows who it is.

    Raises WrongState for somebody who is not here or when the meeting is over; IdentityNotConfirmed or PlaceLocked
    where the area asks who people are and nobody has said so.
    """
    with writing():
        seat = hosted_seat(actor, seat_ref)
        require_going_on(seat.meeting)
        if is_in(seat):
            return seat
        if seat.state in (State.INVITED, State.LEFT):
            raise WrongState(_("%(name)s is not here at the moment, so nobody was let in.") % {"name": seat.name})
        _let_in(actor, seat, confirmed=confirmed)
        return seat


def start(actor: Actor, meeting_ref: str, *, confirmed: bool = False) -> Meeting:
    """Open the meeting and let in everyone who waits, but not who is on hold. `confirmed` and refusals: as `admit`."""
    with writing():
        meeting = hosted_meeting(actor, meeting_ref)
        require_going_on(meeting)
        go_live(meeting)
        for seat in meeting.participants.select_for_update().filter(state=State.WAITING):
            seat.meeting = meeting
            _let_in(actor, seat, confirmed=confirmed)
        return meeting


def hold(actor: Actor, seat_ref: str) -> Participant:
    """Set somebody who waits aside: they wait on, before nobody. Twice is once. Raises WrongState for anybody else."""
    with writing():
        seat = hosted_seat(actor, seat_ref)
        if seat.state == State.ON_HOLD:
            return seat
        if seat.state != State.WAITING:
            raise WrongState(_("%(name)s does not wait at the moment, so nothing was changed.") % {"name": seat.name})
        seat.held_at = clock.now()
        _save(seat, State.ON_HOLD)
        done_by(actor, seat, "held")
        return seat


def back_to_queue(actor: Actor, seat_ref: str) -> Participant:
    """Take somebody who is on hold, or was let in and is not in the call yet, back into the queue at the old place.

    Twice is once. Raises WrongState for anybody else: who is in the call can be removed.
    """
    with writing():
        seat = hosted_seat(actor, seat_ref)
        require_going_on(seat.meeting)
        if seat.state == State.WAITING:
            return seat
        if is_staff(seat) or seat.state not in (State.ON_HOLD, State.ADMITTED):
            raise WrongState(_("%(name)s cannot go back to the queue from where they are.") % {"name": seat.name})
        was_let_in = seat.state == State.ADMITTED
        seat.held_at = seat.admitted_at = None
        seat.waiting_since = seat.waiting_since or clock.now()
        _save(seat, State.WAITING)
        done_by(actor, seat, "back_in_queue")
        if was_let_in:
            outside.seated(seat.meeting, without=seat.ref)
        return seat


def deny(actor: Actor, seat_ref: str, words: str = "") -> Participant:
    """Turn somebody away with `words`, which they are shown. Raises WrongState once they are in: remove them."""
    with writing():
        seat = hosted_seat(actor, seat_ref)
        if is_in(seat):
            raise WrongState(_("%(name)s is in already. Remove them from the call instead.") % {"name": seat.name})
        if seat.state != State.DENIED:
            seat.waiting_since = seat.held_at = None
            seat.notice = _clean_words(words)
            _save(seat, State.DENIED)
            done_by(actor, seat, "denied")
            outside.seated(seat.meeting)
        return seat


def remove(actor: Actor, seat_ref: str) -> Participant:
    """Take back an admission and put the person out of the call."""
    with writing():
        seat = hosted_seat(actor, seat_ref)
        take_out(actor, seat)
        return seat


def take_out(actor: Actor, seat: Participant) -> None:
    """Take back the admission of a locked seat. Raises WrongState for staff and for who is not in."""
    if is_staff(seat):
        raise WrongState(_("Staff cannot be removed from a visit."))
    if not is_in(seat):
        raise WrongState(_("%(name)s is not in this visit.") % {"name": seat.name})
    seat.admitted_at = None
    seat.left_at = clock.now()
    _save(seat, State.REMOVED)
    done_by(actor, seat, "removed")
    outside.seated(seat.meeting)


def end_for_all(actor: Actor, meeting_ref: str) -> Meeting:
    """End the meeting for everyone. Twice is once."""
    with writing():
        meeting = hosted_meeting(actor, meeting_ref)
        if meeting.state in OVER:
            return meeting
        close(meeting, by=actor.label)
        audit.record(actor, meeting.business_id, "meeting.ended", "meeting", meeting.ref)
        return meeting


def seat_for_staff(actor: Actor, meeting_ref: str) -> Participant:
    """Return the seat of a member of staff, making one for a host who has none yet."""
    with writing():
        meeting = hosted_meeting(actor, meeting_ref)
        seats = meeting.participants.filter(kind=Participant.Kind.PROVIDER)
        own = seats.filter(provider_id=actor.provider_id) if actor.provider_id else seats.none()
        found: Participant | None = own.first() or seats.filter(user_id=actor.user_id).first()
        if found is not None:
            if found.state == State.REMOVED:  # the visit was somebody else's for a while
                _save(found, State.INVITED)
            return found
        made: Participant = Participant.objects.create(
            meeting=meeting,
            kind=Participant.Kind.PROVIDER,
            role=Participant.Role.PRESENTER,
            user_id=actor.user_id,
            provider_id=actor.provider_id,
            name=host_name(actor)[: names.LONGEST],
        )
        return made


def report_devices(seat_ref: str, report: Mapping[str, str]) -> Participant:
    """Keep what the browser says about camera, microphone, speaker, network and itself, and when it said so (`at`).

    Raises Invalid for a value that is not among DEVICE_STATES.
    """
    for field, value in report.items():
        if value not in DEVICE_STATES.get(field, ()):
            raise Invalid(_("This device report cannot be read, so it was not kept."), field=field)
    with writing():
        seat = locked_seat(seat_ref)
        seat.devices = {**seat.devices, **report, "at": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"}
        seat.save(update_fields=["devices"])
        return seat


def set_name(seat_ref: str, name: str) -> Participant:
    """Change the name others see. Raises Invalid for an empty one."""
    with writing():
        seat = locked_seat(seat_ref)
        seat.name = names.clean(name) if is_staff(seat) else names.of_guest(name, seat.meeting.business_id)
        seat.save(update_fields=["name"])
        return seat


def go_live(meeting: Meeting) -> None:
    """Mark that staff opened `meeting` (locked). Twice is once."""
    if meeting.state != Meeting.State.PLANNED:
        return
    meeting.state = Meeting.State.LIVE
    meeting.went_live_at = clock.now()
    meeting.save(update_fields=["state", "went_live_at"])
    happened(meeting, None, "started")


def close(meeting: Meeting, **details: Any) -> None:
    """End `meeting` (locked): whoever is in it, or at its door, has left."""
    now = clock.now()
    here = (State.ARRIVED, *WAITS, State.ADMITTED, State.IN_CALL)
    meeting.participants.filter(state__in=here).update(state=State.LEFT, left_at=now)
    meeting.participants.update(waiting_since=None, held_at=None, identity={})
    meeting.state, meeting.ended_at = Meeting.State.ENDED, now
    meeting.save(update_fields=["state", "ended_at"])
    outside.ended(meeting)
    happened(meeting, None, "ended", **details)


def open_anew(room: Meeting) -> None:
    """Let a room (locked) whose visit has ended be there for another one, as if nobody had come yet."""
    room.state, room.ended_at, room.went_live_at = Meeting.State.PLANNED, None, None
    room.host = room.area = None
    room.is_locked = False
    room.save(update_fields=["state", "ended_at", "went_live_at", "host", "area", "is_locked"])
    come_anew(room.participants.exclude(state=State.REMOVED))


def come_anew(seats: ParticipantQuerySet) -> None:
    """Let `seats` be as if nobody had come yet: whoever has them has to come, and be let in, again."""
    seats.update(state=State.INVITED, notice="", **dict.fromkeys(TIMES))


def _begin_if_nobody_is_here(room: Meeting, now: datetime) -> None:
    """The first to come to a room (locked) begins its visit: that is when it starts, for the desk and for reports.

    A meeting that somebody organises has a time of its own.
    """
    here = (State.ARRIVED, *WAITS, State.ADMITTED, State.IN_CALL)
    recently = Q(state=State.LEFT, left_at__gt=now - KEPT_FOR)
    if room.state in OVER or room.participants.filter(Q(state__in=here) | recently).exists():
        return
    if room.state == Meeting.State.LIVE:
        if room.went_live_at is None or room.went_live_at > now - KEPT_FOR:
            return
        close(room, forgotten=True)
        open_anew(room)
    if not OnlineMeeting.objects.filter(meeting=room).exists():
        room.starts_at, room.ends_at = now, now + (room.ends_at - room.starts_at)
        room.save(update_fields=["starts_at", "ends_at"])
    outcome.again(room)


def _is_back(seat: Participant) -> bool:
    """Tell whether somebody who said to be finished, with a visit that is held elsewhere, thought better of it."""
    is_guest = seat.state == State.LEFT and not is_staff(seat)
    return is_guest and is_in(seat) and elsewhere.is_handed_over(seat.meeting)


def _has_place(seat: Participant, now: datetime) -> bool:
    """Tell whether somebody who was lost from the queue may go on waiting where they were."""
    was_lost = seat.state == State.LEFT and seat.admitted_at is None and seat.waiting_since is not None
    return was_lost and seat.left_at is not None and now - seat.left_at <= KEPT_FOR


def _let_in(actor: Actor, seat: Participant, *, confirmed: bool) -> None:
    require_unlocked(seat, for_staff=True)
    if confirmed:
        identity.confirm_locked(actor, seat, only_if_asked=True)
    else:
        identity.require_recognised(seat)
    go_live(seat.meeting)
    _take_on(actor, seat.meeting)
    seat.admitted_at, seat.held_at = clock.now(), None
    seat.notice = ""
    _save(seat, State.ADMITTED)
    done_by(actor, seat, "admitted")
    outside.seated(seat.meeting)


def _take_on(actor: Actor, meeting: Meeting) -> None:
    """Whoever lets somebody in whom anybody of the area could see, sees them."""
    if actor.provider_id is not None and areas.host_of(meeting) is None:
        meeting.host_id = actor.provider_id
        meeting.save(update_fields=["host"])


def _save(seat: Participant, state: Participant.State) -> None:
    seat.state = state
    seat.save(update_fields=["state", "name", "notice", *TIMES])


def _clean_words(words: str) -> str:
    return words.replace("\0", "").strip()[:500]
