"""The hub of this process, made when it is first needed, and what the rest of the product calls."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import cast

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from vestibule.chat.listeners import ChatChange
from vestibule.meetings.ports import LiveBus
from vestibule.web.live import socket, threads
from vestibule.web.live.desk_door import DeskDoor
from vestibule.web.live.hub import Hub
from vestibule.web.live.snapshots import Json
from vestibule.web.live.socket import Receive, Scope, Send
from vestibule.web.live.talk_door import TalkDoor
from vestibule.web.live.visit import VisitDoor


class Live:
    """The hub of one event loop with its two doors."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.visit = VisitDoor(hub)
        self.desk = DeskDoor(hub)
        self.talk = TalkDoor(hub)


_live: list[Live] = []
"""The live side of this process: one, or none before the first socket."""


async def visit_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket of a participant."""
    live = await _here()
    await socket.serve(live.hub, live.visit, scope, receive, send)


async def desk_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket of a member of staff."""
    live = await _here()
    await socket.serve(live.hub, live.desk, scope, receive, send)


async def talk_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket of a page that shows a thread."""
    live = await _here()
    await socket.serve(live.hub, live.talk, scope, receive, send)


async def start() -> None:
    """Make the hub on the running loop; for the server's start."""
    await _here()


async def stop() -> None:
    """Stop the hub; for the server's end."""
    while _live:
        await _live.pop().hub.stop()


def notify_meeting(meeting_ref: str) -> None:
    """Show everyone what the database now says about a meeting, once the current transaction is stored.

    From any thread; does nothing where no live side runs.
    """
    _after_commit(lambda hub: hub.changed(meeting_ref))


def notify_desk(business_id: int) -> None:
    """Let every open desk of a business read its day again, once the current transaction is stored.

    From any thread; does nothing where no live side runs. A change of one meeting is better told by `notify_meeting`.
    """
    _after_commit(lambda hub: hub.desk_changed(business_id))


def notify_thread(business_id: int, meeting_ref: str, message: Json) -> None:
    """Show `message` of a meeting's thread to everybody who reads it, once the current transaction is stored."""
    _after_commit(lambda hub: hub.say(business_id, meeting_ref, message))


def thread_changed(change: ChatChange) -> None:
    """Show on pages what others than they did in the thread of a meeting, such as programs (`CHAT_LISTENERS`)."""
    if not _live or change.shown_by == threads.SHOWN_BY or not change.thread.is_of_meeting:
        return
    found = threads.of_change(change)
    if found is not None:
        meeting_ref, message = found
        numbered = message["type"] not in threads.PASSING
        _after_commit(lambda hub: hub.say(change.business_id, meeting_ref, message, numbered=numbered))


def notify_files() -> None:
    """Let files that just came whole be looked into, once the current transaction is stored."""
    _after_commit(lambda hub: hub.spawn(hub.check_files()))


def _after_commit(tell: Callable[[Hub], None]) -> None:
    for live in _live:
        transaction.on_commit(partial(_call, live.hub, tell))


def _call(hub: Hub, tell: Callable[[Hub], None]) -> None:
    if not hub.loop.is_closed():
        hub.loop.call_soon_threadsafe(tell, hub)


async def _here() -> Live:
    """Return the live side of the running loop, made at the first call."""
    if _live and _live[0].hub.loop is asyncio.get_running_loop():
        return _live[0]
    live = Live(Hub(_bus()))
    _live[:] = [live]
    await live.hub.start()
    return live


def _bus() -> LiveBus | None:
    if not settings.LIVE_BUS:
        return None
    made = import_string(settings.LIVE_BUS).configured(settings.CONFIGURATION)
    return cast(LiveBus, made)
