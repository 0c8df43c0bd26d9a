"""A practice with everything real around it: server, mail server, text message gateway; and pages of browsers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, Page, ViewportSize

from tests.e2e.gateway import SmsInbox, sms_gateway
from tests.e2e.letters import letter_to
from tests.e2e.line import Line
from tests.e2e.people import Consumer, page_of
from tests.e2e.wire import Wire
from tests.integrations.mailbox import Mailbox, smtp_server
from tests.servers import RunningServer, running_server

DESKTOP: ViewportSize = {"width": 1280, "height": 720}
PHONE: ViewportSize = {"width": 390, "height": 844}
MONDAY = datetime(2030, 1, 14, 8, tzinfo=UTC)  # nine in the morning where the practice is
LONDON = "Europe/London"


@dataclass
class Around:
    """A server and what stands around it. `line` is the only way from the browsers to the server, whose data is in
    `folder`.
    """

    server: RunningServer
    line: Line
    mail: Mailbox
    texts: SmsInbox
    folder: Path

    @property
    def origin(self) -> str:
        return self.line.origin

    def set_clock(self, now: datetime) -> None:
        self.server.move_clock(set=now.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def letter(self, to: str, subject: str) -> Any:
        """Wait for a letter."""
        return letter_to(self.mail.received, to, subject)


@contextmanager
def surroundings(folder: Path, **settings: str) -> Iterator[Around]:
    """Start the product without a demonstration: mail and text messages leave for real gateways.

    `settings` are more of the environment's, without their prefix.
    """
    with ExitStack() as stack:
        mail, texts, line = stack.enter_context(smtp_server()), stack.enter_context(sms_gateway()), Line()
        stack.callback(line.close)
        env = {
            "VESTIBULE_PUBLIC_URL": line.origin,
            "VESTIBULE_EMAIL_URL": mail.url,
            "VESTIBULE_SMS_URL": texts.url,
            "VESTIBULE_EMAIL_FROM": "appointments@practice.example",
            **{f"VESTIBULE_{name}": text for name, text in settings.items()},
        }
        server = stack.enter_context(running_server(folder, demo=False, env=env))
        line.server_port = server.port
        yield Around(server, line, mail, texts, folder)


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
    try:
        yield page_of(context)
    finally:
        context.close()
