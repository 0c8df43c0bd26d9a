"""A keyboard alone is enough, from booking to the survey, for both sides."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessible import look_at
from tests.e2e.letters import link_in, text_of
from tests.e2e.people import Provider
from tests.e2e.practice import SERVICE
from tests.e2e.surroundings import NewConsumer, Practice

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_TABS = 80


def focus_on(page: Page, selector: str) -> None:
    """Press Tab until what `selector` names has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key on {page.url}")


def test_to_book(practice: Practice, new_consumer: NewConsumer) -> None:
    cleo = new_consumer(practice.around)
    start, keys = practice.at(11, days=1), cleo.page.keyboard
    cleo.opens_booking_page(practice.slug)
    focus_on(cleo.page, f"a[href$='/{SERVICE.lower().replace(' ', '-')}']")
    keys.press("Enter")
    cleo.sees("When would suit you?")
    focus_on(cleo.page, f"table.month a[href*='{start:%Y-%m-%d}']")
    keys.press("Enter")
    cleo.offered(start).wait_for()
    focus_on(cleo.page, f"button.slot[value='{start:%Y-%m-%dT%H:%M:%SZ}']")
    keys.press("Enter")
    cleo.sees("Who is coming?")
    for name, text in (("name", cleo.name), ("email", cleo.email), ("phone", cleo.phone)):
        focus_on(cleo.page, f"input[name={name}]")
        keys.type(text)
    focus_on(cleo.page, "button[data-once]")
    keys.press("Enter")
    cleo.sees("You are booked")


def test_to_wait_to_meet_and_to_answer(practice: Practice, new_consumer: NewConsumer, provider: Provider) -> None:
    cleo = new_consumer(practice.around)
    home, desk = cleo.page, provider.page
    cleo.books_at(practice.slug, SERVICE, practice.at(14))
    practice.clock_is(13, 45)
    provider.opens_desk()
    cleo.opens_link(link_in(text_of(practice.around.letter(cleo.email, "booked")), "visit"))
    home.locator("[data-check=join]:not([data-without])").wait_for()
    focus_on(home, "[data-check=join]:not([data-without])")
    home.locator("device-check [data-device=microphone][data-state=ok]").wait_for()
    home.keyboard.press("Enter")
    cleo.is_in_the_waiting_room()
    provider.sees_waiting(cleo.name)
    focus_on(desk, "[data-desk=join]")
    desk.keyboard.press("Enter")
    provider.is_in_the_call()
    cleo.sees_picture_of(provider)
    home.keyboard.press("Alt+m")
    expect(cleo.control("mic")).to_have_attribute("data-off", "true")
    home.keyboard.down(" ")
    expect(cleo.control("mic")).to_have_attribute("data-off", "false")
    home.keyboard.up(" ")
    expect(cleo.control("mic")).to_have_attribute("data-off", "true")
    focus_on(home, "[data-control=chat]")
    home.keyboard.press("Enter")
    expect(home.locator("chat-panel textarea")).to_be_focused()
    home.keyboard.type("Hello")
    home.keyboard.press("Enter")
    provider.has_unread(1)
    home.keyboard.press("Escape")
    expect(home.locator("[data-control=chat]")).to_be_focused()
    home.keyboard.press("Alt+h")
    expect(provider.control("people")).to_have_accessible_name("People, 1 with a raised hand")
    desk.keyboard.press("Alt+p")
    focus_on(desk, f"[aria-label='Lower the hand of {cleo.name}']")
    desk.keyboard.press("Enter")
    expect(provider.control("people")).to_have_accessible_name("People")
    focus_on(desk, "[data-people=lock]")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Unlock the room")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("[data-control=people]")).to_be_focused()
    desk.keyboard.press("Alt+o")
    focus_on(desk, "#caption-text")
    desk.keyboard.type("Please show me your hand")
    desk.keyboard.press("Enter")
    home.keyboard.press("Alt+t")
    desk.keyboard.type("The other one, please")
    desk.keyboard.press("Enter")
    expect(home.get_by_role("region", name="Captions")).to_contain_text("The other one, please")
    look_at(desk, "the call with captions and everything more")
    desk.keyboard.press("Escape")
    focus_on(desk, "[data-control=end]")
    desk.keyboard.press("Enter")
    focus_on(desk, "[data-control=end-yes]")
    desk.keyboard.press("Enter")
    provider.sees("The visit is over")
    cleo.sees("The visit is over")
    focus_on(home, "button[name=score][value='4']")
    home.keyboard.press("Enter")
    home.get_by_text("Thank you for your answer").wait_for()
