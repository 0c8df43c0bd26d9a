"""Who waits, is on hold or asked to be called: the desk's page before its script is there, and without one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule.meetings import areas, call_requests, elsewhere, identity
from vestibule.meetings.access import OVER
from vestibule.meetings.elsewhere import Elsewhere
from vestibule.meetings.identity import Identity
from vestibule.meetings.models import WAITS, CallRequest, Meeting, Participant, WaitingArea
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.desk_words import WORDS

MOST = 50
TODAY = timedelta(hours=24)
State = Participant.State


@dataclass(frozen=True)
class Waiting:
    """One person staff have to see to; `ref` is theirs, `meeting` that of the visit. `since` None: they do not wait."""

    ref: str
    meeting: str
    name: str
    line: str
    since: datetime | None
    minutes: int
    level: str
    is_held: bool
    phone: str
    identity: Identity
    may_host: bool
    held: Elsewhere | None = None

    @property
    def must_be_confirmed(self) -> bool:
        """Tell whether staff must say who this is before they can let them in."""
        return not self.identity.is_settled

    @property
    def identity_words(self) -> str:
        """Say how far they are recognised; "" where nothing is asked."""
        return "" if self.identity.state == "none" else _(WORDS[f"identity_{self.identity.state}"])

    @property
    def given(self) -> list[tuple[str, str, str]]:
        """Return what they were asked: the field's name, what they gave, and how it compares with the booking."""
        return [
            (
                _(WORDS[f"field_{field}"]),
                _said(field, (self.identity.given or {}).get(field, "")),
                self._compared(field),
            )
            for field in self.identity.asked
        ]

    def _compared(self, field: str) -> str:
        if not (self.identity.given or {}).get(field):
            return _(WORDS["identity_missing"])
        if field in self.identity.differs:
            return _(WORDS["identity_other"])
        known = self.identity.state in ("matches", "differs")
        return _(WORDS["identity_same"]) if known else _(WORDS["identity_unknown"])


def _said(field: str, value: str) -> str:
    """Return what somebody gave as people say it: a date of birth with the month by name."""
    return times.written(date.fromisoformat(value), "j F Y") if field == "birth_date" and value else value


@dataclass(frozen=True)
class Door:
    """Both lines of the desk, longest wait first, at most fifty of each shown; `count` is how many wait in all.

    Whoever asked to be called without waiting stands before those who wait.
    """

    waiting: Sequence[Waiting]
    held: Sequence[Waiting]
    count: int
    held_count: int

    @property
    def unseen(self) -> int:
        """How many wait besides those shown."""
        return self.count - sum(1 for one in self.waiting if one.since is not None)


def of(actor: Actor) -> Door:
    """Return whom `actor` has to see to, or everybody if they see everybody's day."""
    seats = _seats(actor)
    asked = call_requests.open_in([seat.meeting_id for seat in seats])
    known = areas.Map(actor.business_id) if actor.business_id is not None and seats else None
    rows = [_row(actor, seat, asked, known) for seat in seats] if known is not None else []
    mine = [row for row in rows if row.may_host or actor.may(Permission.SEE_APPOINTMENTS)]
    mine.sort(key=lambda row: (row.since is not None, row.since or clock.now()))
    waiting, held = [row for row in mine if not row.is_held], [row for row in mine if row.is_held]
    count = sum(1 for row in waiting if row.since is not None)
    return Door(waiting[:MOST], held[:MOST], count, len(held))


def _seats(actor: Actor) -> list[Participant]:
    now = clock.now()
    waits = Q(state__in=WAITS, waiting_since__gt=now - TODAY) & ~Q(meeting__state__in=OVER)
    asked = Q(call_requests__done_at__isnull=True, call_requests__asked_at__gt=now - TODAY)
    seats = Participant.objects.visible_to(actor).filter(waits | asked).distinct()
    return list(
        seats.select_related("meeting__outside")
        .prefetch_related("meeting__participants")
        .order_by("waiting_since", "pk")
    )


def _row(actor: Actor, seat: Participant, asked: Mapping[int, CallRequest], known: areas.Map) -> Waiting:
    meeting: Meeting = seat.meeting
    seats: list[Participant] = list(meeting.participants.all())
    host = meeting.host_id or areas.invited_in(seats)
    area = known.area_of(meeting, host)
    since = seat.waiting_since if seat.state in WAITS else None
    minutes = max(0, int((clock.now() - since).total_seconds()) // 60) if since is not None else 0
    wish = asked.get(seat.pk)
    return Waiting(
        ref=seat.ref,
        meeting=meeting.ref,
        name=seat.name,
        line=_line(meeting),
        since=since,
        minutes=minutes,
        level=_level(minutes, area) if since is not None else "late",
        is_held=seat.state == State.ON_HOLD,
        phone=wish.phone if wish is not None else "",
        identity=identity.of(seat, area),
        may_host=_may_host(actor, meeting, seats, host, known.groups[area.slug]),
        held=elsewhere.for_staff(meeting),
    )


def _may_host(
    actor: Actor, meeting: Meeting, seats: Iterable[Participant], host: int | None, group: frozenset[int]
) -> bool:
    """Tell whether `actor` may let people into `meeting`, as `access.require_host` decides, without asking again."""
    if actor.may(Permission.HOST_ANY):
        return True
    if actor.provider_id is None or not actor.may(Permission.HOST_OWN):
        return False
    invited = any(one.provider_id == actor.provider_id and one.state != State.REMOVED for one in seats)
    if invited or meeting.host_id == actor.provider_id:
        return True
    return host is None and (not group or actor.provider_id in group)


def _line(meeting: Meeting) -> str:
    if meeting.kind == Meeting.Kind.WALK_IN:
        return " · ".join(filter(None, [_("Walk-in"), meeting.reason]))
    if meeting.kind == Meeting.Kind.ROOM:
        return " · ".join([_("Room"), meeting.title])
    return str(meeting.title)


def _level(minutes: int, area: WaitingArea) -> str:
    if minutes >= area.red_minutes:
        return "late"
    return "long" if minutes >= area.amber_minutes else "fresh"
