"""What a blurred background costs: a call between two people, as it is, and with the background of one blurred."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect, sync_playwright

from bench import Row
from bench.bench_first_frame import cpu_of_browsers
from tests.chromium import launched
from tests.e2e.calls import FRAMES, Call, begin_call, until
from tests.e2e.carriers import Carrier
from tests.e2e.relay import Relay

SECONDS = 10
WARM_UP_MS = 4000


def run() -> list[Row]:
    """Measure a call as it is, then with one person's background blurred; half a minute."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        relay = Relay()
        try:
            return _measured(begin_call(relay, (browser, browser), Carrier("p2p")))
        finally:
            relay.close()


def _measured(call: Call) -> list[Row]:
    shown = call.provider.page
    assert until(lambda: shown.evaluate(FRAMES) > 0, 30)
    plain, plain_rate = _over(shown, lambda: int(shown.evaluate(FRAMES)))
    pressed = time.monotonic()
    _switch_on(call.consumer.page)
    ready = time.monotonic() - pressed
    blurred, blurred_rate = _over(shown, lambda: int(shown.evaluate(FRAMES)))
    call.close()
    return [
        Row("from the press until blur is on", ready, "s", note="fetching and starting included"),
        Row("both people without blur", plain, "cores", note=f"{plain_rate:.0f} pictures a second arrive"),
        Row("both people, one of them blurs", blurred, "cores", note=f"{blurred_rate:.0f} pictures a second arrive"),
        Row("so blurring takes", blurred - plain, "cores"),
    ]


def _switch_on(page: Page) -> None:
    page.locator("call-controls [data-control=more]").click()
    page.locator("[data-more=blur]").click()
    expect(page.locator("[data-more=blur]")).to_have_attribute("aria-pressed", "true", timeout=30_000)
    page.locator("call-controls [data-control=more]").click()


def _over(page: Page, frames: Callable[[], int]) -> tuple[float, float]:
    """Return the cores all browsers take and the pictures a second that arrive, once things are calm."""
    page.wait_for_timeout(WARM_UP_MS)
    cpu, seen, began = cpu_of_browsers(), frames(), time.monotonic()
    page.wait_for_timeout(SECONDS * 1000)
    took = time.monotonic() - began
    return (cpu_of_browsers() - cpu) / took, (frames() - seen) / took
