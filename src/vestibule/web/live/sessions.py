"""A session outlives its sockets: numbered messages, acknowledged by pings, replayed after a loss (MEDIA, recovery)."""

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.utils import translation

from vestibule.people.permissions import Role
from vestibule.web.live.turns import Turns

KEPT_MESSAGES = 512
KEPT_BYTES = 1024 * 1024
QUEUED_FRAMES = 2048
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Socket:
    """The writing half of one WebSocket: frames go out in order from one task, whoever hands them over."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[str] = deque()
        self._wake = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self.is_broken = False
        self._task = asyncio.get_running_loop().create_task(self._write())

    def put(self, frame: bytes) -> None:
        """Queue one text frame. A reader too slow for 2,048 frames is cut off; it may resume."""
        if self._closing is not None:
            return
        self._queue.append(frame.decode())
        if len(self._queue) > QUEUED_FRAMES:
            self._queue.clear()
            self.close(1013, "too slow")
        self._wake.set()

    def close(self, code: int, reason: str = "") -> None:
        """Close with `code` once what is queued has been written. The first close counts."""
        if self._closing is None:
            self._closing = (code, reason)
            self._wake.set()

    @property
    def is_closing(self) -> bool:
        return self._closing is not None

    async def finished(self) -> None:
        """Wait until everything is written, then stop; never raises."""
        if self._closing is None:
            self._task.cancel()
        with suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(self._task, 5)

    async def _write(self) -> None:
        queue, send = self._queue, self._send
        try:
            while True:
                while queue:
                    await send({"type": "websocket.send", "text": queue.popleft()})
                if self._closing is not None:
                    code, reason = self._closing
                    await send({"type": "websocket.close", "code": code, "reason": reason})
                    return
                self._wake.clear()
                await self._wake.wait()
        except Exception:
            # A peer that is gone shows up as many kinds of error; the reading half learns of it too.
            self._closing, self.is_broken = self._closing or (1006, ""), True
            queue.clear()


class Bucket:
    """Allows `rate` takings a second with bursts of `burst`."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._level, self._at = burst, 0.0

    def take(self, now: float) -> bool:
        """Take one at monotonic second `now` if there is one."""
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def wait_ms(self) -> int:
        """Milliseconds until there is one again."""
        return max(1, round((1 - self._level) / self._rate * 1000))


@dataclass(frozen=True)
class Staff:
    """A member of staff behind a session; permissions are read again for each command."""

    user_id: int
    business_id: int


class Session:
    """One participant, or one tab of staff, across the sockets they come and go with.

    `told` is what was last shown of each kind, so that only changes are sent. `language` is that of its page: also
    what others do is said in it.
    """

    def __init__(self, owner: str, staff: Staff | None = None) -> None:
        self.id = secrets.token_urlsafe(18)
        self.owner = owner
        self.staff = staff
        spoken = translation.get_language() if staff is None else None  # pages of staff are in one language
        self.language = spoken or settings.LANGUAGE_CODE
        self.socket: Socket | None = None
        self.seq = 0
        self.heard_at = 0.0
        self.ended = False
        self.grace: asyncio.TimerHandle | None = None
        self.turns = Turns()
        self.messages = Bucket(30, 120)
        self.words = Bucket(2, 10)
        self.typings = Bucket(2, 4)
        self.refused = 0
        self.told: dict[str, Any] = {}
        self.told_at = 0.0
        self.reads_after: int | None = None
        self._kept: deque[tuple[int, bytes]] = deque()
        self._kept_bytes = 0
        self._dropped = 0

    def kept_for(self, grace: float, close_code: int) -> float:
        """Return for how many seconds the place is kept after the socket closed with `close_code`; usually `grace`."""
        return grace

    def fits(self, role: Role) -> bool:
        """Tell whether staff of `role` may see what this session shows."""
        return True

    def push(self, message: dict[str, Any]) -> None:
        """Number `message`, keep it until it is acknowledged, and send it if there is a socket."""
        if self.ended:
            return
        self.seq += 1
        message["seq"] = self.seq
        frame = orjson.dumps(message)
        self._kept.append((self.seq, frame))
        self._kept_bytes += len(frame)
        while len(self._kept) > KEPT_MESSAGES or self._kept_bytes > KEPT_BYTES:
            self._dropped = self._forget_oldest()
        if self.socket is not None:
            self.socket.put(frame)

    def show(self, kind: str, facts: dict[str, Any]) -> bool:
        """Push `facts` as a message of `kind`, unless that was shown last; tell whether it was news."""
        if self.told.get(kind) == facts:
            return False
        self.told[kind] = facts
        self.push({"type": kind, **facts})
        return True

    def tell(self, message: dict[str, Any]) -> None:
        """Send `message` without a number; it is lost when there is no socket."""
        if self.socket is not None:
            self.socket.put(orjson.dumps(message))

    def acknowledge(self, last: int) -> None:
        """Forget what the client says it has; a number from the future is taken for all."""
        while self._kept and self._kept[0][0] <= last:
            self._forget_oldest()

    def can_resume(self, last: int) -> bool:
        """Tell whether every message after `last` is still kept."""
        return not self.ended and self._dropped <= last <= self.seq

    def replay(self, last: int) -> None:
        """Send again what came after `last`, in order."""
        self.acknowledge(last)
        if self.socket is not None:
            for _seq, frame in self._kept:
                self.socket.put(frame)

    def _forget_oldest(self) -> int:
        seq, frame = self._kept.popleft()
        self._kept_bytes -= len(frame)
        return seq
