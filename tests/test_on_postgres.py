"""The tests of rooms that lean on the database hold on PostgreSQL too: they are run once more, on a real server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = [
    "tests/booking",
    "tests/people",
    "tests/notifications",
    "tests/api",
    "tests/calendars/test_sync.py",
    "tests/subscriptions/test_worker.py",
]
WITHOUT_TABLES = "tests/api/test_compatibility.py"
"""What it collects and reads is the same on every database, and takes seven seconds."""
NOT_TWICE = "not slow and not postgres and not browser and not crash"


@pytest.mark.postgres
@pytest.mark.slow
def test_the_rooms_with_tables_hold_on_postgresql(postgres_url: str) -> None:
    chosen = ["-m", NOT_TWICE, "-k", "not sqlite"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen, *ROOMS]
    command += ["--ignore", WITHOUT_TABLES]
    settings = {**os.environ, "VESTIBULE_DATABASE_URL": postgres_url}
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
