"""From the tap on "Join" to the first decoded picture of the other: two browsers, one machine, the whole product."""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench import Row
from tests.chromium import launched
from tests.e2e.letters import link_in, text_of
from tests.e2e.people import Consumer, Provider
from tests.e2e.practice import SERVICE, found_practice
from tests.e2e.proof_media import BLUE, RED, person_with
from tests.e2e.surroundings import DESKTOP, LONDON, Practice, at_browser, surroundings

JOINS = 9
# Notes when "Join" was pressed, and when the first frame of somebody else was shown after that.
STOPWATCH = """
document.addEventListener('click', (event) => {
  if (!event.target.closest?.('[data-check=join]')) return;
  window.pressed = performance.now();
  window.shown = 0;
  const look = () => {
    const video = document.querySelector('video-tile[data-kind=camera] video');
    if (video) video.requestVideoFrameCallback(() => { window.shown ||= performance.now(); });
    else requestAnimationFrame(look);
  };
  look();
}, true);
"""


def run() -> list[Row]:
    """A consumer who was admitted leaves and joins again, several times, while the provider stays."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder, sync_playwright() as playwright:
        path = Path(folder)
        accounts = found_practice(path / "data")
        with (
            surroundings(path / "data") as around,
            launched(playwright) as plain,
            person_with(RED, path, plain.browser_type) as red,
            person_with(BLUE, path, plain.browser_type) as blue,
        ):
            times = _joined(Practice(around, accounts), red, blue)
    slow = sorted(times)[int(len(times) * 0.9)]
    return [
        Row("join to first remote frame", statistics.median(times), "s", 1.0, note=f"median of {len(times)}"),
        Row("slowest tenth", slow, "s"),
    ]


def _joined(practice: Practice, red: Browser, blue: Browser) -> list[float]:
    practice.begin_week()
    account, around = practice.accounts["provider"], practice.around
    with at_browser(red, DESKTOP) as desk, at_browser(blue, DESKTOP, LONDON) as home:
        ada = Provider(desk, around.origin, RED, email=account["email"], password=account["password"])
        cleo = Consumer(home, around.origin, BLUE)
        home.add_init_script(STOPWATCH)
        cleo.books_at(practice.slug, SERVICE, practice.at(11))
        practice.clock_is(11)
        cleo.opens_link(link_in(text_of(around.letter(cleo.email, "booked")), "visit"))
        cleo.joins()
        ada.signs_in("/desk")
        ada.admits_and_joins(cleo.name)
        cleo.sees_picture_of(ada)
        return [_again(cleo) for _ in range(JOINS)]


def _again(cleo: Consumer) -> float:
    """Leave, go back, press "Join"; return the seconds until the provider is seen."""
    cleo.control("leave").click()
    cleo.page.locator("[data-ended-action]").click()
    cleo.page.locator("device-check [data-device=microphone][data-state=ok]").wait_for()
    cleo.joins()
    return _seconds(cleo.page)


def _seconds(page: Page) -> float:
    page.wait_for_function("() => window.shown > 0")
    return float(page.evaluate("() => (window.shown - window.pressed) / 1000"))
