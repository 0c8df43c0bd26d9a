"""The page of Bookings in ours, in a real browser: Microsoft hears of nobody who has not pressed the button."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.accessible import look_at
from tests.servers import RunningServer, running_server

pytestmark = pytest.mark.browser

BUSINESS = """
import django; django.setup()
from tests.booking.factories import make_service
from tests.factories import make_business
from vestibule.booking.models import SchedulerLink
from vestibule.people.models import BusinessWays
business = make_business(slug="lakeside-clinic")
make_service(business=business)
BusinessWays.objects.create(business=business, scheduler="bookings", page="bookings_embedded")
SchedulerLink.objects.create(
    business=business, external_id="c@clinic.example", page_url="https://outlook.office365.com/book/clinic/"
)
"""
MOVED = "https://outlook.office.com/book/clinic/"
THEIRS = "<!doctype html><html lang=en><title>Theirs</title><main><h1>Their calendar</h1></main></html>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without demonstration, with a business that lets people book on the page of Bookings."""
    with running_server(tmp_path_factory.mktemp("outside"), demo=False) as running:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "vestibule.settings",
            "VESTIBULE_DATA": str(running.data),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        subprocess.run([sys.executable, "-c", BUSINESS], env=environment, check=True, cwd=Path(__file__).parents[3])
        yield running


@pytest.fixture
def page(chromium: Browser, server: RunningServer) -> Iterator[Page]:
    """A person on a phone."""
    context = chromium.new_context(base_url=server.origin, viewport={"width": 390, "height": 844}, locale="en-GB")
    yield context.new_page()
    context.close()


def test_nothing_is_asked_of_microsoft_before_the_button_and_their_page_is_shown_after_it(page: Page) -> None:
    asked: list[str] = []

    def answers(route: Route) -> None:
        url = route.request.url
        asked.append(url)
        if url == MOVED:
            route.fulfill(body=THEIRS, content_type="text/html")
        else:  # as one of Microsoft's hosts sends on to another
            route.fulfill(body=f'<meta http-equiv="refresh" content="0;url={MOVED}">', content_type="text/html")

    page.route(lambda url: "office" in (urlsplit(url).hostname or ""), answers)
    page.goto("/book/lakeside-clinic")
    load = page.get_by_role("button", name="Load the calendar")
    expect(load).to_be_visible()
    look_at(page, "asked first")
    assert asked == []
    load.click()
    frame = page.frame_locator("iframe[title='Book with Lakeside Clinic: page of Microsoft Bookings']")
    expect(frame.get_by_role("heading", name="Their calendar")).to_be_visible()
    look_at(page, "their page in ours")
    assert asked == ["https://outlook.office365.com/book/clinic/", MOVED]
    expect(page.get_by_role("link", name="Open the booking page on its own")).to_be_visible()
