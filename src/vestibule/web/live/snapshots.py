"""What the database says about a meeting, read once and pushed to everyone in it. Runs in threads."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from vestibule.booking.models import Appointment
from vestibule.meetings import (
    areas,
    call_requests,
    carrying,
    conversation,
    elsewhere,
    identity,
    join_ways,
    queue,
    recordings,
    room_people,
)
from vestibule.meetings.elsewhere import Elsewhere
from vestibule.meetings.identity import Identity
from vestibule.meetings.models import WAITS, CallRequest, Meeting, MeetingEvent, Participant, VisitRules, WaitingArea
from vestibule.meetings.waiting import is_in, is_staff
from vestibule.people.models import Business, Provider
from vestibule.store import clock

Json = dict[str, Any]
State = Participant.State


@dataclass(frozen=True)
class Person:
    """A seat as others may see it."""

    ref: str
    name: str
    role: str
    role_in_call: str
    staff: bool
    inside: bool
    state: str
    since: str | None
    words: str
    devices: Json
    unanswered: int
    call_request: Json | None = None
    waiting_since: str | None = None
    identity: Identity | None = None
    shares: bool = True
    """Whether the business lets people in their place show their screen, if their role does."""

    def as_json(self) -> Json:
        return {"id": self.ref, "name": self.name, "role": self.role}


@dataclass(frozen=True)
class View:
    """A meeting as it stood at `read_at` (monotonic seconds, before the first query).

    `facts` is the protocol's `meeting`, `recording` its message of that name. People wait in `area`, for `host` (None:
    for whoever of it is free first), who said to begin `late_minutes` later (0: on time) than `starts_at`. Where it is
    held elsewhere, `for_staff` and `for_guests` say what each side may know; guests only once they were let in.
    """

    read_at: float
    ref: str
    business_id: int
    thread_id: int
    provider_id: int | None
    state: str
    backend: str
    epoch: int
    is_open: bool
    facts: Json
    recording: Json
    host: int | None
    area: WaitingArea
    people: dict[str, Person]
    starts_at: datetime
    late_minutes: int
    for_staff: Elsewhere | None = None
    for_guests: Elsewhere | None = None

    @property
    def is_over(self) -> bool:
        return self.state in (Meeting.State.ENDED, Meeting.State.CANCELLED)

    def is_in_call(self, ref: str) -> bool:
        """Tell whether a participant is in the call as far as the database knows."""
        return ref in self.people and self.people[ref].state == State.IN_CALL

    def waiting_for(self) -> bool:
        """Tell whether anybody waits here."""
        return any(person.state in WAITS for person in self.people.values())


def stamp(at: datetime) -> str:
    """Return `at` as the protocol writes instants: RFC 3339 in UTC with Z, milliseconds where there are any."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def view(meeting_ref: str) -> View | None:
    """Return the meeting as it stands now, or None if there is none."""
    read_at = time.monotonic()
    meeting = Meeting.objects.select_related("business__visit_rules", "outside").filter(ref=meeting_ref).first()
    if meeting is None:
        return None
    now = clock.now()
    rules = _rules_of(meeting.business)
    seats = list(meeting.participants.all())
    host = meeting.host_id or areas.invited_in(seats)
    provider = Provider.objects.filter(pk=host).first() if host is not None else None
    area = areas.map_of(meeting.business_id).area_of(meeting, host)
    return View(
        read_at=read_at,
        ref=meeting.ref,
        business_id=meeting.business_id,
        thread_id=meeting.thread_id,
        provider_id=provider.pk if provider is not None else None,
        state=meeting.state,
        backend=carrying.carried_by(meeting),
        epoch=meeting.epoch,
        is_open=meeting.opens_at <= now < meeting.closes_at or meeting.state == Meeting.State.LIVE,
        facts=_facts(meeting, provider, seats),
        recording=_recording(meeting),
        host=host,
        area=area,
        people=people(seats, said_in([meeting.pk]), call_requests.open_in([meeting.pk]), area, rules.staff_share),
        starts_at=meeting.starts_at,
        late_minutes=_late_minutes(meeting, host),
        for_staff=elsewhere.for_staff(meeting),
        for_guests=elsewhere.for_guest(meeting),
    )


def _late_minutes(meeting: Meeting, host: int | None) -> int:
    """Return how late a provider said to be; who was asked in their place said nothing."""
    own = Appointment.objects.filter(meeting=meeting, provider=host, provider_late_minutes__isnull=False)
    return own.values_list("provider_late_minutes", flat=True).first() or 0


def said_in(meetings: list[int]) -> dict[int, list[str]]:
    """Return the waiting conversations of meetings: by seat who spoke, oldest first."""
    said: dict[int, list[str]] = {}
    kinds = (conversation.FROM_STAFF, conversation.FROM_WAITING)
    rows = MeetingEvent.objects.filter(meeting_id__in=meetings, kind__in=kinds, participant__isnull=False)
    for seat_id, kind in rows.order_by("id").values_list("participant_id", "kind"):
        said.setdefault(seat_id or 0, []).append(kind)
    return said


def people(
    seats: list[Participant],
    said: dict[int, list[str]],
    asked: Mapping[int, CallRequest] = MappingProxyType({}),
    area: WaitingArea | None = None,
    staff_share: bool = True,
) -> dict[str, Person]:
    """Return the people of one meeting by reference, in the order of their seats; `said` as `said_in` returns it."""
    return {
        seat.ref: person(
            seat,
            conversation.unanswered(said.get(seat.pk, [])),
            asked.get(seat.pk),
            area,
            shares=staff_share or not is_staff(seat),
        )
        for seat in seats
    }


def person(
    seat: Participant,
    unanswered: int = 0,
    asked: CallRequest | None = None,
    area: WaitingArea | None = None,
    *,
    shares: bool = True,
) -> Person:
    """Return a seat as others may see it; `area` is where they wait."""
    at = _since(seat)
    return Person(
        ref=seat.ref,
        name=seat.name,
        role=role_of(seat),
        role_in_call=seat.role,
        staff=is_staff(seat),
        inside=is_in(seat),
        state=seat.state,
        since=stamp(at) if at is not None else None,
        words=seat.notice if seat.state == State.DENIED else "",
        devices=seat.devices,
        unanswered=unanswered,
        call_request={"phone": asked.phone, "asked_at": stamp(asked.asked_at)} if asked is not None else None,
        waiting_since=stamp(seat.waiting_since) if seat.state in WAITS and seat.waiting_since is not None else None,
        identity=identity.of(seat, area) if area is not None else None,
        shares=shares,
    )


def role_of(seat: Participant) -> str:
    """Return the protocol's role: staff who are not providers are managers."""
    if seat.kind == Participant.Kind.PROVIDER and seat.provider_id is None:
        return "manager"
    return str(seat.kind)


def next_waiting(provider_id: int, business_id: int, but: str) -> Json:
    """Return the facts of `next_waiting`: who waits for a provider in another meeting than `but`."""
    waiting = [one for one in queue.queue_of(provider_id, business_id, clock.now()) if one.ref != but]
    if not waiting:
        return {"count": 0, "name": "", "since": None}
    seats = waiting[0].participants.filter(waiting_since__isnull=False, state=State.WAITING)
    first = seats.order_by("waiting_since").first()
    since = first.waiting_since if first is not None else None
    name = first.name if first is not None else ""
    return {"count": len(waiting), "name": name, "since": stamp(since) if since is not None else None}


def notice_item(notice: conversation.Notice, role: str) -> Json:
    """Return one message of a waiting conversation; `role` is its author's."""
    return {
        "id": notice.id,
        "participant": notice.participant,
        "from": {"id": notice.author, "name": notice.author_name, "role": role},
        "text": notice.text,
        "at": stamp(notice.at),
    }


def notices_page(seat_ref: str, items: list[conversation.Notice] | None = None) -> Json:
    """Return a `notices` message with the waiting conversation of `seat_ref`."""
    items = conversation.notices(seat_ref) if items is None else items
    shown = [notice_item(item, "provider" if item.from_staff else "consumer") for item in items]
    return {"type": "notices", "participant": seat_ref, "items": shown}


def _facts(meeting: Meeting, provider: Provider | None, seats: list[Participant]) -> Json:
    shown = None
    if provider is not None:
        here = any(seat.provider_id == provider.pk and seat.state == State.IN_CALL for seat in seats)
        shown = {"name": provider.name, "presence": "here" if here else str(provider.presence)}
        if provider.away_words:
            shown["away_words"] = provider.away_words
    return {
        "id": meeting.ref,
        "state": str(meeting.state),
        "title": meeting.title,
        "business": meeting.business.name,
        "starts_at": stamp(meeting.starts_at),
        "ends_at": stamp(meeting.closes_at if room_people.is_own(meeting) else meeting.ends_at),
        "opens_at": stamp(meeting.opens_at),
        "closes_at": stamp(meeting.closes_at),
        "backend": carrying.carried_by(meeting),
        "max_in_call": carrying.most_people(meeting),
        "may_move_to": carrying.other_ways(meeting),
        "held_in": elsewhere.held_in(meeting),
        "join_by": str(join_ways.join_way(meeting)),
        "provider": shown,
        "by_phone": asdict(call_requests.ways(meeting.business_id)),
        "locked": meeting.is_locked,
        "rules": _rules(meeting),
    }


def _recording(meeting: Meeting) -> Json:
    """Return what there is of a recording, as everybody inside is told, and whether there can be one."""
    why_not = recordings.why_not(meeting)
    found = recordings.current(meeting)
    shown = None
    if found is not None:
        shown = {
            "id": found.ref,
            "state": str(found.state),
            "asked_by": found.asked_by,
            "agreed": sorted(found.consents),
            "started_at": stamp(found.started_at) if found.started_at else None,
        }
    return {"recording": shown, "possible": not why_not, "why_not": why_not}


def _rules(meeting: Meeting) -> Json:
    """Return of the business' rules what a page needs to show the right things."""
    rules = _rules_of(meeting.business)
    return {
        "captions": str(rules.captions),
        "chat": rules.chat,
        "files": rules.files,
        "recording": rules.recording,
        "end_hint_minutes": rules.end_hint_minutes,
        "hides_addresses": rules.hides_addresses,
        "blur": rules.blur,
        "helper_links": rules.helper_links,
        "hosts_invite": meeting.kind == Meeting.Kind.ROOM,
    }


def _rules_of(business: Business) -> VisitRules:
    rules: VisitRules = getattr(business, "visit_rules", None) or VisitRules()
    return rules


def _since(seat: Participant) -> datetime | None:
    return {
        State.ARRIVED: seat.arrived_at,
        State.WAITING: seat.waiting_since,
        State.ON_HOLD: seat.held_at,
        State.ADMITTED: seat.admitted_at,
        State.IN_CALL: seat.joined_at,
        State.LEFT: seat.left_at,
        State.REMOVED: seat.left_at,
    }.get(State(seat.state))
