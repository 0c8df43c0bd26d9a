"""What other packages do on the same work: fetched from their registries into a cache, run in processes of their own.

Nothing here is a dependency of the project. Where a registry cannot be reached the comparison says so and is left out.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from bench.scheduling_work import CLOSES, LENGTH, ZONE, Work, busy, busy_minutes, opens

HERE = Path(__file__).parent
DJANGO_APPOINTMENT = "django-appointment==3.12.0"
CALCOM = "@calcom/platform-libraries@0.0.360"
DAYJS = "dayjs@1.11.13"
PATIENCE = 300


class NotToBeHad(Exception):
    """A rival that cannot be run here; its text says why."""


@dataclass(frozen=True)
class Answered:
    """CPU seconds, and starts as UTC minutes: of each provider, or of all together."""

    cpu_seconds: float
    starts: Any


def folder() -> Path:
    """Where packages are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "vestibule-bench"


def task(work: Work) -> dict[str, Any]:
    """The work as JSON."""
    return {
        "zone": ZONE,
        "first": work.first.isoformat(),
        "days": work.days,
        "since": work.since.astimezone(UTC).isoformat(),
        "until": work.until.astimezone(UTC).isoformat(),
        "length": LENGTH,
        "closes": CLOSES,
        "people": [
            {
                "opens": opens(number),
                "busy": [(day.isoformat(), start, end) for day, start, end in busy(number)],
                "busy_minutes": busy_minutes(number),
            }
            for number in range(work.providers)
        ],
    }


@cache
def django_appointment(work: Work) -> Answered:
    """Each provider's starts by django-appointment's own slot function. Raises NotToBeHad."""
    home = folder() / DJANGO_APPOINTMENT.replace("==", "-")
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", DJANGO_APPOINTMENT])
        (home / "ready").touch()
    with tempfile.TemporaryDirectory() as place:
        given = task(work) | {"file": str(Path(place) / "db.sqlite3")}
        return _answered([str(python), str(HERE / "django_appointment_slots.py")], given)


@cache
def calcom(work: Work) -> Answered:
    """All starts by the slot functions that @calcom/platform-libraries publishes. Raises NotToBeHad."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotToBeHad("node and npm are not installed")
    home = folder() / "calcom-0.0.360"
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        _unpack(npm, CALCOM, home / "package")
        _unpack(npm, DAYJS, home / "node_modules" / "dayjs")
        (home / "ready").touch()
    return _answered([node, str(HERE / "calcom_slots.mjs"), str(home / "package")], task(work))


def _unpack(npm: str, package: str, into: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        _run([npm, "pack", "--loglevel", "error", package, "--pack-destination", place])
        with tarfile.open(next(Path(place).glob("*.tgz"))) as archive:
            archive.extractall(place, filter="data")
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(Path(place) / "package"), into)


def _answered(command: Sequence[str], given: dict[str, Any]) -> Answered:
    said = _run(command, json.dumps(given))
    return Answered(**json.loads(said.splitlines()[-1]))  # a package may log before it


def _run(command: Sequence[str], text: str = "") -> str:
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("VESTIBULE_", "DJANGO_"))}
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=PATIENCE, check=False, env=settings
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NotToBeHad(str(problem)) from problem
    if done.returncode:
        sys.stderr.write(done.stderr[-2000:])
        raise NotToBeHad(f"{Path(command[0]).name} failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return done.stdout
