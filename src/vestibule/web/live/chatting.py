"""Chat of a visit over its socket; before admission the words go to the waiting conversation instead."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vestibule.chat import verbs as chat
from vestibule.meetings import conversation, talking
from vestibule.meetings.errors import NotAdmitted
from vestibule.meetings.talking import Talker
from vestibule.web.live import shapes, threads
from vestibule.web.live.rooms import RoomSession, VisitSession
from vestibule.web.live.shapes import Message, Shape
from vestibule.web.live.snapshots import Json

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

NUMBER: Shape = {"number": (shapes.integer(1), True)}
SHAPES: Mapping[str, Shape] = {
    "chat_send": {"client_id": (shapes.CLIENT_ID, True), "text": (shapes.text(4000, 1), True)},
    "chat_edit": {**NUMBER, "text": (shapes.text(4000, 1), True)},
    "chat_delete": NUMBER,
    "typing": {"on": (shapes.boolean, True)},
    "chat_read": {"number": (shapes.integer(0), True)},
    "get_chat": {"before": (shapes.integer(1), False), "limit": (shapes.integer(1, 100), False)},
}
Asked = Callable[[], Talker]
"""Who speaks, asked of the tables for each command: what they may do can end at any time."""


async def send(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Say something to everybody inside, or answer staff from the waiting room."""
    if session.inside:
        await say(hub, session, _in_call(session), message)
    else:
        await _reply(hub, session, message)


async def say(hub: "Hub", session: RoomSession, asked: Asked, message: Message) -> None:
    """Put a message into the thread and show it to everybody who reads it."""

    def post() -> tuple[Json, bool]:
        talker = asked()
        talker.require_turn()
        written, is_new = chat.post(
            talker.thread_id,
            talker.key,
            talker.name,
            message["client_id"],
            message["text"],
            shown_by=threads.SHOWN_BY,
        )
        return threads.item(written, {talker.key: talker.role}), is_new

    item, is_new = await hub.run(post)
    session.push({"type": "chat", **item, "client_id": message["client_id"]})
    if is_new:
        session.room.say({"type": "chat", **item}, but=session)


async def change(hub: "Hub", session: RoomSession, asked: Asked, message: Message) -> None:
    """Edit a message or take it back, and show everybody what it is now."""

    def do() -> tuple[Json, bool]:
        talker = asked()
        if message["type"] == "chat_edit":
            changed, is_new = talking.edit(talker, message["number"], message["text"], shown_by=threads.SHOWN_BY)
        else:
            changed, is_new = talking.take_back(talker, message["number"], shown_by=threads.SHOWN_BY)
        return threads.item(changed, talking.roles(talker.meeting)), is_new

    item, is_new = await hub.run(do)
    if is_new:
        session.room.say({"type": "chat_changed", **item})


async def show_typing(hub: "Hub", session: RoomSession, key: str, name: str, message: Message) -> None:
    """Show the others that somebody writes."""
    if session.typings.take(hub.loop.time()):
        said = {"type": "typing", "from": key, "name": name, "on": message["on"]}
        session.room.say(said, but=session, numbered=False)
        if message["on"]:
            await hub.run(threads.tell_of_typing, session.room.ref, key, name)


async def note_read(hub: "Hub", session: RoomSession, asked: Asked, message: Message) -> None:
    """Note how far somebody has read, and show the others."""

    def mark() -> tuple[str, int]:
        talker = asked()
        number = message["number"]
        return talker.key, chat.mark_read(
            talker.thread_id, talker.key, number, name=talker.name, shown_by=threads.SHOWN_BY
        )

    key, number = await hub.run(mark)
    session.room.say({"type": "read", "from": key, "number": number}, but=session)


async def send_page(
    hub: "Hub", session: RoomSession, asked: Asked, message: Message, at: str = threads.UPLOADS
) -> None:
    """Send a page of what was said."""

    def read() -> tuple[Talker, Json]:
        talker = asked()
        return talker, threads.page(talker, message.get("before"), message.get("limit", 50), at=at)

    talker, page = await hub.run(read)
    session.reads_after = talker.reads_after
    session.push(page)


def _in_call(session: VisitSession) -> Asked:
    session.require_inside()
    return lambda: threads.in_visit(session.seat, session.staff, session.room.ref)


async def _reply(hub: "Hub", session: VisitSession, message: Message) -> None:
    view = session.room.view
    if view is None:
        raise NotAdmitted
    # Whether they wait is asked of the tables: the room's picture may be a moment behind.
    notice = await hub.run(conversation.reply, session.seat, message["text"], message["client_id"])
    role = view.people[session.seat].role
    hub.spread_notice(notice, session.room.business_id, role, session)
    hub.changed(session.room.ref)


async def _change(hub: "Hub", session: VisitSession, message: Message) -> None:
    await change(hub, session, _in_call(session), message)


async def _typing(hub: "Hub", session: VisitSession, message: Message) -> None:
    session.require_inside()
    view = session.room.view
    name = view.people[session.seat].name if view is not None and session.seat in view.people else ""
    await show_typing(hub, session, session.seat, name, message)


async def _read(hub: "Hub", session: VisitSession, message: Message) -> None:
    await note_read(hub, session, _in_call(session), message)


async def _history(hub: "Hub", session: VisitSession, message: Message) -> None:
    await send_page(hub, session, _in_call(session), message)


HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {
    "chat_send": send,
    "chat_edit": _change,
    "chat_delete": _change,
    "typing": _typing,
    "chat_read": _read,
    "get_chat": _history,
}
