"""From an empty business through the builder to a visit that was asked about, and back again, in real browsers.

It is the whole promise of the builder in one go, so it is also counted: clicks, fields, and how long it all took.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.e2e.letters import link_in, text_of
from tests.e2e.people import Consumer, Manager, Provider
from tests.e2e.proof_media import RED
from tests.e2e.surroundings import DESKTOP, Around, NewConsumer, at_browser, surroundings
from tests.pictures import picture
from tests.servers import run_vestibule

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MONDAY = datetime(2030, 1, 14, 8, tzinfo=UTC)
START = datetime(2030, 1, 16, 9, tzinfo=UTC)  # Wednesday, ten o'clock in Zurich
SLUG, NAME, SERVICE, DOCTOR = "hill-practice", "Hill Practice", "First visit", "Dr Ada Blum"
BLUE, GREEN = "#1b4dd1", "#0b6b3a"
FIRST, SECOND = "What can we do for you?", "How may we help?"
QUESTION, COMMENT = "Was the room easy to find?", "Found it at once"
BORN = "1980-02-03"
PASSWORD = "a door that opens 42 times"
MOST_SECONDS = 600.0
"""The promise; a machine with nothing else to do needs a tenth of it."""


@dataclass
class Tally:
    """What people did: presses of a pointer, and fields they changed."""

    clicks: int = 0
    fields: int = 0
    began: float = field(default_factory=time.monotonic)

    def watch(self, context: BrowserContext) -> None:
        context.expose_function("tallied", self._add)
        for event in ("pointerdown", "change"):
            context.add_init_script(f"if (self === top) addEventListener('{event}', () => tallied('{event}'), true)")

    def _add(self, event: str) -> None:
        self.clicks += event == "pointerdown"
        self.fields += event == "change"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Around]:
    with surroundings(tmp_path_factory.mktemp("town")) as around:
        run_vestibule("create-business", SLUG, "--name", NAME, "--timezone", "Europe/Zurich", data=around.server.data)
        yield around


def test_an_empty_business_goes_live_is_visited_and_asked_about_and_goes_back(
    town: Around, red: Browser, new_consumer: NewConsumer, record_property: Callable[[str, object], None]
) -> None:
    with ExitStack() as stack:
        office, practice = (stack.enter_context(at_browser(red, DESKTOP)) for _person in range(2))
        mara = Manager(office, town.origin, RED, email="mara@hill.example")
        ada = Provider(practice, town.origin, RED, email="ada@hill.example")
        cleo = new_consumer(town)
        signs_up(town, mara)
        tally = Tally()
        for page in (office, practice, cleo.page):
            tally.watch(page.context)
        builds(mara)
        finds_who_meets_people(town, mara, ada)
        publishes(mara, "Opening")
        record_property("until published", f"{tally.clicks} clicks, {tally.fields} fields, {tally.seconds:.0f} s")
        address = books(town, cleo)
        they_meet(town, cleo, ada, address)
        answers(cleo)
        reads_the_answer(mara)
        changes_its_mind(mara, cleo)
        told = f"{tally.clicks} clicks, {tally.fields} fields, {tally.seconds:.0f} s"
        record_property("in all", told)
        print(f"from an empty business to a visit that was asked about, and back: {told}")
        assert tally.seconds < MOST_SECONDS


def signs_up(town: Around, mara: Manager) -> None:
    owner = ("create-manager", SLUG, mara.email, "--name", "Mara Manager")
    said = run_vestibule(*owner, data=town.server.data, public_url=town.origin).stdout
    mara.chooses_password(said.split()[-1], PASSWORD)
    town.set_clock(MONDAY)


# --- the builder -----------------------------------------------------------------------------------------------------


def step(mara: Manager, name: str) -> None:
    expect(mara.page.get_by_role("heading", level=1)).to_have_text(name)


def goes_on(mara: Manager) -> None:
    mara.page.get_by_role("button", name=re.compile("^(Keep and go on|Go on)")).click()


def builds(mara: Manager) -> None:
    """Every step, with the words, colour and logo of one's own."""
    mara.go("/manage")
    mara.press("Build what consumers see", role="link")
    mara.page.get_by_label("Primary care").check()
    mara.press("Begin with this template")
    step(mara, "Your business")
    mara.page.get_by_label("Telephone").fill("+41 44 555 01 00")
    goes_on(mara)
    step(mara, "Services")
    goes_on(mara)
    step(mara, "Call options")
    goes_on(mara)
    chooses_a_look(mara)
    step(mara, "Texts")
    mara.page.locator("[name=book_heading]").fill(FIRST)
    goes_on(mara)
    step(mara, "Waiting room")
    mara.page.get_by_label("Heading").fill("Make yourself at home")
    goes_on(mara)
    step(mara, "Questions and consents")
    goes_on(mara)
    step(mara, "Survey")
    mara.page.get_by_text("Add a question").click()
    mara.page.get_by_label("Question", exact=True).last.fill(QUESTION)
    goes_on(mara)
    step(mara, "Reminders")
    goes_on(mara)
    step(mara, "Review and publish")


def chooses_a_look(mara: Manager) -> None:
    step(mara, "Brand")
    logo: FilePayload = {"name": "logo.png", "mimeType": "image/png", "buffer": picture((400, 100), "PNG")}
    mara.page.locator("#logo input[type=file]").set_input_files(logo)
    mara.page.locator("#logo").get_by_role("button", name="Put it into the draft").click()
    expect(mara.page.locator("#logo .shown-picture img")).to_be_visible()
    has_colour(mara, BLUE)
    goes_on(mara)


def has_colour(mara: Manager, colour: str) -> None:
    mara.page.get_by_label("Your own colour").check()
    mara.page.get_by_label("As written in your style guide").fill(colour)


def finds_who_meets_people(town: Around, mara: Manager, ada: Provider) -> None:
    """The review says that nobody can be booked yet, and leads to where that is mended."""
    mara.press("Add one", role="link")
    mara.page.get_by_label("Name", exact=True).fill(DOCTOR)
    mara.saves("Add the provider", "was added")
    mara.invites_provider(DOCTOR, ada.email)
    letter = town.letter(ada.email, "")
    [link] = [word for word in text_of(letter).split() if word.startswith(town.origin)]
    ada.chooses_password(link, PASSWORD)
    mara.go("/manage/experience/review")


def publishes(mara: Manager, note: str) -> None:
    step(mara, "Review and publish")
    mara.page.get_by_label("Note").fill(note)
    mara.press("Publish")
    step(mara, "Versions")
    mara.page.get_by_text("is published. Consumers see it from now on.").first.wait_for()


# --- the consumer ----------------------------------------------------------------------------------------------------


def shows(page: Page, heading: str, colour: str) -> None:
    """The booking page has this heading, this colour in its head, and the logo."""
    page.reload()
    expect(page.get_by_text(heading)).to_be_visible()
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    expect(page.locator(".masthead")).to_have_css("background-color", f"rgb({red}, {green}, {blue})")
    logo = page.locator(".masthead img")
    expect(logo).to_be_visible()
    assert logo.evaluate("(image) => image.naturalWidth") > 0


def books(town: Around, cleo: Consumer) -> str:
    """Book on the page that has the look and the words; returns the link to the visit that came by mail."""
    cleo.opens_booking_page(SLUG)
    shows(cleo.page, FIRST, BLUE)
    cleo.chooses_service(SERVICE)
    cleo.chooses_day(START)
    cleo.chooses_time(START)
    cleo.gives_details()
    cleo.page.get_by_label("What would you like to talk about?").fill("My back")
    cleo.page.get_by_label("Date of birth").fill(BORN)
    cleo.page.get_by_role("checkbox", name="I agree to be seen by video.").check()
    cleo.books()
    cleo.sees("You are booked")
    return link_in(text_of(town.letter(cleo.email, "booked")), "visit")


def they_meet(town: Around, cleo: Consumer, ada: Provider, address: str) -> None:
    town.set_clock(START - timedelta(minutes=4))
    ada.opens_desk()
    cleo.opens_link(address)
    cleo.passes_device_check()
    cleo.joins()
    cleo.is_in_the_waiting_room()
    cleo.page.get_by_text("Make yourself at home").wait_for()
    says_who_they_are(cleo)
    ada.admits_and_joins(cleo.name)
    cleo.is_in_the_call()
    for one, other in ((cleo, ada), (ada, cleo)):
        one.sees_picture_of(other)
        one.hears(other)
    ada.ends_for_all()
    cleo.sees("The visit is over")


def says_who_they_are(cleo: Consumer) -> None:
    """What the template lets staff compare before they admit somebody."""
    asked = cleo.page.locator("identity-form")
    asked.get_by_label("Full name").fill(cleo.name)
    asked.get_by_label("Date of birth").fill(BORN)
    asked.get_by_role("button", name="Send").click()
    asked.get_by_text("Thank you. The team has what it asked for.").wait_for()


def answers(cleo: Consumer) -> None:
    asked = cleo.page.get_by_role("group", name=QUESTION)
    asked.get_by_label("4").check()
    asked.get_by_role("textbox").fill(COMMENT)
    cleo.page.get_by_role("button", name="Send", exact=True).click()
    cleo.page.get_by_text("Thank you for your answers").wait_for()


def reads_the_answer(mara: Manager) -> None:
    mara.go("/manage/results")
    results = mara.page.get_by_role("main")
    expect(results).to_contain_text(QUESTION)
    expect(results).to_contain_text(COMMENT)


def changes_its_mind(mara: Manager, cleo: Consumer) -> None:
    """Another look and other words; then back to the version before, as consumers see it too."""
    mara.go("/manage/experience")
    mara.press("Begin a draft")
    step(mara, "Your business")
    mara.page.get_by_role("link", name="Brand").click()
    step(mara, "Brand")
    has_colour(mara, GREEN)
    goes_on(mara)
    step(mara, "Texts")
    mara.page.locator("[name=book_heading]").fill(SECOND)
    goes_on(mara)
    step(mara, "Waiting room")
    mara.page.get_by_role("link", name="Review and publish").click()
    publishes(mara, "Another green")
    cleo.opens_booking_page(SLUG)
    shows(cleo.page, SECOND, GREEN)
    mara.press("Version 1", role="link")
    mara.press("Go back to this version")
    mara.page.get_by_text("Version 1 holds again, as version 3.").first.wait_for()
    shows(cleo.page, FIRST, BLUE)
