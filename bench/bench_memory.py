"""How much memory the one process takes: web, sockets and worker on the embedded database."""

import json
import tempfile
import time
from pathlib import Path

import httpx

from bench import Row
from bench.processes import proportional_bytes
from tests.servers import RunningServer, running_server

SETTLE_SECONDS = 3
MEGABYTE = 1024 * 1024


def run() -> list[Row]:
    """Start on a filled folder; measure at rest, then after pages and slots were asked for."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        data = Path(folder)
        with running_server(data):
            pass
        with running_server(data) as server:
            time.sleep(SETTLE_SECONDS)
            idle = proportional_bytes(server.process.pid)
            _use(server, data)
            time.sleep(SETTLE_SECONDS)
            used = proportional_bytes(server.process.pid)
    return [
        Row("idle, after start", idle / MEGABYTE, "MB", 120.0, note="proportional set size"),
        Row("idle, after 200 requests", used / MEGABYTE, "MB", 120.0),
    ]


def _use(server: RunningServer, data: Path) -> None:
    visit = json.loads((data / "demo.json").read_text())["appointments"][0]["consumer_url"]
    pages = ("/", "/book/lakeside-clinic", "/book/lakeside-clinic/first-visit", "/signin", visit)
    with httpx.Client(base_url=server.origin, follow_redirects=True, timeout=30) as client:
        for number in range(200):
            client.get(pages[number % len(pages)]).raise_for_status()
