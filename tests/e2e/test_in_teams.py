"""A visit that is held in Teams, from the booking to the survey. Teams' own address is shown, and never contacted."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessible import look_at
from tests.e2e.bookings import booked
from tests.e2e.people import Consumer, Provider
from tests.e2e.surroundings import DESKTOP, PHONE, NewConsumer, Practice
from tests.e2e.teams_place import place
from tests.meetings.in_teams import JOIN_URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REFUSED = "Microsoft did not allow it."


@pytest.fixture
def cleo(practice: Practice, new_consumer: NewConsumer) -> Consumer:
    """Somebody with an appointment in a few minutes, whose visit is held in Teams and could not be made yet."""
    consumer = new_consumer(practice.around, name="Teo Kim", viewport=PHONE)
    link = booked(practice, consumer, 14)
    place(practice.around.folder, consumer.email, "failed", REFUSED)
    practice.clock_is(13, 55)
    consumer.opens_link(link)
    return consumer


def looks(page: Page, state: str) -> None:
    """Look at a state in light and in dark."""
    look_at(page, f"{state}, light")
    page.emulate_media(color_scheme="dark")
    look_at(page, f"{state}, dark")
    page.emulate_media(color_scheme="light")


def leads_to_teams(page: Page) -> None:
    """The way there is a plain link, in a tab of its own, which learns nothing of this page."""
    link = page.locator("[data-elsewhere-open]")
    expect(link).to_have_attribute("href", JOIN_URL)
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_a_visit_in_teams_from_the_booking_to_the_survey(
    practice: Practice, cleo: Consumer, provider: Provider
) -> None:
    home, desk, folder = cleo.page, provider.page, practice.around.folder
    asked: list[str] = []
    for page in (home, desk):
        page.on("request", lambda request: asked.append(request.url))
    cleo.joins()
    cleo.is_in_the_waiting_room()
    assert "teams.microsoft" not in home.content(), "an address was given away before anybody was let in"

    provider.opens_desk()
    card = provider.sees_waiting(cleo.name)
    expect(card).to_contain_text(REFUSED)
    look_at(desk, "desk: Teams failed")
    card.locator("[data-desk=join]").click()
    desk.locator("[data-standing=failed]").wait_for()
    looks(desk, "visit of staff: Teams failed")
    home.locator("[data-elsewhere=failed]").wait_for()
    expect(home.locator("main")).not_to_contain_text(REFUSED)
    looks(home, "hand-over: not there yet")

    place(folder, cleo.email, "done")
    cleo.sees("is ready for you")
    leads_to_teams(home)
    looks(home, "hand-over: ready")
    leads_to_teams(desk)
    looks(desk, "visit of staff: ready")
    home.set_viewport_size(DESKTOP)
    look_at(home, "hand-over: ready, wide")

    cleo.writes("Teams asks for a code.")
    provider.reads("Teams asks for a code.")
    provider.writes("It stands on your page.")
    cleo.reads("It stands on your page.")

    # The tap counts; the tab it would open belongs to Microsoft, so it stays shut.
    home.locator("[data-elsewhere-open]").evaluate("link => link.addEventListener('click', e => e.preventDefault())")
    home.locator("[data-elsewhere-open]").click()
    cleo.sees("Your visit is in Microsoft Teams")
    look_at(home, "hand-over: opened")
    home.reload()
    cleo.sees("Your visit is in Microsoft Teams")

    home.locator("[data-elsewhere-finish]").click()
    home.wait_for_url("**/visit/ended")
    cleo.answers_survey(5, "Easy.")
    desk.locator("[data-person][data-state=left]").wait_for()
    desk.locator("[data-elsewhere=end]").click()
    look_at(desk, "visit of staff: end it?")
    desk.locator("[data-elsewhere=end-yes]").click()
    desk.wait_for_url("**/ended")
    assert not [url for url in asked if "microsoft" in url], "nothing of Microsoft is ever contacted"
