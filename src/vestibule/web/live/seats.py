"""Places in the call, as one process keeps its own and hears of those of others."""

import time
from dataclasses import dataclass, field
from typing import Any

from vestibule.meetings import roles
from vestibule.web.live.snapshots import Json, Person


@dataclass
class Seat:
    """A place in the call, taken at `since` (monotonic). `join` is new each time; `order` says who came later.

    `hand` is when they raised their hand, as the protocol writes instants. `epoch` is the backend they play over,
    `offered` the latest they were told of.
    """

    ref: str
    join: str
    order: int
    media: Json
    connection: str = "ok"
    hand: str | None = None
    epoch: int = 1
    offered: int = 1
    since: float = field(default_factory=time.monotonic)

    def as_row(self) -> list[Any]:
        """Return it as other processes are told, in the order of the fields."""
        return [self.ref, self.join, self.order, self.media, self.connection, self.hand, self.epoch]


@dataclass
class Remote:
    """What another process said about its people in this room, and when."""

    at: float
    seats: dict[str, Seat] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)


def seat_facts(seat: Seat, person: Person) -> Json:
    """Return a place in the call as everybody inside sees it. What a role may not send is never shown as sent."""
    beyond = roles.beyond(person.role_in_call, seat.media, shares=person.shares)
    return {
        "join": seat.join,
        "order": seat.order,
        "media": seat.media | dict.fromkeys(beyond, False),
        "connection": seat.connection,
        "hand": seat.hand,
        "epoch": seat.epoch,
        "role_in_call": person.role_in_call,
        "abilities": roles.abilities(person.role_in_call, shares=person.shares),
    }
