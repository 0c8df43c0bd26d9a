"""A neon yellow brand in a real browser: its effect is watched while it is chosen, then everybody reads it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.accessible import look_at
from tests.pictures import picture
from tests.servers import RunningServer, running_server
from vestibule.people.palette import palette

pytestmark = [pytest.mark.browser, pytest.mark.slow]

YELLOW = "#ffff00"
SCHEMES: list[dict[str, Any]] = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "light", "contrast": "more"},
    {"color_scheme": "dark", "contrast": "more"},
]
LOADED = "(name) => [...document.fonts].some((one) => one.family.includes(name) && one.status === 'loaded')"
PAGES = ("/book/lakeside-clinic", "/book/lakeside-clinic/first-visit", "/test-call", "/walk-in/lakeside-clinic")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The demonstration."""
    with running_server(tmp_path_factory.mktemp("brand")) as running:
        yield running


@pytest.fixture(scope="module")
def office(chromium: Browser, server: RunningServer) -> Iterator[BrowserContext]:
    """The browser of the clinic's manager, signed in."""
    facts = json.loads((server.data / "demo.json").read_text("utf-8"))
    mara = next(one for one in facts["accounts"] if (one["business"], one["role"]) == ("lakeside-clinic", "manager"))
    context = chromium.new_context(base_url=server.origin, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto("/signin?next=/manage/brand")
    page.get_by_label("E-mail address").fill(mara["email"])
    page.get_by_label("Password").fill(mara["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Brand", level=1)).to_be_visible()
    yield context
    context.close()


def token(page: Page, name: str, of: str = "html") -> str:
    found: str = page.evaluate(
        "([of, name]) => getComputedStyle(document.querySelector(of)).getPropertyValue(name).trim()", [of, name]
    )
    return found


def chooses_yellow(page: Page) -> None:
    page.goto("/manage/brand")
    page.locator("input[name=colour]").fill(YELLOW)
    expect(page.get_by_text("The header keeps #ffff00")).to_be_visible()


def test_the_effect_is_seen_before_it_is_saved(office: BrowserContext) -> None:
    page = office.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    chooses_yellow(page)
    expect(page.get_by_label("Your own colour", exact=True).first).to_be_checked()
    expect(page.locator("input[type=color]")).to_have_value(YELLOW)
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.sample')).getPropertyValue('--band').trim() === '#ffff00'"
    )
    assert token(page, "--accent", ".sample[data-theme=light]") == "#6f6f00"
    assert token(page, "--accent", ".sample[data-theme=dark]") == YELLOW
    assert token(page, "--band") == "#014244", "the page itself keeps what is saved"
    page.locator("label", has_text="Figtree").click()
    expect(page.locator("[data-preview-here] link")).to_have_attribute("href", re.compile("ffff00-figtree-soft-cosy"))
    look_at(page, "a brand being chosen")
    page.close()
    assert problems == []


def test_what_was_saved_is_read_by_everybody_in_every_scheme(
    office: BrowserContext, chromium: Browser, server: RunningServer
) -> None:
    page = office.new_page()
    chooses_yellow(page)
    page.locator("label", has_text="Figtree").click()
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("The look was saved")).to_be_visible()
    page.locator("#logo input[type=file]").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": picture((300, 60), "PNG")}
    )
    page.locator("#logo button").first.click()
    expect(page.get_by_text("The picture is shown from now on")).to_be_visible()
    schemes: list[Any] = ["light", "dark"]
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        look_at(page, f"the page of the brand, {scheme}")
    page.close()
    for how in SCHEMES:
        context = chromium.new_context(base_url=server.origin, viewport={"width": 390, "height": 844}, **how)
        reads_everything(context, server, how)
        context.close()


def reads_everything(context: BrowserContext, server: RunningServer, how: dict[str, Any]) -> None:
    guest, asked = context.new_page(), list[str]()
    guest.on("request", lambda one: asked.append(one.url))
    for path in PAGES:
        guest.goto(path)
        look_at(guest, f"{path} in {how}")
    guest.goto(PAGES[0])
    made, scheme = palette(YELLOW), how["color_scheme"]
    tokens = made.more[scheme] if "contrast" in how else {"light": made.light, "dark": made.dark}[scheme]
    assert {name: token(guest, f"--{name}") for name in tokens} == dict(tokens)
    guest.wait_for_function(LOADED, arg="Vestibule Figtree")
    assert guest.locator("img.brand__logo").evaluate("one => one.complete && one.naturalWidth") == 300
    assert [url for url in asked if not url.startswith(server.origin)] == []
