"""How a visit went, written down as it happens: what reports count, long after the log of events is forgotten."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from vestibule.meetings import elsewhere
from vestibule.meetings.models import Meeting, Participant, VisitRecord
from vestibule.store import clock
from vestibule.store.transactions import writing

Kind, State = Participant.Kind, Participant.State
Result = VisitRecord.Result
STOPS_WAITING = frozenset({"left_waiting", "denied", "admitted", "removed", "ended"})
CAUSES = ("connection", "relay", "media_server", "device")
"""Under what reports count technical trouble. `device` is a camera or microphone."""
_FAILS = {"failed": "connection", "relay_refused": "relay", "move_failed": "media_server"}
_NO_FAULT = frozenset({
    "left", "ended", "removed", "denied", "cancelled", "moved", "taken_over", "closed", "not_admitted", "meeting_over",
    "not_authorised", "not_allowed", "recording_consent", "room_locked", "call_full",
})  # fmt: skip
"""Why a call ended for somebody without anything having failed: codes of the visit protocol."""


def note(meeting: Meeting, seat: Participant | None, event: str) -> None:
    """Write down what `event` of `meeting` (locked) means for how the visit went. Unknown events mean nothing."""
    if event not in _NOTES:
        return
    by_consumer = seat is not None and seat.kind == Kind.CONSUMER
    by_staff = seat is not None and seat.kind == Kind.PROVIDER
    if not (by_consumer or event == "ended" or (by_staff and event in ("joined", "left"))):
        return
    record, _made = VisitRecord.objects.get_or_create(
        meeting=meeting, is_past=False, defaults={"business_id": meeting.business_id, "starts_at": meeting.starts_at}
    )
    now = clock.now()
    if event in STOPS_WAITING:
        _stop_waiting(record, now)
    if not by_staff:
        _NOTES[event](record, now)
    elif event == "joined":
        record.host_at = record.host_at or now
    _meet_or_part(record, meeting, event, now)
    record.save()


def cause_of(kind: str, detail: str = "") -> str:
    """Return of `CAUSES` what an event of a browser's log counts under; "" for one that is no failure.

    Of a device only that it is gone with no other in its place, or gives nothing any more: one that was changed for
    another, silenced by a telephone call or given back works on.
    """
    if kind == "device":
        return "device" if detail.endswith((" lost", " stuck")) or " not sent" in detail else ""
    if kind == "state":
        return "connection" if detail == "failed" else ""
    return "" if kind == "failed" and detail in _NO_FAULT else _FAILS.get(kind, "")


def note_failures(seat: Participant, events: Iterable[tuple[str, str]]) -> None:
    """Count a seat once under the cause of each failure among the kinds and details of a browser's log."""
    causes = {cause for kind, detail in events if (cause := cause_of(kind, detail))}
    if not causes:
        return
    with writing():
        record, _made = VisitRecord.objects.select_for_update().get_or_create(
            meeting_id=seat.meeting_id,
            is_past=False,
            defaults={"business_id": seat.meeting.business_id, "starts_at": seat.meeting.starts_at},
        )
        known = {cause: sorted({*record.failures.get(cause, ()), seat.ref}) for cause in causes}
        if any(known[cause] != record.failures.get(cause) for cause in causes):
            record.failures = {**record.failures, **known}
            record.save(update_fields=["failures"])


def was_met(meeting: Meeting) -> bool:
    """Tell whether somebody who leads visits was ever in the call, or telephoned whoever asked for it.

    Of a visit that is held elsewhere we only know that somebody was let in to it.
    """
    leads = Q(kind=Kind.PROVIDER) | Q(role=Participant.Role.PRESENTER)
    if meeting.participants.filter(leads, joined_at__isnull=False).exists():
        return True
    if meeting.call_requests.filter(done_at__isnull=False).exists():
        return True
    return elsewhere.was_reached(meeting)


def moved(meeting: Meeting, *, begins_anew: bool) -> None:
    """Let the record of `meeting` follow its new time; nothing of the old one counts where everybody begins anew."""
    record = VisitRecord.objects.filter(meeting=meeting, is_past=False)
    if begins_anew:
        record.delete()
    else:
        record.update(starts_at=meeting.starts_at)


def again(meeting: Meeting) -> None:
    """People come to `meeting` (a room) another time: how it went before stands by itself from now on."""
    for record in VisitRecord.objects.filter(meeting=meeting, is_past=False):
        if record.result == Result.OPEN:
            now = clock.now()
            _stop_waiting(record, now)
            _ended(record, now)
        record.is_past = True
        record.save()


def _stop_waiting(record: VisitRecord, now: datetime) -> None:
    if record.waiting_now is not None:
        record.wait_seconds += max(0, int((now - record.waiting_now) / timedelta(seconds=1)))
        record.waiting_now = None


def _arrived(record: VisitRecord, now: datetime) -> None:
    record.came_at = record.came_at or now


def _waiting(record: VisitRecord, now: datetime) -> None:
    record.came_at = record.came_at or now
    record.waited_from = record.waited_from or now
    record.waiting_now = record.waiting_now or now


def _admitted(record: VisitRecord, now: datetime) -> None:
    record.seen_at = record.seen_at or now


def _joined(record: VisitRecord, now: datetime) -> None:
    record.came_at = record.came_at or now
    record.joined_at = record.joined_at or now


def _ended(record: VisitRecord, now: datetime) -> None:
    record.ended_at = record.ended_at or now
    if record.seen_at is not None and was_met(record.meeting):
        record.result = Result.SEEN
    else:
        record.result = Result.NOT_SEEN if record.came_at is not None else Result.NOT_COME


def _nothing(record: VisitRecord, now: datetime) -> None:
    """Whoever stops waiting is counted already."""


_NOTES = {
    "arrived": _arrived,
    "waiting": _waiting,
    "left_waiting": _nothing,
    "denied": _nothing,
    "removed": _nothing,
    "left": _nothing,
    "admitted": _admitted,
    "joined": _joined,
    "ended": _ended,
}


def _meet_or_part(record: VisitRecord, meeting: Meeting, event: str, now: datetime) -> None:
    """Note when both sides came together first, and when they last were."""
    if event not in ("joined", "left", "removed", "ended"):
        return
    inside = set(meeting.participants.filter(state=State.IN_CALL).values_list("kind", flat=True))
    if event != "ended" and {Kind.CONSUMER, Kind.PROVIDER} <= inside:
        record.both_at, record.parted_at = record.both_at or now, None
    elif record.both_at is not None and record.parted_at is None:
        record.parted_at = now
