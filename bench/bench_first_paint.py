"""How soon something is seen on the pages consumers meet first, beside a bare page of 20 KB: slow line, slow device."""

import json
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, StorageState, sync_playwright

from bench import Row
from tests.chromium import launched
from tests.servers import running_server

TURNS = 9
BAR = 1.2
LINK = "/visit, by its link"
# "Fast 3G" as Chromium's own tools have it: 1.6 Mbit/s less a tenth, 562.5 ms there and back.
FAST_3G = {"offline": False, "downloadThroughput": 180_000, "uploadThroughput": 84_375, "latency": 562.5}
SLOWER = {"rate": 4}
BARE_BYTES = 20 * 1024
PAINTED = """() => new Promise((done) => {
  const first = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
  if (first() !== undefined) return done(first());
  new PerformanceObserver(() => first() !== undefined && done(first())).observe({ type: 'paint', buffered: true });
})"""


def run() -> list[Row]:
    """Open the bare page and each of ours in turn, several times, each in a browser context that was never anywhere."""
    with (
        tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder,
        running_server(Path(folder)) as server,
        _bare_page() as bare,
        sync_playwright() as playwright,
        launched(playwright) as browser,
    ):
        visit = json.loads((Path(folder) / "demo.json").read_text())["appointments"][0]["consumer_url"]
        pages = {
            "bare": bare,
            "/book": f"{server.origin}/book/lakeside-clinic",
            "/book, a service": f"{server.origin}/book/lakeside-clinic/first-visit",
            "/visit": f"{server.origin}/visit",
            LINK: visit,
        }
        held = _held_after(browser, visit)
        for address in pages.values():
            _first_paint(browser, address, held)  # what a server does once, at its first request
        times: dict[str, list[float]] = {name: [] for name in pages}
        for _turn in range(TURNS):
            for name, address in pages.items():
                times[name].append(_first_paint(browser, address, held))
    return list(_rows({name: statistics.median(all_) for name, all_ in times.items()}))


def _rows(medians: dict[str, float]) -> Iterator[Row]:
    bare = medians.pop("bare")
    yield Row("a bare page of 20 KB", bare, "ms", note=f"median of {TURNS}, Fast 3G, a processor four times slower")
    for name, paint in medians.items():
        yield Row(f"{name}: first paint", paint, "ms")
        note = "one journey more, from the link to the page" if name == LINK else ""
        yield Row("  of the bare page", paint / bare, "×", None if name == LINK else BAR, note=note)


def _held_after(browser: Browser, link: str) -> StorageState:
    """Return the cookies of somebody who opened a link."""
    context = browser.new_context()
    context.new_page().goto(link)
    held = context.storage_state()
    context.close()
    return held


def _first_paint(browser: Browser, address: str, held: StorageState) -> float:
    """Return the milliseconds from asking for a page until the first word or picture of it is there."""
    device = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB", "permissions": ["camera"]}
    context = browser.new_context(**device, storage_state=held)  # type: ignore[arg-type]  # the parts are typed one by one
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", FAST_3G)
    tools.send("Emulation.setCPUThrottlingRate", SLOWER)
    page.goto(address, wait_until="load")
    painted: float = page.evaluate(PAINTED)
    context.close()
    return painted


class _Bare(BaseHTTPRequestHandler):
    """A document of 20 KB as sent, with nothing to fetch."""

    def do_GET(self) -> None:
        if self.path != "/":
            self.send_error(404)
            return
        head = b'<!doctype html><html lang="en"><title>Bare</title><link rel="icon" href="data:,"><p>'
        page = head + b"seven7 " * ((BARE_BYTES - len(head)) // 7)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_words: object) -> None:
        """Say nothing of each request."""


@contextmanager
def _bare_page() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bare)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
