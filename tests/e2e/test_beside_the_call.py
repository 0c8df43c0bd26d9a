"""What stands beside a call, in real browsers: the telephone, somebody brought in, notes, and the page at the end."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.accessible import look_at
from tests.e2e.bookings import booked
from tests.e2e.people import Provider
from tests.e2e.surroundings import NewConsumer, Practice

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOTE = "Feels better; see again in a week."


def test_a_call_with_everything_beside_it(practice: Practice, new_consumer: NewConsumer, provider: Provider) -> None:
    cleo = new_consumer(practice.around)
    address = booked(practice, cleo, 11)
    practice.clock_is(10, 55)
    cleo.opens_link(address)
    cleo.passes_device_check()
    cleo.joins()
    cleo.is_in_the_waiting_room()

    cleo.page.locator("[data-opens=by-phone]:visible").first.click()
    asks = cleo.page.locator("dialog#by-phone[open]")
    expect(asks).to_be_visible()
    look_at(cleo.page, "by telephone")
    asks.get_by_label("Your telephone number").fill("+41 44 555 01 00")
    asks.get_by_role("button", name="Ask to be called").click()
    expect(asks.locator("[data-phone-state]")).to_contain_text("calls as soon as it can")
    asks.get_by_role("button", name="Back to the visit").click()
    cleo.is_in_the_waiting_room()

    provider.opens_desk()
    expect(provider.sees_waiting(cleo.name)).to_contain_text("+41445550100")
    provider.admits_and_joins(cleo.name)
    cleo.is_in_the_call()

    provider.control("people").click()
    provider.page.locator(".call [data-opens=bring-in]").click()
    brings = provider.page.locator("dialog#bring-in[open]")
    expect(brings).to_be_visible()
    look_at(provider.page, "bring somebody in")
    brings.get_by_label("Their name").fill("Ines")
    brings.get_by_role("button", name="Make the link").click()
    field = brings.get_by_label("Their link")
    expect(field).to_have_value(re.compile(r"/visit\?v="))
    link = field.input_value()
    brings.get_by_role("button", name="Back to the visit").click()

    ines = new_consumer(practice.around, "Ines")
    ines.go(link)
    ines.sees("You are asked to join a visit")
    expect(ines.page.get_by_text("Hello Ines.")).to_be_visible()
    look_at(ines.page, "a link that opens once")
    ines.press("Go on in this browser")
    ines.sees("Ready to see")
    late = new_consumer(practice.around, "Late")
    late.go(link)
    late.sees("This link was used already")
    look_at(late.page, "a link that was used")

    provider.control("notes").click()
    provider.page.get_by_label("Your notes").fill(NOTE)
    expect(provider.page.locator("[data-note-state]")).to_have_text("Saved")
    look_at(provider.page, "notes beside the call")
    provider.control("notes").click()
    provider.ends_for_all()
    expect(provider.page.get_by_label("Your notes")).to_have_value(NOTE)
    look_at(provider.page, "after the visit, staff")

    cleo.sees("The visit is over")
    expect(cleo.page.get_by_role("main")).to_contain_text("ended the visit")
    assert NOTE not in cleo.page.content()
    look_at(cleo.page, "after the visit, consumer")
