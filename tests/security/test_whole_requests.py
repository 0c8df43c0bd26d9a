"""The door before the pages: who sends slowly, without end or under a false name holds nothing up."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest

from vestibule.web import whole_requests
from vestibule.web.whole_requests import LARGEST, LARGEST_WITH_FILES, with_whole_requests

Sent = list[dict[str, Any]]


def ask(
    parts: Iterable[bytes | None],
    headers: Iterable[tuple[bytes, bytes]] = ((b"transfer-encoding", b"chunked"),),
    query: bytes = b"",
    path: str = "/",
) -> tuple[Sent, dict[str, Any]]:
    """Send a body in `parts` (None: nothing more, for ever); return what was answered and what the pages were given."""
    return asyncio.run(_ask(list(parts), list(headers), query, path))


async def _ask(
    parts: list[bytes | None], headers: list[tuple[bytes, bytes]], query: bytes, path: str
) -> tuple[Sent, Any]:
    sent: Sent = []
    given: dict[str, Any] = {}

    async def receive() -> dict[str, Any]:
        part = parts.pop(0)
        if part is None:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": part or b"", "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    async def pages(scope: Any, read: Any, answer: Any) -> None:
        given.update(scope)
        given["first"] = await read()
        await answer({"type": "http.response.start", "status": 200, "headers": []})

    scope = {"type": "http", "headers": headers, "query_string": query, "path": path}
    await with_whole_requests(pages, seconds=0.05)(scope, receive, send)
    return sent, given


def test_a_body_reaches_the_pages_in_one_piece() -> None:
    sent, given = ask([b"name=", b"Cleo"])
    assert given["first"] == {"type": "http.request", "body": b"name=Cleo", "more_body": False}
    assert sent[0]["status"] == 200


def test_a_body_that_does_not_come_never_reaches_a_thread_of_the_pages() -> None:
    sent, given = ask([b"name=", None])
    assert (sent[0]["status"], given) == (408, {})
    assert json.loads(sent[1]["body"])["code"] == "too_slow"


@pytest.mark.parametrize(
    ("parts", "headers"),
    [
        ([b"x" * LARGEST, b"x"], [(b"transfer-encoding", b"chunked")]),
        ([b"x"], [(b"content-length", b"%d" % (LARGEST + 1))]),
        ([b"x"], [(b"content-length", b"9" * 400)]),
    ],
    ids=["in pieces", "as announced", "absurdly announced"],
)
def test_an_endless_upload_is_refused_before_it_is_written_anywhere(parts: Any, headers: Any) -> None:
    sent, given = ask(parts, headers)
    assert (sent[0]["status"], given) == (413, {})
    assert (b"connection", b"close") in sent[0]["headers"]


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/book/clinic/first-visit/details", LARGEST + 1, 200),
        ("/appointment/documents", LARGEST + 1, 200),
        ("/appointment/documents", LARGEST_WITH_FILES + 1, 413),
        ("/book/clinic/first-visit/hold", LARGEST + 1, 413),
        ("/signin", LARGEST + 1, 413),
    ],
)
def test_only_pages_that_take_files_take_more_than_a_form(path: str, size: int, status: int) -> None:
    sent, _given = ask([b"x"], [(b"content-length", b"%d" % size)], path=path)
    assert sent[0]["status"] == status


def test_a_header_with_an_underscore_does_not_pass_for_the_proxys_own() -> None:
    headers = [(b"x-forwarded-for", b"198.51.100.7"), (b"x_forwarded_for", b"203.0.113.9")]
    _sent, given = ask([b""], headers)
    assert given["headers"] == headers[:1]


def test_a_query_of_raw_bytes_is_read_like_its_escaped_form() -> None:
    _sent, given = ask([b""], [], "q=Zoë&r=%41".encode())
    assert given["query_string"] == b"q=Zo%C3%AB&r=%41"


def test_senders_who_hold_every_place_slowly_make_room_for_one_who_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_requests, "SLOW_AFTER_SECONDS", 60)  # nobody is slow yet, however slow the machine is
    answered: list[tuple[str, int]] = []

    async def pages(scope: Any, read: Any, answer: Any) -> None:
        await answer({"type": "http.response.start", "status": 200, "headers": []})

    door = with_whole_requests(pages)

    async def sender(name: str, seconds: float) -> None:
        parts = [b"x" * 100] * 5

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(seconds)
            return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

        async def send(message: Any) -> None:
            if "status" in message:
                answered.append((name, message["status"]))

        headers = [(b"content-length", b"%d" % (LARGEST + 1))]
        scope = {"type": "http", "headers": headers, "query_string": b"", "path": "/appointment/documents"}
        await door(scope, receive, send)

    async def all_at_once() -> None:
        async with asyncio.TaskGroup() as group:
            slow = [group.create_task(sender("slow", 60)) for _each in range(whole_requests.MOST_WITH_FILES)]
            await asyncio.sleep(0.02)
            await sender("early", 0)
            monkeypatch.setattr(whole_requests, "SLOW_AFTER_SECONDS", 0.0)
            await sender("quick", 0)
            async with asyncio.timeout(20):
                while ("slow", 408) not in answered:
                    await asyncio.sleep(0)
            await asyncio.sleep(0.02)  # in which no other is sent away
            for one in slow:
                one.cancel()

    asyncio.run(all_at_once())
    assert answered[0] == ("early", 503)
    assert sorted(answered[1:]) == [("quick", 200), ("slow", 408)]


def test_two_gigabytes_for_a_conversation_are_refused_by_what_is_announced() -> None:
    for size in (2 * 1024**3, 300_000_000):
        for path in ("/uploads", "/uploads/abc", "/appointment/uploads/abc"):
            sent, given = ask([None], [(b"content-length", b"%d" % size)], path=path)
            assert (sent[0]["status"], given) == (413, {})
