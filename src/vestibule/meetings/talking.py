"""Who may read and write in the thread of a meeting, before, during and after the call.

The thread itself knows only opaque keys: here they get their names. Staff who have no seat speak under `user:<id>`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max
from django.utils.translation import gettext as _

from vestibule.chat import verbs as chat
from vestibule.chat.models import Message
from vestibule.meetings import calls, visit_rules
from vestibule.meetings.access import OVER, host_name, require_host
from vestibule.meetings.errors import NotAdmitted
from vestibule.meetings.models import TURNED_AWAY, Meeting, Participant, VisitRules
from vestibule.meetings.waiting import is_in, is_staff, was_in
from vestibule.people import audit, rates
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.models import Business, CapabilityLink
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing
from vestibule.subscriptions import lifetimes

State, Kind = Participant.State, Participant.Kind
STAFF_KEY: Final = "user:"
SAID, SAID_SECONDS, SAID_A_DAY = 200, 600, 2000
"""How much somebody from outside says at most, in ten minutes and in a day: more than anybody types."""


@dataclass(frozen=True)
class Talker:
    """Somebody who may read a thread. Messages up to number `reads_after` are not theirs to read.

    `actor` is the member of staff, if it is one; they may take back what others wrote.
    """

    key: str
    name: str
    role: str
    thread_id: int
    meeting: str
    business_id: int
    reads_after: int = 0
    may_write: bool = True
    may_send_files: bool = True
    actor: Actor | None = None

    def require_write(self) -> None:
        """Raise NotPermitted unless they may write now."""
        if not self.may_write:
            raise NotPermitted(_("This conversation is closed, so nothing was sent. Please call us instead."))

    def require_turn(self) -> None:
        """Raise NotPermitted as `require_write`; TooMany for somebody from outside who writes without end.

        Counted for the person: each page and socket of theirs is one more, and what is written is kept for months.
        """
        self.require_write()
        if self.actor is None:
            rates.limit("chat.said", self.key, SAID, SAID_SECONDS)
            rates.limit("chat.said.day", self.key, SAID_A_DAY, 24 * 3600)

    def require_files(self) -> None:
        """Raise NotPermitted unless they may send files now."""
        self.require_write()
        if not self.may_send_files:
            raise NotPermitted(_("Files cannot be sent in this conversation. Please bring them along, or call us."))


def in_call(seat_ref: str) -> Talker:
    """Return somebody whom staff let in, while the meeting goes on. Raises NotAdmitted, MeetingOver."""
    seat = calls.require_in(seat_ref)
    return _talker(seat, visit_rules.of(seat.meeting.business_id), is_open=True)


def let_in(seat_ref: str) -> Talker:
    """Return somebody from outside by their visit link: whom staff once let in, also after the call.

    A helper only while they are in the visit, or may come straight back: it is not their conversation. Raises
    NotAdmitted for whoever waits, was turned away or taken out.
    """
    seat = _seat(seat_ref)
    if not was_in(seat) or is_staff(seat):
        raise NotAdmitted
    if seat.kind == Kind.HELPER and (seat.meeting.state in OVER or not is_in(seat)):
        raise NotAdmitted
    return _talker(seat, visit_rules.of(seat.meeting.business_id), is_open=_is_open(seat))


def own(meeting: Meeting) -> Talker:
    """Return the consumer of an appointment, by the link to that appointment. The whole thread is theirs to read.

    Raises NotAdmitted for one whom staff turned away or took out.
    """
    seat = meeting.participants.filter(kind=Kind.CONSUMER).order_by("pk").first()
    if seat is None or seat.state in TURNED_AWAY:
        raise NotAdmitted
    seat.meeting = meeting
    return _talker(seat, visit_rules.of(meeting.business_id), is_open=_is_open(seat), reads_all=True)


def staff(actor: Actor, meeting_ref: str) -> Talker:
    """Return a member of staff who may host the meeting. Raises NotFound, NotPermitted."""
    meeting = Meeting.objects.filter(ref=meeting_ref).first()
    if meeting is None:
        raise NotFound(_("There is no such visit here. Load the page again."))
    require_host(actor, meeting)
    rules = visit_rules.of(meeting.business_id)
    seat = _seat_of(actor, meeting)
    return Talker(
        key=seat.ref if seat is not None else f"{STAFF_KEY}{actor.user_id}",
        name=(seat.name if seat is not None else host_name(actor))[:120],
        role="provider" if actor.provider_id is not None else "manager",
        thread_id=meeting.thread_id,
        meeting=meeting.ref,
        business_id=meeting.business_id,
        may_write=is_open(meeting),
        may_send_files=rules.files,
        actor=actor,
    )


def is_open(meeting: Meeting) -> bool:
    """Tell whether staff and programs may write in the thread: somebody from outside could still read it."""
    if meeting.state == Meeting.State.CANCELLED or not visit_rules.of(meeting.business_id).chat:
        return False
    return not _is_past(meeting)


def roles(meeting_ref: str) -> dict[str, str]:
    """Return the protocol's role of each seat of a meeting, by its key in the thread."""
    return {seat.ref: role_of(seat) for seat in Participant.objects.filter(meeting__ref=meeting_ref)}


def role_of(seat: Participant) -> str:
    """Return the protocol's role: staff who are not providers are managers."""
    return "manager" if is_staff(seat) and seat.provider_id is None else str(seat.kind)


def take_back(talker: Talker, number: int, *, shown_by: str = "") -> tuple[Message, bool]:
    """Delete a message: the own one within its time; staff any, which is noted in the audit trail."""
    if talker.actor is None:
        talker.require_write()
        return chat.delete(talker.thread_id, talker.key, _readable(talker, number), shown_by=shown_by)
    with writing():
        message, was_there = chat.delete(talker.thread_id, talker.key, number, any_message=True, shown_by=shown_by)
        if was_there and message.author != talker.key:
            audit.record(
                talker.actor, talker.business_id, "message.deleted", "meeting", talker.meeting, number=message.seq
            )
        return message, was_there


def edit(talker: Talker, number: int, text: str, *, shown_by: str = "") -> tuple[Message, bool]:
    """Change the words of an own message, within its time."""
    talker.require_write()
    return chat.edit(talker.thread_id, talker.key, _readable(talker, number), text, shown_by=shown_by)


def forget_old() -> int:
    """Delete what was said and sent longer ago than each business keeps it, untold events of it too; count them."""
    kept = kept_since()
    count = lifetimes.forget_said(kept)
    for business_id, until in kept:
        while deleted := chat.forget(business_id, until):
            count += deleted
    return count


def kept_since() -> list[tuple[int, datetime]]:
    """Return each business' id with the time since which it keeps what people write: 365 days ago unless it chose."""
    kept: dict[int, int] = dict(VisitRules.objects.values_list("business_id", "chat_days"))
    usual, now = VisitRules().chat_days, clock.now()
    return [
        (business_id, now - timedelta(days=kept.get(business_id, usual)))
        for business_id in Business.objects.values_list("pk", flat=True)
    ]


def _readable(talker: Talker, number: int) -> int:
    if number <= talker.reads_after:
        raise NotFound(_("There is no such message here. Load the page again."))
    return number


def _seat(seat_ref: str) -> Participant:
    seat: Participant | None = Participant.objects.select_related("meeting").filter(ref=seat_ref).first()
    if seat is None:
        raise NotAdmitted
    return seat


def _seat_of(actor: Actor, meeting: Meeting) -> Participant | None:
    seats = meeting.participants.filter(kind=Kind.PROVIDER)
    own_seat: Participant | None = seats.filter(provider_id=actor.provider_id).first() if actor.provider_id else None
    if own_seat is None and actor.user_id is not None:
        own_seat = seats.filter(user_id=actor.user_id).first()
    return own_seat


def _talker(seat: Participant, rules: VisitRules, *, is_open: bool, reads_all: bool = False) -> Talker:
    meeting = seat.meeting
    reads_after = 0
    if rules.history == VisitRules.History.SINCE_JOINING and not is_staff(seat) and not reads_all:
        came = seat.admitted_at or clock.now()
        reads_after = chat.last_before(meeting.thread_id, seat.ref, came)
    return Talker(
        key=seat.ref,
        name=seat.name,
        role=role_of(seat),
        thread_id=meeting.thread_id,
        meeting=meeting.ref,
        business_id=meeting.business_id,
        reads_after=reads_after,
        may_write=rules.chat and is_open,
        may_send_files=rules.files,
    )


def _is_open(seat: Participant) -> bool:
    """Tell whether they may still write: until their visit link expires, unless the visit was cancelled."""
    if seat.meeting.state == Meeting.State.CANCELLED:
        return False
    links = CapabilityLink.objects.filter(subject=seat.ref, purpose=CapabilityLink.Purpose.VISIT)
    return links.filter(revoked_at__isnull=True, expires_at__gt=clock.now()).exists()


def _is_past(meeting: Meeting) -> bool:
    """Tell whether nobody from outside could read an answer any more: every visit link has expired."""
    refs = meeting.participants.exclude(kind=Kind.PROVIDER).values("ref")
    links = CapabilityLink.objects.filter(subject__in=refs, purpose=CapabilityLink.Purpose.VISIT)
    last = links.aggregate(last=Max("expires_at"))["last"]
    return last is not None and last <= clock.now()
