"""2,000 people in 1,000 calls: what a signalling message costs the server, and how long people wait for events.

The server is the real application in a process of its own; the people are in another one, over loopback.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import Row
from bench.live_server import serving

PEOPLE = 2000
SECONDS = 10
SIGNALS_PER_SECOND = 1000
CHATS_PER_SECOND = 40
HERE = Path(__file__).parent


def run() -> list[Row]:
    """Measure once; takes about a minute."""
    with (
        tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder,
        serving("bench.sockets_server", Path(folder), PEOPLE) as (port, pid),
    ):
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
