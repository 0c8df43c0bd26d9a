"""Connections over real sockets: little said, too much said, and an ordinary request beside them."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from tests.servers import free_port
from vestibule.web import connections

PATIENCE = 20.0
"""Seconds; most of it passes only where nobody hangs up."""


async def answering(scope: Any, receive: Any, send: Any) -> None:
    while scope["method"] == "POST" and (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Of a server that is in no hurry: what is said at once is heard in time by a busy machine, too."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 3.0)
    with serving() as number:
        yield number


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Of a server that waits for no head."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    with serving() as number:
        yield number


@contextmanager
def serving() -> Iterator[int]:
    number = free_port()
    config = uvicorn.Config(
        answering, port=number, http=connections.BoundedHttp, lifespan="off", log_level="error", timeout_keep_alive=60
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.01)
    yield number
    server.should_exit = True
    thread.join(PATIENCE)


def said_to(port: int, *parts: bytes) -> bytes:
    """Return everything the server says until it closes; raises TimeoutError if it does not."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        heard = b""
        try:
            for part in parts:
                client.sendall(part)
            while more := client.recv(4096):
                heard += more
        except ConnectionError:
            pass
        return heard


def test_an_ordinary_request_is_answered(port: int) -> None:
    assert b"ok" in said_to(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")


def test_a_connection_stays_for_the_next_request(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        for _again in range(2):
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            heard = b""
            while not heard.endswith(b"\r\n\r\nok"):
                more = client.recv(4096)
                assert more, "hung up"
                heard += more
            time.sleep(3.5)  # longer than a head may take, shorter than a connection is kept


@pytest.mark.parametrize("beginning", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "])
def test_a_request_that_never_gets_to_its_point_is_hung_up_on(hurried: int, beginning: bytes) -> None:
    assert said_to(hurried, beginning) == b""


def test_a_head_without_end_is_refused(port: int) -> None:
    answer = said_to(port, b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", *[b"a" * 32_768] * 8)
    assert b"ok" not in answer


def test_trailers_without_end_are_cut_off(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    assert b"ok" not in said_to(port, head, *[b"X-T: " + b"a" * 65_536 + b"\r\n"] * 48)


def test_a_file_of_ten_megabytes_comes_whole(port: int) -> None:
    size = 11 * 1024 * 1024
    head = f"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode()
    assert b"ok" in said_to(port, head, b"a" * size)


def test_a_body_beyond_what_any_door_takes_is_cut_off(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108864\r\n\r\n"
    assert b"ok" not in said_to(port, head, *[b"a" * 1_048_576] * 64)
