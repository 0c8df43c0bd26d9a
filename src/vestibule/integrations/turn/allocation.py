"""The health of a TURN relay, found by asking it for a real allocation (RFC 8656), as a browser would."""

import asyncio
import time
from dataclasses import dataclass

from aioice import stun
from aioice.turn import create_turn_endpoint

from vestibule.meetings.ports import IceServer, RelayAnswer

LIMIT_SECONDS = 5.0
PORTS = {"turn": 3478, "turns": 5349}
LIFETIME_SECONDS = 60


@dataclass(frozen=True)
class _Door:
    host: str
    port: int
    transport: str
    secure: bool


class AllocationProbe:
    """Allocates, notes how long that took, and gives the allocation back."""

    async def ask(self, server: IceServer) -> list[RelayAnswer]:
        return list(await asyncio.gather(*(self._ask(url, server) for url in server.urls)))

    async def _ask(self, url: str, server: IceServer) -> RelayAnswer:
        try:
            door = read(url)
        except ValueError:
            return RelayAnswer(url, ok=False, words="this is no address of a TURN relay")
        began = time.monotonic()
        try:
            await asyncio.wait_for(_allocate(door, server), LIMIT_SECONDS)
        except TimeoutError:
            return RelayAnswer(url, ok=False, words=f"no answer within {LIMIT_SECONDS:.0f} seconds")
        except (stun.TransactionError, OSError) as failure:
            return RelayAnswer(url, ok=False, words=_words(failure))
        return RelayAnswer(url, ok=True, milliseconds=round((time.monotonic() - began) * 1000))


def read(url: str) -> _Door:
    """Return where a `turn:` or `turns:` address leads (RFC 7065). Raises ValueError for anything else."""
    scheme, _colon, rest = url.partition(":")
    place, _mark, query = rest.partition("?")
    if scheme not in PORTS or not place:
        raise ValueError(url)
    transport = query.removeprefix("transport=") or ("tcp" if scheme == "turns" else "udp")
    host, port = _host_and_port(place, PORTS[scheme])
    if transport not in ("udp", "tcp") or not host:
        raise ValueError(url)
    return _Door(host, port, transport, scheme == "turns")


def _host_and_port(place: str, default: int) -> tuple[str, int]:
    if place.startswith("["):
        host, _bracket, port = place[1:].partition("]")
        return host, int(port.removeprefix(":") or default)
    host, _colon, port = place.partition(":")
    return host, int(port or default)


class _Leaving(asyncio.DatagramProtocol):
    """Knows when the allocation has been given back."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        self.left.set()


async def _allocate(door: _Door, server: IceServer) -> None:
    transport, allocation = await create_turn_endpoint(
        _Leaving,
        server_addr=(door.host, door.port),
        username=server.username,
        password=server.credential,
        lifetime=LIFETIME_SECONDS,
        ssl=door.secure or None,
        transport=door.transport,
    )
    transport.close()
    await allocation.left.wait()


def _words(failure: Exception) -> str:
    if isinstance(failure, stun.TransactionFailed):
        code, reason = failure.response.attributes.get("ERROR-CODE", (0, ""))
        meaning = {
            401: "the secret shared with it is not the one it has",
            486: "its quota is used up",
            508: "it has no free ports",
        }
        return meaning.get(code, f"refused: {code} {reason}".strip())
    if isinstance(failure, stun.TransactionTimeout):
        return "no answer"
    return f"cannot be reached: {type(failure).__name__}"
