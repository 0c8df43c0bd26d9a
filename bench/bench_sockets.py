"""2,000 people in 1,000 calls: what a signalling message costs the server, and how long people wait for events.

The server is the real application in a process of its own; the people are in another one, over loopback.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import Row

PEOPLE = 2000
SECONDS = 10
SIGNALS_PER_SECOND = 1000
CHATS_PER_SECOND = 40
HERE = Path(__file__).parent


def run() -> list[Row]:
    """Measure once; takes about a minute."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder, _server(Path(folder)) as (port, pid):
        words = [sys.executable, "-m", "bench.sockets_people", folder, str(port), str(pid)]
        words += [str(number) for number in (PEOPLE, SECONDS, SIGNALS_PER_SECOND, CHATS_PER_SECOND)]
        outcome = subprocess.run(words, cwd=HERE.parent, capture_output=True, text=True, timeout=300, check=False)
    if outcome.returncode != 0:
        raise RuntimeError(f"the people did not finish:\n{outcome.stderr[-3000:]}")
    found = json.loads(outcome.stdout)
    load = f"{PEOPLE} sockets, {found['inbound_per_second']:.0f} messages/s in"
    return [
        Row("server CPU per inbound message", found["cpu_ms_per_message"], "ms", 0.15, note=load),
        Row(
            "signal to its receiver, p95",
            found["signal_p95_ms"],
            "ms",
            250,
            note=f"p50 {found['signal_p50_ms']:.1f} ms",
        ),
        Row("chat to its receiver, p95", found["chat_p95_ms"], "ms", 250, note="stored before it is shown"),
        Row(
            "delay of the measuring process itself, p95",
            found["own_delay_p95_ms"],
            "ms",
            note="how busy the machine is",
        ),
        Row("signals lost", found["lost"], "messages", 0),
        Row("all people connected and in their calls", found["joined_s"], "s", note="sign-in, seat and credentials"),
        Row("all sockets dropped at once: all back with state", found["all_back_s"], "s", 15),
        Row("of them with their session lost", found["sessions_lost"], "sessions", 0),
        Row("memory per socket", found["kib_per_socket"], "KiB", note="resident, server process"),
    ]


@contextmanager
def _server(folder: Path) -> Iterator[tuple[int, int]]:
    """Start the application with a meeting for each two people; yield its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
    environment = {**inherited, "VESTIBULE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "vestibule.settings"}
    words = [sys.executable, "-m", "bench.sockets_server", str(folder), str(port), str(PEOPLE)]
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
