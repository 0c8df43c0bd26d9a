"""What browsers get to connect to each other."""

import asyncio
import base64
import hashlib
import hmac
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_port, listens
from vestibule.meetings.p2p import PeerToPeer
from vestibule.meetings.ports import BackendError, JoinInfo
from vestibule.store import clock
from vestibule.store.configuration import load

SECRET = "north-star"


def joined(backend: PeerToPeer) -> JoinInfo:
    """What one participant is given."""

    async def ask() -> JoinInfo:
        room = await backend.ensure_room("meeting1", 1)
        return await backend.join_info(room, "ada", "Ada Ng")

    return asyncio.run(ask())


def with_turn(url: str = "turn:turn.example.org:3478") -> PeerToPeer:
    return PeerToPeer.configured(load({"VESTIBULE_TURN_URLS": url, "VESTIBULE_TURN_SECRET": SECRET}))


def test_without_a_turn_server_there_are_no_credentials() -> None:
    assert joined(PeerToPeer()).ice_servers == ()


def test_credentials_are_made_for_each_join_and_expire_in_ten_minutes() -> None:
    first, second = (joined(with_turn()).ice_servers[0] for _ in range(2))
    assert first.username != second.username
    expiry, _, who = first.username.partition(":")
    assert 590 <= int(expiry) - time.time() <= 601
    assert re.fullmatch(r"ada\.[0-9a-f]{8}", who)
    digest = hmac.new(SECRET.encode(), first.username.encode(), hashlib.sha1).digest()
    assert first.credential == base64.b64encode(digest).decode()


def test_credentials_follow_the_real_clock_even_when_a_test_moves_the_products() -> None:
    clock.advance(86_400)
    assert int(joined(with_turn()).ice_servers[0].username.partition(":")[0]) < time.time() + 700


def test_a_secret_never_shows_in_a_representation() -> None:
    info = joined(with_turn())
    assert info.ice_servers[0].credential not in repr(info)


def test_nobody_can_be_muted_from_outside() -> None:
    async def mute() -> None:
        backend = PeerToPeer()
        await backend.mute(await backend.ensure_room("meeting1", 1), "ada", "mic")

    with pytest.raises(BackendError):
        asyncio.run(mute())


@pytest.fixture
def turn_port(tmp_path: Path) -> Iterator[int]:
    """A real coturn on loopback."""
    program = shutil.which("turnserver")
    if program is None or shutil.which("turnutils_uclient") is None:
        pytest.skip("no coturn is installed")
    port = free_port()
    words = f"--listening-ip=127.0.0.1 --relay-ip=127.0.0.1 --listening-port={port} --use-auth-secret"
    words += f" --static-auth-secret={SECRET} --realm=vestibule.test --no-tls --no-dtls --no-cli --log-file=stdout"
    words += f" --allow-loopback-peers --userdb={tmp_path}/db --pidfile={tmp_path}/pid --simple-log"
    server = subprocess.Popen([program, "-n", *words.split()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert listens(port, server)
    yield port
    server.terminate()
    server.wait(10)


@pytest.mark.slow
def test_a_real_relay_takes_our_credentials_and_no_others(turn_port: int) -> None:
    server = joined(with_turn(f"turn:127.0.0.1:{turn_port}")).ice_servers[0]

    def allocates(password: str) -> bool:
        words = ["-u", server.username, "-w", password, "-y", "-n", "1", "-p", str(turn_port), "127.0.0.1"]
        outcome = subprocess.run(["turnutils_uclient", *words], capture_output=True, timeout=30, check=False)
        return outcome.returncode == 0

    assert allocates(server.credential)
    assert not allocates("wrong")
