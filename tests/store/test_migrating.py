"""Several processes may start at once on an empty PostgreSQL: one brings it up to date, the others wait for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import _environment

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_processes_that_start_at_once_all_find_a_database_that_is_up_to_date(postgres_url: str, tmp_path: Path) -> None:
    env = _environment(tmp_path, {"VESTIBULE_DATABASE_URL": postgres_url})
    words = [sys.executable, "-m", "vestibule", "migrate"]
    started = [
        subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert sum("No migrations to apply" in words for words in said) == 2
