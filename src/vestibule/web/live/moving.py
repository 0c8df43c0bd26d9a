"""Moving a call between the browsers and a media server, as people in it ask, and as their lines fail."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vestibule.meetings import calls, carrying
from vestibule.web.live import carriers, shapes
from vestibule.web.live.rooms import VisitSession
from vestibule.web.live.shapes import Message, Shape

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

SHAPES: Mapping[str, Shape] = {
    "get_backend": {},
    "carried": {"epoch": (shapes.integer(1), True)},
    "line_failed": {},
    "move_call": {"to": (shapes.one_of(carrying.P2P, carrying.SFU), True)},
}


async def get_backend(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Give somebody in the call new credentials for what carries it."""
    await hub.run(calls.require_in, session.seat)
    session.require_seat()
    info = await carriers.joining(hub, session.room, session.seat)
    session.push(carriers.ice(info))
    session.push({"type": "backend", "backend": info.as_json(), "why": ""})


async def carried(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Note over which backend somebody plays now, and show it: the others may close the one before."""
    session.require_inside()
    seat = session.room.seats.get(session.seat)
    if seat is None or not seat.epoch < message["epoch"] <= seat.offered:
        return
    seat.epoch = message["epoch"]
    session.room.announce()
    session.room.show_roster()


async def line_failed(hub: "Hub", session: VisitSession, message: Message) -> None:
    """The browsers did not reach each other: move the call where that helps and may be."""
    session.require_seat()
    step = await hub.run(carrying.after_failure, session.seat)
    if step is not None:
        await carriers.move(hub, step)


async def move_call(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Move the call because somebody who may moderate wants it."""
    session.require_seat()
    step = await hub.run(carrying.by_staff, session.seat, message["to"])
    if step is not None:
        await carriers.move(hub, step)


HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {
    "get_backend": get_backend,
    "carried": carried,
    "line_failed": line_failed,
    "move_call": move_call,
}
