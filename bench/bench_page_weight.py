"""What a real browser loads for the pages consumers meet first: bytes as sent (gzip), requests, and from where."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, sync_playwright

from bench import Row
from tests.chromium import launched
from tests.servers import RunningServer, run_module, running_server

KILOBYTE = 1024


def run() -> list[Row]:
    """Open each page in a browser that was never here, and count until nothing is loaded any more."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder, running_server(Path(folder)) as server:
        visit = json.loads((Path(folder) / "demo.json").read_text())["appointments"][0]["consumer_url"]
        book = f"{server.origin}/book/lakeside-clinic"
        pages = {"/visit": visit, "/book": book, "/book, a service": f"{book}/first-visit"}
        with _browser() as browser:
            rows = [row for name, address in pages.items() for row in _rows(name, address, server, browser)]
            run_module("bench.brand_fill", "lakeside-clinic", data=Path(folder))
            return [*rows, *_rows("/visit with a brand", visit, server, browser)]


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


def _rows(name: str, address: str, server: RunningServer, browser: Browser) -> list[Row]:
    size, addresses = _loaded(address, browser)
    ours = urlsplit(server.origin).netloc
    foreign = [one for one in addresses if urlsplit(one).scheme != "data" and urlsplit(one).netloc != ours]
    note = "before joining" if name.startswith("/visit") else ""
    return [
        Row(f"{name}: weight", size / KILOBYTE, "KB", 60.0, note=note),
        Row(f"{name}: requests", len(addresses), "", 8.0),
        Row(f"{name}: third party", len(foreign), "", 0.0),
    ]


def _loaded(address: str, browser: Browser) -> tuple[int, list[str]]:
    """Return the bytes of all answers as a browser without Brotli gets them, and every address that was asked for."""
    context = browser.new_context(permissions=["camera", "microphone"], timezone_id="Europe/Zurich", locale="en-GB")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="networkidle")
    cookies = {str(one["name"]): str(one["value"]) for one in context.cookies()}
    context.close()
    with httpx.Client(headers={"Accept-Encoding": "gzip"}, cookies=cookies, timeout=30) as client:
        return sum(_size(client, one) for one in asked if one.startswith("http")), asked


def _size(client: httpx.Client, address: str) -> int:
    """Return the bytes of one answer, its head included."""
    with client.stream("GET", address) as answer:
        head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
        return head + sum(len(chunk) for chunk in answer.iter_raw())
