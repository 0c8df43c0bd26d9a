"""Whoever comes at the wrong moment is told what is so and what to do next; nothing else is ever a dead end."""

import secrets

import pytest
from playwright.sync_api import expect

from tests.e2e.accessible import look_at
from tests.e2e.bookings import booked
from tests.e2e.letters import link_in, text_of
from tests.e2e.people import Consumer, Provider
from tests.e2e.surroundings import NewConsumer, Practice

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Nothing of a page reaches the server by its socket until the test lets it.
HELD_BACK = """
const send = WebSocket.prototype.send;
const free = new Promise((resolve) => { window.letGo = resolve; });
WebSocket.prototype.send = function (data) {
  free.then(() => { if (this.readyState === WebSocket.OPEN) send.call(this, data); });
};
"""


@pytest.mark.parametrize("page", ["visit", "appointment"])
def test_a_guessed_link_opens_nothing(practice: Practice, new_consumer: NewConsumer, page: str) -> None:
    stranger = new_consumer(practice.around)
    answer = stranger.page.goto(f"{practice.around.origin}/{page}?v={secrets.token_urlsafe(16)}")
    assert answer is not None
    assert answer.status == 404
    stranger.sees("This link does not work")
    assert not [one for one in stranger.page.context.cookies() if "visit" in one["name"]]
    assert practice.slug not in stranger.page.content()
    look_at(stranger.page, f"{page}: a wrong link")


def test_too_early_one_may_check_the_devices_and_learns_when_to_come(
    practice: Practice, new_consumer: NewConsumer
) -> None:
    cleo = new_consumer(practice.around)
    cleo.opens_link(booked(practice, cleo, 11, days=1))
    cleo.sees("You are early")
    cleo.passes_device_check()
    expect(cleo.page.locator("[data-check=join]:enabled")).to_have_count(0)
    expect(cleo.page.get_by_role("main")).to_contain_text("Tuesday")
    look_at(cleo.page, "visit: too early")
    practice.clock_is(10, 40, days=1)
    cleo.page.reload()
    cleo.sees("Ready to see Dr Ada Blum?")


def test_too_late_one_learns_when_it_was_and_how_to_go_on(practice: Practice, new_consumer: NewConsumer) -> None:
    cleo = new_consumer(practice.around)
    address = booked(practice, cleo, 11)
    practice.clock_is(13)
    cleo.opens_link(address)
    cleo.sees("This visit is over")
    expect(cleo.page.get_by_role("main").get_by_role("link", name="Book").first).to_be_visible()
    look_at(cleo.page, "visit: too late")


def test_whoever_cancelled_is_told_so_by_the_old_link(practice: Practice, new_consumer: NewConsumer) -> None:
    cleo = new_consumer(practice.around)
    address = booked(practice, cleo, 11)
    cleo.press("Cancel appointment", role="link")
    expect(cleo.page.get_by_role("button", name="Cancel appointment")).to_be_visible()
    look_at(cleo.page, "appointment: cancel?")
    cleo.press("Cancel appointment")
    cleo.sees("This appointment is cancelled")
    look_at(cleo.page, "appointment: cancelled")
    practice.clock_is(10, 45)
    cleo.opens_link(address)
    cleo.sees("This appointment was cancelled")
    look_at(cleo.page, "visit: cancelled")
    practice.around.letter(cleo.email, "cancelled")


def test_the_link_follows_a_moved_appointment(practice: Practice, new_consumer: NewConsumer) -> None:
    cleo = new_consumer(practice.around)
    address = booked(practice, cleo, 11)
    cleo.press("Move", role="link")
    later = practice.at(11, days=2)
    cleo.chooses_day(later)
    expect(cleo.offered(later)).to_be_visible()
    look_at(cleo.page, "appointment: move")
    cleo.offered(later).click()
    cleo.sees("Your appointment")
    assert link_in(text_of(practice.around.letter(cleo.email, "moved")), "visit") == address
    practice.clock_is(10, 45)
    cleo.opens_link(address)
    cleo.sees("You are early")
    expect(cleo.page.get_by_role("main")).to_contain_text("was moved")
    look_at(cleo.page, "visit: moved")
    practice.clock_is(10, 45, days=2)
    cleo.page.reload()
    cleo.sees("Ready to see Dr Ada Blum?")


def test_a_reload_in_the_waiting_room_keeps_the_place(practice: Practice, new_consumer: NewConsumer) -> None:
    cleo, samir = new_consumer(practice.around), new_consumer(practice.around, "Samir Khan")
    addresses = booked(practice, cleo, 11), booked(practice, samir, 11, 30)
    practice.clock_is(11)
    for one, address in zip((cleo, samir), addresses, strict=True):
        one.opens_link(address)
        one.joins()
        one.is_in_the_waiting_room()
    since = cleo.waits_since()
    practice.clock_is(11, 5)
    cleo.page.reload()
    cleo.is_in_the_waiting_room()
    assert cleo.waits_since() == since
    expect(cleo.page.locator("waiting-status dd").first).to_contain_text("next", ignore_case=True)
    expect(samir.page.locator("waiting-status dd").first).to_have_text("2")


def in_the_waiting_room(practice: Practice, new_consumer: NewConsumer) -> tuple[Consumer, str]:
    """Somebody who waits for the visit at eleven, and the address of their link."""
    cleo = new_consumer(practice.around)
    address = booked(practice, cleo, 11)
    practice.clock_is(11)
    cleo.opens_link(address)
    cleo.joins()
    cleo.is_in_the_waiting_room()
    return cleo, address


def test_who_is_turned_away_reads_why(practice: Practice, new_consumer: NewConsumer, provider: Provider) -> None:
    cleo, _address = in_the_waiting_room(practice, new_consumer)
    provider.opens_desk()
    provider.sees_waiting(cleo.name)
    provider.turns_away(cleo.name, "Please call the emergency number instead.")
    cleo.sees("You were not let in")
    expect(cleo.page.get_by_role("main")).to_contain_text("Please call the emergency number instead.")
    look_at(cleo.page, "visit: turned away")
    cleo.page.reload()
    cleo.sees("You were not let in")
    provider.title_says("Nobody")


def test_who_was_inside_and_joins_before_the_page_is_connected_goes_straight_in(
    practice: Practice, new_consumer: NewConsumer, provider: Provider
) -> None:
    cleo, address = in_the_waiting_room(practice, new_consumer)
    provider.opens_desk()
    provider.admits_and_joins(cleo.name)
    cleo.is_in_the_call()
    cleo.control("leave").click()
    cleo.page.locator("[data-ended=left] h1").wait_for()
    cleo.page.add_init_script(HELD_BACK)
    cleo.opens_link(address)
    cleo.joins()
    expect(cleo.page.locator("[data-check=join]")).to_have_attribute("aria-busy", "true")
    cleo.page.evaluate("letGo()")
    cleo.is_in_the_call()
    assert cleo.page.locator("waiting-status").count() == 0
