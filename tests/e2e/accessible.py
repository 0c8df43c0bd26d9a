"""What holds on every page and in every state: nothing for axe to find, and nothing that scrolls sideways."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_axe = Axe()

SETTLED = """() => Promise.allSettled(
    document.getAnimations()
        .filter((one) => one.playState === "running" && one.effect.getTiming().iterations !== Infinity)
        .map((one) => one.finished)
).then(() => null)"""


def look_at(page: Page, state: str) -> None:
    """Check the page as it is now; `state` names it in the failure."""
    page.evaluate(SETTLED)  # what is still fading in has the colours of no state
    found = _axe.run(page)
    assert found.violations_count == 0, f"{state} ({page.url}):\n{found.generate_report()}"
    too_wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{state} ({page.url}) scrolls sideways by {too_wide} pixels"
