"""What can carry a call, for the conformance suite: each is something a page is told when it takes its seat.

A new backend is one more context manager in `CARRIERS`; every test that takes the `carrier` fixture then runs on it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import livekit
from tests.e2e import turn

Json = dict[str, Any]
FORCE_RELAY = """
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(config) { super({...config, iceTransportPolicy: 'relay'}); }
  setConfiguration(config) { super.setConfiguration({...config, iceTransportPolicy: 'relay'}); }
};
"""


def _peer_to_peer(_participant: Json) -> Json:
    return {"kind": "p2p", "room": "mtg_1", "epoch": 1}


@dataclass(frozen=True)
class Carrier:
    """One way of carrying calls, ready to be used."""

    name: str
    backend: Callable[[Json], Json] = _peer_to_peer
    """What `joined` says of it to a participant {`id`, `name`, `role`}."""
    ice: Callable[[], list[Json]] = field(default=list)
    script: str = ""
    """Runs in each page before anything else."""
    origins: str = ""
    """Where pages must be allowed to connect beside the site itself, as the product's content policy says."""
    between_browsers: bool = True
    """Media goes from browser to browser, encrypted end to end: pages show the six digits."""
    remove: Callable[[str], None] = lambda _participant: None
    """Called when staff take a participant out, as the product does on the media server."""


@contextmanager
def direct(_folder: Path) -> Iterator[Carrier]:
    """Browser to browser."""
    yield Carrier("p2p")


@contextmanager
def relayed(folder: Path) -> Iterator[Carrier]:
    """Browser to browser through coturn, and no other way."""
    if turn.PROGRAM is None:
        pytest.skip(turn.WHY_NOT)
    with turn.turn_server(folder) as server:
        yield Carrier("p2p-relay", ice=server.servers, script=FORCE_RELAY)


@contextmanager
def over_livekit(folder: Path) -> Iterator[Carrier]:
    """A real LiveKit server, with the tokens our adapter makes."""
    if livekit.PROGRAM is None:
        pytest.skip(livekit.WHY_NOT)
    with livekit.livekit_server(folder) as server, ready_at(server) as carrier:
        yield carrier


@contextmanager
def ready_at(server: livekit.RunningLiveKit, *, door: str = "", **more: Any) -> Iterator[Carrier]:
    """A room of `server` to which browsers come by the address `door`, such as a line's; `more` is of the carrier."""
    with ThreadPoolExecutor(1) as beside:

        def ask(work: Coroutine[Any, Any, Any]) -> Any:
            return beside.submit(asyncio.run, work).result(20)

        backend, url = server.backend(), door or server.url
        room = ask(backend.ensure_room("mtg_1", 1))

        def told(participant: Json) -> Json:
            info: Json = ask(backend.join_info(room, participant["id"], participant["name"])).as_json()
            return {**info, "url": url}

        yield Carrier(
            "livekit",
            backend=told,
            origins=f"{url} {url.replace('ws', 'http', 1)}",
            between_browsers=False,
            remove=lambda participant: ask(backend.remove(room, participant)),
            **more,
        )


CARRIERS: dict[str, Callable[[Path], AbstractContextManager[Carrier]]] = {
    "p2p": direct,
    "p2p-relay": relayed,
    "livekit": over_livekit,
}
