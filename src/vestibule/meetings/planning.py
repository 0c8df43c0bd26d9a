"""Making, moving and cancelling the online place of booked time.

Called by the verbs that change the appointment, inside their transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.chat.models import Thread
from vestibule.meetings import outcome, outside, waiting
from vestibule.meetings.listeners import happened
from vestibule.meetings.models import Meeting, Participant
from vestibule.store import clock, rows

OPENS_BEFORE = timedelta(minutes=30)
CLOSES_AFTER = timedelta(minutes=60)


def title_of_room(language: str) -> str:
    """Return what people read over a visit in a room, which has no service, in the language of the business."""
    with translation.override(language):
        return _("Video visit")


@dataclass(frozen=True)
class Seat:
    """Somebody invited to a meeting. `kind` and `role` are those of Participant; `provider_id` for providers."""

    kind: str
    role: str
    name: str
    provider_id: int | None = None


def plan(
    business_id: int, title: str, start: datetime, end: datetime, seats: Sequence[Seat]
) -> tuple[Meeting, list[Participant]]:
    """Make a meeting with its thread and return it with its participants, in the order of `seats`.

    The waiting room opens 30 minutes before `start` and closes 60 minutes after `end` (both aware).
    """
    (thread,) = rows.insert([Thread(business_id=business_id)])
    (meeting,) = rows.insert(
        [
            Meeting(
                business_id=business_id,
                thread=thread,
                title=title[:160],
                starts_at=start,
                ends_at=end,
                opens_at=start - OPENS_BEFORE,
                closes_at=end + CLOSES_AFTER,
            )
        ]
    )
    invited = rows.insert([_participant(meeting, seat) for seat in seats])
    outside.planned(meeting)
    return meeting, invited


def move(meeting: Meeting, start: datetime, end: datetime, *, providers: Sequence[Seat] | None = None) -> bool:
    """Let `meeting` take place at another time; `providers`, if given, replace those invited so far.

    Returns whether everybody begins anew, which is so unless the waiting room stays open at the new time; whom staff
    had handed it to is forgotten then.
    """
    meeting.starts_at, meeting.ends_at = start, end
    meeting.opens_at, meeting.closes_at = start - OPENS_BEFORE, end + CLOSES_AFTER
    begins_anew = not meeting.opens_at <= clock.now() < meeting.closes_at
    if begins_anew:
        _begin_anew(meeting)
    if providers is not None:
        meeting.host = None
    meeting.save(update_fields=["starts_at", "ends_at", "opens_at", "closes_at", "state", "host", "area"])
    outcome.moved(meeting, begins_anew=begins_anew)
    if providers is not None:
        _invite_instead(meeting, providers)
    outside.changed(meeting)
    return begins_anew


def _invite_instead(meeting: Meeting, providers: Sequence[Seat]) -> None:
    invited = meeting.participants.filter(kind=Participant.Kind.PROVIDER)
    invited.exclude(provider_id__in=[seat.provider_id for seat in providers]).delete()
    invited.filter(state=Participant.State.REMOVED).update(state=Participant.State.INVITED)
    known = set(invited.values_list("provider_id", flat=True))
    Participant.objects.bulk_create(
        [_participant(meeting, seat) for seat in providers if seat.provider_id not in known]
    )


def invite(meeting: Meeting, seat: Seat) -> Participant:
    """Give one more person a seat in `meeting`, and return it."""
    made = rows.insert([_participant(meeting, seat)])[0]
    outside.changed(meeting)
    return made


def uninvite(seat: Participant) -> None:
    """Take a seat (its meeting locked) away again: who has it leaves, and cannot come back."""
    seat.state, seat.left_at, seat.waiting_since = Participant.State.REMOVED, clock.now(), None
    seat.save(update_fields=["state", "left_at", "waiting_since"])
    outside.changed(seat.meeting)
    happened(seat.meeting, seat, "removed", by="consumer")


def cancel(meeting: Meeting) -> None:
    """Close `meeting` for good; nobody can come in any more."""
    meeting.state = Meeting.State.CANCELLED
    meeting.save(update_fields=["state"])
    outside.cancelled(meeting)


def _begin_anew(meeting: Meeting) -> None:
    """Whoever came to the old time has to come, and be let in, again."""
    if meeting.state == Meeting.State.LIVE:
        meeting.state = Meeting.State.PLANNED
    meeting.host = meeting.area = None
    meeting.participants.filter(kind=Participant.Kind.PROVIDER).update(state=Participant.State.INVITED)
    waiting.come_anew(meeting.participants.exclude(state=Participant.State.REMOVED))


def _participant(meeting: Meeting, seat: Seat) -> Participant:
    return Participant(
        meeting=meeting, kind=seat.kind, role=seat.role, name=seat.name[:120], provider_id=seat.provider_id
    )
