"""1,000 browsers in 40 chats of Communication Services: messages told to each of them while others are written.

The server is the real application in a process of its own; the browsers are in another one, over loopback. They speak
the library's protocol: each event is confirmed, and asked about with a ping.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import Row
from bench.live_server import serving

PEOPLE = 1000
IN_A_CHAT = 25
DELIVERED_PER_SECOND = 1000
SECONDS = 10
HERE = Path(__file__).parent


def run() -> list[Row]:
    """Measure once; takes about a minute."""
    with (
        tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder,
        serving("bench.realtime_server", Path(folder), PEOPLE) as (port, pid),
    ):
        words = [sys.executable, "-m", "bench.realtime_people", folder, str(port), str(pid)]
        words += [str(number) for number in (IN_A_CHAT, DELIVERED_PER_SECOND, SECONDS)]
        outcome = subprocess.run(words, cwd=HERE.parent, capture_output=True, text=True, timeout=300, check=False)
    if outcome.returncode != 0:
        raise RuntimeError(f"the browsers did not finish:\n{outcome.stderr[-3000:]}")
    found = json.loads(outcome.stdout)
    load = f"{PEOPLE} sockets, {found['written_per_second']:.0f} messages/s written by REST"
    return [
        Row("messages delivered", found["delivered_per_second"], "messages/s", 950, more_is_better=True, note=load),
        Row("from writing to each reader, p95", found["p95_ms"], "ms", 250, note=f"p50 {found['p50_ms']:.1f} ms"),
        Row("messages lost", found["lost"], "messages", 0),
        Row("server CPU per delivered message", found["cpu_ms"], "ms", note="writing, telling, being confirmed"),
        Row("server CPU in all", found["cpu_percent"], "%", note="of one core"),
        Row("all connected", found["connected_s"], "s", note="place, ticket and socket of each"),
        Row("memory per idle socket", found["kib_per_socket"], "KiB", note="resident, server process"),
    ]
