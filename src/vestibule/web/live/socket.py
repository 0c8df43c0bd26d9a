"""From a WebSocket to a session and back: origin, hello, limits, errors. Knows no meeting and no desk."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.meetings.ports import BackendError
from vestibule.people.errors import Refusal
from vestibule.store import clock
from vestibule.web import languages
from vestibule.web.live import authorise, messages, snapshots
from vestibule.web.live.authorise import Credentials
from vestibule.web.live.farewells import Farewell, Refused
from vestibule.web.live.messages import ALONE, HELLO, BadMessage
from vestibule.web.live.sessions import Session, Socket
from vestibule.web.live.shapes import Message, Shape
from vestibule.web.live.snapshots import Json

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
HELLO_SECONDS = 10.0
STRIKES = 300
ERRORS_EACH_SECONDS = 0.25
BROKEN_SECONDS = 5.0
PROTOCOL_CODES = {"not_permitted": "not_allowed", "invalid": "bad_message", "no_call_token": "backend_failed"}
CODES = frozenset({
    "bad_message", "not_admitted", "not_in_call", "not_allowed", "not_found", "wrong_state", "too_early", "call_full",
    "held_elsewhere", "room_locked", "not_invited_to_chat", "meeting_over", "rate_limited", "identity_not_confirmed",
    "identity_wrong", "locked", "closed", "recording_consent", "not_set_up", "backend_failed", "not_dialled",
})  # fmt: skip


class Door(Protocol):
    """One of the two kinds of session. `who` is whatever `find` returned."""

    shapes: Mapping[str, Shape]

    async def find(self, given: Credentials, hello: Message) -> tuple[Session | None, Any]: ...
    async def open(self, who: Any, hello: Message) -> Session: ...
    def greeting(self, session: Session) -> Json: ...
    async def opened(self, session: Session) -> None: ...
    def resumed(self, session: Session) -> None: ...
    def lost(self, session: Session) -> None: ...
    async def expired(self, session: Session) -> None: ...
    def end(self, session: Session, farewell: Farewell) -> None: ...
    async def handle(self, session: Session, message: Message) -> None: ...


async def serve(hub: "Hub", door: Door, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket until it closes. Raises nothing."""
    with translation.override(languages.of_socket(scope)):
        await _serve(hub, door, scope, receive, send)


async def _serve(hub: "Hub", door: Door, scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if not authorise.origin_allowed(scope["headers"]):
        await send({"type": "websocket.close", "code": 4403})  # before the handshake's answer: HTTP 403
        return
    await send({"type": "websocket.accept"})
    socket = Socket(send)
    try:
        session = await _begin(hub, door, scope, receive, socket)
        if session is not None:
            if session.staff is not None:
                translation.activate(settings.LANGUAGE_CODE)  # as the pages of staff
            await _converse(hub, door, session, socket, receive)
    except Exception:
        log.exception("a socket broke")
        socket.close(1011)
    finally:
        await socket.finished()


async def _begin(hub: "Hub", door: Door, scope: Scope, receive: Receive, socket: Socket) -> Session | None:
    """Return the session the first message opens or resumes; None after saying why not."""
    try:
        hello = await _hello(receive)
        if hello is None:
            return None
        given = authorise.credentials(scope, hello.get("ticket", ""))
        if given.language:
            translation.activate(given.language)  # until the block around the socket ends
        session, who = await door.find(given, hello)
        last = hello.get("last", 0)
        if session is not None and session.id == hello.get("resume") and session.can_resume(last):
            _resume(hub, door, session, socket, last)
            return session
        session = await door.open(who, hello)
    except Refused as refused:
        _say_goodbye(socket, refused.farewell)
        return None
    except Refusal:
        _say_goodbye(socket, Farewell("protocol"))
        return None
    _attach(hub, session, socket)
    session.tell(_welcome(hub, door, session, resumed=False))
    session.replay(0)  # what was already said to it while it opened
    hub.spawn(door.opened(session))
    return session


async def _hello(receive: Receive) -> Message | None:
    try:
        event = await asyncio.wait_for(receive(), HELLO_SECONDS)
    except TimeoutError:
        raise Refused(Farewell("not_authorised")) from None
    if event["type"] != "websocket.receive":
        return None
    text = event.get("text")
    if text is None:
        raise Refused(Farewell("protocol"))
    try:
        return messages.read(text, {"hello": HELLO})
    except BadMessage as bad:
        is_other = bad.code == "unknown_type"
        raise Refused(Farewell("not_authorised" if is_other else "protocol")) from bad


def _resume(hub: "Hub", door: Door, session: Session, socket: Socket, last: int) -> None:
    if session.socket is not None:
        _say_goodbye(session.socket, Farewell("taken_over"))
    _attach(hub, session, socket)
    session.tell(_welcome(hub, door, session, resumed=True))
    session.replay(last)
    door.resumed(session)


def _attach(hub: "Hub", session: Session, socket: Socket) -> None:
    if session.grace is not None:
        session.grace.cancel()
        session.grace = None
    session.socket = socket
    session.heard_at = hub.loop.time()


async def _converse(hub: "Hub", door: Door, session: Session, socket: Socket, receive: Receive) -> None:
    close_code = 1006
    try:
        while not socket.is_closing:
            event = await receive()
            if event["type"] != "websocket.receive":
                close_code = event.get("code") or close_code
                return
            text = event.get("text")
            if text is None:
                door.end(session, Farewell("protocol"))
                return
            if session.socket is not socket:
                return
            await _take(hub, door, session, text)
        if socket.is_broken:
            close_code = await _how_it_closed(receive)
    finally:
        if session.socket is socket:
            session.socket = None
            _lose(hub, door, session, close_code)


async def _how_it_closed(receive: Receive) -> int:
    """Return the close code of a socket that could not be written to: its page may have said goodbye meanwhile."""
    with suppress(TimeoutError):
        async with asyncio.timeout(BROKEN_SECONDS):
            while (event := await receive())["type"] == "websocket.receive":
                continue
            return event.get("code") or 1006
    return 1006


def _lose(hub: "Hub", door: Door, session: Session, close_code: int) -> None:
    """Keep the session's place for a while."""
    seconds = session.kept_for(hub.grace_seconds, close_code)
    session.grace = hub.loop.call_later(seconds, lambda: hub.spawn(door.expired(session)))
    door.lost(session)


async def _take(hub: "Hub", door: Door, session: Session, text: str) -> None:
    """Act on one frame; whatever is wrong with it is answered, never raised."""
    now = hub.loop.time()
    session.heard_at = now
    if not session.messages.take(now):
        _slow_down(door, session, now, session.messages.wait_ms())
        return
    try:
        message = messages.read(text, door.shapes)
        kind = message["type"]
        if kind == "ping":
            session.acknowledge(message["last"])
            session.tell({"type": "pong", "t": snapshots.stamp(clock.now())})
            return
        if kind in ("chat_send", "chat_edit", "notice") and not session.words.take(now):
            _slow_down(door, session, now, session.words.wait_ms(), message.get("ref", ""))
            return
    except BadMessage as bad:
        session.push(_bad(bad))
        return
    await session.turns.take(message.get("ref", ""), partial(_act, door, session, message))


async def _act(door: Door, session: Session, message: Message) -> None:
    ref = message.get("ref", "")
    if session.ended:
        return
    try:
        await door.handle(session, message)
    except BadMessage as bad:
        session.push(_bad(bad))
    except Refusal as refusal:
        session.push(_refused(refusal, ref))
    except BackendError as failure:
        log.warning("%s for %s: %s", message["type"], session.owner, failure)
        session.push(_failed(ref))
    except Exception:
        log.exception("%s of %s failed", message["type"], session.owner)
        session.push(_failed(ref))
    else:
        if ref and message["type"] not in ALONE:
            done: Json = {"type": "done", "ref": ref}
            session.push(done | ({"meeting": message["meeting"]} if message["type"] == "start" else {}))


def _slow_down(door: Door, session: Session, now: float, wait_ms: int, ref: str = "") -> None:
    session.refused += 1
    if session.refused > STRIKES:
        door.end(session, Farewell("rate_limited"))
    elif ref or now - session.told_at >= ERRORS_EACH_SECONDS:
        session.told_at = now
        sentence = _("Too much at once, so this was not done. Wait a moment and try again.")
        session.push(_error("rate_limited", sentence, ref) | {"retry_ms": wait_ms})


def _bad(bad: BadMessage) -> Json:
    sentence = {
        "too_big": _("This message is too big, so it was not read."),
        "unknown_type": _("The server does not know this kind of message here. Load the page again."),
    }.get(bad.code, _("The server cannot read this message, so nothing was done. Load the page again."))
    return _error(bad.code, sentence, bad.ref) | ({"field": bad.field} if bad.field else {})


def _refused(refusal: Refusal, ref: str) -> Json:
    code = PROTOCOL_CODES.get(refusal.code, refusal.code)
    error = _error(code if code in CODES else "wrong_state", refusal.sentence, ref)
    if "field" in refusal.facts:
        error["field"] = str(refusal.facts["field"])
    if "tries_left" in refusal.facts:
        error["tries_left"] = refusal.facts["tries_left"]
    if "opens_at" in refusal.facts:
        error["opens_at"] = snapshots.stamp(refusal.facts["opens_at"])
    return error


def _failed(ref: str) -> Json:
    return _error("failed", _("Something went wrong on our side, so nothing was changed. Please try again."), ref)


def _error(code: str, sentence: str, ref: str) -> Json:
    return {"type": "error", "code": code, "sentence": sentence} | ({"ref": ref} if ref else {})


def _welcome(hub: "Hub", door: Door, session: Session, *, resumed: bool) -> Json:
    return {
        "type": "welcome",
        "v": 1,
        "session": session.id,
        "resumed": resumed,
        "seq": session.seq if resumed else 0,
        "server_time": snapshots.stamp(clock.now()),
        "ping_seconds": 1,
        "grace_seconds": round(hub.grace_seconds),
        **door.greeting(session),
    }


def _say_goodbye(socket: Socket, farewell: Farewell) -> None:
    socket.put(orjson.dumps(farewell.as_json()))
    socket.close(farewell.close_code, farewell.code)
