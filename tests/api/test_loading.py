"""What a dialect needs is loaded once, whole, for everybody who comes meanwhile."""

import asyncio
import sys
from pathlib import Path

import pytest

from vestibule.api import loading


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that modules are found in, such as are named by one test alone."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(loading, "_loaded", {})
    return tmp_path


def test_whoever_comes_while_a_module_is_loaded_gets_it_whole(folder: Path) -> None:
    (folder / "slow_door.py").write_text("import time\ntime.sleep(0.3)\nwhole = True\n")

    async def all_at_once() -> list[bool]:
        doors = await asyncio.gather(*(loading.loaded("slow_door") for _one in range(8)))
        assert len({id(door) for door in doors}) == 1
        return [door.whole for door in doors]

    try:
        assert asyncio.run(all_at_once()) == [True] * 8
    finally:
        sys.modules.pop("slow_door", None)


def test_nobody_else_waits_while_a_module_is_loaded(folder: Path) -> None:
    (folder / "waiting_door.py").write_text("import threading\nthreading.Event().wait(0.3)\n")

    async def looked_at() -> bool:
        loading_it = asyncio.ensure_future(loading.loaded("waiting_door"))
        await asyncio.sleep(0)
        had_a_turn = not loading_it.done()
        await loading_it
        return had_a_turn

    try:
        assert asyncio.run(looked_at())
    finally:
        sys.modules.pop("waiting_door", None)


def test_what_could_not_be_loaded_is_tried_again(folder: Path) -> None:
    with pytest.raises(ModuleNotFoundError):
        asyncio.run(loading.loaded("later_door"))
    (folder / "later_door.py").write_text("whole = True\n")
    sys.path_importer_cache.pop(str(folder), None)
    try:
        assert asyncio.run(loading.loaded("later_door")).whole
    finally:
        sys.modules.pop("later_door", None)
