"""Words between staff and somebody who waits. Kept in the meeting's log, apart from the call's chat."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from vestibule.meetings.access import OVER, host_name, hosted_seat, locked_seat, require_going_on
from vestibule.meetings.errors import NotAdmitted, NotInvitedToChat
from vestibule.meetings.models import WAITS, MeetingEvent, Participant
from vestibule.meetings.waiting import is_in
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

FROM_STAFF, FROM_WAITING, AUTOMATIC = "notice", "reply", "automatic_notice"
KINDS = (FROM_STAFF, FROM_WAITING, AUTOMATIC)
LENGTH = 500
MOST_UNANSWERED = 20


@dataclass(frozen=True)
class Notice:
    """One message of a waiting conversation; `participant` is the waiting person's reference."""

    id: str
    meeting: str
    participant: str
    author: str
    author_name: str
    from_staff: bool
    text: str
    at: datetime
    client_id: str


def notify(actor: Actor, seat_ref: str, text: str, client_id: str = "") -> Notice:
    """Write to somebody at the door as a host of the meeting.

    A repeated `client_id` is stored once. Raises Invalid for empty text or more than 500 characters,
    NotPermitted once the person is in: the call has its own chat.
    """
    with writing():
        seat = hosted_seat(actor, seat_ref)
        if is_in(seat):
            raise NotPermitted(_("%(name)s is in the visit: write in its chat.") % {"name": seat.name})
        words = clean_text(text, LENGTH)
        author = f"user:{actor.user_id}" if actor.user_id else "staff"
        notice = _keep(seat, FROM_STAFF, author, host_name(actor), words, client_id)
        seat.notice = words
        seat.save(update_fields=["notice"])
        return notice


def reply(seat_ref: str, text: str, client_id: str = "") -> Notice:
    """Write to staff from the waiting room, also first.

    Raises NotAdmitted before they came to the door, NotInvitedToChat after 20 messages nobody answered; Invalid as
    `notify`.
    """
    with writing():
        seat = locked_seat(seat_ref)
        require_going_on(seat.meeting)
        if seat.state not in WAITS and not is_in(seat):
            raise NotAdmitted
        words = clean_text(text, LENGTH)
        kinds = seat.events.filter(kind__in=(FROM_STAFF, FROM_WAITING)).order_by("id").values_list("kind", flat=True)
        known = _kept(seat, FROM_WAITING, seat.ref, client_id)
        if known is not None:
            return known
        if unanswered(list(kinds)) >= MOST_UNANSWERED:
            raise NotInvitedToChat
        return _keep(seat, FROM_WAITING, seat.ref, seat.name, words, client_id)


def say_automatically(seat_ref: str, text: str, key: str) -> Notice | None:
    """Write `text` in the business' name to somebody who waits, once for each `key`; None if there is nothing to do."""
    with writing():
        seat = locked_seat(seat_ref)
        if seat.state != Participant.State.WAITING or seat.meeting.state in OVER:
            return None
        if _kept(seat, AUTOMATIC, "automatic", key) is not None:
            return None
        return _keep(seat, AUTOMATIC, "automatic", seat.meeting.business.name, text, key)


def notices(seat_ref: str, limit: int = 100) -> list[Notice]:
    """Return the latest messages of a waiting conversation, oldest first."""
    rows = MeetingEvent.objects.filter(participant__ref=seat_ref, kind__in=KINDS)
    latest = rows.select_related("participant", "meeting").order_by("-id")[:limit]
    return [_read(row) for row in reversed(latest)]


def notices_for(actor: Actor, seat_ref: str) -> list[Notice]:
    """Return a waiting conversation to a host of its meeting."""
    with writing():
        hosted_seat(actor, seat_ref)
    return notices(seat_ref)


def unanswered(events: list[str]) -> int:
    """Return how many of `events` (kinds, oldest first) the waiting person wrote since staff last did."""
    count = 0
    for kind in reversed(events):
        if kind == FROM_STAFF:
            break
        count += kind == FROM_WAITING
    return count


def clean_text(text: str, limit: int) -> str:
    """Return `text` without outer blanks and NULs. Raises Invalid when nothing is left or it is too long."""
    clean = text.replace("\0", "").strip()
    if not clean:
        raise Invalid(_("There is no text to send. Write something first."), field="text")
    if len(clean) > limit:
        words = _("This message is longer than %(limit)s characters, so it was not sent. Shorten it or send two.")
        raise Invalid(words % {"limit": limit}, field="text")
    return clean


def _keep(seat: Participant, kind: str, author: str, name: str, text: str, client_id: str) -> Notice:
    known = _kept(seat, kind, author, client_id)
    if known is not None:
        return known
    details = {"author": author, "name": name, "text": text, "client_id": client_id}
    row = MeetingEvent.objects.create(
        meeting=seat.meeting, participant=seat, at=clock.now(), kind=kind, details=details
    )
    return _read(row)


def _kept(seat: Participant, kind: str, author: str, client_id: str) -> Notice | None:
    """Return what was kept for a repeated `client_id`."""
    if client_id:
        for row in seat.events.filter(kind=kind).select_related("participant", "meeting"):
            if row.details.get("client_id") == client_id and row.details["author"] == author:
                return _read(row)
    return None


def _read(row: MeetingEvent) -> Notice:
    seat = row.participant
    assert seat is not None, "a notice always names a participant"
    return Notice(
        id=f"n{row.pk}",
        meeting=row.meeting.ref,
        participant=seat.ref,
        author=row.details["author"],
        author_name=row.details["name"],
        from_staff=row.kind != FROM_WAITING,
        text=row.details["text"],
        at=row.at,
        client_id=row.details["client_id"],
    )
