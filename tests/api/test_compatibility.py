"""The table of what is compatible says what the tests show, and nothing else."""

import json
import subprocess
import sys
from typing import Any

import pytest

from script import compatible

OURS = ("Vestibule_", "Chat_GetRealTimeNotificationConfiguration")
"""How operations begin that no description has: ways of ours, and what a client asks that nobody describes."""


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    if not compatible.GRAPH.exists():
        pytest.skip("NOT CHECKED: the published descriptions are not here, from which the table is made")
    command = [sys.executable, str(compatible.ROOT / "script" / "compatible.py"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_the_page_is_what_the_tests_show(told: dict[str, Any]) -> None:
    assert compatible.PAGE.read_text("utf-8") == told["page"], "run script/compatibility"


def test_a_test_shows_only_what_a_door_answers(told: dict[str, Any]) -> None:
    here = {name for names in told["here"].values() for name in names}
    assert sorted({name for name in told["shown"] if not name.startswith(OURS)} - here) == []
    assert {client for clients in told["shown"].values() for client in clients} <= set(compatible.CLIENTS)


def test_every_operation_of_communication_services_is_shown_by_somebody(told: dict[str, Any]) -> None:
    done = {name for name, refused in told["here"]["acs"].items() if name and not refused and not name.startswith(OURS)}
    assert sorted(done - set(told["shown"])) == []
