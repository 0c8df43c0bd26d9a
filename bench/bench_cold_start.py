"""How long from the command to the first answer, on a folder that is filled already."""

import json
import statistics
import tempfile
import time
from pathlib import Path

from bench import Row
from bench.processes import cpu_seconds
from tests.servers import running_server

STARTS = 5


def run() -> list[Row]:
    """Fill a folder with the demonstration, then start the server on it several times."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        data = Path(folder)
        first, _cpu = _start(data)
        assert json.loads((data / "demo.json").read_text())["appointments"]
        starts = [_start(data) for _ in range(STARTS)]
    ready = statistics.median(seconds for seconds, _cpu in starts)
    cpu = statistics.median(cpu for _seconds, cpu in starts)
    return [
        Row("ready, filled folder", ready, "s", 3.0, note=f"median of {STARTS}"),
        Row("CPU of it", cpu, "s", note="what is left is waiting for other processes of the machine"),
        Row("ready, empty folder", first, "s", note="the demonstration is made first"),
    ]


def _start(data: Path) -> tuple[float, float]:
    """Return wall and CPU seconds until the server says that it is ready."""
    began = time.perf_counter()
    with running_server(data) as server:
        return time.perf_counter() - began, cpu_seconds(server.process.pid)
