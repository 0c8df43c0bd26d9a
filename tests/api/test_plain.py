"""Requests answered beside the pages, without a server: what is read of a request, and how a large answer goes out."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from vestibule.api import plain
from vestibule.api.plain import Allowed, Answer, Call, door


def failed(call: Call, status: int, words: str) -> Answer:
    return Answer(status, words.encode())


class Client:
    """Sends a request in parts, and keeps what it is answered; `read` counts the parts that were asked for."""

    def __init__(self, *parts: bytes, **headers: str) -> None:
        self.parts, self.read, self.sent = parts, 0, list[dict[str, Any]]()
        given = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        self.scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "query_string": b""}
        self.scope["headers"] = given

    async def receive(self) -> dict[str, Any]:
        self.read += 1
        return {"type": "http.request", "body": self.parts[self.read - 1], "more_body": self.read < len(self.parts)}

    async def send(self, message: Any) -> None:
        self.sent.append(dict(message))

    async def ask(self, application: Any) -> None:
        await application(self.scope, self.receive, self.send)

    @property
    def status(self) -> int:
        told: int = self.sent[0]["status"]
        return told


class Slow(Client):
    """Sends its first part, and the others once it may go on."""

    def __init__(self, may_go: asyncio.Event, *parts: bytes, **headers: str) -> None:
        super().__init__(*parts, **headers)
        self.may_go = may_go

    async def receive(self) -> dict[str, Any]:
        if self.read:
            await self.may_go.wait()
        return await super().receive()


def test_a_large_answer_goes_out_piece_by_piece() -> None:
    client = Client(b"")
    sent_before: list[int] = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"one", b"two"):
            sent_before.append(len(client.sent))
            yield piece

    application = door(lambda call: Answer(200, pieces=pieces(), size=6), failed)
    asyncio.run(client.ask(application))
    assert dict(client.sent[0]["headers"])[b"content-length"] == b"6"
    assert b"".join(one["body"] for one in client.sent[1:]) == b"onetwo"
    assert [one.get("more_body", False) for one in client.sent[1:]] == [True, True, False]
    assert sent_before == [1, 2], "no piece is held before the one before it has gone"


@pytest.mark.parametrize("headers", [{"content_length": str(plain.LARGEST + 1)}, {"transfer_encoding": "chunked"}])
def test_who_may_send_a_large_body_is_asked_before_it_is_read(headers: dict[str, str]) -> None:
    def larger(call: Call) -> Allowed | Answer:
        return Allowed(plain.LARGEST * 4) if call.headers.get("known") else Answer(401)

    application = door(lambda call: Answer(200, str(len(call.body)).encode()), failed, larger=larger)
    parts = (b"x" * plain.LARGEST, b"x", b"x")
    stranger, friend = Client(*parts, **headers), Client(*parts, known="yes", **headers)
    for one in (stranger, friend):
        asyncio.run(one.ask(application))
    assert (stranger.status, stranger.read < 3) == (401, True)
    assert dict(stranger.sent[0]["headers"])[b"connection"] == b"close"
    assert (friend.status, friend.sent[1]["body"]) == (200, str(plain.LARGEST + 2).encode())


def test_only_so_many_large_bodies_are_held_at_once() -> None:
    application = door(lambda call: Answer(200), failed, larger=lambda call: Allowed(plain.LARGEST * 4))

    async def work() -> None:
        may_go = asyncio.Event()
        announced = {"content_length": str(plain.LARGEST + 1)}
        slow = [Slow(may_go, b"x", b"x", **announced) for _ in range(plain.MOST_LARGE)]
        on_their_way = [asyncio.create_task(one.ask(application)) for one in slow]
        while not all(one.read for one in slow):
            await asyncio.sleep(0.001)
        late, small = Client(b"x", **announced), Client(b"x")
        for one in (late, small):
            await one.ask(application)
        assert (late.status, small.status) == (503, 200)
        may_go.set()
        await asyncio.gather(*on_their_way)
        assert [one.status for one in slow] == [200] * plain.MOST_LARGE

    asyncio.run(work())


def test_one_business_does_not_hold_all_places_for_large_bodies() -> None:
    def larger(call: Call) -> Allowed:
        return Allowed(plain.LARGEST * 4, int(call.headers["business"]))

    application = door(lambda call: Answer(200), failed, larger=larger)

    async def work() -> None:
        may_go = asyncio.Event()
        greedy = {"content-length": str(plain.LARGEST + 1), "business": "1"}
        slow = [Slow(may_go, b"x", b"x", **greedy) for _ in range(plain.LARGE_SHARE)]
        on_their_way = [asyncio.create_task(one.ask(application)) for one in slow]
        while not all(one.read for one in slow):
            await asyncio.sleep(0.001)
        late, other = Client(b"x", **greedy), Client(b"x", **{**greedy, "business": "2"})
        for one in (late, other):
            await one.ask(application)
        assert (late.status, other.status) == (503, 200)
        may_go.set()
        await asyncio.gather(*on_their_way)
        again = Client(b"x", **greedy)
        await again.ask(application)
        assert again.status == 200

    asyncio.run(work())


def test_what_is_deep_in_itself_is_refused_and_what_is_wide_is_not() -> None:
    def body(depth: int) -> Call:
        return Call("POST", "/", body=b'{"a":' * depth + b"1" + b"}" * depth)

    assert body(plain.DEEPEST).json()
    for depth in (plain.DEEPEST + 1, 1000):
        with pytest.raises(plain.Malformed):
            body(depth).json()
    assert len(Call("POST", "/", body=b"[" + b",".join([b"[]"] * 500) + b"]").json()) == 500
