"""Places of browsers in an exchange of the test's own, with lines that keep what is put."""

import json
from typing import Any
from uuid import UUID, uuid4

from vestibule.api.acs.realtime import events
from vestibule.api.acs.realtime.exchange import Exchange
from vestibule.api.acs.realtime.passes import Ticket
from vestibule.api.acs.realtime.places import Packet, Place
from vestibule.people.communication import Resource
from vestibule.people.identities import Bearer
from vestibule.people.models import ProgramIdentity

HELLO = events.event(events.TYPING, {"groupId": "t"})


def bearer(business_id: int = 1, guid: UUID | None = None) -> Bearer:
    resource = Resource(business_id, uuid4(), frozenset({"chat"}), ())
    return Bearer(resource, ProgramIdentity(pk=1, guid=guid or uuid4()), frozenset({"chat"}), 4_000_000_000)


class Heard:
    """A line that keeps what is put, and with which code it was closed."""

    def __init__(self) -> None:
        self.heard_at = 0.0
        self.packets: list[str] = []
        self.code: int | None = None

    def put(self, packet: Packet) -> None:
        self.packets.append(str(packet))

    def close(self, code: int = 1000) -> None:
        self.code = code

    @property
    def events(self) -> list[dict[str, Any]]:
        asked = [json.loads(packet[4:]) for packet in self.packets if packet.startswith("3:::")]
        return [json.loads(one["body"]) for one in asked]


def seat(here: Exchange, who: Bearer, name: str = "", *, again: bool = False) -> tuple[Place, Heard]:
    place, line = here.place(Ticket(name or uuid4().hex, "token", again), who), Heard()
    place.connect(line)
    return place, line
