"""500 people wait in one business: how soon staff see who checks in, and what each change costs the server.

The server is the real application in a process of its own, the people and three desks are in another one. With
VESTIBULE_BENCH_QUICK=1 only 60 people wait.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import Row
from bench.live_server import serving

HERE = Path(__file__).parent
QUICK = os.environ.get("VESTIBULE_BENCH_QUICK") == "1"
PEOPLE = 60 if QUICK else 500
CHECK_INS_PER_SECOND = 5
CHANGES = 20 if QUICK else 60


def run() -> list[Row]:
    """Measure once; takes about two minutes, a quarter of that in quick mode."""
    with (
        tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder,
        serving("bench.waiting_server", Path(folder), PEOPLE) as (port, pid),
    ):
        words = [sys.executable, "-m", "bench.waiting_people", folder, str(port), str(pid)]
        words += [str(CHECK_INS_PER_SECOND), str(CHANGES)]
        outcome = subprocess.run(words, cwd=HERE.parent, capture_output=True, text=True, timeout=400, check=False)
    if outcome.returncode != 0:
        raise RuntimeError(f"the people did not finish:\n{outcome.stderr[-3000:]}")
    found = json.loads(outcome.stdout)
    many = f"{PEOPLE} waiting, 3 desks, {CHECK_INS_PER_SECOND}/s"
    return [
        Row("check-in to desk, p95", found["check_in_p95"], "ms", 300, note=f"p50 {found['check_in_p50']:.0f}; {many}"),
        Row("check-in to the own place in the queue, p95", found["placed_p95"], "ms", 1000),
        Row("server CPU per check-in", 1000 * found["cpu_per_check_in"], "ms", 100, note="connection and pings too"),
        Row("sent to a desk per check-in", found["bytes_per_check_in"] / 1024, "KiB", 8),
        Row("opening the desk with everybody waiting", found["day_ms"], "ms", 1500),
        Row("the whole day in one frame", found["day_bytes"] / 1024, "KiB", 1024),
        Row("admit to another desk, p95", found["admit_p95"], "ms", 300),
        Row("server CPU per admission", 1000 * found["cpu_per_admit"], "ms", 100, note="those behind move up"),
        Row("sent to a desk per admission", found["bytes_per_admit"] / 1024, "KiB", 8),
        Row("server CPU while nothing happens", 100 * found["idle_cpu"], "% of a core", 40, note="a ping each second"),
    ]
