"""A business' day as the desk shows it: appointments, walk-ins and rooms with who is at the door. Runs in threads."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from vestibule.booking.models import Appointment
from vestibule.booking.preparation import preparation_of
from vestibule.meetings import areas, call_requests, elsewhere
from vestibule.meetings.elsewhere import Elsewhere
from vestibule.meetings.models import WAITS, CallRequest, Meeting, Participant
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web.live import snapshots
from vestibule.web.live.rooms import door_person

Json = dict[str, Any]
State, Kind = Participant.State, Participant.Kind
COMES_BY = (Meeting.Kind.WALK_IN, Meeting.Kind.ROOM)
"""Kinds of meetings that have no appointment: they are of the day once somebody came, or somebody organised them."""
_SHOWN = (
    *("ref", "start_minute", "end_minute", "status", "name", "answers", "business_id"),
    *("service__slug", "service__name", "service__questions", "provider__slug", "provider__name"),
    *("meeting__ref", "meeting__kind", "meeting__state", "meeting__business_id", "meeting__area_id"),
    *("meeting__host__slug", "meeting__host__name", "meeting__opens_at"),
    *(f"meeting__outside__{name}" for name in ("kind", "is_wanted", "state", "order", "made", "problem", "meeting_id")),
)
"""What is read of a day: a service and an appointment have many columns that no desk shows."""


@dataclass(frozen=True)
class Entry:
    """One appointment, walk-in or visit in a room of a day.

    `facts` is the protocol's entry, but for `mine`, `elsewhere` and connections.
    `hosts` are who may see it as their own (None: everybody who meets people), `own` whose it is now.
    """

    ref: str
    meeting: str
    start_minute: int
    hosts: frozenset[int] | None
    own: frozenset[int] | None
    facts: Json
    held: Elsewhere | None = None

    def is_for(self, provider_id: int | None) -> bool:
        """Tell whether a provider who sees only the own day sees this."""
        return provider_id is not None and (self.hosts is None or provider_id in self.hosts)

    def shown_to(self, provider_id: int | None, links: Mapping[str, str]) -> Json:
        """Return the entry for one reader, in the language now active; `links` says how its people are connected."""
        people = [{**row, "connection": links.get(row["id"], "gone")} for row in self.facts["people"]]
        mine = provider_id is not None and (self.own is None or provider_id in self.own)
        held = self.held.as_json() if self.held is not None else None
        return {**self.facts, "mine": mine, "people": people, "elsewhere": held}


@dataclass(frozen=True)
class _Around:
    """What is read once for many entries."""

    known: areas.Map
    said: dict[int, list[str]]
    asked: Mapping[int, CallRequest]
    names: Mapping[int, Provider]


def today(zone: str) -> date:
    """Return the local date now."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def of_day(business_id: int, first: int, end: int) -> list[Entry]:
    """Return the entries that start in UTC minutes [first, end), by start."""
    rows = Appointment.objects.filter(business_id=business_id, start_minute__gte=first, start_minute__lt=end)
    came = Meeting.objects.filter(
        business_id=business_id,
        kind__in=COMES_BY,
        starts_at__gte=clock.from_minute(first),
        starts_at__lt=clock.from_minute(end),
    )
    return _read(business_id, rows, came)


def of_appointments(business_id: int, refs: Collection[str]) -> list[Entry]:
    """Return the entries of some appointments of a business, whatever their day."""
    rows = Appointment.objects.filter(business_id=business_id, ref__in=refs)
    return _read(business_id, rows, Meeting.objects.none())


def of_meeting(business_id: int, meeting_ref: str) -> Entry | None:
    """Return the entry of one meeting of a business, whatever its day; None if it is no appointment's, nobody came to
    it, or it was deleted."""
    own = Appointment.objects.filter(business_id=business_id, meeting__ref=meeting_ref)
    found = _read(business_id, own, Meeting.objects.none())
    if not found:
        came = Meeting.objects.filter(business_id=business_id, ref=meeting_ref, kind__in=COMES_BY)
        found = _read(business_id, Appointment.objects.none(), came)
    return found[0] if found else None


def _read(business_id: int, rows: Any, came: Any) -> list[Entry]:
    ordered = (
        rows.select_related("service", "provider", "meeting__host", "meeting__outside")
        .only(*_SHOWN)
        .order_by("start_minute", "pk")
    )
    appointments: list[Appointment] = list(ordered.prefetch_related("meeting__participants"))
    walk_ins: list[Meeting] = list(
        came.filter(Q(participants__arrived_at__isnull=False) | Q(online__isnull=False))
        .exclude(state=Meeting.State.CANCELLED)
        .distinct()
        .select_related("host", "outside")
        .prefetch_related("participants")
        .order_by("starts_at", "pk")
    )
    meetings = [*(one.meeting for one in appointments if one.meeting is not None), *walk_ins]
    keys = [one.pk for one in meetings]
    around = _Around(
        areas.map_of(business_id), snapshots.said_in(keys), call_requests.open_in(keys), _names(appointments, meetings)
    )
    entries = [_entry(one, around) for one in appointments] + [_walk_in(one, around) for one in walk_ins]
    return sorted(entries, key=lambda entry: entry.start_minute) if walk_ins else entries


def _entry(appointment: Appointment, around: _Around) -> Entry:
    meeting = appointment.meeting
    preparation = preparation_of(appointment)
    facts: Json = {
        "id": appointment.ref,
        "kind": "scheduled",
        "appointment": appointment.ref,
        "start": snapshots.stamp(appointment.start),
        "end": snapshots.stamp(appointment.end),
        "status": str(appointment.status),
        "consumer": appointment.name,
        "service": {"slug": appointment.service.slug, "name": appointment.service.name},
        "provider": _named(appointment.provider),
        "reason": "",
        "preparation": "none" if not preparation.asks else "done" if preparation.is_done else "missing",
    }
    own = frozenset({appointment.provider_id})
    if meeting is None:
        nowhere = {"meeting": None, "area": None, "host": _named(appointment.provider), "meeting_state": None}
        facts |= nowhere | {"waiting_since": None, "held": False, "people": []}
        return Entry(appointment.ref, "", appointment.start_minute, own, own, facts)
    online, hosts, own_now = _online(meeting, around)
    shown = None if hosts is None else hosts | own
    held = elsewhere.for_staff(meeting)
    return Entry(appointment.ref, meeting.ref, appointment.start_minute, shown, own_now, facts | online, held)


def _walk_in(meeting: Meeting, around: _Around) -> Entry:
    online, hosts, own = _online(meeting, around)
    consumers = [seat for seat in meeting.participants.all() if seat.kind == Kind.CONSUMER]
    is_room = meeting.kind == Meeting.Kind.ROOM
    here = [seat.name for seat in consumers if not is_room or seat.arrived_at is not None]
    facts: Json = {
        "id": meeting.ref,
        "kind": str(meeting.kind),
        "appointment": None,
        "start": snapshots.stamp(meeting.starts_at),
        "end": snapshots.stamp(meeting.ends_at),
        "status": _status(meeting, consumers),
        "consumer": ", ".join(here if is_room else here[:1]),
        "service": None,
        "provider": None,
        "reason": meeting.title if is_room else meeting.reason,
        "preparation": "none",
    }
    start, held = clock.to_minute(meeting.starts_at), elsewhere.for_staff(meeting)
    return Entry(meeting.ref, meeting.ref, start, hosts, own, facts | online, held)


def _online(meeting: Meeting, around: _Around) -> tuple[Json, frozenset[int] | None, frozenset[int] | None]:
    """Return what the online place of an entry adds to it, who may see it, and whose it is (None: everybody's)."""
    seats: list[Participant] = list(meeting.participants.all())
    if meeting.kind == Meeting.Kind.ROOM:  # it may have hundreds invited; the desk shows who came
        seats = [seat for seat in seats if seat.arrived_at is not None or seat.kind == Kind.PROVIDER]
    host = meeting.host_id or areas.invited_in(seats)
    area = around.known.area_of(meeting, host)
    people = snapshots.people(seats, around.said, around.asked, area).values()
    waits = [seat for seat in seats if seat.state in WAITS]
    facts: Json = {
        "meeting": meeting.ref,
        "area": area.slug,
        "host": _named(around.names[host]) if host is not None and host in around.names else None,
        "meeting_state": str(meeting.state),
        "waiting_since": _earliest(seat.waiting_since for seat in waits),
        "held": bool(waits) and all(seat.state == State.ON_HOLD for seat in waits),
        "people": [door_person(person, "gone") for person in people if not person.staff],
    }
    here = {seat.provider_id for seat in seats if seat.provider_id is not None and seat.state != State.REMOVED}
    if host is None:
        group = around.known.groups[area.slug]
        return facts, (group | here if group else None), group or None
    return facts, frozenset(here | {host}), frozenset({host} if meeting.host_id else here | {host})


def _names(appointments: Iterable[Appointment], meetings: Sequence[Meeting]) -> dict[int, Provider]:
    """Return the providers the meetings may be hosted by; nearly always they were read with them."""
    names = {one.provider_id: one.provider for one in appointments}
    names |= {one.host_id: one.host for one in meetings if one.host_id is not None and one.host is not None}
    invited = {areas.invited_in(list(one.participants.all())) for one in meetings if one.host_id is None}
    missing = {one for one in invited if one is not None and one not in names}
    return names | (Provider.objects.in_bulk(missing) if missing else {})


def _status(meeting: Meeting, consumers: Sequence[Participant]) -> str:
    """Return what has become of a walk-in or room, in the words of appointments; `left`: gave up, or was turned away.

    Once they and staff have left the call it is completed, also where nobody ended it: its room stays open for hours.
    """
    if any(seat.state in WAITS for seat in consumers):
        return "waiting"
    was_in = any(seat.admitted_at is not None or seat.joined_at is not None for seat in consumers)
    if meeting.state == Meeting.State.ENDED:
        return "completed" if was_in else "left"
    if was_in:
        goes_on = any(seat.state in (State.ADMITTED, State.IN_CALL) for seat in consumers)
        goes_on = goes_on or any(seat.state == State.IN_CALL for seat in meeting.participants.all())
        return "in_visit" if goes_on else "completed"
    if any(seat.state == State.ARRIVED for seat in consumers):
        return "arrived"
    return "left" if any(seat.arrived_at is not None for seat in consumers) else "booked"


def _named(provider: Provider) -> Json:
    return {"slug": provider.slug, "name": provider.name}


def _earliest(waits: Iterable[datetime | None]) -> str | None:
    known = [wait for wait in waits if wait is not None]
    return snapshots.stamp(min(known)) if known else None
