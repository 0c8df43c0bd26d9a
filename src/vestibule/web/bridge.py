"""Pages in a fixed pool of threads, with as few journeys between a thread and the loop as there can be.

A request goes to its thread whole, and a page comes back whole: one journey. a2wsgi makes five, each of which wakes two
threads that then wait for each other. What is long comes in parts, as fast as its reader takes them.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from io import BytesIO
from typing import Any, cast

from a2wsgi.wsgi import build_environ

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Pages = Callable[[dict[str, Any], Callable[..., Any]], Any]
WHOLE_BYTES = 4 * 1024 * 1024
"""An answer up to this long is sent at once: what anybody may ask for is shorter, so that no stranger who reads slowly
keeps a thread.
"""
_HAS_BODY = frozenset({b"content-length", b"transfer-encoding"})


class _Head:
    """What a WSGI application says before its answer."""

    def __init__(self) -> None:
        self.message: Message = {}

    def start(self, status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], None]:
        """Keep status and headers: the `start_response` of WSGI, without its way to write, which nobody here uses."""
        lines = [(name.strip().lower().encode("latin-1"), said.strip().encode("latin-1")) for name, said in headers]
        self.message = {"type": "http.response.start", "status": int(status[:3]), "headers": lines}
        return _cannot_write


def _cannot_write(_chunk: bytes) -> None:
    raise NotImplementedError("answers are returned, not written")


def with_threads(pages: Pages, threads: int) -> Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]:
    """Return a WSGI application as an ASGI one for HTTP, run in so many threads that keep what is theirs.

    The body of each request must be bounded: it is read before a thread is asked for.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="pages")

    async def answer(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        body = await _body(scope, receive)
        if body is None:
            return
        environ = cast("dict[str, Any]", build_environ(cast(Any, scope), cast(Any, BytesIO(body))))
        loop = asyncio.get_running_loop()

        def say(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(cast(Any, send(message)), loop).result()

        for message in await loop.run_in_executor(pool, contextvars.copy_context().run, _run, pages, environ, say):
            await send(message)

    return answer


async def _body(scope: MutableMapping[str, Any], receive: Receive) -> bytes | None:
    """Return the whole body, None when its sender has gone."""
    if not any(name in _HAS_BODY for name, _said in scope["headers"]):
        return b""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _run(pages: Pages, environ: dict[str, Any], say: Callable[[Message], None]) -> list[Message]:
    """Run the application in this thread. Return what is left to be said; what is long was said with `say` by then."""
    head = _Head()
    iterable = pages(environ, head.start)
    with closing(iterable) if hasattr(iterable, "close") else nullcontext():
        chunks = iter(iterable)
        first, is_all = _up_to(chunks, WHOLE_BYTES)
        if is_all:
            return [head.message, {"type": "http.response.body", "body": first}]
        say(head.message)
        say({"type": "http.response.body", "body": first, "more_body": True})
        for chunk in chunks:
            say({"type": "http.response.body", "body": chunk, "more_body": True})
    return [{"type": "http.response.body", "body": b""}]


def _up_to(chunks: Iterator[bytes], most: int) -> tuple[bytes, bool]:
    """Return the beginning of an answer, and whether it is all of it; a little more than `most` bytes of a long one."""
    first = bytearray()
    for chunk in chunks:
        first += chunk
        if len(first) > most:
            return bytes(first), False
    return bytes(first), True
