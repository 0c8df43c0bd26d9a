"""Addresses that people type lead outside, and nowhere else."""

import gzip
import socket
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import httpcore
import httpx
import pytest

from tests.integrations.outside import Outside, outside
from tests.stopwatch import Stopwatch
from vestibule.calendars.ports import CalendarError, Trouble
from vestibule.integrations.guarded import LARGEST, Guarded, PrivateHosts, is_allowed, is_family

PATIENCE = 20.0
"""Seconds for an answer that comes at once, whatever else the machine does; where time is the question, others."""
INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "168.63.129.16",
    "::ffff:168.63.129.16",
    "64:ff9b::a83f:8110",
    "192.0.0.192",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2001::1",
    "::ffff:0:7f00:1",
    "::ffff:0:a9fe:a9fe",
    "100::1",
    "4000::1",
    "not an address",
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_of_the_own_network_is_allowed(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_allowed(address)


def refusal(url: str, resolves_to: list[str] | None = None, private: tuple[str, ...] = ()) -> CalendarError:
    http = Guarded(
        PrivateHosts(private),
        seconds=PATIENCE,
        resolver=(lambda host, port: resolves_to) if resolves_to is not None else None,
    )
    with pytest.raises(CalendarError) as refused:
        http.request("GET", url)
    return refused.value


@pytest.mark.parametrize("address", INSIDE[:-1])
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(address: str) -> None:
    assert refusal("https://calendar.example/a.ics", [address]).kind is Trouble.REFUSED


def test_one_address_inside_among_others_is_enough() -> None:
    assert refusal("https://calendar.example/a.ics", ["8.8.8.8", "127.0.0.1"]).kind is Trouble.REFUSED


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.ics",
        "http://2130706433/a.ics",
        "http://0x7f.1/a.ics",
        "http://127.1/a.ics",
        "http://[::1]/a.ics",
        "http://[::ffff:127.0.0.1]/a.ics",
        "http://localhost/a.ics",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_no_way_of_writing_this_machine_helps(url: str) -> None:
    assert refusal(url).kind in (Trouble.REFUSED, Trouble.UNREACHABLE)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://calendar.example/a.ics",
        "gopher://calendar.example/",
        "https://calendar.example:22/a.ics",
        "https://calendar.example:8443/a.ics",
        "https://user:secret@calendar.example/a.ics",
        "https:///a.ics",
        "calendar.example",
        "",
        "https://calendar.example:99999/",
    ],
)
def test_only_plain_web_addresses_are_followed(url: str) -> None:
    refused = refusal(url, ["8.8.8.8"])
    assert refused.kind is Trouble.REFUSED
    assert refused.permanent
    assert "secret" not in str(refused)


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as state:
        yield state


def test_a_redirect_inside_is_refused_like_any_address(world: Outside) -> None:
    for target in ("http://localhost:1/", "http://127.0.0.1/", "http://[::1]/", "file:///etc/passwd", "//10.0.0.1/"):
        url = world.gives(b"", status=302, Location=target)
        assert refusal(url, private=(world.host,)).kind is Trouble.REFUSED


def test_what_is_stored_is_not_handed_on_to_another_server(world: Outside) -> None:
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if host == "127.0.0.1" else []

    url = world.gives(b"", status=307, Location="https://evil.example/a.ics")
    http = Guarded(PrivateHosts((world.host,)), seconds=PATIENCE, resolver=look_up)
    with pytest.raises(CalendarError) as refused:
        http.request("PUT", url, content=b"BEGIN:VCALENDAR")
    assert (refused.value.kind, set(asked)) == (Trouble.REFUSED, {"127.0.0.1"})


def test_redirects_come_to_an_end(world: Outside) -> None:
    url = world.gives(b"", status=302, Location="/a.ics")
    assert refusal(url, private=(world.host,)).kind is Trouble.REFUSED
    assert len(world.asked) == 6


def test_what_was_checked_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time is not asked a second time."""
    asked: list[str] = []
    connected: list[str] = []

    def answers(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(self: object, host: str, *rest: object, **more: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(CalendarError):
        Guarded(seconds=PATIENCE, resolver=answers).request("GET", "http://calendar.example/a.ics")
    assert (asked, connected) == (["calendar.example"], ["8.8.8.8"])


def test_a_host_the_operator_vouches_for_may_be_inside(world: Outside) -> None:
    url = world.gives(b"hello")
    assert Guarded(PrivateHosts((world.host,)), seconds=PATIENCE).request("GET", url).body == b"hello"
    assert refusal(url, private=("127.0.0.1:1",)).kind is Trouble.REFUSED


def test_no_more_than_ten_megabytes_are_taken_however_long_it_goes_on(world: Outside) -> None:
    sent = 0

    def endless(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        # What is on its way and not yet read counts as sent: here it is little.
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        request.send_response(200)
        request.send_header("Content-Length", str(50 * 1024 * 1024))
        request.end_headers()
        for _ in range(800):
            request.wfile.write(b"x" * 65536)
            sent += 65536

    world.answers["/a.ics"] = endless
    assert refusal(world.url(), private=(world.host,)).kind is Trouble.TOO_BIG
    assert sent < LARGEST + 8 * 1024 * 1024


def test_packed_text_counts_as_what_it_unpacks_to(world: Outside) -> None:
    bomb = gzip.compress(b"\0" * (200 * 1024 * 1024))
    began = time.process_time()
    url = world.gives(bomb, Content_Encoding="gzip")
    assert refusal(url, private=(world.host,)).kind is Trouble.TOO_BIG
    assert time.process_time() - began < 2
    twice = world.gives(gzip.compress(bomb), Content_Encoding="gzip, gzip")
    assert refusal(twice, private=(world.host,)).kind is Trouble.MALFORMED
    broken = world.gives(zlib.compress(b"hello"), Content_Encoding="gzip")
    assert refusal(broken, private=(world.host,)).kind is Trouble.MALFORMED


@pytest.mark.parametrize("in_head", [True, False])
@pytest.mark.alone
def test_saying_little_for_long_does_not_hold_us(world: Outside, in_head: bool) -> None:
    def slow(request: BaseHTTPRequestHandler) -> None:
        if not in_head:
            request.send_response(200)
            request.send_header("Content-Length", "1000000")
            request.end_headers()
        for _ in range(100):
            request.wfile.write(b"X")
            request.wfile.flush()
            time.sleep(0.05)

    world.answers["/a.ics"] = slow
    http = Guarded(PrivateHosts((world.host,)), seconds=0.5)
    with Stopwatch() as watch, pytest.raises(CalendarError) as refused:
        http.request("GET", world.url())
    assert refused.value.kind is Trouble.UNREACHABLE
    assert watch.ran < 2


@pytest.mark.alone
def test_a_name_server_that_never_answers_does_not_hold_us() -> None:
    def silent(host: str, port: int) -> list[str]:
        time.sleep(3)
        return []

    with Stopwatch() as watch, pytest.raises(CalendarError):
        Guarded(seconds=0.3, resolver=silent).request("GET", "https://calendar.example/")
    assert watch.ran < 2


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("https://caldav.icloud.example/", "https://caldav.icloud.example/x", True),
        ("https://caldav.icloud.example/", "https://p01-caldav.icloud.example/", True),
        ("https://caldav.icloud.example/", "http://caldav.icloud.example/", False),
        ("https://caldav.icloud.example/", "https://evil.example/", False),
        ("https://cloud.example/", "https://evil.example/", False),
        ("https://cloud.co.uk/", "https://evil.co.uk/", False),
        ("https://cloud.co.uk/", "https://cloud.co.uk/x", True),
        ("https://caldav.gmx.de/", "https://p01.gmx.de/", True),
        ("https://caldav.icloud.example/", "https://evilicloud.example/", False),
        ("http://10.0.0.1:5232/", "https://10.0.0.2/", False),
    ],
)
def test_credentials_stay_in_the_family(one: str, other: str, may: bool) -> None:
    assert is_family(httpx.URL(one), httpx.URL(other)) is may
