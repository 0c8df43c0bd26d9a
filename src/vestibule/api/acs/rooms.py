"""Rooms: meetings a program makes, everybody it invites to them, and the link each of those comes by."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from vestibule.api.acs.asked import KEY, Asked
from vestibule.api.acs.faults import Fault
from vestibule.api.plain import Answer, Operations, shown
from vestibule.booking import links as addresses
from vestibule.meetings import names, room_people, rooms
from vestibule.meetings.models import Meeting
from vestibule.meetings.rooms import Wanted
from vestibule.people import identities, remembered
from vestibule.people.remembered import IdempotencyMismatch
from vestibule.store.transactions import writing

operations: Operations[Asked] = Operations()
PAGE = 50
ROLES = {"Presenter": "presenter", "Attendee": "attendee", "Consumer": "consumer", "Collaborator": "collaborator"}
_SHOWN = {ours: theirs for theirs, ours in ROLES.items()}
LONGEST_ID = 400
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", re.ASCII)


@operations.on("POST", "/rooms", by=KEY, service="rooms", operation="Rooms_Create")
def create(asked: Asked) -> Answer:
    """Make a room; the same `Repeatability-Request-ID` gives the same room."""
    wanted, people = _wanted(asked), _people(asked, None)

    def make() -> tuple[int, bytes]:
        return 201, orjson.dumps(_room(rooms.make(asked.caller.actor, wanted, people)))

    return _once(asked, make)


@operations.on("GET", "/rooms", by=KEY, service="rooms", operation="Rooms_List")
def list_rooms(asked: Asked) -> Answer:
    """Show a page of the rooms of the business."""
    after = _after(asked)
    found = rooms.page(asked.caller.actor, after, PAGE + 1)
    told: dict[str, Any] = {"value": [_room(one) for one in found[:PAGE]]}
    if len(found) > PAGE:
        told["nextLink"] = _next(asked, found[PAGE - 1].number)
    return shown(200, told)


@operations.on("GET", "/rooms/{roomId}", by=KEY, service="rooms", operation="Rooms_Get")
def get(asked: Asked) -> Answer:
    """Show one room."""
    return shown(200, _room(rooms.find(asked.caller.actor, asked.params["roomId"])))


@operations.on("PATCH", "/rooms/{roomId}", by=KEY, service="rooms", operation="Rooms_Update")
def update(asked: Asked) -> Answer:
    """Change when a room is there; null is as good as not said, since clients send it for everything else."""
    rooms.find(asked.caller.actor, asked.params["roomId"])
    return shown(200, _room(rooms.change(asked.caller.actor, asked.params["roomId"], _wanted(asked))))


@operations.on("DELETE", "/rooms/{roomId}", by=KEY, service="rooms", operation="Rooms_Delete")
def delete(asked: Asked) -> Answer:
    """Take a room away."""
    rooms.delete(asked.caller.actor, asked.params["roomId"])
    return Answer(204)


@operations.on("GET", "/rooms/{roomId}/participants", by=KEY, service="rooms", operation="Participants_List")
def list_participants(asked: Asked) -> Answer:
    """Show a page of who is invited to a room."""
    room = rooms.find(asked.caller.actor, asked.params["roomId"])
    after = _after(asked)
    later = [(key, seat) for key, seat in room_people.of(room) if seat.pk > after]
    told: dict[str, Any] = {
        "value": [
            {"rawId": identities.mri(asked.caller.resource, key), "role": _SHOWN[seat.role]}
            for key, seat in later[:PAGE]
        ]
    }
    if len(later) > PAGE:
        told["nextLink"] = _next(asked, later[PAGE - 1][1].pk)
    return shown(200, told)


@operations.on("PATCH", "/rooms/{roomId}/participants", by=KEY, service="rooms", operation="Participants_Update")
def update_participants(asked: Asked) -> Answer:
    """Invite people to a room, change their roles, or take them away by null; others stay."""
    actor = asked.caller.actor
    with writing():
        room = rooms.locked(actor, asked.params["roomId"])
        room_people.change(actor, room, _people(asked, room))
    return shown(200, {})


@operations.on(
    "POST", "/rooms/{roomId}/participants/{rawId}/:issueVisitLink", by=KEY, service="rooms",
    operation="Vestibule_IssueVisitLink",
)  # fmt: skip
def issue_visit_link(asked: Asked) -> Answer:
    """Give the address by which a participant comes to the waiting room in a browser. An operation of ours."""
    actor, given = asked.caller.actor, asked.body()
    with writing():
        room = rooms.locked(actor, asked.params["roomId"])
        raw = asked.params["rawId"]
        key = room_people.keys_of(asked.caller.of, room, [raw]).get(raw, "")
        link = room_people.visit_link(actor, room, key, _name(given, room))
    return shown(200, {"url": addresses.address_of(link), "expiresOn": _stamp(link.expires_at)})


def _room(room: Meeting) -> dict[str, Any]:
    return {
        "id": str(room.number),
        "createdAt": _stamp(room.created_at),
        "validFrom": _stamp(room.opens_at),
        "validUntil": _stamp(room.closes_at),
        "pstnDialOutEnabled": rooms.rings_telephones(room),
    }


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _wanted(asked: Asked) -> Wanted:
    given = asked.body()
    dials_out = given.get("pstnDialOutEnabled")
    if dials_out is not None and not isinstance(dials_out, bool):
        raise _wrong("pstnDialOutEnabled", "is true or false")
    return Wanted(_instant(given, "validFrom"), _instant(given, "validUntil"), dials_out)


def _instant(given: Mapping[str, Any], name: str) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    if not isinstance(text, str) or not _INSTANT.match(text):
        raise _wrong(name, "is a time such as 2026-05-17T09:30:00Z")
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(name, "is a time such as 2026-05-17T09:30:00Z") from None


def _people(asked: Asked, room: Meeting | None) -> dict[str, str | None]:
    """Return roles by key of whom the request names. Raises Fault (400) for who cannot be invited."""
    given = asked.body().get("participants")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise _wrong("participants", "is an object of participants by their raw id")
    if len(given) > room_people.MOST:
        raise _wrong("participants", f"names at most {room_people.MOST} people")
    roles = {raw: _role(raw, one) for raw, one in given.items()}
    keys = room_people.keys_of(asked.caller.of, room, list(roles))
    unknown = next((raw for raw, role in roles.items() if role is not None and raw not in keys), None)
    if unknown is not None:
        words = f"“{unknown[:100]}” cannot be invited: it is no identity of this resource. Nothing was changed."
        raise Fault(400, "BadRequest", words, target="participants")
    return {keys[raw]: role for raw, role in roles.items() if raw in keys}


def _role(raw: str, given: Any) -> str | None:
    if len(raw) > LONGEST_ID or ":" not in raw:
        raise _wrong("participants", "names people by their raw ids, such as 8:acs:…")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise _wrong("participants", 'says of each participant null, or {"role": …}')
    role = given.get("role")
    if role is None:
        return ROLES["Attendee"]
    if not isinstance(role, str) or role not in ROLES:
        raise _wrong("role", f"is one of {', '.join(ROLES)}")
    return ROLES[role]


def _name(given: Mapping[str, Any], room: Meeting) -> str:
    name = given.get("displayName")
    if name is None or name == "":
        return ""
    if not isinstance(name, str):
        raise _wrong("displayName", "is a text")
    return names.of_guest(name, room.business_id)


def _once(asked: Asked, do: Callable[[], tuple[int, bytes]]) -> Answer:
    key = asked.call.headers.get("repeatability-request-id", "")
    if not key:
        return Answer(*do())
    if not asked.call.headers.get("repeatability-first-sent"):
        raise _wrong("Repeatability-First-Sent", "has to come with Repeatability-Request-ID")
    scope, fingerprint = f"acs.rooms:{asked.caller.business_id}", remembered.fingerprint_of(asked.call.body)
    try:
        status, body, again = remembered.answer_once(scope, key, fingerprint, do)
    except IdempotencyMismatch as refused:
        words = "This Repeatability-Request-ID was used for another room, so nothing was done. Use a fresh one."
        raise Fault(400, "BadRequest", words, target="Repeatability-Request-ID") from refused
    return Answer(status, body, {"Repeatability-Result": "accepted"} if not again else {})


def _after(asked: Asked) -> int:
    token = asked.call.query.get("after", "")
    if not token:
        return 0
    try:
        read = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        read = b""
    if len(read) != 8 or read[0] > 127:
        raise _wrong("after", "is what a nextLink held")
    return int.from_bytes(read)


def _next(asked: Asked, last: int) -> str:
    token = base64.urlsafe_b64encode(last.to_bytes(8)).rstrip(b"=").decode()
    path = asked.call.raw_path
    return f"{asked.origin}{path}?api-version=2025-03-13&after={token}"


def _wrong(name: str, what: str) -> Fault:
    return Fault(400, "BadRequest", f"`{name}` {what}. Nothing was changed.", target=name)
