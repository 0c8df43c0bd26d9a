"""Between the loop and the threads of pages: one journey for what is short, parts in order for what is long."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vestibule.web.bridge import WHOLE_BYTES, with_threads

Start = Callable[[str, list[tuple[str, str]]], Any]
POST = [(b"content-length", b"5"), (b"x-told", b"yes")]


def answered(pages: Any, *messages: dict[str, Any], headers: list[tuple[bytes, bytes]] | None = None) -> Any:
    """What is sent for a request that arrives in `messages`."""
    sent: list[dict[str, Any]] = []
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"a=1", "headers": headers or []}
    scope |= {"http_version": "1.1", "scheme": "https", "server": ("here", 443), "client": ("192.0.2.7", 5)}

    async def answer() -> None:
        await with_threads(pages, 1)(scope, receive, send)

    asyncio.run(answer())
    return sent


def body_of(sent: list[dict[str, Any]]) -> bytes:
    return b"".join(one["body"] for one in sent[1:])


def test_a_page_gets_its_request_whole_and_is_sent_whole() -> None:
    seen: dict[str, Any] = {}

    def page(environ: dict[str, Any], start: Start) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start("201 Created", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b"one ", b"two"]

    parts = ({"type": "http.request", "body": b"he", "more_body": True}, {"type": "http.request", "body": b"llo"})
    sent = answered(page, *parts, headers=POST)
    assert seen["body"] == b"hello"
    assert (seen["HTTP_X_TOLD"], seen["QUERY_STRING"], seen["REMOTE_ADDR"]) == ("yes", "a=1", "192.0.2.7")
    cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    head = {"type": "http.response.start", "status": 201, "headers": [(b"content-type", b"text/plain"), *cookies]}
    assert sent == [head, {"type": "http.response.body", "body": b"one two"}]


def test_what_is_long_comes_in_parts_and_is_closed() -> None:
    closed = threading.Event()

    class Long:
        def __iter__(self) -> Iterator[bytes]:
            yield from [b"a" * WHOLE_BYTES, b"b", b"c" * 10]

        def close(self) -> None:
            closed.set()

    def page(_environ: dict[str, Any], start: Start) -> Long:
        start("200 OK", [])
        return Long()

    sent = answered(page)
    assert body_of(sent) == b"a" * WHOLE_BYTES + b"b" + b"c" * 10
    assert [one.get("more_body", False) for one in sent[1:]] == [True, True, False]
    assert closed.is_set()


def test_an_application_starts_its_answer_with_its_first_part_at_the_latest() -> None:
    def page(_environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        start("204 No Content", [])
        yield b""

    assert [one["type"] for one in answered(page)] == ["http.response.start", "http.response.body"]


def test_nobody_is_answered_who_left_before_the_request_was_whole() -> None:
    def page(_environ: dict[str, Any], _start: Start) -> list[bytes]:
        raise AssertionError("half a request")

    parts = ({"type": "http.request", "body": b"he", "more_body": True}, {"type": "http.disconnect"})
    assert answered(page, *parts, headers=POST) == []


def test_what_a_page_raises_reaches_the_server_and_nothing_was_said() -> None:
    def page(_environ: dict[str, Any], _start: Start) -> list[bytes]:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        answered(page)
