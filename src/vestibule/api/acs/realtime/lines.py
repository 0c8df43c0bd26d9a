"""Connections as the web server hands them over: WebSockets, and long polls for who can have none."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from vestibule.api.acs.faults import Fault
from vestibule.api.acs.realtime import exchange, frames, passes, steps
from vestibule.api.acs.realtime.exchange import SILENT_POLLS_SECONDS, Exchange, Full
from vestibule.api.acs.realtime.places import Line, Place, Polls, Socket
from vestibule.people import rates
from vestibule.people.errors import Refusal
from vestibule.people.identities import Bearer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
POLL_SECONDS: Final = 20.0
BODY_SECONDS: Final = 10.0
LARGEST_POLL: Final = 128 * 1024
UNASKED_PER_SECOND, MOST_UNASKED = 20.0, 400.0
"""How many packets a browser may send besides confirming what it was told, and two more for each of those."""
POLICY: Final = 1008


class NotOpened(Exception):
    """A ticket opens nothing."""


class _Patience:
    """How much more a place may say unasked."""

    def __init__(self) -> None:
        self._left, self._at = MOST_UNASKED, 0.0

    def is_over(self, now: float, gained: float) -> bool:
        """Count one packet, which may have been owed; tell whether it was one too many."""
        self._left = min(MOST_UNASKED, self._left + (now - self._at) * UNASKED_PER_SECOND + gained)
        self._at = now
        self._left -= 1
        return self._left < 0


async def socket(scope: Scope, receive: Receive, send: Send, ticket: str) -> None:
    """Serve one WebSocket until it closes."""
    await receive()
    here = exchange.here()
    try:
        place = await _place(here, ticket, scope)
    except (NotOpened, Full):
        await send({"type": "websocket.close", "code": POLICY})  # before the handshake's answer: HTTP 403
        return
    await send({"type": "websocket.accept"})
    line, patience = Socket(send), _Patience()
    place.connect(line)
    try:
        while not line.is_closing:
            event = await receive()
            if event["type"] != "websocket.receive" or here.places.get(place.name) is not place:
                break
            if not _heard(place, line, event.get("text") or "", patience, here.loop.time()):
                line.close(POLICY)
    finally:
        place.disconnect(line, here.loop.time())
        await line.finished()


async def poll(scope: Scope, receive: Receive, send: Send, ticket: str) -> None:
    """Answer one long poll: GET waits for what there is to tell, POST brings what the browser says."""
    here = exchange.here()
    try:
        polled = await _polled(here, ticket, scope)
    except (NotOpened, Full):
        await _say(scope, send, 403, "7:::1+0")
        return
    if scope["method"] == "POST":
        status, words = await _posted(receive, polled, here.loop.time())
        await _say(scope, send, status, words)
        return
    gone = asyncio.ensure_future(_gone(receive, polled.line))
    try:
        told = await polled.line.next(POLL_SECONDS)
    finally:
        gone.cancel()
    await _say(scope, send, 200, told)


@dataclass(frozen=True)
class _Polled:
    """A line of long polls: whose it is, and the token that every poll has to bring."""

    line: Polls
    place: Place
    token: str
    patience: _Patience


_lines: dict[str, _Polled] = {}
"""By ticket."""


async def _polled(here: Exchange, ticket: str, scope: Scope) -> _Polled:
    """Return the line of a ticket, begun with the first poll. Raises NotOpened, Full."""
    if ticket not in _lines:
        place = await _place(here, ticket, scope)
        if ticket not in _lines:  # two may come at once
            _forget_silent(here.loop.time())
            _lines[ticket] = _Polled(Polls(), place, place.token, _Patience())
            place.connect(_lines[ticket].line)
    found = _lines[ticket]
    given = dict(scope["headers"]).get(b"x-skypetoken", b"")
    is_over = found.line.is_closed or here.places.get(found.place.name) is not found.place
    if not hmac.compare_digest(given, found.token.encode()) or (is_over and not found.line.has_more):
        raise NotOpened
    return found


def _forget_silent(now: float) -> None:
    for ticket, one in list(_lines.items()):
        if one.line.is_closed and (not one.line.has_more or now - one.line.heard_at > SILENT_POLLS_SECONDS):
            del _lines[ticket]


async def _posted(receive: Receive, polled: _Polled, now: float) -> tuple[int, str]:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _whole(receive)
        packets = frames.unpacked(body.decode("utf-8"))
    except (TimeoutError, UnicodeDecodeError, frames.Unreadable):
        return 400, "7:::"
    polled.line.heard_at = now
    for packet in packets:
        if not _heard(polled.place, polled.line, packet, polled.patience, now):
            polled.line.close()
    return 200, "1"


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or len(body) > LARGEST_POLL:
            raise frames.Unreadable
        if not message.get("more_body", False):
            return bytes(body)


async def _gone(receive: Receive, line: Polls) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    line.let_go()


async def _place(here: Exchange, given: str, scope: Scope) -> Place:
    """Return the place that a ticket opens. Raises NotOpened, Full."""
    who = rates.household((scope.get("client") or ("", 0))[0])
    try:
        ticket = passes.opened(given)
        bearer: Bearer = await here.run(partial(steps.holder, ticket.token, who))
    except (passes.Wrong, Fault, Refusal) as wrong:
        raise NotOpened from wrong
    return here.place(ticket, bearer)


def _heard(place: Place, line: Line, text: str, patience: _Patience, now: float) -> bool:
    """Act on one packet; tell whether its sender may go on."""
    try:
        packet = frames.read(text)
        is_owed = packet.kind == frames.MESSAGE and place.confirm(_number(packet))
        if packet.kind == frames.EVENT:
            packet.json()
    except frames.Unreadable:
        return False
    if patience.is_over(now, 3.0 if is_owed else 0.0):
        return False
    line.heard_at = now
    if packet.kind == frames.DISCONNECT:
        line.close()
    elif packet.wants_answer:
        line.put(frames.acknowledged(packet.id))
    return True


def _number(packet: frames.Packet) -> int:
    number = packet.json().get("id")
    return number if isinstance(number, int) else -1


async def _say(scope: Scope, send: Send, status: int, words: str) -> None:
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    headers += [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if any(name == b"origin" for name, _value in scope["headers"]):
        headers.append((b"access-control-allow-origin", b"*"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
