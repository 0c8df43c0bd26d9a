"""Gateways go out to the open internet only, and never wait for longer than they may."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from tests.integrations.mailbox import closed_port
from tests.integrations.outside import Outside, outside
from vestibule.integrations.guarded import PrivateHosts
from vestibule.integrations.outward import LARGEST, NotAllowed, Unanswered, Web, addresses, wait_of

HERE = PrivateHosts(("127.0.0.1",))


@pytest.fixture(scope="module")
def away() -> Iterator[Outside]:
    with outside() as state:
        yield state


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "fd00::7",
        "::ffff:127.0.0.1",
        "0.0.0.0",
    ],
)
def test_a_name_that_leads_into_the_own_network_is_not_followed(address: str) -> None:
    with pytest.raises(NotAllowed, match="network of this server"):
        addresses("gateway.example", 443, PrivateHosts(), lambda host, port: [address])


def test_one_forbidden_address_among_good_ones_is_enough_to_refuse() -> None:
    with pytest.raises(NotAllowed):
        addresses("gateway.example", 443, PrivateHosts(), lambda host, port: ["8.8.8.8", "10.0.0.7"])


def test_the_operator_may_vouch_for_a_host_or_a_network() -> None:
    for allowed in ("gateway.example", "10.0.0.0/8"):
        assert addresses("gateway.example", 443, PrivateHosts((allowed,)), lambda host, port: ["10.0.0.7"])


def test_the_address_that_was_checked_is_the_one_connected_to(away: Outside) -> None:
    asked: list[str] = []

    def changes(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["10.255.255.1"]

    with pytest.raises(Unanswered, match="network of this server"):
        Web(PrivateHosts(), seconds=20, resolver=changes).ask("GET", f"http://gateway.example:{away.port}/a.ics")
    assert asked == ["gateway.example"]


def test_a_redirect_is_an_answer_and_not_followed(away: Outside) -> None:
    url = away.gives(b"", "/moved", status=302, Location=away.url("/a.ics"))
    away.gives(b"secret")
    assert Web(HERE).ask("GET", url).status == 302


def test_nobody_listening_says_that_nothing_was_done() -> None:
    with pytest.raises(Unanswered) as failed:
        Web(HERE).ask("POST", f"http://127.0.0.1:{closed_port()}/", json={})
    assert not failed.value.maybe_done


def test_a_name_nobody_knows_is_said_in_words_and_not_in_those_of_the_system() -> None:
    def look_up_in_vain(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("") from socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Unanswered, match="no server is known by this name"):
        Web(None, transport=httpx.MockTransport(look_up_in_vain)).ask("GET", "https://gateway.example/")


def test_an_answer_that_drips_is_given_up_in_time_and_may_have_been_done(away: Outside) -> None:
    stop = threading.Event()

    def drips(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        while not stop.wait(0.05):
            request.wfile.write(b"x")
            request.wfile.flush()

    away.answers["/drips"] = drips
    began = time.monotonic()
    try:
        with pytest.raises(Unanswered) as failed:
            Web(HERE, seconds=3).ask("GET", away.url("/drips"))
    finally:
        stop.set()
    assert failed.value.maybe_done
    assert time.monotonic() - began < 20, "whole it takes fifty seconds"


def test_an_endless_answer_is_not_read_to_its_end(away: Outside) -> None:
    with pytest.raises(Unanswered):
        Web(HERE).ask("GET", away.gives(b"x" * (LARGEST + 1), "/big"))


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("99999999999999999999", timedelta(hours=1)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_how_long_a_gateway_asks_to_wait(text: str, wait: timedelta | None) -> None:
    assert wait_of({"Retry-After": text}) == wait


def test_a_packed_answer_is_not_unpacked(away: Outside) -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    url = away.gives(bomb, "/bomb", Content_Encoding="gzip")
    assert Web(HERE).ask("GET", url).body == bomb
    assert away.asked[-1][1]["Accept-Encoding"] == "identity"
