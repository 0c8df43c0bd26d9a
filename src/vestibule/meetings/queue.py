"""Where somebody stands in the queue of their provider, and how long that may take."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from vestibule.meetings.access import OVER
from vestibule.meetings.models import Meeting, Participant

State = Participant.State
SAME_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class Place:
    """A place in the queue: `ahead` meetings of the same provider are seen first. Minutes are None if unknown."""

    ahead: int
    expected_minutes: int | None


def provider_of(meeting: Meeting) -> int | None:
    """Return the key of the provider who hosts `meeting`, if one is named."""
    seats = meeting.participants.filter(kind=Participant.Kind.PROVIDER, provider__isnull=False)
    found: int | None = seats.order_by("id").values_list("provider_id", flat=True).first()
    return found


def queue_of(provider_id: int, business_id: int, now: datetime) -> list[Meeting]:
    """Return the provider's meetings somebody waits for, in the order they should be seen: by start, then by wait."""
    today = Meeting.objects.filter(
        business_id=business_id, starts_at__gt=now - SAME_DAY, starts_at__lt=now + SAME_DAY
    ).exclude(state__in=OVER)
    waiting = today.filter(participants__state=State.WAITING)
    hosted = Participant.objects.filter(provider_id=provider_id, kind=Participant.Kind.PROVIDER)
    rows = waiting.filter(pk__in=hosted.values("meeting_id")).distinct()
    return sorted(rows, key=lambda meeting: (meeting.starts_at, meeting.pk))


def place_of(meeting: Meeting, now: datetime) -> Place:
    """Return where `meeting` stands. A meeting without a provider is always next, for an unknown time."""
    provider_id = provider_of(meeting)
    if provider_id is None:
        return Place(0, None)
    queue = queue_of(provider_id, meeting.business_id, now)
    ahead = [other for other in queue if (other.starts_at, other.pk) < (meeting.starts_at, meeting.pk)]
    free_at = max(now, meeting.starts_at, _visit_ends(provider_id, meeting, now))
    wait = free_at - now + sum((other.ends_at - other.starts_at for other in ahead), timedelta())
    return Place(len(ahead), ceil(wait / timedelta(minutes=1)))


def _visit_ends(provider_id: int, meeting: Meeting, now: datetime) -> datetime:
    seats = Participant.objects.filter(provider_id=provider_id, state=State.IN_CALL).exclude(meeting=meeting)
    ends = seats.exclude(meeting__state__in=OVER).values_list("meeting__ends_at", flat=True)
    return max(ends, default=now)
