"""The office in a real browser: each page on a phone and a desk, by keyboard, with script and without."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.accessible import look_at
from tests.servers import RunningServer, running_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GRID = 20 * 60
"""Seconds between two starts of a skin check."""
SIZES = {"desk": (1280, 720), "phone": (390, 844)}
PAGES = [
    "",
    "/calendar",
    "/calendar?view=week",
    "/calendar?view=week&provider=dr-ada-blum&hours=all",
    "/calendar?view=month",
    "/calendar?by=resource",
    "/absence",
    "/absence?provider=dr-ada-blum&since=2026-01-01&until=2026-02-01",
    "/waitlist",
    "/transfer",
    "/appointments",
    "/appointments?when=all&q=nobody",
    "/book",
    "/book/first-visit",
    "/reports",
    "/why",
    "/results",
    "/activity",
    "/setup",
    "/setup?q=zebra",
    "/setup/business",
    "/brand",
    "/setup/hours",
    "/setup/days",
    "/setup/locations",
    "/setup/services",
    "/setup/new-service",
    "/setup/services/first-visit",
    "/setup/services/first-visit/rules",
    "/setup/services/first-visit/providers",
    "/setup/services/first-visit/questions",
    "/setup/services/first-visit/questions/reason",
    "/setup/services/first-visit/retire",
    "/setup/services/first-visit/words",
    "/setup/words",
    "/setup/words/reminder/consumer/email/en",
    "/setup/words/waitlist_offer/consumer/sms/ar",
    "/setup/providers",
    "/setup/providers/dr-ada-blum",
    "/setup/providers/dr-ada-blum/services",
    "/setup/providers/dr-ada-blum/hours",
    "/setup/providers/dr-ada-blum/days",
    "/setup/providers/dr-chiara-rossi/sign-in",
    "/setup/calendars",
    "/setup/providers/dr-ada-blum/calendars",
    "/setup/providers/dr-ada-blum/calendars/address",
    "/setup/providers/dr-ada-blum/calendars/account",
    "/setup/waiting-areas/walk-in-clinic",
    "/setup/waiting-areas/everybody/content",
    "/setup/prepared-texts",
    "/setup/visits",
    "/setup/staff",
    "/setup/staff/invite",
    "/setup/survey",
    "/setup/survey/new",
    "/setup/survey/elsewhere",
    "/setup/keys",
    "/setup/messages",
    "/setup/messages/next",
    "/setup/messages/texts",
    "/setup/messages/addresses",
    "/reports/messages",
    "/setup/gateways",
    "/setup/gateways/email",
    "/setup/gateways/email/smtp",
    "/setup/gateways/sms/twilio",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The demonstration."""
    with running_server(tmp_path_factory.mktemp("manager")) as running:
        yield running


@pytest.fixture(scope="module")
def facts(server: RunningServer) -> dict[str, Any]:
    """Who and what is in the demonstration."""
    found: dict[str, Any] = json.loads((server.data / "demo.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, server: RunningServer, facts: dict[str, Any]) -> Any:
    """The cookies of the clinic's manager."""
    mara = next(one for one in facts["accounts"] if (one["business"], one["role"]) == ("lakeside-clinic", "manager"))
    context = chromium.new_context(base_url=server.origin)
    page = context.new_page()
    page.goto("/signin?next=/manage")
    page.get_by_label("E-mail address").fill(mara["email"])
    page.get_by_label("Password").fill(mara["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


def office(chromium: Browser, server: RunningServer, state: Any, size: str = "desk", **how: Any) -> BrowserContext:
    """Mara's browser."""
    width, height = SIZES[size]
    return chromium.new_context(
        base_url=server.origin, storage_state=state, viewport={"width": width, "height": height}, **how
    )


@pytest.mark.parametrize(("size", "schemes"), [("desk", ("light", "dark")), ("phone", ("light",))])
def test_nothing_on_any_page_stands_in_anybodys_way(
    chromium: Browser, server: RunningServer, signed_in: Any, facts: dict[str, Any], size: str, schemes: Any
) -> None:
    context = office(chromium, server, signed_in, size)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    ref = next(one["id"] for one in facts["appointments"] if one["business"] == "lakeside-clinic")
    own = [f"/appointments/{ref}", f"/appointments/{ref}/move", f"/appointments/{ref}/cancel"]
    own += [f"/appointments/{ref}/time", f"/appointments/{ref}/follow-up"]
    for path in [*PAGES, *own, "/book/first-visit/contact?start=2099-01-05T09:00:00Z"]:
        answer = page.goto(f"/manage{path}")
        assert answer is not None
        assert answer.status == 200, path
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            look_at(page, f"{path} in {scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], path
    context.close()
    assert problems == []


def press_until(page: Page, name: str) -> None:
    """Walk with the tabulator key to the link or button of that name."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def test_the_keyboard_books_for_a_consumer(chromium: Browser, server: RunningServer, signed_in: Any) -> None:
    context = office(chromium, server, signed_in)
    page = context.new_page()
    page.goto("/manage")
    press_until(page, "Book for a consumer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What is it for?")).to_be_visible()
    press_until(page, "Follow-up")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Follow-up", level=1)).to_be_visible()
    press_until(page, page.locator("a.slot").nth(1).inner_text())  # the first may pass meanwhile
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Who is it for?")).to_be_visible()
    while not page.evaluate("document.activeElement.name === 'name'"):
        page.keyboard.press("Tab")
    page.keyboard.type("Nora Lind")
    page.keyboard.press("Tab")
    page.keyboard.type("nora@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nora Lind")).to_be_visible()
    expect(page.get_by_text("A confirmation goes to nora@example.org")).to_be_visible()
    context.close()


def test_hours_are_set_without_script(chromium: Browser, server: RunningServer, signed_in: Any) -> None:
    context = office(chromium, server, signed_in, "phone", java_script_enabled=False)
    page = context.new_page()
    page.goto("/manage/setup/hours")
    page.get_by_role("button", name=re.compile("Add hours.*Monday")).click()
    expect(page.get_by_label("Monday, window 2, to")).to_be_visible()
    page.get_by_label("Monday, window 1, to").fill("12:00")
    page.get_by_label("Monday, window 2, from").fill("13:00")
    page.get_by_label("Monday, window 2, to").fill("18:30")
    page.get_by_role("button", name="Copy Monday to Tuesday–Friday").click()
    expect(page.get_by_label("Friday, window 2, to")).to_have_value("18:30")
    page.get_by_role("button", name="Save the hours").click()
    expect(page.get_by_text("The opening hours were saved")).to_be_visible()
    expect(page.get_by_label("Friday, window 2, to")).to_have_value("18:30")
    context.close()


def test_the_coming_week_is_drawn_again_while_rules_change(
    chromium: Browser, server: RunningServer, signed_in: Any
) -> None:
    context = office(chromium, server, signed_in)
    page = context.new_page()
    server.move_clock(advance_seconds=GRID - int(time.time()) % GRID + 2)  # no start goes by between two looks
    page.goto("/manage/setup/services/skin-check/rules")
    week = page.locator("[data-preview-here]")
    before = week.inner_text()
    page.get_by_label("It takes").fill("120")
    expect(week).not_to_have_text(before, use_inner_text=True)
    assert page.evaluate("document.activeElement.name") == "duration_minutes"
    page.reload()
    expect(week).to_have_text(before, use_inner_text=True)
    expect(page.get_by_label("How far ahead it can be booked")).to_be_hidden()
    page.locator("#follow-window").uncheck()
    expect(page.get_by_label("Minutes ahead")).to_be_hidden()
    page.get_by_label("How far ahead it can be booked").select_option("rolling_minutes")
    expect(page.get_by_label("Minutes ahead")).to_be_visible()
    context.close()


def test_words_of_a_message_are_shown_while_somebody_types_and_stored_only_when_saved(
    chromium: Browser, server: RunningServer, signed_in: Any
) -> None:
    context = office(chromium, server, signed_in)
    page = context.new_page()
    page.goto("/manage/setup/words/reminder/consumer/email/en")
    pages = page.evaluate("history.length")
    body = page.get_by_label("Text (optional)")
    body.fill("Dear , see you.")
    body.evaluate("field => field.setSelectionRange(5, 5)")
    page.get_by_role("button", name="{consumer}").click()
    expect(body).to_have_value("Dear {consumer}, see you.")
    mail = page.frame_locator(".wording__frame iframe:not(.is-coming)")
    expect(mail.get_by_text("Dear Jo Example, see you.")).to_be_visible()
    assert page.evaluate("history.length") == pages, "the way back is not filled with previews"
    page.get_by_label("Subject (optional)").fill("Join {link}")
    expect(page.locator("[data-wording-here]")).to_contain_text("no place here")
    page.get_by_label("Subject (optional)").fill("Soon")
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test is on its way")).to_be_visible()
    expect(mail.get_by_text("Dear Jo Example, see you.")).to_be_visible()
    page.goto("/manage/setup/words/reminder/consumer/sms/en")
    page.get_by_label("Text (optional)").fill("你好 {time}")
    expect(page.locator("[data-wording-here]")).to_contain_text("UCS-2")
    page.reload()
    expect(page.locator("[data-wording-here]")).to_contain_text("GSM-7")
    context.close()


def calendar_of(page: Page, server: RunningServer) -> Locator:
    """An appointment with Ada some days on, at daytime, booked for this; its day in the calendar, and its block."""
    business = f"{server.origin}/api/v1/businesses/lakeside-clinic"
    soon = datetime.now(UTC) + timedelta(days=2)
    asked = {"service": "first-visit", "provider": "dr-ada-blum", "from": soon.isoformat(timespec="seconds")}
    asked["to"] = (soon + timedelta(days=7)).isoformat(timespec="seconds")
    slots = httpx.get(f"{business}/slots", params=asked, timeout=60).raise_for_status().json()["slots"]
    starts = [datetime.fromisoformat(slot["start"]).astimezone(ZoneInfo("Europe/Zurich")) for slot in slots]
    start = next(one for one in starts if 9 <= one.hour < 15)
    wish = {
        **{"service": "first-visit", "provider": "dr-ada-blum", "start": start.isoformat()},
        "consumer": {"name": "Dora Drag", "email": "dora@example.org", "timezone": "Europe/Zurich"},
        "answers": {"reason": "A cough", "consent": True},
    }
    booked = httpx.post(f"{business}/appointments", json=wish, timeout=60)
    assert booked.status_code == 201, booked.text
    page.goto(f"/manage/calendar?date={start.date()}&hours=all")
    block = page.locator(f".block[data-ref='{booked.json()['id']}']")
    block.scroll_into_view_if_needed()
    return block


def test_an_appointment_is_dragged_to_a_colleague_and_back(
    chromium: Browser, server: RunningServer, signed_in: Any, facts: dict[str, Any]
) -> None:
    context = office(chromium, server, signed_in)
    page = context.new_page()
    block = calendar_of(page, server)
    ref, name = block.get_attribute("data-ref"), block.locator("strong").inner_text()
    box = block.bounding_box()
    there = page.locator(".week__day[data-provider='dr-bo-lund']").bounding_box()
    assert box is not None
    assert there is not None
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 10, steps=3)
    page.mouse.move(there["x"] + 20, box["y"] + 10, steps=3)
    expect(page.locator(".ghost.is-free")).to_be_visible()
    page.mouse.up()
    expect(page.get_by_role("heading", name=f"Move {name} to Dr Bo Lund?")).to_be_visible()
    page.get_by_role("button", name="Move it").click()
    moved = page.locator(f".week__day[data-provider='dr-bo-lund'] .block[data-ref='{ref}']")
    expect(moved).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f".week__day[data-provider='dr-ada-blum'] .block[data-ref='{ref}']")).to_be_visible()
    context.close()


def test_the_keyboard_moves_an_appointment_and_hears_of_a_conflict_before_it_is_saved(
    chromium: Browser, server: RunningServer, signed_in: Any, facts: dict[str, Any]
) -> None:
    context = office(chromium, server, signed_in)
    page = context.new_page()
    block = calendar_of(page, server)
    before = block.get_attribute("data-start")
    block.focus()
    says = page.locator("[data-say]")
    for _press in range(60):  # onto the consumer who comes before, or the past
        page.keyboard.press("ArrowUp")
        expect(page.locator(".ghost:is(.is-free, .is-refused)")).to_be_visible()
        if page.locator(".ghost.is-refused").count():
            break
    expect(page.locator(".ghost.is-refused")).to_be_visible()
    expect(says).not_to_be_empty()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This cannot be done")).to_be_visible()
    expect(page.get_by_role("button", name="Move it")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    expect(block).to_be_focused()
    assert block.get_attribute("data-start") == before
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Longer")).to_be_visible()
    context.close()
