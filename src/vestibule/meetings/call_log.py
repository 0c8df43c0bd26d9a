"""What each browser says happened to its side of a call: kept 30 days, for support. Never media, never an address."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from vestibule.meetings import outcome
from vestibule.meetings.access import require_host
from vestibule.meetings.conversation import FROM_STAFF, FROM_WAITING
from vestibule.meetings.models import Meeting, MeetingEvent, Participant
from vestibule.people.errors import NotFound
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock

_LINE = "state route restart epoch relay_refused sending moved move_failed quality failed"
KINDS = frozenset(f"{_LINE} device media gesture captions".split())
PREFIX = "call."
MOST_AT_ONCE = 20
MOST_OF_A_SEAT = 400
LONGEST_AGO = timedelta(hours=1)
_WORDS = re.compile(r"[A-Za-z0-9 /_-]{1,60}")
_REF = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _is_count(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < 10**9


FACTS: Mapping[str, Callable[[Any], bool]] = {
    "detail": lambda value: isinstance(value, str) and _WORDS.fullmatch(value) is not None,
    "about": lambda value: isinstance(value, str) and _REF.fullmatch(value) is not None,
    "on": lambda value: isinstance(value, bool),
    "level": _is_count,
    "seconds": _is_count,
    "rtt": _is_count,
    "loss": _is_count,
}
"""What an event may say, and how: words without dots and colons, and numbers, so that no address gets in.

`detail` are words for machines (`host/relay udp`), `about` another participant's reference, `rtt` milliseconds.
"""


@dataclass(frozen=True)
class Entry:
    """One thing that happened in a meeting. `who` is "" for the meeting itself; `kind` has no prefix."""

    at: datetime
    who: str
    from_browser: bool
    kind: str
    details: dict[str, Any]


def record(seat_ref: str, events: Sequence[Mapping[str, Any]]) -> int:
    """Keep what the browser of a seat says; return how many events were kept.

    An event is `{"kind": one of KINDS, "ago_ms": how long ago, …FACTS}`. Unknown kinds and facts are left out, and so
    is whatever goes beyond 20 events at once or 400 of one seat: a log is never a reason to fail a call.
    """
    seat = Participant.objects.filter(ref=seat_ref).first()
    if seat is None:
        return 0
    said = MeetingEvent.objects.filter(participant=seat, kind__startswith=PREFIX).count()
    known = [one for one in events[:MOST_AT_ONCE] if isinstance(one.get("kind"), str) and one["kind"] in KINDS]
    kept = known[: max(0, MOST_OF_A_SEAT - said)]
    now = clock.now()
    rows = [_row(seat, one, now) for one in kept]
    MeetingEvent.objects.bulk_create(rows)
    outcome.note_failures(seat, [(row.kind.removeprefix(PREFIX), row.details.get("detail", "")) for row in rows])
    return len(kept)


def story(actor: Actor, meeting_ref: str) -> list[Entry]:
    """Return what happened in a meeting, oldest first, for who hosts it or may see every appointment.

    Raises NotFound for another business' meeting, NotPermitted for a colleague's.
    """
    meeting = Meeting.objects.visible_to(actor).filter(ref=meeting_ref).first()
    if meeting is None:
        raise NotFound(_("There is no such visit here. Go back to the desk and open it from there."))
    if not actor.may(Permission.SEE_APPOINTMENTS):
        require_host(actor, meeting)
    rows = MeetingEvent.objects.filter(meeting=meeting).exclude(kind__in=(FROM_STAFF, FROM_WAITING))
    return [_entry(row) for row in rows.select_related("participant").order_by("at", "id")]


def as_json(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return entries as support reads them."""
    return [
        {
            "at": entry.at.isoformat(),
            "who": entry.who,
            "from": "browser" if entry.from_browser else "server",
            "kind": entry.kind,
            **entry.details,
        }
        for entry in entries
    ]


def _row(seat: Participant, event: Mapping[str, Any], now: datetime) -> MeetingEvent:
    ago = event.get("ago_ms", 0)
    age = min(timedelta(milliseconds=ago), LONGEST_AGO) if _is_count(ago) else timedelta()
    details = {name: event[name] for name, fits in FACTS.items() if name in event and fits(event[name])}
    return MeetingEvent(
        meeting_id=seat.meeting_id, participant=seat, at=now - age, kind=PREFIX + event["kind"], details=details
    )


def _entry(row: MeetingEvent) -> Entry:
    is_browsers = row.kind.startswith(PREFIX)
    who = row.participant.name if row.participant is not None else ""
    return Entry(row.at, who, is_browsers, row.kind.removeprefix(PREFIX), row.details)
