"""A small client of the realtime protocol, for what the browser's library never does."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.api.acs.sdk import VERSIONS, Resource

PATIENCE = 60.0
T = TypeVar("T")


@dataclass
class Person:
    """An identity of a resource, with its token."""

    resource: Resource
    id: str
    token: str
    program: str = field(default_factory=lambda: str(uuid4()))

    @classmethod
    def of(cls, resource: Resource, *scopes: str) -> "Person":
        wish = {"createTokenWithScopes": list(scopes) or ["chat"]}
        made = resource.ask("POST", f"/identities?api-version={VERSIONS['identities']}", wish).raise_for_status().json()
        return cls(resource, made["identity"]["id"], made["accessToken"]["token"])

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Ask for one step of the protocol."""
        content = b"" if body is None else json.dumps(body).encode()
        return self.resource.send(method, path, content, {"X-Skypetoken": self.token, **headers})

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        """Do something in a thread, which must be done."""
        sign = "&" if "?" in path else "?"
        done = self.resource.as_user(self.token, method, f"{path}{sign}api-version={VERSIONS['chat']}", body)
        assert done.is_success, done.text
        return done.json() if done.content else None

    def begin(self, *others: "Person") -> str:
        """Begin a thread and return its address."""
        people = [{"communicationIdentifier": {"rawId": one.id}, "displayName": "X"} for one in (self, *others)]
        made = self.rest("POST", "/chat/threads", {"topic": "Visit", "participants": people})
        return f"/chat/threads/{made['chatThread']['id']}"

    def say(self, thread: str, text: str) -> str:
        """Say something and return its id."""
        said: str = self.rest("POST", f"{thread}/messages", {"content": text})["id"]
        return said

    def place(self) -> dict[str, str]:
        """Ask for a place and return what shows that it is one's own."""
        kept: dict[str, str] = (
            self.ask("POST", f"/realtime/v4/a?epid={self.program}").raise_for_status().json()["connectparams"]
        )
        return kept

    def ticket(self, place: dict[str, str], attempt: int = 1) -> str:
        """Ask for a ticket to a place."""
        query = urlencode({**place, "epid": self.program, "con_num": f"1_{attempt}"})
        return self.ask("GET", f"/socket.io/1/?{query}").raise_for_status().text.partition(":")[0]

    @contextmanager
    def connected(self, place: dict[str, str] | None = None) -> Iterator["Line"]:
        """Connect by a WebSocket, at a place that may be known."""
        with closing(Socket(self.resource, self.ticket(place or self.place(), 1 if place is None else 2))) as opened:
            line = Line(opened)
            assert line.next() == "1::"
            assert "trouter.connected" in line.next()
            yield line


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """A loop in a thread of its own: two threads that read and write one TLS connection lose what is said in it."""
    made = asyncio.new_event_loop()
    threading.Thread(target=made.run_forever, name="lines", daemon=True).start()
    return made


def _done(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(PATIENCE)


class Socket:
    """A WebSocket, opened by a ticket. Raises websockets.InvalidStatus where it is refused."""

    def __init__(self, resource: Resource, ticket: str) -> None:
        trusting = ssl.create_default_context(cafile=str(resource.authority))
        address = f"wss://{urlsplit(resource.endpoint).netloc}/socket.io/1/websocket/{ticket}?v=v4"

        async def opened() -> ClientConnection:
            return await connect(address, ssl=trusting, open_timeout=PATIENCE, close_timeout=5)

        self._connection = _done(opened())

    def recv(self) -> str:
        """Return what comes next."""
        return str(_done(self._connection.recv()))

    def send(self, packet: str) -> None:
        """Send a packet."""
        _done(self._connection.send(packet))

    def close(self) -> None:
        """Close it."""
        _done(self._connection.close())


@dataclass
class Line:
    """A connection; what comes is read in order."""

    socket: Socket

    def next(self) -> str:
        """Return the next packet."""
        return self.socket.recv()

    def event(self, *, confirm: bool = True) -> dict[str, Any]:
        """Return the next event, other packets left out."""
        while not (packet := self.next()).startswith("3:::"):
            continue
        asked = json.loads(packet.removeprefix("3:::"))
        if confirm:
            self.say(f'3:::{{"id":{asked["id"]},"status":200}}')
        body: dict[str, Any] = json.loads(asked["body"])
        return body

    def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the next event that fits."""
        while not fits(event := self.event()):
            continue
        return event

    def says(self, text: str) -> dict[str, Any]:
        """Return the event of the message that says `text`."""
        return self.until(lambda event: event.get("messageBody") == text)

    def closed(self) -> int:
        """Return the code that the connection closes with, once it does."""
        try:
            while True:
                self.next()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else 1006

    def say(self, packet: str) -> None:
        """Send a packet."""
        self.socket.send(packet)

    def rest(self) -> list[str]:
        """Return what is told until now: whatever was before the answer to a question asked now."""
        self.say('5:77+::{"name":"ping"}')
        told = []
        while (packet := self.next()) != "6:::77+[]":
            told.append(packet)
        return told
