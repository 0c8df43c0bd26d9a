"""A build keeps for a day what an earlier one made, counted from when it was replaced: open pages still ask for it."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node")
DAYS = 24 * 3600


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_what_a_build_replaces_is_kept_for_a_day_however_old_it_is(tmp_path: Path) -> None:
    built = settings.STATIC_FOLDER
    if not (built / ".made.json").exists():
        pytest.skip("the front end is not built: script/bootstrap")
    for one in built.iterdir():
        if one.is_file():
            shutil.copy2(one, tmp_path / one.name)
    made = json.loads((built / ".made.json").read_text())
    files = ("replaced-1.js", "replaced-1.js.br", "forgotten-1.js", "recent-1.js")
    for name in files:
        (tmp_path / name).write_text("// of an earlier build")
    for name, age in zip(files, (30, 30, 30, 0.5), strict=True):
        os.utime(tmp_path / name, (time.time() - age * DAYS,) * 2)
    (tmp_path / ".made.json").write_text(json.dumps([*made, "replaced-1.js"]))

    for _turn in range(2):  # built again at once, as by somebody who saves twice
        environment = {**os.environ, "VESTIBULE_STATIC_FOLDER": str(tmp_path)}
        subprocess.run([str(NODE), "frontend/build.mjs"], cwd=ROOT, env=environment, check=True, capture_output=True)

    assert [name for name in files if (tmp_path / name).exists()] == [
        "replaced-1.js",
        "replaced-1.js.br",
        "recent-1.js",
    ]
    assert "replaced-1.js" not in json.loads((tmp_path / ".made.json").read_text())
