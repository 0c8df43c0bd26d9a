"""What a server at rest has not loaded: whole vendors' doors and libraries that most installations never ask for."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import _environment, put_tables

REST = """
import asyncio
import sys

import django

django.setup()

from vestibule.store import migrating

migrating.bring_up_to_date()

from vestibule import housekeeping
from vestibule.asgi import application
from vestibule.booking.outside import worker as schedulers
from vestibule.calendars import worker as calendars
from vestibule.meetings import outside_keeping, outside_worker
from vestibule.notifications import gateways, worker
from vestibule.subscriptions import worker as subscriptions


async def started():
    told, asked = [], asyncio.Queue()

    async def send(message):
        told.append(message["type"])

    for step in ("startup", "shutdown"):
        asked.put_nowait({"type": f"lifespan.{step}"})
    await application({"type": "lifespan"}, asked.get, send)
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"], told


asyncio.run(started())
assert housekeeping.tick() and housekeeping.tidy()
assert not calendars.sync_due() + schedulers.keep_in_step() + outside_worker.bring_due() + outside_keeping.once()
assert not subscriptions.tell_due() + worker.send_due(gateways.configured())
print("LOADED", *sys.modules)
"""
UNNEEDED = (
    "vestibule.api.acs.doors",
    "vestibule.api.acs.rooms",
    "vestibule.api.acs.realtime.exchange",
    "vestibule.api.graph.doors",
    "vestibule.api.plain",
    "vestibule.booking.migrations.0001_initial",
    "vestibule.integrations",
    "cryptography.x509",
    "css_inline",
    "httpx",
    "icalendar",
    "jwt",
    "PIL",
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all modules of a process in which everything was started and has nothing to do."""
    data: Path = tmp_path_factory.mktemp("rest")
    put_tables(data)
    done = subprocess.run(
        [sys.executable, "-c", REST],
        env=_environment(data, {"DJANGO_SETTINGS_MODULE": "vestibule.settings"}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = next((line for line in done.stdout.splitlines() if line.startswith("LOADED ")), None)
    assert said is not None, done.stderr[-3000:]
    return set(said.split()[1:])


@pytest.mark.slow
@pytest.mark.parametrize("name", UNNEEDED)
def test_what_nobody_asked_for_is_not_loaded_at_rest(loaded: set[str], name: str) -> None:
    assert "vestibule.notifications.worker" in loaded
    assert name not in loaded
