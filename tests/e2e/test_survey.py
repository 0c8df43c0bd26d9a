"""The survey in a real browser: built, seen as it is built, answered without a line, and kept once."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.accessible import look_at
from tests.e2e.relay import STATIC
from tests.servers import RunningServer, running_server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (STATIC / "manifest.json").exists(), reason="the front end is not built: script/bootstrap"),
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
EVERY_KIND = (
    ("stars", "How was the visit?", ""),
    ("nps", "Would you recommend us?", ""),
    ("thumbs", "Did you get what you came for?", ""),
    ("choice", "Who told you of us?", "A friend\nAn ad"),
    ("many", "What did you like?", "The people\nThe time"),
    ("issues", "What did not work?", ""),
    ("text", "What else?", ""),
)


@dataclass(frozen=True)
class Town:
    """The demonstration, in which one consumer was let into a visit."""

    server: RunningServer
    facts: dict[str, Any]

    def query(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database, or prepare something in it."""
        with closing(sqlite3.connect(self.server.data / "vestibule.sqlite3", timeout=10)) as database:
            rows = database.execute(text, values).fetchall()
            database.commit()
            return rows

    def answers(self) -> dict[str, tuple[Any, ...]]:
        """What is stored, by what was asked; each once."""
        rows = self.query("SELECT question_text, score, chosen, comment FROM experience_surveyanswer")
        found = {row[0]: row[1:] for row in rows}
        assert len(found) == len(rows)
        return found


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with running_server(folder) as server:
        yield Town(server, json.loads((folder / "demo.json").read_text()))


@contextmanager
def browsing(chromium: Browser, town: Town, size: ViewportSize) -> Iterator[Page]:
    context = chromium.new_context(base_url=town.server.origin, viewport=size)
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture(scope="module")
def office(chromium: Browser, town: Town) -> Iterator[Page]:
    """The list of questions, after the clinic's manager has added one of every kind and seen each before saving it."""
    mara = next(
        one for one in town.facts["accounts"] if (one["business"], one["role"]) == ("lakeside-clinic", "manager")
    )
    with browsing(chromium, town, DESK) as page:
        page.goto("/signin?next=/manage/setup/survey")
        page.get_by_label("E-mail address").fill(mara["email"])
        page.get_by_label("Password").fill(mara["password"])
        page.get_by_role("button", name="Sign in", exact=True).click()
        for kind, text, choices in EVERY_KIND:
            page.get_by_role("link", name="Add a question").click()
            page.get_by_label("How it is answered").select_option(kind)
            page.get_by_label("Question", exact=True).fill(text)
            if choices:
                page.get_by_label("Answers to choose from").fill(choices)
            expect(page.locator("[data-preview-here]").get_by_text(text)).to_be_visible()
            page.get_by_role("button", name="Save the question").click()
            expect(page.get_by_text("The question was saved")).to_be_visible()
        yield page


def test_questions_of_every_kind_stand_in_an_order_of_ones_own(office: Page) -> None:
    look_at(office, "builder")
    office.get_by_role("button", name="Ask earlier: What else?").click()
    expect(office.get_by_text("The order was saved")).to_be_visible()
    rows = office.locator(".rows strong")  # below what says that it was saved, and so read later
    expect(rows.nth(-2)).to_have_text("What else?")
    expect(rows.nth(-1)).to_have_text("What did not work?")


def test_answers_given_without_a_line_are_kept_and_sent_when_it_is_back(
    chromium: Browser, town: Town, office: Page
) -> None:
    visit = town.facts["appointments"][0]
    town.query(
        "UPDATE meetings_participant SET admitted_at = '2026-01-01 09:00:00' WHERE kind = 'consumer' AND meeting_id ="
        " (SELECT meeting_id FROM booking_appointment WHERE ref = ?)",
        visit["id"],
    )
    with browsing(chromium, town, PHONE) as page:
        page.goto(visit["consumer_url"])
        page.goto("/visit/ended")
        look_at(page, "every kind")
        page.get_by_role("group", name="How was the visit?").get_by_label("4").check()
        page.get_by_role("group", name="Would you recommend us?").get_by_label("10, very likely").check()
        page.get_by_label("A friend").check()
        page.get_by_text("Sound", exact=True).click()
        page.get_by_label("There was an echo").check()
        page.get_by_role("textbox", name="What else?").fill("More chairs")
        page.context.set_offline(True)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_text("Kept on this device, sent when you are back online.")).to_be_visible()
        assert town.answers() == {}
        page.context.set_offline(False)
        expect(page.get_by_text("Thank you for your answers. They are kept.")).to_be_visible()
        given = {
            "How was the visit?": (4, "[]", ""),
            "Would you recommend us?": (10, "[]", ""),
            "Who told you of us?": (None, '["a-friend"]', ""),
            "What did not work?": (None, '["audio.Echo"]', ""),
            "What else?": (None, "[]", "More chairs"),
        }
        assert town.answers() == given
        page.get_by_role("textbox", name="What else?").fill("More plants")
        page.context.set_offline(True)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_text("Kept on this device")).to_be_visible()
        page.close()
        page.context.set_offline(False)
        again = page.context.new_page()
        again.goto("/visit/ended")
        expect(again.get_by_text("Thank you for your answers. They are kept.")).to_be_visible()
        expect(again.get_by_role("textbox", name="What else?")).to_have_value("More plants")
        assert town.answers() == given | {"What else?": (None, "[]", "More plants")}
        assert again.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('vestibule.survey'))") == []
