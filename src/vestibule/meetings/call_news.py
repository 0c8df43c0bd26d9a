"""Telling subscribers of calls: who began one, who came and went, and when the last had gone.

Being in the call is stored with the seat; who was there before, and since when, is read from the meeting's log, and
only where somebody wants to know.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings

from vestibule.meetings import room_keys
from vestibule.meetings.models import Meeting, MeetingEvent, Participant, Recording
from vestibule.store import clock
from vestibule.subscriptions import outbox
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.outbox import Event

_KINDS = (Kind.CALL_STARTED, Kind.CALL_ENDED, Kind.CALL_JOINED, Kind.CALL_LEFT)
_LEAVES = ("left", "removed")
_NAMES = UUID("6f0ad2a6-3b0b-4f8e-9a55-0f6f6a0c7d11")


@dataclass
class _Call:
    """Who is in the call, as the log of the meeting tells it; `began` is the number of what began it, and when."""

    inside: set[int] = field(default_factory=set)
    began: tuple[int, datetime] | None = None

    def take(self, number: int, kind: str, seat_id: int | None, at: datetime) -> None:
        if kind == "joined" and seat_id is not None:
            self.began = self.began if self.inside else (number, at)
            self.inside.add(seat_id)
        elif kind in _LEAVES and seat_id is not None:
            self.inside.discard(seat_id)
        elif kind == "ended":
            self.inside.clear()


def happened(meeting: Meeting, seat: Participant | None, event: str) -> None:
    """Tell of what `event`, just written into the log of `meeting` (locked), means for its call."""
    if event not in ("joined", "ended", *_LEAVES) or not outbox.is_heard(meeting.business_id, *_KINDS):
        return
    *before, last = _log(meeting)
    call = _Call()
    for row in before:
        call.take(*row)
    was = set(call.inside)
    call.take(*last)
    if call.began is None:
        return
    if event == "joined" and seat is not None and seat.pk not in was:
        if not was:
            _tell(meeting, call, Kind.CALL_STARTED, seat, {})
        _tell(meeting, call, Kind.CALL_JOINED, seat, _about(seat))
    gone = was - call.inside
    reason = {"left": "left the call", "removed": "was removed", "ended": "the visit was ended"}.get(event, "")
    for one in Participant.objects.filter(pk__in=gone).order_by("pk"):
        _tell(meeting, call, Kind.CALL_LEFT, one, _about(one) | {"reason": reason})
    if gone and not call.inside:
        lasted = int((clock.now() - call.began[1]).total_seconds())
        why = "the visit was ended" if event == "ended" else "everybody has left"
        _tell(meeting, call, Kind.CALL_ENDED, seat, {"seconds": max(0, lasted), "reason": why})


def recorded(recording: Recording) -> None:
    """Tell of a recording that is ready. Inside the writing block that takes note of it.

    Its address is that of the desk: staff who may see the visit download it there, once they are signed in.
    """
    meeting = recording.meeting
    if not outbox.is_heard(meeting.business_id, Kind.RECORDING_UPDATED):
        return
    call = _Call()
    for number, kind, seat_id, at in _log(meeting):
        if recording.started_at is None or at <= recording.started_at:
            call.take(number, kind, seat_id, at)
    name = _name(meeting, call)
    place = f"{settings.PUBLIC_URL}/desk/recordings/{recording.ref}"
    facts = {
        "call": name,
        "room": str(meeting.number),
        "recording": recording.ref,
        "started_at": recording.started_at,
        "seconds": recording.seconds,
        "reason": "the recording was ended",
        "files": [{"id": recording.ref, "content": place}],
    }
    outbox.tell(meeting.business_id, Event(Kind.RECORDING_UPDATED, f"calls/{name}", facts))


def _log(meeting: Meeting) -> list[tuple[int, str, int | None, datetime]]:
    """Return who joined and left since staff opened the visit, oldest first."""
    rows = MeetingEvent.objects.filter(meeting=meeting).order_by("pk")
    opened = rows.filter(kind="started").values_list("pk", flat=True).last() or 0
    found = rows.filter(pk__gt=opened, kind__in=("joined", "ended", *_LEAVES))
    return list(found.values_list("pk", "kind", "participant_id", "at"))


def _tell(meeting: Meeting, call: _Call, kind: Kind, by: Participant | None, more: dict[str, Any]) -> None:
    assert call.began is not None, "a call is told of once somebody joined it"
    name = _name(meeting, call)
    facts = {"call": name, "room": str(meeting.number), **more}
    if by is not None:
        facts |= {"by": _key(by), "by_role": by.role.capitalize()}
    outbox.tell(meeting.business_id, Event(kind, f"calls/{name}", facts))


def _name(meeting: Meeting, call: _Call) -> str:
    return str(uuid5(_NAMES, f"{meeting.ref}:{call.began[0] if call.began is not None else 0}"))


def _about(seat: Participant) -> dict[str, str]:
    return {"participant": seat.ref, "key": _key(seat), "name": seat.name, "role": seat.role.capitalize()}


def _key(seat: Participant) -> str:
    return room_keys.key_of(seat, room_keys.users_of([seat]))
