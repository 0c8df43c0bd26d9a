"""A business comes from a file once, however many processes of a cluster begin with it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import _environment


@pytest.mark.postgres
@pytest.mark.slow
def test_processes_that_start_at_once_make_one_business(postgres_url: str, tmp_path: Path) -> None:
    env = _environment(tmp_path, {"VESTIBULE_DATABASE_URL": postgres_url})
    file = tmp_path / "experience.json"
    file.write_text(json.dumps({"format": 1, "business": {"name": "Harbour Therapy", "timezone": "Europe/Berlin"}}))
    words = [sys.executable, "-m", "vestibule", "import", "harbour", str(file), "--create"]
    started = [
        subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)
    ]
    said = [process.communicate(timeout=240)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert sum("Published version 1 of harbour" in words for words in said) == 1
    assert sum("is here already" in words for words in said) == 2
