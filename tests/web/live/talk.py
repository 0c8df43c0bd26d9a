"""A client of the visit protocol that holds the server to the published schema, and a server to talk to."""

import asyncio
import json
import socket as sockets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import jsonschema
import pytest
import uvicorn
from django.test import Client as Browser
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.stopwatch import Stopwatch
from vestibule.meetings.models import Participant
from vestibule.meetings.ports import LiveBus
from vestibule.people import links
from vestibule.people.models import CapabilityLink, User
from vestibule.store import clock
from vestibule.web import live
from vestibule.web.live import sessions, socket
from vestibule.web.live.authorise import VISIT_COOKIE, sign_visit
from vestibule.web.live.doors import Live
from vestibule.web.live.hub import Hub
from vestibule.web.live.socket import Door, Receive, Scope, Send

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs/reference/visit-protocol.schema.json").read_text("utf-8"))
PATIENCE = 60.0
"""Seconds. Most of it passes only where something is wrong: the machine may be busy with everything else."""
MEDIA = {"mic": True, "cam": True, "screen": False}
_validators: dict[str, jsonschema.Draft202012Validator] = {}


def check(message: Json, side: str) -> None:
    """Hold one message to the schema of `visitServer`, `deskServer`, `visitClient` or `deskClient`."""
    name = f"{side}.{message['type']}"
    if name not in _validators:
        assert name in SCHEMA["$defs"], f"the schema knows no {name}"
        rule = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}
        _validators[name] = jsonschema.Draft202012Validator(rule)
    _validators[name].validate(message)


class Prompt(uvicorn.Server):
    """A web server that ends as soon as it is told to: each test has one of its own."""

    async def main_loop(self) -> None:
        turn = 0
        while not await self.on_tick(turn):
            turn += 1
            await asyncio.sleep(0.01)


class Server:
    """The live side behind a real web server in this process, with its own loop in its own thread."""

    def __init__(self, bus: Callable[[], LiveBus] | None = None, grace_seconds: float | None = None) -> None:
        self._door = sockets.create_server(("127.0.0.1", 0))  # bound from now on: nobody else takes the port
        self.port = int(self._door.getsockname()[1])
        self._bus = bus
        self._grace = grace_seconds
        self.live: Live | None = None
        config = uvicorn.Config(
            self._serve, port=self.port, log_level="warning", lifespan="on", ws_max_size=64 * 1024, interface="asgi3"
        )
        self._server = Prompt(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._door],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        soon(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._door.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif self.live is not None:
            doors: dict[str, Door] = {"/ws/visit": self.live.visit, "/ws/desk": self.live.desk}
            door = doors.get(scope["path"], self.live.talk)
            await socket.serve(self.live.hub, door, scope, receive, send)
        elif scope["path"] == "/ws/visit":
            await live.visit_socket(scope, receive, send)
        elif scope["path"].endswith("/talk"):
            await live.talk_socket(scope, receive, send)
        else:
            await live.desk_socket(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        if self._bus is None and self._grace is None:
            await live.start()
        else:  # a hub of its own, as another process would have
            bus = self._bus() if self._bus is not None else None
            self.live = Live(Hub(bus, grace_seconds=self._grace or 60))
            await self.live.hub.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await live.stop() if self.live is None else await self.live.hub.stop()
        await send({"type": "lifespan.shutdown.complete"})

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, door: str) -> str:
        """The address of a door below /ws, or of a path."""
        return f"ws://127.0.0.1:{self.port}{door if door.startswith('/') else f'/ws/{door}'}"


class Talk:
    """One socket. `seq` is the last number handled; each message received is held to the schema."""

    def __init__(self, server: Server, door: str, cookie: str = "") -> None:
        self.door = door.rpartition("/")[2]
        self.seq = 0
        self.numbers: list[int] = []
        self.seen: list[Json] = []
        self._ahead: list[Json] = []
        self.socket: ClientConnection = connect(
            server.url(door),
            origin=Origin(server.origin),
            additional_headers={"Cookie": cookie} if cookie else {},
            compression=None,
            open_timeout=PATIENCE,
            legacy=True,  # a connection that is not a context manager
        )
        self.welcome: Json = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def hello(self, **fields: Any) -> Json:
        """Say hello and return the welcome, or the goodbye."""
        self.send("hello", v=1, **fields)
        answer = self.next()
        if answer["type"] == "welcome":
            self.welcome = answer
        return answer

    def send(self, kind: str, /, **fields: Any) -> None:
        """Send a message as the schema wants it."""
        message = {"type": kind, **fields}
        check(message, f"{self.door}Client")
        self.socket.send(json.dumps(message))

    def raw(self, frame: str | bytes) -> None:
        """Send anything."""
        self.socket.send(frame)

    def next(self, timeout: float = PATIENCE) -> Json:
        """Return the next message. Raises TimeoutError when none comes, ConnectionClosed at the end."""
        if self._ahead:
            return self._ahead.pop(0)
        return self._read(timeout)

    def knows(self, kind: str) -> None:
        """Wait until a message of a kind has come; it and those before it are still to be read."""
        self._ahead += self._read_until(lambda message: message["type"] == kind, kind)

    def _read_until(self, wanted: Callable[[Json], bool], what: str) -> list[Json]:
        end, came = time.monotonic() + PATIENCE, list[Json]()
        while not came or not wanted(came[-1]):
            try:
                came.append(self._read(max(0.0, end - time.monotonic())))
            except TimeoutError:
                raise TimeoutError(f"no {what}; came: {[each['type'] for each in self.seen]}") from None
        return came

    def _read(self, timeout: float) -> Json:
        message: Json = json.loads(self.socket.recv(timeout))
        check(message, f"{self.door}Server")
        if "seq" in message and message["type"] != "welcome":
            self.seq = message["seq"]
            self.numbers.append(self.seq)
        self.seen.append(message)
        return message

    def until(
        self, kind: str, that: Callable[[Json], bool] = lambda _message: True, timeout: float = PATIENCE, **facts: Any
    ) -> Json:
        """Return the next message of a kind with these facts, of which `that` is true, reading over others.

        What shows a state may come more often than it changes, and two changes as one: ask for the state itself.
        `timeout` is in seconds this process ran, and ends after PATIENCE at the latest.
        """
        end = time.monotonic() + PATIENCE
        with Stopwatch() as watch:
            while (left := min(timeout - watch.ran, end - time.monotonic())) > 0:
                try:
                    message = self.next(max(left, Stopwatch.TICK))
                except TimeoutError:
                    continue
                fits = message["type"] == kind and all(message.get(key) == value for key, value in facts.items())
                if fits and that(message):
                    return message
        raise TimeoutError(f"no {kind} {facts}; came: {[each['type'] for each in self.seen]}")

    def shown(self, kind: str, that: Callable[[Json], bool], timeout: float = PATIENCE) -> Json:
        """Return the latest message of a kind once `that` is true of it: one that came already, or comes."""
        came = [message for message in self.seen if message["type"] == kind]
        return came[-1] if came and that(came[-1]) else self.until(kind, that, timeout)

    def ask(self, kind: str, /, **fields: Any) -> Json:
        """Send a command and return its `done` or `error`.

        What came before the answer is still to be read: whether an event overtakes the answer is nobody's promise.
        """
        ref = f"r{time.monotonic_ns()}"
        self.send(kind, ref=ref, **fields)
        *before, answer = self._read_until(lambda message: message.get("ref") == ref, f"answer to {kind}")
        self._ahead += before
        return answer

    def first(self, kind: str) -> Json:
        """The first message of a kind, whether it was read already or is still to come."""
        return next((message for message in self.seen if message["type"] == kind), None) or self.until(kind)

    def quiet(self, seconds: float = 0.4) -> list[Json]:
        """Return everything that comes within `seconds`."""
        heard = []
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                heard.append(self.next(left))
            except (TimeoutError, ConnectionClosed):
                break
        return heard

    def ending(self) -> tuple[Json, int]:
        """Return the goodbye and the close code."""
        bye = self.until("bye")
        with pytest.raises(ConnectionClosed) as closed:
            self.socket.recv(PATIENCE)
        assert closed.value.rcvd is not None
        return bye, closed.value.rcvd.code

    def drop(self) -> None:
        """Lose the connection as a dead network does: no goodbye."""
        self.socket.socket.shutdown(2)
        self.socket.socket.close()


def link_to(seat_ref: str) -> CapabilityLink:
    """A live link to a seat, such as its owner gets by mail."""
    seat = Participant.objects.select_related("meeting").get(ref=seat_ref)
    until = clock.now() + timedelta(days=1)
    return links.store([links.draft(seat.meeting.business_id, links.Purpose.VISIT, seat.role, seat_ref, until)])[0]


def visit_cookie(seat_ref: str) -> str:
    """The cookie of somebody who came by their link."""
    return f"{VISIT_COOKIE}={sign_visit(link_to(seat_ref))}"


def staff_cookie(user: User) -> str:
    """The cookie of somebody who signed in."""
    browser = Browser()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"sessionid={browser.cookies['sessionid'].value}"


@contextmanager
def running(**hub: Any) -> Iterator[Server]:
    """Serve until the block ends; `hub` changes attributes of the hub, such as its grace."""
    with Server() as server:
        for name, value in hub.items():
            setattr(live.doors._live[0].hub, name, value)
        yield server


def follows_the_trail() -> None:
    """Wait until the live side of this process has read the trail: what it finds from now on is new."""
    soon(lambda: live.doors._live[0].hub._trail.last is not None)


def nothing_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what somebody did too often count for ever: a slow machine would give it time to be forgotten."""
    take = sessions.Bucket.take
    monkeypatch.setattr(sessions.Bucket, "take", lambda bucket, _now: take(bucket, 0.0))


def soon(what: Any, seconds: float = PATIENCE) -> None:
    """Wait until `what()` is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
