"""Rooms: online places that a program of the business makes, changes and takes away, and how it sees every meeting.

A room is there between two instants, without an appointment. Whoever the program invites comes to its waiting room and
is let in by staff, as with any visit; when a visit in it has ended, people may come again. Meetings of appointments are
rooms to a program too: it may invite more people to them, while their times and whoever booked stay the appointment's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from vestibule.chat.models import Thread
from vestibule.meetings import dial_out, planning, room_people, waiting
from vestibule.meetings.access import OVER
from vestibule.meetings.errors import WrongState
from vestibule.meetings.models import Meeting
from vestibule.people import audit, links
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock, rows
from vestibule.store.transactions import writing

LASTS = timedelta(days=180)
"""How long a room is there if nobody says."""
USUAL = timedelta(minutes=30)
"""How long a visit in a room is expected to take, until the waiting area has learned better."""
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
MOST_ROOMS = 100_000
Kind, State = Meeting.Kind, Meeting.State


@dataclass(frozen=True)
class Wanted:
    """What a program says of a room; None: nothing, so that it is as usual, or stays as it is. Times are aware."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    dials_out: bool | None = None


def make(actor: Actor, wanted: Wanted, people: Mapping[str, str | None]) -> Meeting:
    """Make a room, open from now on for 180 days unless `wanted` says otherwise, and invite `people`.

    `people` are roles by key, as `room_people.change` takes them. Raises Invalid, NotPermitted.
    """
    business_id = actor.business_of(Permission.CHANGE_APPOINTMENTS)
    now = clock.now()
    opens_at, closes_at = wanted.opens_at or now, wanted.closes_at or now + LASTS
    if wanted.closes_at is None and wanted.opens_at is not None:
        closes_at = max(closes_at, opens_at + LASTS)
    _require_span(opens_at, closes_at)
    with writing():
        if Meeting.objects.filter(business_id=business_id, kind=Kind.ROOM, closes_at__gt=now).count() >= MOST_ROOMS:
            raise Invalid(_("There are 100,000 rooms already. Delete some that nobody needs any more."))
        (thread,) = rows.insert([Thread(business_id=business_id)])
        room = Meeting(
            business_id=business_id,
            thread=thread,
            kind=Kind.ROOM,
            title=planning.title_of_room(Business.objects.get(pk=business_id).language),
            starts_at=opens_at,
            ends_at=min(opens_at + USUAL, closes_at),
            opens_at=opens_at,
            closes_at=closes_at,
            created_at=now,
            dials_out=bool(wanted.dials_out),
        )
        rows.insert([room])
        room_people.put(room, people)
        audit.record(actor, business_id, "meeting.room_made", "meeting", room.ref, summary=str(room.number))
        return room


def find(actor: Actor, number: str) -> Meeting:
    """Return the room a program calls `number`. Raises NotFound, also for one that was deleted or cancelled."""
    rooms = _visible(actor)
    found = rooms.filter(number=int(number)).first() if _is_number(number) else None
    if found is None:
        raise NotFound(_("There is no such room here. It was deleted, or never was of this business."))
    return found


def page(actor: Actor, after: int, size: int) -> list[Meeting]:
    """Return up to `size` rooms with numbers above `after`, by number.

    Those of appointments and of online meetings are among them until they close; those that a program made as rooms
    until it deletes them.
    """
    now = clock.now()
    later = _visible(actor).filter(number__gt=after).order_by("number")
    made = later.filter(Q(online__isnull=True) | Q(closes_at__gt=now), kind=Kind.ROOM)[:size]
    ahead = later.filter(kind=Kind.SCHEDULED, closes_at__gt=now)[:size]
    return sorted([*made, *ahead], key=lambda room: room.number)[:size]


def change(actor: Actor, number: str, wanted: Wanted) -> Meeting:
    """Change a room and return it; what `wanted` leaves out stays.

    Links to it end with it. Raises NotFound, Invalid, and WrongState for the room of an appointment.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    with writing():
        room = locked(actor, number)
        changed = _differences(room, wanted)
        if not changed:
            return room
        _require_own(room)
        for name, value in changed.items():
            setattr(room, name, value)
        _require_span(room.opens_at, room.closes_at)
        if not room.opens_at <= room.starts_at < room.closes_at:  # nobody has come within what it is now
            room.starts_at, room.ends_at = room.opens_at, min(room.opens_at + USUAL, room.closes_at)
        room.save(update_fields=["opens_at", "closes_at", "dials_out", "starts_at", "ends_at"])
        if "closes_at" in changed:
            for ref in room.participants.values_list("ref", flat=True):
                links.extend(ref, room.closes_at)
        audit.record(actor, room.business_id, "meeting.room_changed", "meeting", room.ref, fields=sorted(changed))
        return room


def delete(actor: Actor, number: str) -> None:
    """Take a room away: whoever is in it leaves, and its links open nothing any more. Its conversation stays to staff.

    Raises NotFound, and WrongState for the room of an appointment.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    with writing():
        room = locked(actor, number)
        _require_own(room)
        if room.state not in OVER:
            waiting.close(room, by=actor.label)
        room.state = State.CANCELLED
        room.save(update_fields=["state"])
        for ref in room.participants.values_list("ref", flat=True):
            links.revoke(ref)
        audit.record(actor, room.business_id, "meeting.room_deleted", "meeting", room.ref, summary=str(room.number))


def rings_telephones(room: Meeting) -> bool:
    """Tell whether somebody may be telephoned from `room`: as its program said, or wherever we can."""
    return bool(room.dials_out) if room.kind == Kind.ROOM else dial_out.is_set_up()


def locked(actor: Actor, number: str) -> Meeting:
    """Return the room called `number`, locked until the transaction ends. Raises NotFound."""
    room: Meeting = Meeting.objects.select_for_update().get(pk=find(actor, number).pk)
    return room


def come_again(seat_ref: str) -> None:
    """Whoever has `seat_ref` opened their link anew: a room whose last visit has ended is open for another one.

    Nothing happens with any other meeting, nor in a room that is closed, deleted or in use.
    """
    with writing():
        rows = Meeting.objects.select_for_update(of=("self",))
        room = rows.filter(participants__ref=seat_ref, kind=Kind.ROOM).first()
        now = clock.now()
        if room is None or room.state != State.ENDED or not room.opens_at <= now < room.closes_at:
            return
        waiting.open_anew(room)


def _visible(actor: Actor) -> QuerySet[Meeting]:
    actor.require(Permission.SEE_APPOINTMENTS)
    rooms: QuerySet[Meeting] = Meeting.objects.visible_to(actor)
    return rooms.exclude(kind=Kind.WALK_IN).exclude(state=State.CANCELLED)


def _is_number(given: str) -> bool:
    return given.isascii() and given.isdecimal() and len(given) <= 18


def _differences(room: Meeting, wanted: Wanted) -> dict[str, datetime | bool]:
    said: dict[str, datetime | bool | None] = {
        "opens_at": wanted.opens_at,
        "closes_at": wanted.closes_at,
        "dials_out": wanted.dials_out,
    }
    was = {"opens_at": room.opens_at, "closes_at": room.closes_at, "dials_out": rings_telephones(room)}
    return {name: value for name, value in said.items() if value is not None and value != was[name]}


def _require_own(room: Meeting) -> None:
    if not room_people.is_own(room):
        raise WrongState(
            _(
                "This room belongs to an appointment or an online meeting, which says when it is there. Nothing was"
                " changed: move or cancel that instead."
            )
        )


def _require_span(opens_at: datetime, closes_at: datetime) -> None:
    if not (FIRST <= opens_at < LAST and FIRST <= closes_at < LAST):
        raise Invalid(_("A room is there at a time between the years 2000 and 2100."), field="validFrom")
    if closes_at <= opens_at:
        raise Invalid(_("A room is there until a time after it opens. Nothing was changed."), field="validUntil")
