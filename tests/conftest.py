"""What every test may use. Each run has a database file of its own, so that runs side by side do not meet."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps a loop in the main thread

import pytest

from tests.chromium import chromium, page
from tests.failures import pytest_configure, pytest_runtest_makereport, pytest_runtest_setup
from tests.postgres import _migrated, _postgres_server, each_database, migrated_url, postgres_url
from tests.servers import empty_database
from vestibule.people import rates
from vestibule.store import clock

END_TO_END = Path(__file__).parent / "e2e"
# Of these, what measures nothing but where a test says so: a busy machine only makes it slower.
BEARS_COMPANY = {
    "test_beside_the_call.py",
    "test_booking.py",
    "test_builder.py",
    "test_builder_story.py",
    "test_call_devices.py",
    "test_call_page.py",
    "test_call_views.py",
    "test_chat_composite.py",
    "test_conversation.py",
    "test_device_check.py",
    "test_embed.py",
    "test_intruders.py",
    "test_keyboard.py",
    "test_online_meeting.py",
    "test_story.py",
    "test_survey.py",
    "test_wrong_moments.py",
}
# Seconds that the longest files take on a machine of two processors: they begin first, so that none is left at the end.
SECONDS = {
    "tests/test_on_postgres.py": 240,
    "tests/e2e/test_story.py": 110,
    "tests/web/manager/test_in_the_browser.py": 100,
    "tests/test_cli.py": 80,
    "tests/booking/test_race.py": 60,
    "tests/web/test_industry_pages.py": 60,
    "tests/e2e/test_builder_story.py": 60,
    "tests/e2e/test_embed.py": 55,
    "tests/web/manager/test_bad_input.py": 45,
    "tests/security/test_texts_in_the_browser.py": 40,
    "tests/web/live/test_waiting_area.py": 40,
    "tests/e2e/test_conversation.py": 40,
    "tests/e2e/test_wrong_moments.py": 40,
    "tests/e2e/test_builder.py": 35,
    "tests/web/live/test_bad_input.py": 30,
    "tests/web/live/test_moving.py": 25,
    "tests/web/live/test_recovery.py": 25,
    "tests/web/account/test_in_the_browser.py": 30,
    "tests/web/provider/test_desk_in_the_browser.py": 30,
    "tests/web/provider/test_desk_push_in_the_browser.py": 30,
    "tests/web/manager/test_brand_in_the_browser.py": 30,
    "tests/e2e/test_booking.py": 30,
    "tests/e2e/test_call_devices.py": 30,
    "tests/e2e/test_call_page.py": 30,
    "tests/e2e/test_call_views.py": 30,
    "tests/e2e/test_device_check.py": 30,
    "tests/e2e/test_keyboard.py": 30,
    "tests/e2e/test_online_meeting.py": 30,
    "tests/web/manager/test_preview_is_the_page.py": 30,
    "tests/e2e/test_survey.py": 25,
    "tests/api/acs/test_javascript_chat.py": 25,
    "tests/e2e/test_chat_composite.py": 20,
    "tests/web/test_components.py": 20,
    "tests/e2e/test_beside_the_call.py": 20,
    "tests/e2e/test_intruders.py": 20,
    "tests/integrations/test_smtp_refusals.py": 20,
}
MOST_IN_A_NAME = 40

__all__ = [
    "_migrated",
    "_postgres_server",
    "chromium",
    "each_database",
    "migrated_url",
    "page",
    "postgres_url",
    "pytest_configure",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name long texts and files by their argument: what is signed or zipped holds the second it was made in, and
    workers must agree on what tests are."""
    return argname if isinstance(val, str | bytes) and len(val) > MOST_IN_A_NAME else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests want the machine to themselves, and put what drives a browser last.

    Files stay whole where several workers share them out: first the longest and the slow, so that none is left when the
    others are done, then the rest; and the same again of those that drive a browser, if only in part.
    """
    plain, browsing, slow = set[Path](), set[Path](), set[Path]()
    for item in items:
        if END_TO_END in item.path.parents and item.path.name not in BEARS_COMPANY:
            item.add_marker("alone")
        (browsing if _browses(item) else plain).add(item.path)
        if item.get_closest_marker("slow"):
            slow.add(item.path)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: (item.path in browsing, -_seconds(item), item.path not in slow))
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


def _seconds(item: pytest.Item) -> int:
    return SECONDS.get(item.nodeid.partition("::")[0], 0)


def _browses(item: pytest.Item) -> bool:
    return "chromium" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """A database file is a copy of one that `vestibule migrate` made: making the tables takes ten seconds."""
    from django.db import connection

    return bool(connection.vendor == "sqlite")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    from django.db import connection

    if connection.vendor != "sqlite":
        connection.settings_dict["TEST"]["NAME"] = f"vestibule_test_{os.getpid()}"
        yield
        return
    with tempfile.TemporaryDirectory(prefix="vestibule-test-") as folder:
        name = shutil.copy(empty_database(), Path(folder) / "test.sqlite3")
        connection.settings_dict["TEST"]["NAME"] = str(name)
        yield
        connection.close()


@pytest.fixture(autouse=True)
def real_time_again() -> Iterator[None]:
    """No test leaves the product's clock moved, or its counts of who did something how often."""
    yield
    clock.reset()
    rates.forget_all()
    from vestibule.meetings import areas, lengths
    from vestibule.people import communication

    communication.forget()

    areas.forget()
    lengths.forget_all()
