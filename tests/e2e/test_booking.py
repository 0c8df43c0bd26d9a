"""Booking in the browser when it gets difficult: somebody was faster, or there is no mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessible import look_at
from tests.e2e.letters import link_in, text_of
from tests.e2e.surroundings import PHONE, NewConsumer, Practice

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SERVICE = "First visit"
MOST_TABS = 80


def test_a_second_booking_of_the_same_time_is_refused_and_others_are_offered(
    practice: Practice, new_consumer: NewConsumer
) -> None:
    start = practice.at(11)
    cleo, samir = new_consumer(practice.around), new_consumer(practice.around, "Samir Khan", PHONE)
    for one in (cleo, samir):
        one.opens_booking_page(practice.slug)
        one.chooses_service(SERVICE)
        one.chooses_day(start)
        expect(one.offered(start)).to_be_visible()
    cleo.chooses_time(start)
    cleo.gives_details()
    cleo.books()
    cleo.sees("You are booked")
    samir.offered(start).click()
    samir.page.get_by_text("That time cannot be booked").wait_for()
    look_at(samir.page, "book: somebody was faster")
    expect(samir.offered(start)).to_have_count(0)
    instead = samir.page.locator("button[name=start]").first
    instead.click()
    samir.page.get_by_label("Your name").wait_for()
    samir.gives_details()
    samir.books()
    samir.sees("You are booked")
    assert link_in(text_of(practice.around.letter(cleo.email, "booked")), "visit")
    assert link_in(text_of(practice.around.letter(samir.email, "booked")), "visit")


def test_while_somebody_types_the_time_is_kept_for_them(practice: Practice, new_consumer: NewConsumer) -> None:
    start = practice.at(12)
    cleo, samir = new_consumer(practice.around), new_consumer(practice.around, "Samir Khan")
    cleo.opens_booking_page(practice.slug)
    cleo.chooses_service(SERVICE)
    cleo.chooses_day(start)
    cleo.chooses_time(start)
    samir.opens_booking_page(practice.slug)
    samir.chooses_service(SERVICE)
    samir.chooses_day(start)
    expect(samir.offered(start)).to_have_count(0)
    cleo.gives_details()
    cleo.books()
    cleo.sees("You are booked")


def focus_on(page: Page, selector: str) -> None:
    """Press Tab until what `selector` names has the focus; whatever has it on the way must show it."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key on {page.url}")


def test_a_keyboard_is_enough_to_book(practice: Practice, new_consumer: NewConsumer) -> None:
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


def test_a_keyboard_is_enough_to_wait(practice: Practice, new_consumer: NewConsumer) -> None:
    cleo = new_consumer(practice.around)
    cleo.books_at(practice.slug, SERVICE, practice.at(14))
    practice.clock_is(13, 45)
    cleo.opens_link(link_in(text_of(practice.around.letter(cleo.email, "booked")), "visit"))
    cleo.page.locator("[data-check=join]").wait_for()
    focus_on(cleo.page, "[data-check=join]")
    cleo.page.keyboard.press("Enter")
    cleo.is_in_the_waiting_room()
    focus_on(cleo.page, "waiting-status button.button--quiet")
    cleo.page.keyboard.press("Enter")
    cleo.page.locator("[data-check=join]").wait_for()
