"""What benchmarks measure with can be made: as many past appointments as asked for, in the tables as they are today."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import DATABASE, ROOT, put_tables

COUNTED = """
SELECT count(*), count(DISTINCT appointment.consumer_id)
FROM booking_seat AS seat JOIN booking_appointment AS appointment ON seat.appointment_id = appointment.id
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "more", "consumers"),
    [("booking_fill", [], 4), ("scheduling_fill", ["--customers", "20", "--sizes", "1", "2"], 20)],
)
def test_past_appointments_are_made(name: str, more: list[str], consumers: int, tmp_path: Path) -> None:
    put_tables(tmp_path)
    words = [sys.executable, "-m", f"bench.{name}", "--past", "966", *more]
    subprocess.run(words, env=os.environ | {"VESTIBULE_DATA": str(tmp_path)}, cwd=ROOT, timeout=120, check=True)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        assert database.execute(COUNTED).fetchone() == (966, consumers)
