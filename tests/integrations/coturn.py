"""A coturn of the test's own, configured as it is shipped."""

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.turn import PROGRAM
from tests.servers import free_port, listens
from vestibule.meetings.ports import IceServer
from vestibule.meetings.turn import ice_servers

SHIPPED = Path(__file__).parents[2] / "deploy" / "coturn" / "turnserver.conf"


TEST_NET = "198.51.100.9"


needs_coturn = pytest.mark.skipif(PROGRAM is None, reason="coturn is not installed (apt-get install coturn)")


@dataclass(frozen=True)
class Relay:
    """A running coturn and the secret it shares."""

    port: int
    secret: str

    def server(self, secret: str = "", port: int = 0) -> IceServer:
        urls = tuple(f"turn:127.0.0.1:{port or self.port}?transport={one}" for one in ("udp", "tcp"))
        return ice_servers(urls, secret or self.secret, "ada", datetime.now(UTC))[0][0]


def as_shipped(folder: Path, port: int, secret: str) -> str:
    """The shipped configuration with its blanks filled in; left out is only what needs certificates."""
    text = SHIPPED.read_text("utf-8").replace("LONG_RANDOM_SECRET", secret).replace("HOST_NAME", "vestibule.test")
    text = text.replace("allowed-peer-ip=PUBLIC_ADDRESS", f"allowed-peer-ip={TEST_NET}")
    kept = [line for line in text.splitlines() if not re.match(r"(cert|pkey|external-ip|tls-listening-port)=", line)]
    own = f"listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nno-tls\nno-dtls\nuserdb={folder}/db\npidfile={folder}/pid\n"
    return "\n".join(kept).replace("listening-port=3478", f"listening-port={port}") + "\n" + own


@contextmanager
def coturn(folder: Path) -> Iterator[Relay]:
    assert PROGRAM is not None
    relay = Relay(free_port(), secrets.token_hex(16))
    (folder / "turn.conf").write_text(as_shipped(folder, relay.port, relay.secret))
    with (folder / "turn.log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "-c", str(folder / "turn.conf")], stdout=log, stderr=log)
        try:
            assert listens(relay.port, process), (folder / "turn.log").read_text(errors="replace")[-2000:]
            yield relay
        finally:
            process.terminate()
            process.wait(10)
