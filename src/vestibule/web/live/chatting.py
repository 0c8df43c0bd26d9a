"""Chat of a visit over its socket; before admission the words go to the waiting conversation instead."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vestibule.chat import verbs as chat
from vestibule.meetings import calls, conversation
from vestibule.meetings.errors import NotAdmitted
from vestibule.web.live import shapes, snapshots
from vestibule.web.live.rooms import VisitSession
from vestibule.web.live.shapes import Message, Shape
from vestibule.web.live.snapshots import Json

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

SHAPES: Mapping[str, Shape] = {
    "chat_send": {"client_id": (shapes.CLIENT_ID, True), "text": (shapes.text(4000, 1), True)},
    "typing": {"on": (shapes.boolean, True)},
    "chat_read": {"number": (shapes.integer(0), True)},
    "get_chat": {"before": (shapes.integer(1), False), "limit": (shapes.integer(1, 100), False)},
}


async def send(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Say something to everybody inside, or answer staff from the waiting room."""
    if not session.inside:
        await _reply(hub, session, message)
        return
    item, is_new = await hub.run(_post, session.seat, message["client_id"], message["text"])
    session.push({"type": "chat", **item, "client_id": message["client_id"]})
    if is_new:
        session.room.say({"type": "chat", **item}, but=session)


async def _reply(hub: "Hub", session: VisitSession, message: Message) -> None:
    view = session.room.view
    if view is None:
        raise NotAdmitted
    # Whether they wait is asked of the tables: the room's picture may be a moment behind.
    notice = await hub.run(conversation.reply, session.seat, message["text"], message["client_id"])
    role = view.people[session.seat].role
    hub.spread_notice(notice, session.room.business_id, role, session)
    hub.changed(session.room.ref)


async def typing(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Show the others inside that somebody writes."""
    session.require_inside()
    if session.typings.take(hub.loop.time()):
        said = {"type": "typing", "from": session.seat, "on": message["on"]}
        session.room.say(said, but=session, numbered=False)


async def mark_read(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Note how far somebody has read, and show the others."""
    session.require_inside()
    view = session.room.view
    assert view is not None
    number = await hub.run(chat.mark_read, view.thread_id, session.seat, message["number"])
    session.room.say({"type": "read", "from": session.seat, "number": number}, but=session)


async def get_history(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Send a page of what was said."""
    session.require_inside()
    view = session.room.view
    assert view is not None
    roles = {person.ref: person.role for person in view.people.values()}
    page = await hub.run(
        snapshots.chat_page, view.thread_id, roles, session.seat, message.get("before"), message.get("limit", 50)
    )
    session.push(page)


def _post(seat_ref: str, client_id: str, text: str) -> tuple[Json, bool]:
    seat = calls.require_in(seat_ref)
    message, is_new = chat.post(seat.meeting.thread_id, seat.ref, seat.name, client_id, text)
    return snapshots.chat_item(message, {seat.ref: snapshots.role_of(seat)}), is_new


HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {
    "chat_send": send,
    "typing": typing,
    "chat_read": mark_read,
    "get_chat": get_history,
}
