"""Who waits, as the desk's page shows it before its script is there, and without one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from vestibule.meetings.access import OVER
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock

MOST = 50
TODAY = timedelta(hours=24)


@dataclass(frozen=True)
class Waiting:
    """One person at the door; `ref` is theirs, `meeting` that of the visit."""

    ref: str
    meeting: str
    name: str
    line: str
    since: datetime
    minutes: int
    may_host: bool


def of(actor: Actor) -> list[Waiting]:
    """Return who waits for `actor`, or for anybody if they see everybody's day: longest first, at most fifty."""
    seats = Participant.objects.visible_to(actor).filter(state=Participant.State.WAITING, waiting_since__isnull=False)
    seats = seats.exclude(meeting__state__in=OVER).filter(waiting_since__gt=clock.now() - TODAY)
    if not actor.may(Permission.SEE_APPOINTMENTS):
        seats = seats.filter(meeting__in=_own(actor))
    own = set(_own(actor).filter(participants__state=Participant.State.WAITING).values_list("pk", flat=True))
    rows = seats.select_related("meeting").order_by("waiting_since", "pk")[:MOST]
    return [_row(seat, actor.may(Permission.HOST_ANY) or seat.meeting_id in own) for seat in rows]


def _own(actor: Actor) -> QuerySet[Meeting]:
    if actor.provider_id is None:
        return Meeting.objects.none()
    hosted = Q(participants__provider_id=actor.provider_id) | Q(host_id=actor.provider_id)
    return Meeting.objects.visible_to(actor).filter(hosted).distinct()


def _row(seat: Participant, may_host: bool) -> Waiting:
    meeting = seat.meeting
    assert seat.waiting_since is not None
    line = meeting.title
    if meeting.kind == Meeting.Kind.WALK_IN:
        line = " · ".join(filter(None, [_("Walk-in"), meeting.reason]))
    minutes = max(0, int((clock.now() - seat.waiting_since).total_seconds()) // 60)
    return Waiting(seat.ref, meeting.ref, seat.name, line, seat.waiting_since, minutes, may_host)
