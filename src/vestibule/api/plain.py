"""Requests answered beside Django's request path: read whole, answered in a thread, in whatever dialect.

Programs that speak somebody else's protocol need the address exactly as it came and errors of their own shape, and
none of what pages need. A dialect is a table of operations and one function from `Call` to `Answer`.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, unquote

import orjson
from django.db import InterfaceError, OperationalError, connection

from vestibule.api import turns
from vestibule.api.turns import Crowded, NotYet, Turn
from vestibule.people import rates
from vestibule.store.busy import RETRY_AFTER, is_busy

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asked = TypeVar("Asked")
T = TypeVar("T")
LARGEST = 256 * 1024
MOST_LARGE = 6
"""Bodies larger than that at once, as each is held in memory until it is answered."""
LARGE_SHARE = 4
"""Of those, how many one business may have."""
DEEPEST = 100
"""Lists and objects of a body within each other: what looks through them may do so by recursion."""
SECONDS = 30.0
_pool = ThreadPoolExecutor(turns.THREADS, thread_name_prefix="programs")
_PLACE = re.compile(r"\{(\w+)\}")


class Malformed(Exception):
    """A body that is not what it says it is; the text says what was expected instead."""


class Unwelcome(Exception):
    """Somebody who is not to send what they announce; `answer` is what they are told."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(answer.status)
        self.answer = answer


class TooLarge(Exception):
    """A body of more than `most` bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(f"This request is larger than {most // 1024} KB. Nothing was changed.")


@dataclass(frozen=True)
class Allowed:
    """How many bytes a body may have, and which business it is of (None: no one's)."""

    most: int
    business_id: int | None = None


@dataclass(frozen=True)
class Call:
    """One request. `path` is decoded, `raw_path` and `query_string` are as they came; header names are lower case."""

    method: str
    path: str
    raw_path: str = ""
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    client: str = ""
    scheme: str = "http"

    @property
    def host(self) -> str:
        """Whom the caller believes to talk to, with the port where it is not the usual one."""
        return self.headers.get("host", "")

    @property
    def origin(self) -> str:
        """The origin that was called, for addresses in answers."""
        return f"{self.scheme}://{self.host}"

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The parameters of the address, the last of each name."""
        return {name: values[-1] for name, values in parse_qs(self.query_string, keep_blank_values=True).items()}

    def json(self) -> Any:
        """Return the body, None for an empty one. Raises Malformed for what is not JSON, too deep, or holds NUL."""
        if not self.body:
            return None
        try:
            read = orjson.loads(self.body)
        except orjson.JSONDecodeError as wrong:
            raise Malformed("The body is not JSON that can be read. Nothing was changed.") from wrong
        if self.body.count(b"[") + self.body.count(b"{") > DEEPEST and _is_deep(read):
            raise Malformed(f"The body holds more than {DEEPEST} things within each other. Nothing was changed.")
        if b"\\u0000" in self.body and _holds_nul(read):
            raise Malformed("The body holds a NUL character, which no text may. Nothing was changed.")
        return read


@dataclass(frozen=True)
class Answer:
    """What is sent back; `kind` is the media type of a body.

    A large body is `pieces`, `size` bytes in all: each is asked for in a thread once the one before is on its way, so
    that whoever reads slowly holds one in memory.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    pieces: Iterator[bytes] | None = field(default=None, repr=False)
    size: int = 0


def shown(status: int, value: Any, **headers: str) -> Answer:
    """Return `value` as JSON; underscores of header names stand for hyphens."""
    return Answer(status, orjson.dumps(value), {name.replace("_", "-"): text for name, text in headers.items()})


@dataclass(frozen=True)
class Operation(Generic[Asked]):
    """One operation of a dialect: how it is asked for, what does it, and `facts` by which callers are judged."""

    method: str
    template: str
    pattern: re.Pattern[str]
    do: Callable[[Asked], Answer]
    facts: Mapping[str, Any]

    def params(self, path: str) -> dict[str, str] | None:
        """Return what stands in the places of the template in `path` (as it came), decoded; None if it is not this."""
        found = self.pattern.fullmatch(path)
        return {name: unquote(value) for name, value in found.groupdict().items()} if found is not None else None


class Operations(Generic[Asked]):
    """A table of operations, filled by decorating what does them."""

    def __init__(self) -> None:
        self._all: list[Operation[Asked]] = []

    def __iter__(self) -> Iterator[Operation[Asked]]:
        return iter(self._all)

    def on(
        self, method: str, template: str, **facts: Any
    ) -> Callable[[Callable[[Asked], Answer]], Callable[[Asked], Answer]]:
        """Let the decorated function answer `method` at `template` (`/rooms/{roomId}`)."""

        def register(do: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
            self._all.append(Operation(method, template, pattern_of(template), do, facts))
            return do

        return register


def pattern_of(template: str) -> re.Pattern[str]:
    """Return what recognises paths of `template`: letter case does not matter but in its places.

    Parentheses of a function (`getSchedule()`) may be there or not.
    """
    parts = []
    for part in re.split(r"(\{\w+\})", template):
        place = _PLACE.fullmatch(part)
        parts.append(f"(?P<{place[1]}>[^/]+?)" if place else re.escape(part).replace(r"\(\)", r"(?:\(\))?"))
    return re.compile("".join(parts), re.IGNORECASE)


def door(
    answer: Callable[[Call], Answer],
    failed: Callable[[Call, int, str], Answer],
    *,
    largest: int = LARGEST,
    larger: Callable[[Call], Allowed | Answer] | None = None,
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Return an ASGI application that answers by `answer`, in a thread that may use the database.

    `answer` says by `turns.belongs_to` whose request it is as soon as it knows, so that nobody has all threads.
    `failed(call, status, words)` shapes what goes wrong before or in it: 400, 408, 413, 429, 500, 503. `largest` is how
    many bytes a body may have. Of one that has more `larger` says it, or what is answered instead, from everything but
    the body and before that is read. Six of those are held at once, four of one business; others get 503.
    """
    return _Door(answer, failed, largest, larger).application


class _Door:
    def __init__(
        self,
        answer: Callable[[Call], Answer],
        failed: Callable[[Call, int, str], Answer],
        largest: int,
        larger: Callable[[Call], Allowed | Answer] | None,
    ) -> None:
        self._answer, self._failed, self._largest, self._larger = answer, failed, largest, larger
        self._large: dict[int, int | None] = {}
        """Which business those calls are of whose large body is held."""

    async def application(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = _call(scope, b"")
        try:
            done = await self._done(scope, receive, call)
        finally:
            self._large.pop(id(call), None)
        if done is not None:
            with suppress(OSError):
                await _send(send, done)

    async def _done(self, scope: Scope, receive: Receive, call: Call) -> Answer | None:
        try:
            async with asyncio.timeout(SECONDS):
                body = await _whole(scope, receive, self._largest, partial(self._allowed, call))
        except Unwelcome as unwelcome:
            return _closing(unwelcome.answer)
        except TooLarge as refused:
            return _closing(self._failed(call, 413, str(refused)))
        except TimeoutError:
            return _closing(self._failed(call, 408, "This request did not arrive in time. Nothing was changed."))
        return await self._in_turn(self._answer, replace(call, body=body)) if body is not None else None

    async def _allowed(self, call: Call) -> int:
        """Return how many bytes the body of `call` may have, which is a large one. Raises Unwelcome."""
        if self._larger is None:
            return self._largest
        allowed = await self._in_turn(self._larger, call)
        if isinstance(allowed, Answer):
            raise Unwelcome(allowed)
        if allowed.most > self._largest and not self._has_place(allowed.business_id):
            words = "Too many large requests are on their way at once. Nothing was changed. Try again in a moment."
            raise Unwelcome(self._failed(call, 503, words))
        self._large[id(call)] = allowed.business_id
        return allowed.most

    def _has_place(self, business_id: int | None) -> bool:
        held = list(self._large.values())
        return len(held) < MOST_LARGE and (business_id is None or held.count(business_id) < LARGE_SHARE)

    async def _in_turn(self, do: Callable[[Call], T], call: Call) -> T | Answer:
        """Do it in a thread, once it is the turn of who asks."""
        who = f"{turns.ADDRESS}{rates.household(call.client)}"
        while True:
            try:
                turn = await turns.TURNS.take(who)
            except Crowded:
                words = "Too many requests wait already, so nothing was changed. Send fewer at once, or try later."
                return self._failed(call, 429, words)
            try:
                return await _with(turn, do, self._failed, call)
            except NotYet as later:
                who = later.who


def _closing(answer: Answer) -> Answer:
    """Return an answer after which the connection is closed: what is still on its way is not read."""
    return replace(answer, headers={**answer.headers, "connection": "close"})


async def _with(
    turn: Turn, do: Callable[[Call], T], failed: Callable[[Call, int, str], Answer], call: Call
) -> T | Answer:
    """Do it in a thread, and give the turn back once that is done: also where nobody waits for it any more."""
    working = _pool.submit(_answered, turn, do, failed, call)
    given_by = turns.TURNS
    working.add_done_callback(lambda _done: given_by.give(turn))
    return await asyncio.wrap_future(working)


def _answered(
    turn: Turn, do: Callable[[Call], T], failed: Callable[[Call, int, str], Answer], call: Call
) -> T | Answer:
    try:
        with turns.working(turn), rates.answering_address(call.client):
            return do(call)
    except NotYet:
        raise
    except Malformed as refused:
        return failed(call, 400, str(refused))
    except Exception as fault:
        if isinstance(fault, InterfaceError | OperationalError):
            connection.close()  # the database may have been restarted: the next call gets a fresh connection
        if is_busy(fault):
            return failed(call, 503, f"Too much is going on at once, so nothing was changed. Try in {RETRY_AFTER} s.")
        log.exception("%s %s failed", call.method, call.path)
        return failed(call, 500, "Something went wrong on our side, so nothing was changed. Try again in a moment.")


def _call(scope: Scope, body: bytes) -> Call:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    raw = scope.get("raw_path") or scope["path"].encode()
    client = scope.get("client") or ("", 0)
    return Call(
        method=scope["method"],
        path=scope["path"],
        raw_path=raw.decode("latin-1").partition("?")[0],
        query_string=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        client=client[0],
        scheme=scope.get("scheme", "http"),
    )


async def _whole(scope: Scope, receive: Receive, most: int, more: Callable[[], Awaitable[int]]) -> bytes | None:
    """Return the whole body, None when its sender has gone. `more` is asked once, for a body of more than `most`."""
    told = dict(scope["headers"]).get(b"content-length", b"0")
    announced = int(told) if told.isdigit() and len(told) < 10 else len(told) // 10 * 10**9
    is_asked = announced > most
    if is_asked and announced > (most := await more()):
        raise TooLarge(most)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > most and not is_asked:
            most, is_asked = await more(), True
        if len(body) > most:
            raise TooLarge(most)
        if not message.get("more_body", False):
            return bytes(body)


async def _send(send: Send, answer: Answer) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    if answer.body or answer.pieces is not None:
        headers.append((b"content-type", answer.kind.encode("latin-1")))
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body) or answer.size).encode()))
    headers += [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    while answer.pieces is not None and (piece := await _in_thread(next, answer.pieces, b"")):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": answer.body})


async def _in_thread(do: Callable[..., T], *given: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(_pool, do, *given)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _depth in range(DEEPEST):
        held = [one for one in level if isinstance(one, list | dict)]
        level = [inner for one in held for inner in (one.values() if isinstance(one, dict) else one)]
    return any(isinstance(one, list | dict) for one in level)


def _holds_nul(value: Any) -> bool:
    waiting = [value]  # not by recursion: a thousand lists within each other can be read
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and "\0" in one:
            return True
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
    return False
