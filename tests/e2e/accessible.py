"""What holds on every page and in every state: nothing for axe to find, and nothing that scrolls sideways."""

from collections.abc import Collection

from axe_playwright_python.sync_playwright import Axe, AxeResults
from playwright.sync_api import Error, Page

_axe = Axe()

SETTLED = """() => Promise.allSettled(
    document.getAnimations()
        .filter((one) => one.playState === "running" && one.effect.getTiming().iterations !== Infinity)
        .map((one) => one.finished)
).then(() => null)"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def look_at(page: Page, state: str, *, without: Collection[str] = ()) -> None:
    """Check the page as it is now; `state` names it in the failure, `without` are rules that do not hold for it.

    Wait for something of that state first: this cannot know whether a press has led there yet.
    """
    try:
        found, too_wide = _look(page, without)
    except Error as gone:
        if "Execution context was destroyed" not in str(gone):
            raise
        found, too_wide = _look(page, without)  # the page it was leads to another, whose state is meant
    assert found.violations_count == 0, f"{state} ({page.url}):\n{found.generate_report()}"
    assert too_wide <= 0, f"{state} ({page.url}) scrolls sideways by {too_wide} pixels"


def _look(page: Page, without: Collection[str]) -> tuple[AxeResults, int]:
    """What axe finds, and by how many pixels the page is too wide."""
    page.wait_for_load_state()
    page.evaluate(SETTLED)  # what is still fading in has the colours of no state
    found = _axe.run(page, options={"rules": {rule: {"enabled": False} for rule in without}})
    return found, int(page.evaluate(TOO_WIDE))
