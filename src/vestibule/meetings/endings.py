"""How a visit stands for one person after the call: why it ended for them, and whether they may go back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vestibule.meetings.access import OVER
from vestibule.meetings.models import TURNED_AWAY, Meeting, MeetingEvent, Participant
from vestibule.meetings.outcome import was_met
from vestibule.meetings.waiting import REJOIN, is_in, is_open, is_staff
from vestibule.store import clock

State = Participant.State


@dataclass(frozen=True)
class Ending:
    """Why it ended, and whether there is a way back.

    `reason` is `ended` (by staff, `by` whom), `closed` (its time was over), `left`, `lost` (the connection),
    `removed`, `denied`, `not_seen` (they came, and nobody let them in), `nobody_came` (they were let in, and nobody
    joined them), `not_come`, or "" while it goes on.

    `may_return` says that they may go straight back, until `returns_until` (None: as long as it goes on); `may_wait`
    that they may come to the waiting room again.
    """

    reason: str
    by: str = ""
    may_return: bool = False
    returns_until: datetime | None = None
    may_wait: bool = False


def of(seat: Participant) -> Ending:
    """Return how the visit stands for `seat`."""
    meeting = seat.meeting
    if seat.state in TURNED_AWAY:
        return Ending("denied" if seat.state == State.DENIED else "removed")
    if meeting.state in OVER:
        return _over(seat, meeting)
    if seat.state != State.LEFT:
        return Ending("", may_return=is_in(seat), may_wait=not is_in(seat))
    reason = "lost" if _last(seat).get("lost") else "left"
    if is_in(seat):
        until = None if is_staff(seat) or seat.left_at is None else seat.left_at + REJOIN
        return Ending(reason, may_return=True, returns_until=until)
    return Ending(reason, may_wait=is_open(meeting, clock.now()))


def _over(seat: Participant, meeting: Meeting) -> Ending:
    if seat.admitted_at is None:
        return Ending("not_seen" if seat.arrived_at is not None else "not_come")
    if not was_met(meeting):
        return Ending("nobody_came")
    ended = MeetingEvent.objects.filter(meeting=meeting, kind="ended").order_by("-id").first()
    details: dict[str, Any] = ended.details if ended is not None else {}
    return Ending("ended" if details.get("by") else "closed", by=str(details.get("by", "")))


def _last(seat: Participant) -> dict[str, Any]:
    rows = MeetingEvent.objects.filter(participant=seat, kind__in=("left", "left_waiting")).order_by("-id")
    found: dict[str, Any] | None = rows.values_list("details", flat=True).first()
    return found or {}
