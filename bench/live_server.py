"""The real application in a process of its own, with a database that a benchmark's module has filled."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent


@contextmanager
def serving(module: str, folder: Path, people: int) -> Iterator[tuple[int, int]]:
    """Run `module`, which seeds for so many people and serves; yield its port and process id, and end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
    environment = {**inherited, "VESTIBULE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "vestibule.settings"}
    words = [sys.executable, "-m", module, str(folder), str(port), str(people)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(words, cwd=HERE.parent, env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 120
        while not (folder / "ready").exists():
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not start:\n{(folder / 'server.log').read_text()[-3000:]}")
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)
