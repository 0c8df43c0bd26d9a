"""Why a test in a browser failed, on a machine nobody can look at: what its pages showed, said and suffered.

Blocks that open a window close it when a test fails in them, before anybody asks; so what is closed while an exception
is on its way is described then. Everything is of tests: nothing in it is secret.
"""

import os
import shutil
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, WebError

MOST_WORDS = 600
WAITS = 2000
"""Milliseconds for a page to say what it shows: one that hangs must not hold up the rest."""
SAID = 8
"""Of the last complaints so many are told."""


@dataclass
class Window:
    """One context and what its pages complained of, the newest last."""

    context: BrowserContext
    said: deque[str] = field(default_factory=lambda: deque(maxlen=SAID))

    def __post_init__(self) -> None:
        self.context.on("console", self._console)
        self.context.on("weberror", self._error)
        self.context.on("page", lambda page: page.on("crash", self._crash))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(f"{message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.said.append(f"exception: {error.error}")

    def _crash(self, page: Page) -> None:
        self.said.append(f"CRASHED: {page.url}")

    def described(self) -> str:
        """What each page shows, and what all of them complained of."""
        pages = [f"page {page.url}\n{_words(page)}" for page in self.context.pages]
        return "\n".join([*pages, *(f"  ! {one}" for one in self.said)])


class Watch:
    """The windows that are open, and those that an exception closed since the test began."""

    def __init__(self) -> None:
        self.windows: dict[BrowserContext, Window] = {}
        self.closed: list[str] = []

    def opened(self, context: BrowserContext) -> None:
        self.windows[context] = Window(context)
        context.on("close", self._forget)

    def _forget(self, context: BrowserContext) -> None:
        self.windows.pop(context, None)

    def closing(self, *contexts: BrowserContext) -> None:
        """Describe what is about to be closed by an exception."""
        if sys.exc_info()[0] is None:
            return
        self.closed += [self.windows[one].described() for one in contexts if one in self.windows]

    def told(self) -> Iterator[tuple[str, str]]:
        """Titles and texts for a report."""
        for text in self.closed:
            yield "window, as the failure closed it", text
        for window in [*self.windows.values()]:
            if window.context.pages:
                yield "window, still open", window.described()


watch = Watch()


def _words(page: Page) -> str:
    try:
        words = page.locator("body").inner_text(timeout=WAITS)
    except Error as error:
        return f"  shows nothing that can be read: {error.message.splitlines()[0]}"
    return "\n".join(f"  {line}" for line in words[:MOST_WORDS].splitlines() if line.strip())


def _machine() -> str:
    loads = " ".join(f"{load:.1f}" for load in os.getloadavg())
    rooms = [f"{folder}: {shutil.disk_usage(folder).free // 2**20} MB free" for folder in ("/dev/shm", "/tmp")]
    memory = Path("/proc/meminfo").read_text().splitlines()[2] if sys.platform == "linux" else ""
    return "\n".join([f"load: {loads} on {os.cpu_count()} processors", *rooms, memory])


def pytest_configure(config: pytest.Config) -> None:
    """Learn of every window that is opened and closed, however a test does it."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    open_context, close_context, close_browser = Browser.new_context, BrowserContext.close, Browser.close

    def opens(browser: Browser, *given: Any, **how: Any) -> BrowserContext:
        context = open_context(browser, *given, **how)
        watch.opened(context)
        return context

    def closes(context: BrowserContext, *given: Any, **how: Any) -> None:
        watch.closing(context)
        close_context(context, *given, **how)

    def ends(browser: Browser, *given: Any, **how: Any) -> None:
        watch.closing(*browser.contexts)
        close_browser(browser, *given, **how)

    patch.setattr(Browser, "new_context", opens)
    patch.setattr(BrowserContext, "close", closes)
    patch.setattr(Browser, "close", ends)


def pytest_runtest_setup() -> None:
    """What an exception closed in an earlier test says nothing of this one."""
    watch.closed.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Add to the report of a failed test in a browser what there was to see."""
    report: Any = yield
    if report.failed and "chromium" in getattr(item, "fixturenames", ()):
        report.sections += [("machine", _machine()), *watch.told()]
    return report
