"""A whole appointment as three people live it, in real browsers, with a real mail server and a real SMS gateway."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.e2e.accessible import look_at
from tests.e2e.letters import calendar_of, link_in, soon, text_of
from tests.e2e.people import Consumer, Manager, Provider
from tests.e2e.proof_media import RED
from tests.e2e.surroundings import DESKTOP, PHONE, Around, NewConsumer, at_browser, surroundings
from tests.e2e.wire import Wire
from tests.servers import run_vestibule

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MONDAY = datetime(2030, 1, 14, 8, tzinfo=UTC)
START = datetime(2030, 1, 16, 9, tzinfo=UTC)  # Wednesday, ten o'clock in Zurich, nine in London
SLUG, SERVICE, DOCTOR = "lake-street", "First visit", "Dr Ada Blum"
QUESTION, COMMENT = "How was your visit?", "Kind, and on time <3"
PASSWORD = "a door that opens 42 times"


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Around]:
    with surroundings(tmp_path_factory.mktemp("town")) as around:
        yield around


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_open_hours_to_the_survey(
    town: Around, wire: Wire, red: Browser, new_consumer: NewConsumer, viewport: ViewportSize
) -> None:
    with at_browser(red, viewport) as office, at_browser(red, viewport, wire=wire) as practice:
        mara = Manager(office, town.origin, RED, email="mara@lake-street.example")
        ada = Provider(practice, town.origin, RED, email="ada@lake-street.example")
        cleo = new_consumer(town, viewport=viewport, wire=wire)
        a_business_is_set_up(town, mara, ada)
        an_appointment_is_booked(town, cleo)
        address = reminders_leave_in_time(town, cleo)
        somebody_waits(town, cleo, ada, address)
        they_meet(cleo, ada)
        they_write(cleo, ada)
        a_screen_is_shared(cleo, ada)
        the_network_is_cut(town, wire, cleo, ada)
        the_visit_ends(cleo, ada)
        the_manager_reads_what_was_said(mara)


def a_business_is_set_up(town: Around, mara: Manager, ada: Provider) -> None:
    """From the two commands of the operator to the first free time."""
    named = ("--name", "Lake Street Practice", "--timezone", "Europe/Zurich")
    run_vestibule("create-business", SLUG, *named, data=town.server.data)
    owner = ("create-manager", SLUG, mara.email, "--name", "Mara Manager")
    said = run_vestibule(*owner, data=town.server.data, public_url=town.origin).stdout
    mara.chooses_password(said.split()[-1], PASSWORD)
    town.set_clock(MONDAY)
    mara.go("/manage")
    look_at(mara.page, "manage: nothing set up yet")
    mara.sets_weekday_hours("09:00", "12:00")
    look_at(mara.page, "manage: hours")
    mara.adds_provider(DOCTOR, "Family medicine")
    mara.invites_provider(DOCTOR, ada.email)
    look_at(mara.page, "manage: a provider's sign-in")
    mara.adds_service(SERVICE, 30)
    look_at(mara.page, "manage: a service")
    mara.asks_after_visits(QUESTION)
    look_at(mara.page, "manage: the survey")
    letter = town.letter(ada.email, "")
    [link] = [word for word in text_of(letter).split() if word.startswith(town.origin)]
    ada.chooses_password(link, PASSWORD)


def an_appointment_is_booked(town: Around, cleo: Consumer) -> None:
    """As a person would: service, day, time, details; times in London, where Cleo is."""
    cleo.opens_booking_page(SLUG)
    look_at(cleo.page, "book: services")
    cleo.chooses_service(SERVICE)
    cleo.chooses_day(START)
    expect(cleo.offered(START)).to_contain_text("09:00")
    expect(cleo.offered(START)).to_contain_text("10:00")
    look_at(cleo.page, "book: times")
    cleo.chooses_time(START)
    look_at(cleo.page, "book: details")
    cleo.books()
    cleo.page.get_by_text("Enter your name").first.wait_for()
    look_at(cleo.page, "book: details with mistakes")
    cleo.gives_details()
    cleo.books()
    cleo.sees("You are booked")
    look_at(cleo.page, "booked")
    letter = town.letter(cleo.email, "booked")
    assert letter.get_content_type() in {"multipart/alternative", "multipart/mixed"}
    assert {"text/plain", "text/html", "text/calendar"} <= {part.get_content_type() for part in letter.walk()}
    entry = calendar_of(letter)
    assert (entry.start, entry.end, entry.method) == (START, START + timedelta(minutes=30), "REQUEST")
    assert entry.link == link_in(text_of(letter), "visit")


def reminders_leave_in_time(town: Around, cleo: Consumer) -> str:
    """A mail a day before, a text message an hour before, neither early; returns the link to the visit."""
    town.set_clock(START - timedelta(hours=24, seconds=30))
    time.sleep(1)  # several turns of the worker, in which none may leave
    assert [one["To"] for one in town.mail.received if "reminder" in str(one["Subject"]).lower()] == []
    assert not town.texts.taken
    town.set_clock(START - timedelta(hours=24))
    letter = town.letter(cleo.email, "reminder")
    town.set_clock(START - timedelta(hours=1))
    text = soon(lambda: town.texts.texts_to(cleo.phone), "a text message")
    assert len(text) == 1
    address = link_in(text_of(letter), "visit")
    assert address == link_in(text[0], "visit")
    return address


def somebody_waits(town: Around, cleo: Consumer, ada: Provider, address: str) -> None:
    """Cleo opens the link, passes the device check and waits; Ada sees who waits, and since when."""
    town.set_clock(START - timedelta(minutes=10))
    cleo.opens_link(address)
    assert cleo.page.url == f"{town.origin}/visit", "the link is not left in the address bar"
    cleo.passes_device_check()
    look_at(cleo.page, "visit: device check")
    ada.opens_desk()
    ada.title_says("Nobody")
    look_at(ada.page, "desk: nobody waits")
    cleo.joins()
    cleo.is_in_the_waiting_room()
    ada.title_says("1 waiting")
    card = ada.sees_waiting(cleo.name)
    expect(card).to_contain_text(SERVICE)
    expect(card).to_contain_text("just now", ignore_case=True)  # for a minute: what takes long comes after it
    look_at(cleo.page, "visit: waiting")
    look_at(ada.page, "desk: somebody waits")
    ada.writes_to_waiting(cleo.name, "I am with you in a minute.")
    look_at(ada.page, "desk: a message to somebody waiting")
    ada.closes_messages()
    cleo.reads("I am with you in a minute.")
    cleo.writes("Take your time.")
    expect(card.locator(".count")).to_have_text("1")


def they_meet(cleo: Consumer, ada: Provider) -> None:
    """Each side proves that the other's picture and sound arrive, and that both stop when they should."""
    ada.admits_and_joins(cleo.name)
    cleo.is_in_the_call()
    for one, other in ((cleo, ada), (ada, cleo)):
        one.sees_picture_of(other)
        one.hears(other)
        one.hears_nothing_of(one)
    look_at(cleo.page, "call: consumer")
    look_at(ada.page, "call: provider")
    cleo.control("mic").click()
    ada.hears_nothing_of(cleo)
    cleo.control("mic").click()
    ada.hears(cleo)
    ada.control("cam").click()
    cleo.sees_no_picture()
    look_at(cleo.page, "call: the other's camera is off")
    ada.control("cam").click()
    cleo.sees_picture_of(ada)


def they_write(cleo: Consumer, ada: Provider) -> None:
    """What one writes counts as unread until the other looks; both ways."""
    ada.open_chat()
    ada.writes("Here is the address: https://example.org/leaflet")
    cleo.has_unread(1)
    cleo.open_chat()
    cleo.reads("Here is the address")
    look_at(cleo.page, "call: messages")
    cleo.has_read_everything()
    ada.close_chat()
    cleo.writes("Thank <b>you</b>")
    ada.has_unread(1)
    ada.open_chat()
    ada.reads("Thank <b>you</b>")
    ada.close_chat()
    cleo.close_chat()


def a_screen_is_shared(cleo: Consumer, ada: Provider) -> None:
    ada.control("share").click()
    cleo.sees_shared_screen()
    cleo.sees_picture_of(ada)
    look_at(cleo.page, "call: a shared screen")
    ada.control("share").click()
    cleo.sees_no_screen()


def the_network_is_cut(town: Around, wire: Wire, cleo: Consumer, ada: Provider) -> None:
    """First only the sockets, then everything for seconds; both times the call comes back by itself."""
    assert town.line.drop() > 0
    for one, other in ((cleo, ada), (ada, cleo)):
        one.hears(other)
    ada.open_chat()
    ada.writes("Still here?")
    cleo.has_unread(1)
    ada.close_chat()
    assert wire.carried, "media goes over the wire that is cut"
    wire.up = False
    town.line.go_silent()
    for one, other in ((cleo, ada), (ada, cleo)):
        one.is_told("reconnecting")
        one.hears_nothing_of(other)
    look_at(cleo.page, "call: reconnecting")
    wire.up = True
    town.line.come_back()
    for one, other in ((cleo, ada), (ada, cleo)):
        one.is_told("connected")
        one.sees_picture_of(other)
        one.hears(other)


def the_visit_ends(cleo: Consumer, ada: Provider) -> None:
    ada.ends_for_all()
    ada.sees("The visit is over")
    look_at(ada.page, "desk: after the visit")
    cleo.sees("The visit is over")
    look_at(cleo.page, "visit: the survey")
    cleo.answers_survey(5, COMMENT)
    look_at(cleo.page, "visit: answered")


def the_manager_reads_what_was_said(mara: Manager) -> None:
    mara.go("/manage/results")
    mara.page.get_by_text("5.0 of 5 stars").wait_for()
    mara.page.get_by_text(COMMENT).wait_for()
    look_at(mara.page, "manage: results")
    mara.go("/manage/appointments")
    expect(mara.page.get_by_role("main")).to_contain_text("Completed")
    look_at(mara.page, "manage: appointments")
    mara.go("/manage/activity")
    for said in ("added a service", "booked an appointment", "let somebody in", "ended a visit for everybody"):
        expect(mara.page.get_by_role("main")).to_contain_text(said)
    look_at(mara.page, "manage: activity")
    mara.go("/manage")
    look_at(mara.page, "manage: today")
