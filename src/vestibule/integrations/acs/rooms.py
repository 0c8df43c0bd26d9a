"""Rooms of Communication Services: one for each meeting, open while people may come in, for those invited alone.

Everybody has an identity of their own there, named in `PlaceMade.details` by `seat:` and the seat's reference.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Any, Self

from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.access import Refused
from vestibule.integrations.acs.asking import Asking
from vestibule.integrations.acs.identities import Identities, named
from vestibule.meetings.ports import PlaceMade, PlaceOrder
from vestibule.people.ports import NotConnected

SECONDS = 40.0
SEAT = "seat:"
REMEMBERED = 2_000
OURS = "8:acs:"
ROLES = {"presenter": "Presenter", "collaborator": "Collaborator", "attendee": "Attendee", "consumer": "Consumer"}


class Rooms:
    """Holds meetings in rooms of one resource."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._identities = Identities(asking)

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return it for what a business has at Azure. Raises PlaceError."""
        try:
            return cls(Asking(reaching.of_account(access, allowed), seconds=SECONDS))
        except NotConnected as wrong:
            raise Refused(str(wrong), permanent=True) from None

    def put(self, order: PlaceOrder, known: PlaceMade | None) -> PlaceMade:
        """Make the room, or bring the known one to what is ordered."""
        self._asking.begin()
        had = _seats(known)
        fresh: list[str] = []
        try:
            seats = {seat.ref: had.get(seat.ref) or self._made(fresh) for seat in order.seats}
            wanted = {seats[seat.ref]: ROLES.get(seat.role, "Attendee") for seat in order.seats}
            room, there = self._room(order, known, wanted)
            strangers = self._step_in(room, wanted, there)
        except Refused:
            self._forget(fresh)  # their names are not kept: the next try makes others
            raise
        self._forget([one for one in {*strangers, *had.values()} if one not in wanted])
        return PlaceMade(external_id=room, details=_window(order) | {f"{SEAT}{ref}": one for ref, one in seats.items()})

    def take_away(self, known: PlaceMade, organizer: str) -> None:
        """Delete the room and the identities that were made for it."""
        self._asking.begin()
        if known.external_id:
            self._asking.ask_if_there(lambda: self._asking.rooms.delete_room(known.external_id))
        for identity in _seats(known).values():
            self._identities.delete(identity)

    def close(self) -> None:
        """Let connections go."""
        self._asking.close()

    def _made(self, fresh: list[str]) -> str:
        fresh.append(self._identities.make())
        return fresh[-1]

    def _room(
        self, order: PlaceOrder, known: PlaceMade | None, wanted: Mapping[str, str]
    ) -> tuple[str, dict[str, str]]:
        """Return the room, open when it is ordered to be, and who is invited to it with which role."""
        if known is not None and known.external_id and self._moved(order, known):
            there = self._invited(known.external_id)
            if there is not None:
                return known.external_id, there
        # A lost answer is asked for again under the same id; a room that was deleted since is made anew under another.
        for request in (_request_id(order), str(uuid.uuid4())):
            room = self._create(order, wanted, request)
            there = self._invited(room) if room else None
            if there is not None:
                return room, there
        raise Refused(f"{reaching.WHO} made a room that is not there", permanent=False)

    def _moved(self, order: PlaceOrder, known: PlaceMade) -> bool:
        """Let a room be open when it is ordered to be; False where it is gone."""
        if all(known.details.get(name) == value for name, value in _window(order).items()):
            return True
        moved = self._asking.ask_if_there(
            lambda: self._asking.rooms.update_room(
                room_id=known.external_id, valid_from=order.opens, valid_until=order.closes
            )
        )
        return moved is not None

    def _create(self, order: PlaceOrder, wanted: Mapping[str, str], request: str) -> str:
        """Make a room and return its id; "" where Azure will not hear of this request again."""
        made = partial(
            self._asking.rooms.create_room,
            valid_from=order.opens,
            valid_until=order.closes,
            participants=[_participant(identity, role) for identity, role in wanted.items()],
            # Azure's client makes a new id each time, by which a second try would be a second room.
            raw_request_hook=_repeatable(request),
        )
        try:
            return str(self._asking.ask(made).id)
        except Refused as refused:
            if refused.is_missing or refused.status == 412:
                return ""
            raise

    def _invited(self, room: str) -> dict[str, str] | None:
        """Return who is invited, by identity; None where the room is gone."""

        def read() -> dict[str, str]:
            found = self._asking.rooms.list_participants(room)
            return {str(one.communication_identifier.raw_id): str(one.role) for one in found}

        return self._asking.ask_if_there(read)

    def _step_in(self, room: str, wanted: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
        """Invite whom it is for, each with their role, and nobody else; return whom it is not for."""
        changed = [_participant(who, role) for who, role in wanted.items() if there.get(who) != role]
        strangers = [one for one in there if one not in wanted]
        rooms = self._asking.rooms
        if strangers:
            gone = [named(one) for one in strangers]
            self._asking.ask(lambda: rooms.remove_participants(room_id=room, participants=gone))
        if changed:
            self._asking.ask(lambda: rooms.add_or_update_participants(room_id=room, participants=changed))
        return strangers

    def _forget(self, identities: list[str]) -> None:
        """Delete identities nobody uses. One that stays is nobody's, and is worth nothing without a token."""
        with suppress(Refused):
            for identity in identities:
                if identity.startswith(OURS):
                    self._identities.delete(identity)


def _seats(known: PlaceMade | None) -> dict[str, str]:
    details = known.details if known is not None else {}
    return {name.removeprefix(SEAT): one for name, one in details.items() if name.startswith(SEAT)}


def _window(order: PlaceOrder) -> dict[str, str]:
    return {"opens": order.opens.astimezone(UTC).isoformat(), "closes": order.closes.astimezone(UTC).isoformat()}


def _participant(identity: str, role: str) -> Any:
    from azure.communication.rooms import RoomParticipant

    return RoomParticipant(communication_identifier=named(identity), role=role)


def _request_id(order: PlaceOrder) -> str:
    return reaching.guid(" ".join(("room", order.key, *_window(order).values())))


_first_sent: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()


def _repeatable(request: str) -> Callable[[Any], None]:
    """Return what gives a request its id and when it was first sent, as far as this process knows."""
    with _lock:
        first = _first_sent.setdefault(request, format_datetime(datetime.now(UTC), usegmt=True))
        while len(_first_sent) > REMEMBERED:
            _first_sent.popitem(last=False)

    def write(going: Any) -> None:
        headers = going.http_request.headers
        headers["Repeatability-Request-Id"], headers["Repeatability-First-Sent"] = request, first

    return write
