"""What every test may use. Each run has a database file of its own, so that runs side by side do not meet."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps a loop in the main thread

import pytest

from tests.chromium import chromium, page
from tests.postgres import _migrated, _postgres_server, each_database, postgres_url
from vestibule.people import rates
from vestibule.store import clock

END_TO_END = Path(__file__).parent / "e2e"
# Of these, what holds no call or measures nothing in it: a busy machine only makes it slower.
BEARS_COMPANY = {
    "test_booking.py",
    "test_builder.py",
    "test_conversation.py",
    "test_device_check.py",
    "test_intruders.py",
    "test_keyboard.py",
    "test_wrong_moments.py",
}
MOST_BYTES_IN_A_NAME = 40

__all__ = ["_migrated", "_postgres_server", "chromium", "each_database", "page", "postgres_url"]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name files by their argument: a zip holds the second it was made in, and workers must agree on what tests are."""
    return argname if isinstance(val, bytes) and len(val) > MOST_BYTES_IN_A_NAME else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests want the machine to themselves, and put what drives a browser last.

    Files stay whole where several workers share them out: first slow ones, so that none is left when the others are
    done, then plain ones, then those that are only partly of a browser.
    """
    plain, browsing, slow = set[Path](), set[Path](), set[Path]()
    for item in items:
        if END_TO_END in item.path.parents and item.path.name not in BEARS_COMPANY:
            item.add_marker("alone")
        (browsing if _browses(item) else plain).add(item.path)
        if item.get_closest_marker("slow"):
            slow.add(item.path)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: (item.path in browsing, item.path not in plain, item.path not in slow))
    items.sort(key=_browses)


@pytest.fixture(autouse=True)
def _no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let tests call `asyncio.run` also once a browser was driven in this process: its loop seems to run for ever."""
    if "chromium" in request.fixturenames:
        yield
        return
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


def _browses(item: pytest.Item) -> bool:
    return "chromium" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    from django.db import connection

    if connection.vendor != "sqlite":
        connection.settings_dict["TEST"]["NAME"] = f"vestibule_test_{os.getpid()}"
        yield
        return
    with tempfile.TemporaryDirectory(prefix="vestibule-test-") as folder:
        connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "test.sqlite3")
        yield


@pytest.fixture(autouse=True)
def real_time_again() -> Iterator[None]:
    """No test leaves the product's clock moved, or its counts of who did something how often."""
    yield
    clock.reset()
    rates.forget_all()
    from vestibule.meetings import areas, lengths

    areas.forget()
    lengths.forget_all()
