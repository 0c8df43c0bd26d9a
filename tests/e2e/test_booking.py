"""Booking in the browser when somebody else wants the same time."""

import pytest
from playwright.sync_api import expect

from tests.e2e.accessible import look_at
from tests.e2e.letters import link_in, text_of
from tests.e2e.practice import SERVICE
from tests.e2e.surroundings import PHONE, NewConsumer, Practice

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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


def test_a_kept_time_counts_down_and_when_it_lapses_nothing_typed_is_lost(
    practice: Practice, new_consumer: NewConsumer
) -> None:
    cleo = new_consumer(practice.around)
    cleo.opens_booking_page(practice.slug)
    cleo.chooses_service(SERVICE)
    cleo.chooses_day(practice.at(13))
    cleo.page.clock.install()
    cleo.chooses_time(practice.at(13))
    expect(cleo.page.get_by_role("timer")).to_contain_text(":")
    cleo.gives_details()
    cleo.page.clock.fast_forward("05:01")
    cleo.page.get_by_text("The five minutes have passed").wait_for()
    look_at(cleo.page, "details: the kept time has lapsed")
    expect(cleo.page.get_by_label("Your name")).to_have_value(cleo.name)
    cleo.press("Keep it again")
    expect(cleo.page.get_by_role("timer")).to_contain_text(":")
    expect(cleo.page.get_by_label("Your name")).to_have_value(cleo.name)
    cleo.books()
    cleo.sees("You are booked")
