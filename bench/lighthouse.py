"""Lighthouse, as its own page in `bench/lighthouse/`: 200 packages of npm that nothing but its benchmark fetches."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chromium import executable

FOLDER = Path(__file__).parent / "lighthouse"
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
TRIES = 3
"""On a machine with much else to do Chromium's record of a page may be incomplete."""
CATEGORIES = ("performance", "accessibility", "best-practices")


@dataclass(frozen=True)
class Report:
    """What Lighthouse says of a page: points of a hundred by category, and which audits lost some."""

    points: dict[str, float]
    lost: dict[str, list[str]]


def fetch() -> None:
    """Install what the lock file names, if it is not there. Raises CalledProcessError, and RuntimeError without npm."""
    lock = (FOLDER / "package-lock.json").read_bytes()
    stamp = FOLDER / "node_modules" / ".stamp"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is not installed: Lighthouse cannot be fetched")
    subprocess.run([npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=FOLDER, check=True)
    stamp.write_bytes(lock)


def look_at(address: str) -> Report:
    """Return the report on a page as a middling telephone would load it, over a slow line (Lighthouse's own preset).

    Raises RuntimeError where Lighthouse or Chromium could not run.
    """
    words = [
        str(FOLDER / "node_modules" / ".bin" / "lighthouse"),
        address,
        "--quiet",
        "--output=json",
        "--output-path=stdout",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={FLAGS}",
        "--no-enable-error-reporting",
    ]
    settings = {**os.environ, "CHROME_PATH": executable() or ""}
    for _turn in range(TRIES):
        done = subprocess.run(words, env=settings, capture_output=True, text=True, timeout=300, check=False)
        if not done.returncode:
            return _report(json.loads(done.stdout))
    raise RuntimeError(f"Lighthouse failed:\n{done.stderr[-2000:]}")


def _report(told: dict[str, Any]) -> Report:
    points, lost = {}, {}
    for name in CATEGORIES:
        category = told["categories"][name]
        points[name] = (category["score"] or 0) * 100
        audits = [one["id"] for one in category["auditRefs"] if one["weight"]]
        lost[name] = [one for one in audits if (told["audits"][one]["score"] or 0) < 1 and _counts(told["audits"][one])]
    return Report(points, lost)


def _counts(audit: dict[str, Any]) -> bool:
    return audit["scoreDisplayMode"] in ("binary", "numeric", "metricSavings")
