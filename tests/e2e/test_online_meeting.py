"""A meeting that a program had made by Graph, in real browsers: a guest comes to its door, and is let in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.chromium import PATIENCE
from tests.e2e.accessible import look_at
from tests.e2e.relay import STATIC
from tests.servers import RunningServer, running_server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (STATIC / "manifest.json").exists(), reason="the front end is not built: script/bootstrap"),
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 720}


@dataclass(frozen=True)
class Place:
    """The server, who holds the meeting, and what the program was told of it."""

    server: RunningServer
    account: dict[str, str]
    meeting: dict[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("meeting")
    with running_server(folder) as server:
        if datetime.now(UTC).hour >= 21:
            server.move_clock(advance_seconds=4 * 3600)  # the desk shows a day, and none ends meanwhile
        facts = json.loads((folder / "demo.json").read_text("utf-8"))
        ada = next(one for one in facts["accounts"] if one["role"] == "provider")
        at = f"{facts['graph']['base_url'].rstrip('/')}/users/{ada['email']}/onlineMeetings"
        bearer = {"Authorization": f"Bearer {facts['graph']['token']}"}
        made = httpx.post(at, json={"subject": "Second opinion"}, headers=bearer, timeout=60)
        yield Place(server, ada, made.raise_for_status().json())


@contextmanager
def somebody(chromium: Browser, size: ViewportSize = PHONE, **more: Any) -> Iterator[Page]:
    """A page of a person with camera and microphone."""
    context = chromium.new_context(viewport=size, permissions=["camera", "microphone"], locale="en-GB", **more)
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


def sign_in(page: Page, place: Place) -> None:
    page.goto(f"{place.server.origin}/signin")
    page.fill("[name=login]", place.account["email"])
    page.fill("[name=password]", place.account["password"])
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("link", name="Desk").first).to_be_visible()


def test_a_guest_says_who_they_are_waits_and_is_let_in(chromium: Browser, place: Place) -> None:
    link = place.meeting["joinWebUrl"]
    with somebody(chromium) as cleo, somebody(chromium, DESKTOP) as ada:
        cleo.goto(link)
        expect(cleo.get_by_role("heading", name="You are asked to join a visit")).to_be_visible()
        look_at(cleo, "door of a meeting")
        cleo.get_by_role("button", name="Go on to the waiting room").click()
        expect(cleo.locator("#error-summary")).to_be_visible()
        look_at(cleo, "door of a meeting, without a name")
        cleo.get_by_label("Your name").fill("Cleo Baumann")
        cleo.get_by_role("button", name="Go on to the waiting room").click()
        cleo.get_by_role("button", name="Go to the waiting room").click()
        expect(cleo.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
        sign_in(ada, place)
        ada.goto(f"{place.server.origin}/desk")
        card = ada.locator(".queue-card", has_text="Cleo Baumann")
        expect(card.get_by_text("Second opinion")).to_be_visible()
        card.locator("[data-desk=join]").click()
        for page in (ada, cleo):
            expect(page.locator("call-controls")).to_be_visible()


def test_the_door_works_without_script_by_number_and_in_the_dark(chromium: Browser, place: Place) -> None:
    by_hand = place.meeting["joinMeetingIdSettings"]
    path = f"/visit?meetingId={by_hand['joinMeetingId']}&passcode={by_hand['passcode']}"
    with somebody(chromium, java_script_enabled=False, color_scheme="dark") as page:
        page.goto(f"{place.server.origin}{path}")
        page.get_by_label("Your name").fill("Dora Egli")
        page.get_by_role("button", name="Go on to the waiting room").click()
        expect(page).to_have_url(f"{place.server.origin}/visit")


def test_staff_come_to_their_side_by_the_same_link(chromium: Browser, place: Place) -> None:
    with somebody(chromium, DESKTOP) as ada:
        sign_in(ada, place)
        ada.goto(place.meeting["joinWebUrl"])
        expect(ada).to_have_url(f"{place.server.origin}/desk/visit/{place.meeting['id']}")
