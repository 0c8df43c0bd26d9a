"""A real LiveKit server of our own on the loopback, as `script/bootstrap --with-livekit` builds it."""

import json
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port
from vestibule.integrations.livekit.backend import LiveKit

_BESIDE_PYTHON = Path(sys.executable).parent / "livekit-server"
PROGRAM = shutil.which("livekit-server") or (str(_BESIDE_PYTHON) if _BESIDE_PYTHON.exists() else None)
WHY_NOT = "livekit-server is not installed: script/bootstrap --with-livekit builds it"
needs_livekit = pytest.mark.skipif(PROGRAM is None, reason=WHY_NOT)


@dataclass(frozen=True)
class RunningLiveKit:
    """Where it answers, and a key of it."""

    port: int
    key: str
    secret: str
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings that let the product use it."""
        return {
            "VESTIBULE_LIVEKIT_URL": self.url,
            "VESTIBULE_LIVEKIT_KEY": self.key,
            "VESTIBULE_LIVEKIT_SECRET": self.secret,
        }

    def backend(self, *, secret: str = "", records_to: str = "") -> LiveKit:
        return LiveKit(self.url, self.key, secret or self.secret, records_to=records_to)


@contextmanager
def livekit_server(
    folder: Path, *, hook: str = "", redis: str = "", like: RunningLiveKit | None = None
) -> Iterator[RunningLiveKit]:
    """Run one node. `hook` is an address it tells what happens; nodes with one `redis` (host:port) are one server.

    `like` is another node of that server: it has the same key.
    """
    assert PROGRAM is not None
    port, key, secret = free_port(), "key" + secrets.token_hex(4), secrets.token_hex(20)
    if like is not None:
        key, secret = like.key, like.secret
    file = folder / f"livekit-{port}.json"  # JSON is YAML
    file.write_text(json.dumps(_configuration(port, key, secret, hook, redis)))
    with (folder / f"livekit-{port}.log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "--config", str(file), "--node-ip", "127.0.0.1"], stdout=log, stderr=log)
        try:
            _wait(process, port, folder / f"livekit-{port}.log")
            yield RunningLiveKit(port, key, secret, process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # it waits for people to leave
                process.kill()
                process.wait(10)


def _configuration(port: int, key: str, secret: str, hook: str, redis: str) -> dict[str, object]:
    wanted: dict[str, object] = {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "rtc": {
            "udp_port": free_port(),
            "tcp_port": free_port(),
            "use_external_ip": False,
            "enable_loopback_candidate": True,
            "ips": {"includes": ["127.0.0.1/32"]},
        },
        "room": {"auto_create": False},
        "keys": {key: secret},
        "logging": {"level": "info"},
    }
    if hook:
        wanted["webhook"] = {"api_key": key, "urls": [hook]}
    if redis:
        wanted["redis"] = {"address": redis}
    return wanted


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/", timeout=10).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"livekit-server did not become ready:\n{log.read_text(errors='replace')[-3000:]}")
