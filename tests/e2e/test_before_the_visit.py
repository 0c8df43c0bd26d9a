"""Before a visit, in a real browser at the real server: the check through a real relay, coming by, and waiting."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.accessible import look_at
from tests.e2e.letters import soon
from tests.e2e.relay import STATIC
from tests.e2e.stalls import first_shown, given, noting, wall
from tests.e2e.turn import PROGRAM, WHY_NOT, turn_server
from tests.servers import RunningServer, running_server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (STATIC / "manifest.json").exists(), reason="the front end is not built: script/bootstrap"),
]
PHONE: ViewportSize = {"width": 390, "height": 844}
CANCELLED = "This appointment was cancelled"
EVERY_STEP_MS = 5000
"""The check of the line promises to be over by then; a loaded machine gets as long again."""


@dataclass(frozen=True)
class Town:
    """The demonstration with a relay of its own, and what it wrote down."""

    server: RunningServer
    facts: dict[str, Any]

    def visit(self, number: int) -> str:
        """The address of a consumer's visit of today."""
        return str(self.facts["appointments"][number]["consumer_url"])

    def query(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database, or prepare something in it."""
        with closing(sqlite3.connect(self.server.data / "vestibule.sqlite3", timeout=10)) as database:
            rows = database.execute(text, values).fetchall()
            database.commit()
            return rows

    def devices(self, number: int) -> dict[str, str]:
        """What is kept of the check of a consumer of today."""
        found = self.query(
            "SELECT devices FROM meetings_participant JOIN booking_appointment USING (meeting_id)"
            " WHERE booking_appointment.ref = ? AND kind = 'consumer'",
            self.facts["appointments"][number]["id"],
        )
        kept: dict[str, str] = json.loads(found[0][0])
        return kept


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    if PROGRAM is None:
        pytest.skip(WHY_NOT)
    folder = tmp_path_factory.mktemp("town")
    with turn_server(tmp_path_factory.mktemp("turn")) as relay:
        env = {
            "VESTIBULE_TURN_URLS": f"turn:127.0.0.1:{relay.port}?transport=udp",
            "VESTIBULE_TURN_SECRET": relay.secret,
        }
        with running_server(folder, env=env) as server:
            yield Town(server, json.loads((folder / "demo.json").read_text()))


@contextmanager
def at(chromium: Browser, address: str) -> Iterator[Page]:
    """A phone of somebody, at `address`; camera and microphone are allowed."""
    context = chromium.new_context(viewport=PHONE, permissions=["camera", "microphone"])
    context.add_init_script(noting({CANCELLED: "h1"}))
    try:
        page = context.new_page()
        page.goto(address)
        yield page
    finally:
        context.close()


def test_a_check_days_before_goes_through_the_relay_and_staff_have_its_result(chromium: Browser, town: Town) -> None:
    with at(chromium, town.visit(2).replace("/visit?", "/test-call?")) as page:
        expect(page.locator("line-check")).to_contain_text("good for video", timeout=2 * EVERY_STEP_MS)
        expect(page.locator("#test-verdict h2")).to_have_text("You are ready")
        soon(lambda: town.devices(2).get("bandwidth") == "video", "the result with the seat")
        kept = town.devices(2)
        assert (kept["mic"], kept["cam"], kept["network"], kept["browser"]) == ("ok", "ok", "direct", "chrome")
        look_at(page, "test call, ready")


def test_a_relay_that_is_dead_is_noticed_in_time_and_the_telephone_named(chromium: Browser, town: Town) -> None:
    dead = {"servers": [{"urls": ["turn:127.0.0.1:9?transport=udp"], "username": "1:a", "credential": "b"}]}
    context = chromium.new_context(viewport=PHONE, permissions=["camera", "microphone"])
    page = context.new_page()
    page.route("**/test-call/relay", lambda route: route.fulfill(json=dead))
    page.goto(town.visit(2).replace("/visit?", "/test-call?"))
    expect(page.locator("line-check[data-state=problem]")).to_contain_text(
        "Your network blocks calls", timeout=2 * EVERY_STEP_MS
    )
    took = page.evaluate("() => performance.now()")
    expect(page.locator("#test-verdict[data-standing=not_yet]")).to_be_visible()
    soon(lambda: town.devices(2).get("network") == "blocked", "the result with the seat")
    look_at(page, "test call, network blocked")
    assert took < 3 * EVERY_STEP_MS
    context.close()


def test_a_slow_line_begins_with_the_camera_off_and_says_why(chromium: Browser, town: Town) -> None:
    context = chromium.new_context(viewport=PHONE, permissions=["camera", "microphone"])
    page = context.new_page()
    page.route("**/test-call/relay", lambda route: route.fulfill(json={"servers": []}))
    wire = context.new_cdp_session(page)
    page.goto(town.visit(2))
    conditions = {"offline": False, "latency": 60, "downloadThroughput": 20_000, "uploadThroughput": 20_000}
    wire.send("Network.emulateNetworkConditions", conditions)
    expect(page.locator(".ready__picture video")).to_be_visible()
    expect(page.locator("line-check")).to_have_count(0)  # it costs data: nobody asked for it yet
    page.locator("[data-device=line] button").click()
    expect(page.locator("line-check[data-state=problem]")).to_contain_text(
        "good for sound, but slow for pictures", timeout=2 * EVERY_STEP_MS
    )
    expect(page.locator(".ready__blank")).to_contain_text("Your camera is off at first")
    look_at(page, "visit, slow line")
    soon(lambda: town.devices(2).get("bandwidth") == "audio", "the result with the seat, before the room opens")
    page.locator("[data-control=camera]").click()
    expect(page.locator(".ready__picture video")).to_be_visible()
    context.close()


def test_whoever_comes_by_waits_after_one_form_and_keeps_the_place_over_a_reload(chromium: Browser, town: Town) -> None:
    with at(chromium, f"{town.server.origin}/book/lakeside-clinic") as page:
        page.get_by_role("link", name="See somebody now").click()
        expect(page.get_by_label("Your name")).to_be_visible()
        look_at(page, "walk-in: form")
        page.get_by_role("button", name="Go on to the waiting room").click()
        expect(page.locator("#error-summary")).to_be_visible()
        look_at(page, "walk-in: form with errors")
        page.get_by_label("Your name").fill("Walter Inn")
        page.get_by_label("I agree that").check()
        page.get_by_role("button", name="Go on to the waiting room").click()
        page.locator("[data-check=join]").click()
        expect(page.locator("waiting-status [data-place='1']")).to_be_visible()
        expect(page.locator("waiting-content")).to_contain_text("Thank you for coming by")
        soon(lambda: page.title().startswith("You are next"), "the place in the title")
        since = page.locator("waiting-status time").get_attribute("datetime")
        assert since
        look_at(page, "waiting room, with what the business shows")
        page.reload()
        expect(page.locator("waiting-status time")).to_have_attribute("datetime", since)
        page.locator("chat-panel textarea").fill("May I ask something?")
        page.keyboard.press("Enter")
        expect(page.locator(".bubble--own")).to_contain_text("May I ask something?")


def test_five_wrong_dates_of_birth_lock_the_place_kindly_and_a_cancellation_leads_on(
    chromium: Browser, town: Town
) -> None:
    booked = town.facts["appointments"][0]["id"]
    asked = [{"id": "born", "type": "date", "label": "Born", "required": True, "confirms": "birth_date"}]
    asked[0] |= {"help": "", "choices": []}
    town.query("UPDATE meetings_waitingarea SET identity_fields = '[\"birth_date\"]' WHERE is_default")
    town.query(
        "UPDATE booking_service SET questions = ?"
        " WHERE id = (SELECT service_id FROM booking_appointment WHERE ref = ?)",
        json.dumps(asked),
        booked,
    )
    town.query('UPDATE booking_appointment SET answers = \'{"born": "1980-05-31"}\' WHERE ref = ?', booked)
    with at(chromium, town.visit(0)) as page:
        page.locator("[data-check=join]").click()
        expect(page.locator("#identity-birth_date")).to_be_visible()
        look_at(page, "waiting room, asked who one is")
        for wrong in range(1, 6):
            page.locator("#identity-birth_date").fill(f"1981-01-0{wrong}")
            page.locator("identity-form button").click()
            if wrong < 5:
                expect(page.locator("identity-form [role=alert]")).to_be_visible()
                expect(page.locator("identity-form button")).to_be_enabled()
        expect(page.locator("[data-identity=locked]")).to_contain_text("Nobody is cross")
        look_at(page, "waiting room, locked")
        key = next(one["api_key"] for one in town.facts["businesses"] if one["slug"] == "lakeside-clinic")
        url = f"{town.server.origin}/api/v1/appointments/{booked}/cancel"
        httpx.post(url, json={}, headers={"Authorization": f"Bearer {key}"}, timeout=60).raise_for_status()
        since = wall()
        expect(page.get_by_role("heading", name=CANCELLED)).to_be_visible(timeout=60_000)
        shown = soon(lambda: first_shown(page, CANCELLED), "the heading to be noted")
        assert given(page, since, shown) < 4.0, "the trail is read each second"
        expect(page.get_by_role("link", name="Book an appointment")).to_be_visible()
