"""What a vendor tells of a call it carried: noted in the log of the meeting, once, whenever it comes."""

from datetime import timedelta

from vestibule.meetings.models import Meeting, MeetingEvent, OutsideIdentity, OutsidePlace, Participant
from vestibule.meetings.outside_tokens import SEAT
from vestibule.meetings.ports import PlaceEvent
from vestibule.people import remembered
from vestibule.people.models import Business
from vestibule.store import clock

PREFIX = "outside_"
OLDEST = timedelta(days=2)
MOST = 500
"""Of one meeting: a vendor that repeats itself fills no database."""


def note(business: Business, event: PlaceEvent) -> bool:
    """Note an event in the log of the meeting of `business` that it is about; return whether that was news.

    Of a place or call that none of its meetings knows, nothing is kept.
    """
    noted: list[bool] = []

    def act() -> tuple[int, bytes]:
        noted.append(_noted(business, event))
        return 204, b""

    fingerprint = remembered.fingerprint_of(event.kind, event.place, event.call, event.identity)
    try:
        remembered.answer_once(f"outside:{business.pk}", event.id, fingerprint, act)
    except remembered.IdempotencyMismatch:
        return False  # the same event in other words is the same event
    return any(noted)


def _noted(business: Business, event: PlaceEvent) -> bool:
    meeting = _meeting(business, event)
    if meeting is None or event.kind not in PlaceEvent.KINDS:
        return False
    if MeetingEvent.objects.filter(meeting=meeting, kind__startswith=PREFIX).count() >= MOST:
        return False
    now = clock.now()
    facts = {"call": event.call, "seconds": event.seconds, "reason": event.reason}
    MeetingEvent.objects.create(
        meeting=meeting,
        participant=who(meeting, event.identity),
        at=event.at if now - OLDEST < event.at <= now else now,
        kind=f"{PREFIX}{event.kind}",
        details={name: value for name, value in facts.items() if value},
    )
    return True


def _meeting(business: Business, event: PlaceEvent) -> Meeting | None:
    places = OutsidePlace.objects.filter(business=business, kind=OutsidePlace.Kind.ACS_ROOM)
    if event.place:
        place = places.filter(made__external_id=event.place).select_related("meeting").first()
        return place.meeting if place is not None else None
    if not event.call:
        return None
    known = MeetingEvent.objects.filter(meeting__business=business, details__call=event.call)
    first = known.filter(kind__startswith=PREFIX).select_related("meeting").order_by("pk").first()
    return first.meeting if first is not None else None


def who(meeting: Meeting, identity: str) -> Participant | None:
    """Return whose identity it is, as a token was issued for, or as the room knows it."""
    if not identity:
        return None
    row = OutsideIdentity.objects.filter(participant__meeting=meeting, external_id=identity).first()
    if row is not None:
        seat: Participant = row.participant
        return seat
    details = meeting.outside.made.get("details", {}) if hasattr(meeting, "outside") else {}
    refs = [name.removeprefix(SEAT) for name, known in details.items() if known == identity and name.startswith(SEAT)]
    found: Participant | None = meeting.participants.filter(ref__in=refs).first()
    return found
