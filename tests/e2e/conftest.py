"""A practice with everything real around it: server, mail server, text message gateway, and a browser for each side."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Error, Page, ViewportSize

from tests.e2e.gateway import SmsInbox, sms_gateway
from tests.e2e.letters import letter_to
from tests.e2e.line import Line
from tests.e2e.people import Consumer, Manager, Provider, page_of
from tests.e2e.practice import found_practice
from tests.e2e.proof_media import BLUE, RED, person_with
from tests.e2e.wire import Wire
from tests.integrations.mailbox import Mailbox, smtp_server
from tests.servers import RunningServer, running_server

DESKTOP: ViewportSize = {"width": 1280, "height": 720}
PHONE: ViewportSize = {"width": 390, "height": 844}
MONDAY = datetime(2030, 1, 14, 8, tzinfo=UTC)  # nine in the morning where the practice is
LONDON = "Europe/London"
BUILT = Path(__file__).parents[2] / "src" / "vestibule" / "web" / "static" / "manifest.json"


@dataclass
class Around:
    """A server and what stands around it. `line` is the only way from the browsers to the server."""

    server: RunningServer
    line: Line
    mail: Mailbox
    texts: SmsInbox

    @property
    def origin(self) -> str:
        return self.line.origin

    def set_clock(self, now: datetime) -> None:
        self.server.move_clock(set=now.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def letter(self, to: str, subject: str) -> Any:
        """Wait for a letter."""
        return letter_to(self.mail.received, to, subject)


@contextmanager
def surroundings(folder: Path) -> Iterator[Around]:
    """Start the product without a demonstration: mail and text messages leave for real gateways."""
    with ExitStack() as stack:
        mail, texts, line = stack.enter_context(smtp_server()), stack.enter_context(sms_gateway()), Line()
        stack.callback(line.close)
        env = {
            "VESTIBULE_PUBLIC_URL": line.origin,
            "VESTIBULE_EMAIL_URL": mail.url,
            "VESTIBULE_SMS_URL": texts.url,
            "VESTIBULE_EMAIL_FROM": "appointments@practice.example",
        }
        server = stack.enter_context(running_server(folder, demo=False, env=env))
        line.server_port = server.port
        yield Around(server, line, mail, texts)


@dataclass
class Practice:
    """A practice that is set up, and its people; each test lives in a week of its own."""

    around: Around
    accounts: dict[str, Any]
    monday: datetime = MONDAY

    @property
    def slug(self) -> str:
        return str(self.accounts["slug"])

    def begin_week(self) -> None:
        """Go on to the next Monday morning."""
        self.monday += timedelta(days=7)
        self.around.set_clock(self.monday)

    def at(self, hour: int, minute: int = 0, *, days: int = 0) -> datetime:
        """A moment of this week by the clock on the practice's wall (winter time, one hour ahead of UTC)."""
        return self.monday.replace(hour=0) + timedelta(days=days, hours=hour - 1, minutes=minute)

    def clock_is(self, hour: int, minute: int = 0, *, days: int = 0) -> None:
        self.around.set_clock(self.at(hour, minute, days=days))


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


class NewConsumer(Protocol):
    """Somebody who lives in London, and was never here, comes to a server."""

    def __call__(
        self, around: Around, name: str = "Cleo Baumann", viewport: ViewportSize = DESKTOP, wire: Wire | None = None
    ) -> Consumer: ...


@contextmanager
def at_browser(
    browser: Browser, viewport: ViewportSize, zone: str = "Europe/Zurich", wire: Wire | None = None
) -> Iterator[Page]:
    """A page of somebody with a camera and a microphone.

    A consumer with a phone's viewport has a phone, staff a narrow window: telephones share no screens.
    """
    is_phone = viewport == PHONE and zone == LONDON
    context = browser.new_context(
        permissions=["camera", "microphone"],
        locale="en-GB",
        timezone_id=zone,
        viewport=viewport,
        is_mobile=is_phone,
        has_touch=is_phone,
    )
    if wire is not None:
        wire.attach(context)
    yield page_of(context)
    context.close()


@pytest.fixture
def new_consumer(blue: Browser) -> Iterator[NewConsumer]:
    """Lets consumers come; each has an address of their own."""
    numbers = count(1)
    with ExitStack() as stack:

        def come(
            around: Around, name: str = "Cleo Baumann", viewport: ViewportSize = DESKTOP, wire: Wire | None = None
        ) -> Consumer:
            page = stack.enter_context(at_browser(blue, viewport, LONDON, wire))
            email = f"{name.split(maxsplit=1)[0].lower()}-{len(around.mail.received)}-{next(numbers)}@example.org"
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
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep a picture of every page of a test that failed, and say where."""
    report: Any = yield
    if report.when == "call" and report.failed:
        browsers = [item.funcargs[name] for name in ("red", "blue") if name in item.funcargs]
        pages = [page for browser in browsers for context in browser.contexts for page in context.pages]
        folder = item.config.rootpath / ".pytest_cache" / "pages"
        for number, page in enumerate(pages):
            path = folder / f"{item.name}-{number}.png"
            with suppress(Error):
                page.screenshot(path=path, timeout=5000)
                report.sections.append((f"page {number}", f"{page.title()} at {page.url}: {path}"))
        around = getattr(item.funcargs.get("founded"), "around", item.funcargs.get("town"))
        if around is not None:
            log = (around.server.data / "server.log").read_text("utf-8", errors="replace")
            report.sections.append(("server", log[-4000:]))
    return report
