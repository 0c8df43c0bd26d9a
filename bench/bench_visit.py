"""Everything about a visit in one table: joining, recovery, sockets, and the waiting area."""

import importlib

from bench import Row

PARTS = ("first_frame", "recovery", "waiting", "sockets")


def run() -> list[Row]:
    """Measure each part after the other; takes about ten minutes."""
    return [row for part in PARTS for row in importlib.import_module(f"bench.bench_{part}").run()]
