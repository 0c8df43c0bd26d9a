"""From a letter typed in the builder to the page beside it drawn again, at each point of a consumer's way."""

import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench import Row
from tests.chromium import launched
from tests.servers import RunningServer, running_server

LETTERS = 12
BUDGET = 0.2
BURST = 15
BETWEEN_MS = 90
"""Between two letters of somebody who types fast."""
# For each letter: when it was typed, when a frame took the place of the one before, and when that was painted.
STOPWATCH = """
() => {
    window.letters = [];
    document.addEventListener('input', () => window.letters.push({ typed: performance.now() }), true);
    new MutationObserver((changes) => {
        const letter = window.letters.at(-1);
        const next = changes.find(({ target }) => target.tagName === 'IFRAME' && !target.matches('.is-coming'));
        if (!letter || !next) return;
        const [loaded] = next.target.contentWindow?.performance.getEntriesByType('navigation') ?? [];
        const timing = Object.fromEntries((loaded?.serverTiming ?? []).map((one) => [one.name, one.duration]));
        letter.served = timing.preview ?? 0;
        letter.worked = timing.cpu ?? 0;
        requestAnimationFrame(() => setTimeout(() => (letter.painted = performance.now())));
    }).observe(document.querySelector('[data-pane-stage]'), { subtree: true, attributeFilter: ['class'] });
}
"""


def run() -> list[Row]:
    """Type letters one after the other at each point of the way, then fast; a demonstration's clinic is drawn."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder, running_server(Path(folder)) as server:
        account = json.loads((Path(folder) / "demo.json").read_text())["accounts"][0]
        with _builder(server, account) as page:
            states = page.locator("#pane-show option").evaluate_all("(all) => all.map((one) => [one.value, one.text])")
            return [row for state, words in states for row in _rows(page, state, words)] + _fast(page)


@contextmanager
def _builder(server: RunningServer, account: dict[str, Any]) -> Iterator[Page]:
    """The builder's first step, with a draft, in the browser of a manager."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=server.origin)
        page.goto("/signin")
        page.get_by_label("E-mail").fill(account["email"])
        page.get_by_label("Password", exact=True).fill(account["password"])
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/signin" not in url)
        page.goto("/manage/experience")
        page.get_by_role("button", name="Begin a draft").click()
        page.goto("/manage/experience/steps/business", wait_until="networkidle")
        page.evaluate(STOPWATCH)
        yield page


def _rows(page: Page, state: str, words: str) -> list[Row]:
    _begin(page, state)
    for number in range(LETTERS):
        _type(page, "x")
        page.wait_for_function("(count) => window.letters[count]?.painted", arg=number)
    taken = [(one["painted"] - one["typed"]) / 1000 for one in _letters(page)]
    served, worked = (statistics.median(one[part] for one in _letters(page)) for part in ("served", "worked"))
    note = f"median of {len(taken)}; slowest {max(taken):.3f} s; in the server {served:.0f} ms, of CPU {worked:.0f} ms"
    return [Row(words, statistics.median(taken), "s", BUDGET, note=note)]


def _fast(page: Page) -> list[Row]:
    """Type a word fast: how old is the oldest letter that is not shown yet, when its page comes."""
    _begin(page, "book")
    for _letter in range(BURST):
        _type(page, "y")
        page.wait_for_timeout(BETWEEN_MS)
    page.wait_for_function("() => window.letters.at(-1).painted")
    letters, late, waits = _letters(page), list[float](), list[float]()
    for one in letters:
        waits.append(one["typed"])
        if "painted" in one:
            late.append((one["painted"] - waits[0]) / 1000)
            waits.clear()
    note = f"{len(late)} drawings of {len(letters)} letters, {BETWEEN_MS} ms apart"
    return [Row("Booking page, typed fast: slowest letter", max(late), "s", note=note)]


def _begin(page: Page, state: str) -> None:
    page.get_by_label("One line about it").fill("Seen the same day")
    page.get_by_label("Show", exact=True).select_option(state)
    page.wait_for_timeout(1500)
    page.evaluate("() => { window.letters = []; }")


def _type(page: Page, letter: str) -> None:
    page.get_by_label("One line about it").press(letter)


def _letters(page: Page) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.evaluate("() => window.letters")
    return found
