"""From an empty business through the builder to a published one, in a real browser, the preview beside each step."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, ViewportSize, expect

from tests.e2e.accessible import look_at
from tests.servers import RunningServer, run_vestibule, running_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "a-long-enough-password"
MAIL = "mara@new-practice.example"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with one business in which nothing is set up but its hours."""
    with running_server(tmp_path_factory.mktemp("builder")) as running:
        run_vestibule("create-business", "new-practice", "--name", "New Practice", data=running.data)
        yield running


@pytest.fixture
def office(chromium: Browser, server: RunningServer) -> Iterator[Page]:
    """The owner of that business, signed in."""
    owner = ("create-manager", "new-practice", MAIL, "--name", "Mara")
    link = run_vestibule(*owner, data=server.data, public_url=server.origin).stdout.split()[-1]
    context = chromium.new_context(viewport=DESK, base_url=server.origin)
    page = context.new_page()
    page.goto(link)
    for box in page.locator("input[type=password]").all():
        box.fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/account/" not in url)
    page.goto("/manage/experience")
    yield page
    context.close()


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("[data-pane-stage] iframe:not(.is-coming)")


def show(page: Page, state: str) -> None:
    page.get_by_label("Show", exact=True).select_option(state)


def go_on(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Keep and go on|Go on)")).click()


def step(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("[data-pane-stage] iframe:not(.is-coming)")).to_be_visible()
    look_everywhere(page, name)


def look_everywhere(page: Page, name: str) -> None:
    """Check the page as it is, on a wide screen and on a telephone, light and dark; it is wide and light again then."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            look_at(page, f"{name}, {size['width']}, {scheme}")


def test_an_empty_business_is_built_previewed_and_published(office: Page, server: RunningServer) -> None:
    look_everywhere(office, "begin")
    errors: list[str] = []
    office.on("pageerror", lambda error: errors.append(str(error)))
    reached: list[str] = []
    office.on("request", lambda request: reached.append(request.url) if request.method == "POST" else None)
    office.on("websocket", lambda socket: reached.append(socket.url))
    office.get_by_role("button", name="Begin a draft").click()
    step(office, "Your business")
    office.get_by_label("One line about it").fill("Seen the same day")
    expect(preview(office).get_by_text("Seen the same day")).to_be_visible()
    office.get_by_label("Telephone").fill("+44 20 7946 0018")
    go_on(office)
    step(office, "Services")
    office.get_by_label("Name", exact=True).fill("First visit")
    office.get_by_label("How long it takes").fill("30")
    expect(preview(office).get_by_text("First visit")).to_be_visible()
    go_on(office)
    step(office, "Call options")
    expect(preview(office).locator(".call video").first).to_be_visible()
    show(office, "waiting")
    expect(preview(office).get_by_text("waiting room").first).to_be_visible()
    show(office, "device-check")
    expect(preview(office).get_by_role("button", name="Turn on camera and microphone")).to_be_enabled()
    office.get_by_label("Before everybody joins").check()
    go_on(office)
    step(office, "Brand")
    go_on(office)
    step(office, "Texts")
    show(office, "book")
    office.locator("[name=book_heading]").fill("What can we do for you?")
    expect(preview(office).get_by_text("What can we do for you?")).to_be_visible()
    go_on(office)
    step(office, "Waiting room")
    go_on(office)
    step(office, "Questions and consents")
    office.get_by_role("link", name="Add a question").click()
    expect(office.get_by_label("Question", exact=True)).to_be_visible()
    look_everywhere(office, "a question")
    office.get_by_label("Question", exact=True).fill("What brings you to us?")
    expect(preview(office).get_by_text("What brings you to us?")).to_be_visible()
    office.get_by_role("button", name="Keep the question").click()
    go_on(office)
    step(office, "Survey")
    office.get_by_label("Question", exact=True).fill("How was your visit?")
    expect(preview(office).get_by_text("How was your visit?")).to_be_visible()
    go_on(office)
    step(office, "Reminders")
    expect(preview(office).get_by_role("heading", name="Your appointment is booked")).to_be_visible()
    office.get_by_label("At the end of every e-mail").fill("Your doctors by the lake")
    expect(preview(office).get_by_text("Your doctors by the lake")).to_be_visible()
    show(office, "sms")
    expect(preview(office).get_by_text("New Practice: ")).to_be_visible()
    show(office, "mail")
    expect(preview(office).get_by_text("Your doctors by the lake")).to_be_visible()
    go_on(office)
    step(office, "Review and publish")
    expect(office.get_by_text("Seen the same day").first).to_be_visible()
    office.get_by_label("Note").fill("Opening")
    office.get_by_role("button", name="Publish").click()
    step(office, "Versions")
    kept = {cookie.get("name", "") for cookie in office.context.cookies()}
    assert not kept & {"vestibule_zone", "vestibule_visit", "vestibule_appointment", "language"}
    assert [one for one in reached if "/manage/experience" not in one] == []
    office.goto(f"{server.origin}/book/new-practice")
    expect(office.get_by_text("What can we do for you?")).to_be_visible()
    expect(office.get_by_text("Seen the same day")).to_be_visible()
    assert errors == []
