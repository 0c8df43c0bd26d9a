"""Microsoft's JavaScript packages as they come: where they are installed, a site with pages of them, people on it."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.servers import ROOT

PATIENCE = 120_000
"""Milliseconds for something to be told: libraries wait by themselves before they try again."""
CUTTABLE = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) { super(...given); window.sockets.push(this); }
};
"""
WITHOUT_SOCKETS = "delete window.WebSocket;"


@cache
def _installed() -> tuple[Path | None, str]:
    done = subprocess.run([ROOT / "script" / "javascript-sdks"], capture_output=True, text=True, check=False)
    return (Path(done.stdout.strip()), "") if done.returncode == 0 else (None, done.stderr.strip()[-300:])


def packages() -> Path:
    """Return where the packages are, installed by now. Skips the test where they cannot be."""
    place, words = _installed()
    if place is None:
        pytest.skip(f"Microsoft's JavaScript packages (script/javascript-sdks) are not installed: {words}")
    return place


def pages() -> Path:
    """Return the folder with the pages, bundled with the packages as they are pinned; skips as `packages` does."""
    return packages() / "pages"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Serve a folder as a site of its own, on another origin than the server's; yield where."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@dataclass(frozen=True)
class Known:
    """An identity with a token, as a program gives them to a page."""

    id: str
    token: str
    name: str


@dataclass
class ChatPage:
    """Somebody on the page that has the chat package."""

    who: Known
    page: Page

    def run(self, words: str, *given: Any) -> Any:
        """Run JavaScript that may use `client`, `thread(id)` and `given`."""
        return self.page.evaluate(f"async (given) => {{ {words} }}", list(given))

    def heard(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Return the events of `kind`, once there are so many."""
        self.page.wait_for_function(
            "([kind, count]) => heard.filter((one) => one.kind === kind).length >= count",
            arg=[kind, count],
            timeout=PATIENCE,
        )
        told: str = self.page.evaluate(
            "(kind) => JSON.stringify(heard.filter((one) => one.kind === kind).map((one) => one.event))", kind
        )
        events: list[dict[str, Any]] = json.loads(told)
        return events

    def hears_text(self, text: str) -> dict[str, Any]:
        """Return the message that says `text`, once it is told."""
        self.page.wait_for_function(
            "(text) => heard.some((one) => one.kind === 'chatMessageReceived' && one.event.message === text)",
            arg=text,
            timeout=PATIENCE,
        )
        return next(one for one in self.heard("chatMessageReceived") if one["message"] == text)

    def send(self, thread: str, text: str) -> str:
        """Say something and return its id."""
        said: str = self.run("return (await thread(given[0]).sendMessage({content: given[1]})).id", thread, text)
        return said


@contextmanager
def chat_page(browser: Browser, at: str, endpoint: str, who: Known, *, script: str = CUTTABLE) -> Iterator[ChatPage]:
    """Open the page for `who` and connect; yield once they are connected."""
    context = browser.new_context(ignore_https_errors=True)  # the browser's own store does not know the authority
    context.add_init_script(script)
    page = context.new_page()
    page.goto(f"{at}/chat.html")
    page.evaluate("([endpoint, token]) => begin(endpoint, token)", [endpoint, who.token])
    person = ChatPage(who, page)
    person.heard("connected")
    try:
        yield person
    finally:
        context.close()
