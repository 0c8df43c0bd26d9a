"""Who and what the end-to-end tests are about. One server and two browsers serve them all; each test has its week."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, ViewportSize

from tests.e2e.people import Consumer, Manager, Provider
from tests.e2e.practice import found_practice
from tests.e2e.proof_media import BLUE, RED, person_with
from tests.e2e.relay import Relay
from tests.e2e.surroundings import DESKTOP, LONDON, Around, NewConsumer, Practice, at_browser, surroundings
from tests.e2e.wire import Wire

BUILT = Path(__file__).parents[2] / "src" / "vestibule" / "web" / "static" / "manifest.json"
_numbers = count(1)


@pytest.fixture(scope="session")
def media() -> None:
    """What proof by picture and sound needs."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg, which makes the proof media, is not installed")
    if not BUILT.exists():
        pytest.skip("the front end is not built: script/bootstrap")


@pytest.fixture(scope="session")
def red(media: None, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser of somebody whose camera shows red."""
    with person_with(RED, tmp_path_factory.mktemp("red"), chromium.browser_type) as browser:
        yield browser


@pytest.fixture(scope="session")
def blue(media: None, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser of somebody whose camera shows blue."""
    with person_with(BLUE, tmp_path_factory.mktemp("blue"), chromium.browser_type) as browser:
        yield browser


@pytest.fixture(scope="module")
def browsers(red: Browser, blue: Browser) -> tuple[Browser, Browser]:
    """Of the provider and the consumer of a call."""
    return red, blue


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    """The small server of the visit protocol, for calls without the product around them."""
    running = Relay()
    yield running
    running.close()


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    running = Wire()
    yield running
    running.close()


@pytest.fixture(scope="session")
def founded(media: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    folder = tmp_path_factory.mktemp("practice")
    accounts = found_practice(folder)
    with surroundings(folder) as around:
        yield Practice(around, accounts)


@pytest.fixture
def practice(founded: Practice) -> Practice:
    """The practice on the Monday morning of a fresh week."""
    founded.begin_week()
    return founded


@pytest.fixture
def new_consumer(blue: Browser) -> Iterator[NewConsumer]:
    """Lets consumers come; each has an address of their own, so that no late letter of before is taken for theirs."""
    with ExitStack() as stack:

        def come(
            around: Around, name: str = "Cleo Baumann", viewport: ViewportSize = DESKTOP, wire: Wire | None = None
        ) -> Consumer:
            page = stack.enter_context(at_browser(blue, viewport, LONDON, wire))
            email = f"{name.split(maxsplit=1)[0].lower()}-{next(_numbers)}@example.org"
            return Consumer(page, around.origin, BLUE, name=name, email=email)

        yield come


@pytest.fixture
def provider(practice: Practice, red: Browser) -> Iterator[Provider]:
    """The practice's provider, signed in, at the desk."""
    account, origin = practice.accounts["provider"], practice.around.origin
    with at_browser(red, DESKTOP) as page:
        person = Provider(page, origin, RED, email=account["email"], password=account["password"])
        person.signs_in("/desk")
        yield person


@pytest.fixture
def manager(practice: Practice, red: Browser) -> Iterator[Manager]:
    """The practice's manager, signed in."""
    account, origin = practice.accounts["manager"], practice.around.origin
    with at_browser(red, DESKTOP) as page:
        person = Manager(page, origin, RED, email=account["email"], password=account["password"])
        person.signs_in("/manage")
        yield person


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function, call: pytest.CallInfo[None]) -> Any:
    """Keep a picture of every page of a test that failed, and say where."""
    report: Any = yield
    if report.when == "call" and report.failed:
        given: dict[str, Any] = item.funcargs
        browsers: list[Browser] = [given[name] for name in ("red", "blue") if name in given]
        pages = [page for browser in browsers for context in browser.contexts for page in context.pages]
        folder = item.config.rootpath / ".pytest_cache" / "pages"
        for number, page in enumerate(pages):
            path = folder / f"{item.name}-{number}.png"
            with suppress(Error):
                page.screenshot(path=path, timeout=5000)
                report.sections.append((f"page {number}", f"{page.title()} at {page.url}: {path}"))
        around: Around | None = given["founded"].around if "founded" in given else given.get("town")
        if around is not None:
            log = (around.server.data / "server.log").read_text("utf-8", errors="replace")
            report.sections.append(("server", log[-4000:]))
    return report
