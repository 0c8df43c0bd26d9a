"""A real Chromium with a pretended camera and microphone, one for the whole run."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    # Names in place of local addresses cannot be resolved where there is no multicast.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    # Drawn in parts, an edge has other shades where a part ends: what looks the same must be the same to the pixel.
    "--disable-partial-raster",
]
PATIENCE = 30_000
"""Milliseconds; browsers, a server and whatever else the machine does share its cores."""
expect.set_options(timeout=PATIENCE)
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """Where Chromium is installed; None where it is not."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """Start Chromium; skip the test where it is not installed."""
    program = executable()
    if program is None:
        pytest.skip("Chromium is not installed")
    # Its own sandbox cannot be built by root, nor in most containers.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 or os.environ.get("CI") else FLAGS
    browser = playwright.chromium.launch(executable_path=program, args=flags)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser; make a context of your own for each person: `chromium.new_context()`."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """One page of a person who has never been here, with camera and microphone allowed."""
    context = chromium.new_context(permissions=["camera", "microphone"], locale="en-GB")
    yield context.new_page()
    context.close()
