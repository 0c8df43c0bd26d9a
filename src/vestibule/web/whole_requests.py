"""Requests reach the pages whole or not at all, so that whoever sends slowly or without end holds no thread of theirs.

Pages run in a few threads, and reading a body there would wait for its sender. Django also writes uploads of any size
to disk before a page can refuse them, so only the pages that take files get more than forms need, a few at a time.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from math import inf
from typing import Any
from urllib.parse import quote_from_bytes

from vestibule.people import problems

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST = 512 * 1024
SECONDS = 30.0
LARGEST_WITH_FILES = 11 * 1024 * 1024  # a file of 10 MB and the form around it
SECONDS_WITH_FILES = 120.0
MOST_WITH_FILES = 6  # at once, as each is held in memory until it is whole
SLOW_AFTER_SECONDS = 5.0
SLOW_BYTES_A_SECOND = 32 * 1024  # who sends less than this makes room for others
_TAKES_FILES = re.compile(
    r"/book/[^/]+/[^/]+/details|/appointment/(?:documents|answers)"
    r"|/manage/appointments/[^/]+/files|/manage/(?:[^/]+/)*import"
    r"|/manage/setup/waiting-areas/[^/]+/picture|/manage/brand/[^/]+|/manage/experience/steps/[^/]+/picture/[^/]+"
)
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_HAS_BODY = frozenset({b"content-length", b"transfer-encoding"})


@dataclass(eq=False)
class _Upload:
    """A body with files on its way: since when, how much has come, and what ends it."""

    began: float
    received: int = 0
    until: asyncio.Timeout | None = None

    def speed(self, now: float) -> float:
        """Return bytes a second so far; without bound for one that only began, or is here."""
        took = now - self.began
        return self.received / took if took >= SLOW_AFTER_SECONDS and self.until is not None else inf

    def give_up(self, now: float) -> None:
        """End it: its sender is told that it came too slowly."""
        if self.until is not None:
            self.until.reschedule(now)


class _TooLarge(Exception):
    """The body is longer than what this page takes."""


def with_whole_requests(pages: Application, *, seconds: float = SECONDS) -> Application:
    """Return `pages` behind a door that reads each body first: at most 512 KB (413), within `seconds` (408).

    Pages that take files get 11 MB within two minutes, six at once (503); whoever then sends slowest, below 32 KB a
    second, makes room for the next. Headers with an underscore are dropped: `X_Forwarded_For` would pass for the
    proxy's own `X-Forwarded-For`.
    """
    uploads: set[_Upload] = set()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        scope["headers"] = [(name, value) for name, value in scope["headers"] if b"_" not in name]
        scope["query_string"] = quote_from_bytes(scope["query_string"], safe=_ASCII).encode("ascii")
        if not any(name in _HAS_BODY for name, _value in scope["headers"]):
            await pages(scope, receive, send)
            return
        is_upload = _brings_files(scope)
        upload = _Upload(asyncio.get_running_loop().time())
        if is_upload and not _has_room(uploads, upload.began):
            words = "Too many files are being sent at once. Nothing was changed. Try again in a minute."
            await _refuse(send, 503, "busy", words)
            return
        if is_upload:
            uploads.add(upload)
        try:
            limits = (LARGEST_WITH_FILES, SECONDS_WITH_FILES) if is_upload else (LARGEST, seconds)
            body = await _whole(scope, receive, send, *limits, upload)
            if body is not None:
                await pages(scope, _replaying(body, receive), send)
        finally:
            uploads.discard(upload)

    return answer


def _brings_files(scope: Scope) -> bool:
    """Tell whether a body longer than a form's is announced, for a page that takes files."""
    told = dict(scope["headers"]).get(b"content-length", b"0")
    is_long = len(told) < 10 and told.isdigit() and int(told) > LARGEST
    return is_long and _TAKES_FILES.fullmatch(scope.get("path", "")) is not None


def _has_room(uploads: set[_Upload], now: float) -> bool:
    """Tell whether one more body with files may come; where all places are taken the slowest sender loses theirs."""
    if len(uploads) < MOST_WITH_FILES:
        return True
    slowest = min(uploads, key=lambda one: one.speed(now))
    if slowest.speed(now) >= SLOW_BYTES_A_SECOND:
        return False
    slowest.give_up(now)
    uploads.discard(slowest)
    return True


async def _whole(
    scope: Scope, receive: Receive, send: Send, largest: int, seconds: float, upload: _Upload
) -> bytes | None:
    """Return the whole body; None when the sender has gone, or was told that it is too large or too slow."""
    try:
        async with asyncio.timeout(seconds) as upload.until:
            body = await _read(scope, receive, largest, upload)
        upload.until = None
        return body
    except _TooLarge:
        words = f"This request is larger than {largest // 1024} KB. Nothing was changed."
        await _refuse(send, 413, "too_large", words)
    except TimeoutError:
        await _refuse(send, 408, "too_slow", "This request did not arrive in time. Nothing was changed.")
    return None


async def _read(scope: Scope, receive: Receive, largest: int, upload: _Upload) -> bytes | None:
    """Return the whole body, or None when the sender has gone. Raises _TooLarge."""
    told = dict(scope["headers"]).get(b"content-length", b"0")
    if len(told) > 9 or (told.isdigit() and int(told) > largest):
        raise _TooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        upload.received = len(body)
        if len(body) > largest:
            raise _TooLarge
        if not message.get("more_body", False):
            return bytes(body)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Return a receiver that hands over `body`, then whatever comes."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return next_message


async def _refuse(send: Send, status: int, code: str, detail: str) -> None:
    told = problems.body(status, code, detail)
    headers = [
        (b"content-type", problems.CONTENT_TYPE.encode()),
        (b"content-length", str(len(told)).encode()),
        (b"connection", b"close"),  # what is still on its way is not read
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": told})
