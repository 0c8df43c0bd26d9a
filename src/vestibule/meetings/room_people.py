"""Who is invited to a room, as a program names them: identities it made, and people of ours.

A program invites identities, and staff of the business, who then host. Whoever booked, their companions and the
providers of an appointment are in its room as well; they are the appointment's to add and to take away.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule.meetings import outside, waiting
from vestibule.meetings.access import OVER
from vestibule.meetings.errors import MeetingOver, WrongState
from vestibule.meetings.listeners import happened
from vestibule.meetings.models import Meeting, OnlineMeeting, Participant
from vestibule.meetings.room_keys import STAFF_KEY, key_of, users_of
from vestibule.people import audit, identities, links
from vestibule.people.communication import Resource
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import CapabilityLink, Membership
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock

MOST = 350
"""How many people a room takes."""
Kind, Role, State = Participant.Kind, Participant.Role, Participant.State


def is_own(room: Meeting) -> bool:
    """Tell whether a program made `room` as such: it is neither an appointment's nor a meeting somebody organises."""
    return room.kind == Meeting.Kind.ROOM and not OnlineMeeting.objects.filter(meeting=room).exists()


def of(room: Meeting) -> list[tuple[str, Participant]]:
    """Return the people of `room` with their keys, in the order they were invited; nobody twice.

    Of a room that a program made those it invited; who else came, as staff may, is none of its participants.
    """
    seats = _seats(room)
    users = users_of(seats)
    named = {key_of(seat, users): seat for seat in reversed(seats)}
    return list(reversed(named.items()))


def keys_of(resource: Resource, room: Meeting | None, given: Sequence[str]) -> dict[str, str]:
    """Return the keys of those whom a program names `given`: identities it made, staff, and who has a seat in `room`.

    Whoever is none of these is left out.
    """
    guids = {name: guid for name in given if (guid := identities.guid_of(resource.resource, name)) is not None}
    known = identities.known(resource, guids.values())
    found = {name: identities.key_of_guid(guid) for name, guid in guids.items() if guid in known}
    if len(found) < len(guids):
        ours = _ours(resource, room)
        found |= {name: ours[guid] for name, guid in guids.items() if name not in found and guid in ours}
    return found


def _ours(resource: Resource, room: Meeting | None) -> dict[UUID, str]:
    staff = Membership.objects.filter(business_id=resource.business_id, is_active=True)
    keys = [f"{STAFF_KEY}{user_id}" for user_id in staff.values_list("user_id", flat=True)]
    keys += [key for key, _seat in of(room)] if room is not None else []
    named = {key: identities.guid_of(resource.resource, identities.mri(resource.resource, key)) for key in keys}
    return {guid: key for key, guid in named.items() if guid is not None}


def change(actor: Actor, room: Meeting, people: Mapping[str, str | None]) -> None:
    """Invite people to `room` or give them another role, by key; None: take them away. Others stay as they are.

    Call it in a writing block, `room` locked. Taking away who is not there is fine. Raises MeetingOver for a meeting
    that will not be again, WrongState where the appointment says who is there, Invalid for too many.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    is_over = room.state in OVER and room.kind != Meeting.Kind.ROOM
    if is_over and any(role is not None for role in people.values()):
        raise MeetingOver
    if put(room, people):
        audit.record(actor, room.business_id, "meeting.room_people_changed", "meeting", room.ref, number=len(people))


def put(room: Meeting, people: Mapping[str, str | None]) -> bool:
    """Do what `change` says, and tell whether anything became different. Raises as it does."""
    seats = list(room.participants.order_by("pk"))
    users = users_of(seats)
    named = {key_of(seat, users): seat for seat in reversed(seats)}
    staff = _staff(room, [key for key in people if key.startswith(STAFF_KEY) and key not in named])
    here = {key for key, seat in named.items() if seat.state != State.REMOVED}
    if len(here - {key for key, role in people.items() if role is None} | _wanted(people)) > MOST:
        raise Invalid(_("A room takes at most 350 people. Nothing was changed."), field="participants")
    own = is_own(room)
    done = [_put_one(room, key, role, named.get(key), staff, own=own) for key, role in people.items()]
    if any(done) and room.kind == Meeting.Kind.SCHEDULED:
        outside.changed(room)
    return any(done)


def forget(actor: Actor, key: str) -> None:
    """Take an identity that is deleted out of every room that is there or in use; its links open nothing any more.

    Of rooms that are over it is still known who was there. Call it in a writing block.
    """
    business_id = actor.business_of(Permission.CHANGE_APPOINTMENTS)
    rooms = Meeting.objects.select_for_update(of=("self",)).filter(
        business_id=business_id, participants__identity_key=key
    )
    is_there = Q(closes_at__gt=clock.now()) | Q(state=Meeting.State.LIVE)
    for room in rooms.filter(is_there).order_by("pk"):
        change(actor, room, {key: None})
    seats = Participant.objects.filter(meeting__business_id=business_id, identity_key=key)
    for ref in seats.values_list("ref", flat=True):
        links.revoke(ref)  # a room that is over may be opened anew


def visit_link(actor: Actor, room: Meeting, key: str, name: str = "") -> CapabilityLink:
    """Return the link by which the person called `key` comes to the waiting room of `room`, making it the first time.

    It ends with the room, or when they are taken out of it; until then it is the same one, and only theirs. `name` is
    what they are called unless they came already. Call it in a writing block. Raises NotFound,
    MeetingOver, NotPermitted for staff.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    seat = dict(of(room)).get(key)
    if seat is None:
        raise NotFound(_("This person is not a participant of the room. Add them first, then ask for their link."))
    if seat.kind == Participant.Kind.PROVIDER:
        raise NotPermitted(_("Staff sign in and join from their desk: by a link, whoever holds it would be host."))
    if clock.now() >= room.closes_at or (room.state in OVER and room.kind != Meeting.Kind.ROOM):
        raise MeetingOver
    if name and seat.arrived_at is None and seat.identity_key and seat.name != name:
        seat.name = name
        seat.save(update_fields=["name"])
    live = CapabilityLink.objects.filter(subject=seat.ref, purpose=links.Purpose.VISIT, revoked_at=None)
    link: CapabilityLink | None = live.filter(expires_at__gt=clock.now(), opens_once=False).order_by("-pk").first()
    if link is not None:
        return link
    audit.record(actor, room.business_id, "meeting.room_link_made", "meeting", room.ref, participant=seat.ref)
    return links.issue(
        business_id=room.business_id,
        purpose=links.Purpose.VISIT,
        role=seat.role,
        subject=seat.ref,
        expires_at=room.closes_at,
    )


def _seats(room: Meeting) -> list[Participant]:
    seats = room.participants.exclude(state=State.REMOVED).order_by("pk")
    return list(seats.exclude(identity_key="") if is_own(room) else seats)


def _wanted(people: Mapping[str, str | None]) -> set[str]:
    return {key for key, role in people.items() if role is not None}


def _staff(room: Meeting, keys: Sequence[str]) -> dict[str, Membership]:
    """Return who works for the business of `room`, of those called `keys`."""
    users = [int(key.removeprefix(STAFF_KEY)) for key in keys]
    rows = Membership.objects.filter(business_id=room.business_id, is_active=True, user_id__in=users)
    return {f"{STAFF_KEY}{one.user_id}": one for one in rows.select_related("user", "provider")}


def _put_one(
    room: Meeting, key: str, role: str | None, seat: Participant | None, staff: Mapping[str, Membership], *, own: bool
) -> bool:
    if role is None:
        is_there = seat is not None and seat.state != State.REMOVED and (bool(seat.identity_key) or not own)
        return seat is not None and is_there and _take_away(room, seat)
    if seat is None and not identities.is_key(key) and key not in staff:
        raise Invalid(_("There is no such person to invite. Nothing was changed."), field="participants")
    if seat is None:
        _invite(room, key, role, staff.get(key))
        return True
    if seat.kind == Kind.PROVIDER and role != Role.PRESENTER:
        raise WrongState(_("Staff of the business lead its visits: they are Presenters. Nothing was changed."))
    was_away = seat.state == State.REMOVED and bool(seat.identity_key)
    if was_away:
        waiting.come_anew(room.participants.filter(pk=seat.pk))
    is_new = own and not seat.identity_key
    if seat.role != role or is_new:
        named = key if is_new else seat.identity_key
        room.participants.filter(pk=seat.pk).update(role=role, identity_key=named)
    return was_away or is_new or seat.role != role


def _invite(room: Meeting, key: str, role: str, staff: Membership | None) -> None:
    """Give somebody a seat. Staff host, so they wait for nobody; everybody else does."""
    if staff is not None and role != Role.PRESENTER:
        raise WrongState(_("Staff of the business lead its visits: they are Presenters. Nothing was changed."))
    provider = getattr(staff, "provider", None)
    outsider = Kind.HELPER if room.kind == Meeting.Kind.SCHEDULED else Kind.CONSUMER
    Participant.objects.create(
        meeting=room,
        kind=Kind.PROVIDER if staff is not None else outsider,
        role=role,
        identity_key=key,
        user=staff.user if staff is not None else None,
        provider=provider,
        name=(provider.name if provider is not None else staff.user.name if staff is not None else "")[:120],
    )


def _take_away(room: Meeting, seat: Participant) -> bool:
    if not seat.identity_key:
        words = _(
            "This participant belongs to the appointment or meeting of the room. Nothing was changed: take them out of"
            " that instead."
        )
        raise WrongState(words)
    seat.meeting = room
    seat.state, seat.left_at, seat.waiting_since, seat.held_at = State.REMOVED, clock.now(), None, None
    seat.admitted_at = None
    seat.save(update_fields=["state", "left_at", "waiting_since", "held_at", "admitted_at"])
    links.revoke(seat.ref)
    happened(room, seat, "removed", by="program")
    return True
