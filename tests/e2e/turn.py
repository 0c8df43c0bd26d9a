"""A real TURN server of our own, entered with the credentials the product makes for each join."""

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.servers import free_port, listens
from vestibule.meetings.turn import ice_servers

PROGRAM = shutil.which("turnserver")
WHY_NOT = "coturn is not installed (apt-get install coturn)"
CONFIGURATION = """
listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port={port}
min-port=20000
max-port=29999
use-auth-secret
static-auth-secret={secret}
realm=vestibule.test
fingerprint
no-tls
no-dtls
no-cli
no-multicast-peers
allow-loopback-peers
stale-nonce=600
user-quota=0
total-quota=0
userdb={folder}/turndb
pidfile={folder}/turn.pid
log-file=stdout
simple-log
"""


@dataclass(frozen=True)
class TurnServer:
    """A running coturn."""

    port: int
    secret: str

    def servers(self, *, port: int | None = None, age: timedelta = timedelta(0)) -> list[dict[str, Any]]:
        """What a browser needs to use it. `age` makes credentials of that long ago: they last ten minutes.

        `port` is another door to the same server, such as a proxy's.
        """
        address = f"turn:127.0.0.1:{port or self.port}?transport=udp"
        servers, _expires_at = ice_servers((address,), self.secret, "par_ada", datetime.now(UTC) - age)
        return [{"urls": [*one.urls], "username": one.username, "credential": one.credential} for one in servers]


@contextmanager
def turn_server(folder: Path) -> Iterator[TurnServer]:
    """Run coturn on the loopback."""
    assert PROGRAM is not None
    port, secret = free_port(), secrets.token_hex(16)
    (folder / "turn.conf").write_text(CONFIGURATION.format(port=port, secret=secret, folder=folder))
    log = (folder / "turn.log").open("wb")
    process = subprocess.Popen([PROGRAM, "-c", str(folder / "turn.conf")], stdout=log, stderr=log)
    try:
        assert listens(port, process), (folder / "turn.log").read_text(errors="replace")[-2000:]
        yield TurnServer(port, secret)
    finally:
        process.terminate()
        process.wait(10)
        log.close()
