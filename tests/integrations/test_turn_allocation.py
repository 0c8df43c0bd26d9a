"""The relay's health by a real allocation, and what the shipped configuration of coturn refuses, on the real coturn."""

import asyncio
from collections.abc import Iterator

import pytest
from aioice import stun
from aioice.turn import TurnClientUdpProtocol

from tests.integrations.coturn import TEST_NET, Relay, coturn, needs_coturn
from tests.servers import free_port
from vestibule.integrations.turn import allocation
from vestibule.integrations.turn.allocation import AllocationProbe, read
from vestibule.meetings.ports import IceServer, RelayAnswer

INSIDE = ["127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"]

PATIENT = 60.0


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with coturn(tmp_path_factory.mktemp("coturn")) as running:
        yield running


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a relay may take is not what is looked at."""
    monkeypatch.setattr(allocation, "LIMIT_SECONDS", PATIENT)


def asked(server: IceServer) -> list[RelayAnswer]:
    return asyncio.run(AllocationProbe().ask(server))


async def answer_about(peer: str, relay: Relay) -> str:
    """Ask an allocation to send to a peer: the error the relay answers with, or nothing where it binds a channel."""
    server, here = relay.server(), ("127.0.0.1", relay.port)
    _transport, client = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: TurnClientUdpProtocol(here, server.username, server.credential, 60, 60), remote_addr=here
    )
    await client.connect()
    try:
        await client.send_data(b"hello", (peer, 80))
    except stun.TransactionFailed as refused:
        return str(refused.response.error_code)
    finally:
        await client.delete()
    return ""


async def knock(relay: Relay, peers: list[str]) -> dict[str, str]:
    """Ask about each of `peers`, and return the answers."""
    return {peer: await answer_about(peer, relay) for peer in peers}


@needs_coturn
def test_a_relay_that_works_gives_an_allocation_over_udp_and_tcp(relay: Relay, patient: None) -> None:
    answers = asked(relay.server())
    assert [answer.ok for answer in answers] == [True, True]
    assert all(answer.milliseconds is not None and answer.milliseconds < 5000 for answer in answers)


@needs_coturn
def test_a_wrong_secret_is_told_apart_from_silence(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as longer:
        longer.setattr(allocation, "LIMIT_SECONDS", PATIENT)
        wrong = asked(relay.server(secret="another secret"))
    assert {answer.words for answer in wrong} == {"the secret shared with it is not the one it has"}
    silent = asked(relay.server(port=free_port()))
    assert not any(answer.ok for answer in silent)
    assert all("reached" in answer.words or "no answer" in answer.words for answer in silent)


@needs_coturn
def test_a_probe_gives_its_allocations_back(relay: Relay, patient: None) -> None:
    """The quota of one user is twelve: without giving back, the seventh probe of one user would fail."""
    server = relay.server()
    assert all(answer.ok for _ in range(10) for answer in asked(server))


@needs_coturn
def test_the_shipped_configuration_relays_nothing_into_the_own_network(relay: Relay) -> None:
    answers = asyncio.run(knock(relay, [*INSIDE, TEST_NET]))
    assert answers == {**dict.fromkeys(INSIDE, "403"), TEST_NET: ""}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("turn:turn.example.org", ("turn.example.org", 3478, "udp", False)),
        ("turn:turn.example.org:80?transport=tcp", ("turn.example.org", 80, "tcp", False)),
        ("turns:turn.example.org:443", ("turn.example.org", 443, "tcp", True)),
        ("turn:[2001:db8::1]:3479", ("2001:db8::1", 3479, "udp", False)),
    ],
)
def test_addresses_are_read_as_rfc_7065_says(url: str, expected: tuple[str, int, str, bool]) -> None:
    door = read(url)
    assert (door.host, door.port, door.transport, door.secure) == expected


@pytest.mark.parametrize("url", ["stun:host", "https://host", "turn:", "turn:host?transport=sctp", "turn:host:port"])
def test_what_is_no_relay_address_is_said_to_be_none(url: str) -> None:
    answer = asked(IceServer((url,), "user", "word"))[0]
    assert (answer.ok, answer.words) == (False, "this is no address of a TURN relay")
