"""The place of one browser: what it was told and has not confirmed, through all the connections it comes by.

Everything here runs on the event loop. What a browser does not confirm is told again when it comes back, so that
nothing is lost while it reconnects; whoever stays away too long or reads too slowly is told that something was missed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from vestibule.api.acs.realtime import frames
from vestibule.api.acs.realtime.events import Event
from vestibule.people.identities import Bearer, mri

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MOST_UNCONFIRMED: Final = 500
MOST_UNCONFIRMED_CHARACTERS: Final = 512 * 1024
MOST_QUEUED: Final = 1000
MOST_QUEUED_CHARACTERS: Final = 1024 * 1024
TTL_SECONDS: Final = 86_400
TOO_SLOW, UNAUTHORIZED = 1013, 1008
POLL_PACKETS, POLL_CHARACTERS = 200, 128 * 1024


@dataclass(frozen=True, slots=True)
class Told:
    """An event on its way to one place: the event is everybody's, so that a thousand who read slowly hold it once."""

    event: Event
    number: int
    place: str
    reader: str

    def __len__(self) -> int:
        return self.event.size

    def __str__(self) -> str:
        return self.event.frame(self.number, self.place, self.reader)


Packet = str | Told


class _Queue:
    """Packets that wait to be sent."""

    def __init__(self) -> None:
        self._packets: deque[Packet] = deque()
        self._characters = 0

    def __len__(self) -> int:
        return len(self._packets)

    def add(self, packet: Packet) -> bool:
        """Add a packet; False where that is more than may wait: then nothing waits any more."""
        self._packets.append(packet)
        self._characters += len(packet)
        if len(self._packets) <= MOST_QUEUED and self._characters <= MOST_QUEUED_CHARACTERS:
            return True
        self.clear()
        return False

    def next(self) -> str:
        """Take the one that has waited longest, as it is sent."""
        packet = self._packets.popleft()
        self._characters -= len(packet)
        return str(packet)

    def clear(self) -> None:
        self._packets.clear()
        self._characters = 0


class Line(Protocol):
    """One connection of a place."""

    heard_at: float

    def put(self, packet: Packet) -> None:
        """Send a packet, soon and in order; never waits."""
        ...

    def close(self, code: int = 1000) -> None:
        """Close once what was put is sent; the first call counts."""
        ...


class Socket:
    """A line over a WebSocket. Who has nothing to say has no task: writing begins one that ends when all is said."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue = _Queue()
        self._writer: asyncio.Task[None] | None = None
        self._code: int | None = None
        self.heard_at = asyncio.get_running_loop().time()

    def put(self, packet: Packet) -> None:
        """Send a packet; whoever lets a thousand of them wait, or a million letters, is cut off."""
        if self._code is not None:
            return
        if not self._queue.add(packet):
            self.close(TOO_SLOW)
        self._write()

    def close(self, code: int = 1000) -> None:
        """Close once everything is said."""
        if self._code is None:
            self._code = code
            self._write()

    @property
    def is_closing(self) -> bool:
        return self._code is not None

    async def finished(self) -> None:
        """Wait until everything is said, five seconds at most; the other side may be gone."""
        if self._writer is not None and not self._writer.done():
            await asyncio.wait({self._writer}, timeout=5)
            self._writer.cancel()

    def _write(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._say())

    async def _say(self) -> None:
        try:
            while self._queue:
                await self._send({"type": "websocket.send", "text": self._queue.next()})
            if self._code is not None:
                await self._send({"type": "websocket.close", "code": self._code})
        except Exception:  # a peer that is gone shows up as many kinds of error; whoever reads learns of it too
            self._code = self._code or 1006
            self._queue.clear()


class Polls:
    """A line of long polls: what is put waits for the next one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue = _Queue()
        self._waiting: asyncio.Future[None] | None = None
        self.is_closed = False
        self.heard_at = self._loop.time()

    def put(self, packet: Packet) -> None:
        if self.is_closed:
            return
        if not self._queue.add(packet):
            self.close()
        self._wake()

    def close(self, code: int = 1000) -> None:
        self.is_closed = True
        self._wake()

    @property
    def has_more(self) -> bool:
        """Tell whether something still waits to be told."""
        return bool(self._queue)

    async def next(self, seconds: float) -> str:
        """Return what there is, or a packet that says nothing after `seconds`. An earlier poll ends at once."""
        self._wake()
        self.heard_at = self._loop.time()
        if not self._queue and not self.is_closed and not await self._is_still_asked(seconds):
            return frames.NOTHING
        self.heard_at = self._loop.time()
        return frames.packed(self._taken()) if self._queue else frames.NOTHING

    async def _is_still_asked(self, seconds: float) -> bool:
        """Wait until there is something to tell; tell whether this poll is still the one that waits."""
        waiting = self._waiting = self._loop.create_future()
        await asyncio.wait({waiting}, timeout=seconds)
        is_latest = self._waiting is waiting
        if is_latest:
            self._waiting = None
        return is_latest

    def let_go(self) -> None:
        """End the poll that waits, whose caller has gone, without taking anything."""
        self._wake()
        self._waiting = None

    def _taken(self) -> list[str]:
        taken: list[str] = []
        characters = 0
        while self._queue and len(taken) < POLL_PACKETS and (not taken or characters < POLL_CHARACTERS):
            taken.append(self._queue.next())
            characters += len(taken[-1])
        return taken

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Place:
    """One browser of one identity. `program` is what its library calls itself in registrations."""

    def __init__(self, name: str, bearer: Bearer, program: str, token: str, *, missed: bool = False) -> None:
        self.name = name
        self.bearer = bearer
        self.program = program
        self.token = token
        self.business_id = bearer.resource.business_id
        self.key = bearer.key
        self.path = f"/v4/f/{name}/"
        self.line: Line | None = None
        self.left_at: float | None = None
        self.missed = missed
        self._reader = mri(bearer.resource.resource, bearer.key)
        self._number = 0
        self._unconfirmed: dict[int, Told] = {}
        self._characters = 0

    def tell(self, event: Event) -> None:
        """Tell of an event, now or when a connection comes back."""
        self._number += 1
        packet = Told(event, self._number, self.path, self._reader)
        self._unconfirmed[self._number] = packet
        self._characters += len(packet)
        if self.line is not None:
            self.line.put(packet)
        if len(self._unconfirmed) > MOST_UNCONFIRMED or self._characters > MOST_UNCONFIRMED_CHARACTERS:
            self._forget_all()

    def confirm(self, number: int) -> bool:
        """Note that an event has arrived; tell whether it was awaited."""
        packet = self._unconfirmed.pop(number, None)
        self._characters -= len(packet) if packet is not None else 0
        return packet is not None

    def connect(self, line: Line) -> None:
        """Take a new connection in place of the one before, and tell again what was not confirmed."""
        before, self.line, self.left_at = self.line, line, None
        if before is not None:
            before.close()
        line.put(frames.CONNECTED)
        line.put(frames.event("trouter.connected", ttl=str(TTL_SECONDS), dur="0"))
        if self.missed:
            self.missed = False
            lost = {"tag": "messaging", "etag": f"{self.name}.{self._number}"}
            line.put(frames.event("trouter.message_loss", droppedIndicators=[lost]))
        for packet in self._unconfirmed.values():
            line.put(packet)

    def disconnect(self, line: Line, now: float) -> None:
        """The connection is gone; the place is kept for a while."""
        if self.line is line:
            self.line, self.left_at = None, now

    def end(self, reason: str = "") -> None:
        """Say goodbye for good."""
        if self.line is not None:
            self.line.put(frames.goodbye(reason))
            self.line.close(UNAUTHORIZED if reason else 1000)
        self.line = None

    def _forget_all(self) -> None:
        """Too much waits for who confirms nothing: they come back, and read what they missed."""
        self._unconfirmed.clear()
        self._characters, self.missed = 0, True
        if self.line is not None:
            self.line.close(TOO_SLOW)
