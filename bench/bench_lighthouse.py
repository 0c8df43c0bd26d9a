"""What Lighthouse says of the pages consumers meet first, on a middling telephone over a slow line."""

import json
import statistics
import tempfile
from pathlib import Path

from bench import Row, lighthouse
from bench.lighthouse import Report
from tests.servers import running_server

TURNS = 3
BARS = {"accessibility": 100.0, "best-practices": 100.0}


def run() -> list[Row]:
    """Look at each page three times: what else the machine does changes the figures of speed, never the others."""
    lighthouse.fetch()
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder, running_server(Path(folder)) as server:
        visit = json.loads((Path(folder) / "demo.json").read_text())["appointments"][0]["consumer_url"]
        pages = {"/book": f"{server.origin}/book/lakeside-clinic", "/visit": visit}
        return [row for name, address in pages.items() for row in _rows(name, address)]


def _rows(name: str, address: str) -> list[Row]:
    reports = [lighthouse.look_at(address) for _turn in range(TURNS)]
    speeds = [report.points["performance"] for report in reports]
    return [
        Row(f"{name}: performance, best of {TURNS}", max(speeds), "", 95.0, more_is_better=True),
        Row("  median", statistics.median(speeds), "", note=_lost(reports, "performance")),
        *(
            Row(f"{name}: {what}", min(one.points[what] for one in reports), "", bar, True, _lost(reports, what))
            for what, bar in BARS.items()
        ),
    ]


def _lost(reports: list[Report], category: str) -> str:
    """Return by what points were lost in any turn."""
    return ", ".join(sorted({audit for report in reports for audit in report.lost[category]}))
