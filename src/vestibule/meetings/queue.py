"""One queue for each provider, and one for each area where whoever is free first sees people: places and waits.

In a queue those with an appointment come by its start, then those who came by in the order they came. All places of a
business are worked out together, from a handful of queries however many wait.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heapreplace
from math import ceil
from typing import Any

from vestibule.meetings import areas, lengths
from vestibule.meetings.access import OVER
from vestibule.meetings.lengths import Lengths
from vestibule.meetings.models import WAITS, Meeting, MeetingEvent, Participant, WaitingArea
from vestibule.people.models import Provider

State, Kind = Participant.State, Participant.Kind
SAME_DAY = timedelta(hours=12)
AT_LEAST = timedelta(minutes=1)
"""What is left of a visit that takes longer than usual."""
_FACTS = ("pk", "ref", "kind", "title", "business_id", "host_id", "area_id", "starts_at", "ends_at")


@dataclass(frozen=True)
class Place:
    """A place in the queue: `ahead` others are seen first. Both numbers are None where unknown, as on hold.

    `host` is the key of who will see them, None for whoever of the area is free first. `standing` says why there is no
    place: the visit has `begun` without who waits, as for a helper who comes late, or is `held`; "" otherwise.
    `came_by`: without an appointment.
    """

    ahead: int | None
    expected_minutes: int | None
    host: int | None = None
    area: str = ""
    standing: str = ""
    came_by: bool = False


@dataclass(frozen=True)
class Board:
    """Everybody who waits in a business, by the meeting's reference, and the providers by key."""

    places: Mapping[str, Place]
    providers: Mapping[int, Provider]
    areas: Mapping[str, WaitingArea]


@dataclass
class _Waiting:
    """One meeting somebody waits for."""

    meeting: Meeting
    host: int | None
    area: WaitingArea
    standing: str = ""

    @property
    def key(self) -> tuple[bool, datetime, int]:
        return self.meeting.kind == Meeting.Kind.WALK_IN, self.meeting.starts_at, self.meeting.pk

    @property
    def due(self) -> datetime:
        """When they can be seen at the earliest."""
        return self.meeting.starts_at


@dataclass
class _Times:
    """When each provider is free, as people ahead are given their time."""

    now: datetime
    free_at: dict[int, datetime] = field(default_factory=dict)

    def of(self, provider_id: int) -> datetime:
        return self.free_at.get(provider_id, self.now)


def board(business_id: int, now: datetime) -> Board:
    """Return the places of everybody who waits in a business now."""
    known = areas.map_of(business_id)
    providers = {one.pk: one for one in Provider.objects.filter(business_id=business_id, is_active=True)}
    waiting = _waiting(business_id, now, known)
    usual = lengths.of(business_id, now)
    times = _Times(now, _busy_until(business_id, now, usual))
    places: dict[str, Place] = {one.meeting.ref: _place(one, None, None) for one in waiting if one.standing}
    in_line = [one for one in waiting if not one.standing]
    for line in _grouped(in_line, by_host=True):
        places |= _in_line(line, times, usual)
    for line in _grouped(in_line, by_host=False):
        places |= _for_anybody(line, _on_duty(line[0].area, known, providers), times, usual)
    return Board(places, providers, {area.slug: area for area in known.areas})


def queue_of(provider_id: int, business_id: int, now: datetime) -> list[Meeting]:
    """Return the provider's meetings somebody waits for, in the order they should be seen."""
    waiting = _waiting(business_id, now, areas.Map(business_id))
    own = [one for one in waiting if one.host == provider_id and not one.standing]
    return [one.meeting for one in sorted(own, key=lambda one: one.key)]


def waiting_for(business_id: int, length: timedelta, now: datetime) -> list[Participant]:
    """Return the seats of a business, with their meetings, that have waited for `length` or longer, not on hold."""
    seats = Participant.objects.filter(
        meeting__business_id=business_id,
        meeting__starts_at__gt=now - SAME_DAY,
        state=State.WAITING,
        waiting_since__lte=now - length,
    )
    return list(seats.exclude(meeting__state__in=OVER).select_related("meeting"))


def waits_of(seats: Collection[Participant]) -> dict[int, int]:
    """Return the number of each seat's present wait, by the seat's key: another one whenever somebody begins to wait.

    Going on after a lost connection is the same wait. One that began in another way, as when an admission was taken
    back, has none.
    """
    begun = MeetingEvent.objects.filter(participant__in=seats, kind="waiting").order_by("pk")
    rows = begun.values_list("participant_id", "pk", "details")
    return {seat_id: number for seat_id, number, details in rows if seat_id and not details.get("again")}


def _in_line(line: Sequence[_Waiting], times: _Times, usual: Lengths) -> dict[str, Place]:
    """Give the people of one provider their places, and the provider's time to them."""
    places = {}
    for ahead, one in enumerate(line):
        assert one.host is not None, "this is the line of a provider"
        begins = max(times.of(one.host), one.due)
        places[one.meeting.ref] = _place(one, ahead, begins - times.now)
        times.free_at[one.host] = begins + _takes(one, usual)
    return places


def _for_anybody(line: Sequence[_Waiting], on_duty: Collection[int], times: _Times, usual: Lengths) -> dict[str, Place]:
    """Give the people of an area their places: each goes to whoever is free first. Nobody there: nobody knows when."""
    free = [times.of(one) for one in on_duty]
    heapify(free)
    places = {}
    for ahead, one in enumerate(line):
        if not free:
            places[one.meeting.ref] = _place(one, ahead, None)
            continue
        begins = max(free[0], one.due)
        heapreplace(free, begins + _takes(one, usual))
        places[one.meeting.ref] = _place(one, ahead, begins - times.now)
    return places


def _place(one: _Waiting, ahead: int | None, wait: timedelta | None) -> Place:
    minutes = max(0, ceil(wait / timedelta(minutes=1))) if wait is not None else None
    came_by = one.meeting.kind == Meeting.Kind.WALK_IN
    return Place(ahead, minutes, one.host, one.area.slug, one.standing, came_by)


def _takes(one: _Waiting, usual: Lengths) -> timedelta:
    return usual.usual(one.host, one.meeting.title, one.meeting.ends_at - one.meeting.starts_at)


def _grouped(waiting: Iterable[_Waiting], *, by_host: bool) -> list[list[_Waiting]]:
    lines: dict[object, list[_Waiting]] = defaultdict(list)
    for one in waiting:
        if (one.host is not None) == by_host:
            lines[one.host if by_host else one.area.slug].append(one)
    return [sorted(line, key=lambda one: one.key) for line in lines.values()]


def _on_duty(area: WaitingArea, known: areas.Map, providers: Mapping[int, Provider]) -> list[int]:
    """Return who of an area is there: at the desk or in a visit."""
    group = known.groups[area.slug] or providers.keys()
    return [one for one in group if one in providers and providers[one].presence != Provider.Presence.AWAY]


def _waiting(business_id: int, now: datetime, known: areas.Map) -> list[_Waiting]:
    seats = Participant.objects.filter(
        meeting__business_id=business_id,
        meeting__starts_at__gt=now - SAME_DAY,
        meeting__starts_at__lt=now + SAME_DAY,
        state__in=WAITS,
    ).exclude(meeting__state__in=OVER)
    standing = _standings(seats.values("meeting_id"))
    meetings = Meeting.objects.filter(pk__in=seats.values("meeting_id")).only(*_FACTS)
    invited = _invited(seats.values("meeting_id"))
    found = []
    for meeting in meetings:
        host = meeting.host_id or invited.get(meeting.pk)
        found.append(_Waiting(meeting, host, known.area_of(meeting, host), standing.get(meeting.pk, "")))
    return found


def _standings(meetings: Any) -> dict[int, str]:
    """Return how those of the meetings stand that are in no line.

    One has begun once somebody from outside was let in: whoever of it still waits is let in from there, before nobody.
    One is held while those who booked it are, whoever waits with them.
    """
    guests = Participant.objects.filter(meeting_id__in=meetings).exclude(kind=Kind.PROVIDER)
    states: dict[int, set[tuple[bool, str]]] = defaultdict(set)
    for meeting_id, kind, state in guests.values_list("meeting_id", "kind", "state"):
        states[meeting_id].add((kind == Kind.CONSUMER, state))
    return {meeting_id: _standing(those) for meeting_id, those in states.items()}


def _standing(those: Collection[tuple[bool, str]]) -> str:
    if any(state in (State.ADMITTED, State.IN_CALL) for _own, state in those):
        return "begun"
    waits = {state for own, state in those if own and state in WAITS} or {state for _own, state in those}
    return "" if State.WAITING in waits else "held"


def _invited(meetings: Any) -> dict[int, int]:
    """Return the first provider invited to each of the meetings."""
    seats = Participant.objects.filter(meeting_id__in=meetings, kind=Kind.PROVIDER, provider__isnull=False)
    rows = seats.exclude(state=State.REMOVED).order_by("-id").values_list("meeting_id", "provider_id")
    return dict(rows)


def _busy_until(business_id: int, now: datetime, usual: Lengths) -> dict[int, datetime]:
    """Return when those who are in a call will probably be done with it."""
    seats = Participant.objects.filter(
        meeting__business_id=business_id, provider__isnull=False, state=State.IN_CALL
    ).exclude(meeting__state__in=OVER)
    busy: dict[int, datetime] = {}
    for seat in seats.select_related("meeting"):
        planned = seat.meeting.ends_at - seat.meeting.starts_at
        began = seat.joined_at or now
        ends = max(now + AT_LEAST, began + usual.usual(seat.provider_id, seat.meeting.title, planned))
        busy[seat.provider_id] = max(busy.get(seat.provider_id, now), ends)
    return busy
