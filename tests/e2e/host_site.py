"""Somebody else's site, with the elements in its pages: another site than the server's to every browser.

`python -m tests.e2e.host_site BUSINESS ORIGIN` lists an origin among those that may frame a business' pages.
"""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Frame, Page

from tests.chromium import FLAGS, executable
from tests.e2e.letters import soon
from tests.e2e.proof_media import Identity, make_media
from tests.servers import run_module

# What a careful site allows: no style in its markup, nothing but the server in frames.
POLICY = (
    "default-src 'none'; script-src 'self' {server}; style-src 'self'; frame-src {server} {frames};"
    " connect-src {server}; img-src data:"
)
RECORDER = """
window.heard = [];
for (const name of ["ready", "booked", "moved", "cancelled", "joined", "ended", "answered", "failed"]) {
  document.addEventListener(`vestibule-${name}`, ({detail, target}) => heard.push([name, detail, target.id]));
}
window.refusals = [];
document.addEventListener("securitypolicyviolation", (event) => refusals.push(event.violatedDirective));
"""
SHEET = "body { margin: 1rem; font: 1rem/1.5 sans-serif } main { max-width: 48rem; margin: auto }"
PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Garden Street</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/site.css"><script src="/recorder.js"></script>
<script type="module" src="{server}/embed.js"></script></head>
<body><main><h1>Come and see us</h1>{body}</main></body></html>"""


@dataclass(frozen=True)
class Asked:
    """What a browser said when it asked for something the site does not have."""

    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """A site at `127.0.0.1`, while the server is at `localhost`: other origin, other site. Pages are put in as needed.

    `frames` is one more origin that its policy lets into frames.
    """

    server: str
    origin: str
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    frames: str = ""
    asked: list[Asked] = field(default_factory=list)

    def put(self, body: str, path: str = "/", *, language: str = "en") -> str:
        """Have a page with `body` and return its address."""
        self.files[path] = ("text/html", PAGE.format(body=body, server=self.server, language=language))
        return self.origin + path

    def script(self, text: str, path: str) -> None:
        """Have a script."""
        self.files[path] = ("text/javascript", text)


@contextmanager
def somebodys_site(server: str) -> Iterator[Site]:
    """Serve a site for the elements of the product at `server`."""
    site = Site(server, "")
    site.files |= {"/recorder.js": ("text/javascript", RECORDER), "/site.css": ("text/css", SHEET)}
    listener = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Answers, site))
    listener.daemon_threads = True
    site.origin = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(5)


class _Answers(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *words: Any) -> None:
        self.site = site
        super().__init__(*words)

    def do_GET(self) -> None:
        kind, text = self.site.files.get(self.path.split("?")[0], ("text/plain", ""))
        body = text.encode()
        if not body:
            self.site.asked.append(Asked(self.path, dict(self.headers.items())))
        self.send_response(HTTPStatus.OK if body else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY.format(server=self.site.server, frames=self.site.frames))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def browser_without_cookies(identity: Identity, folder: Path, like: Any) -> Iterator[BrowserContext]:
    """Somebody's browser that keeps nothing for any site: no cookie, no storage, first party or third."""
    picture, sound = make_media(identity, folder)
    settings = folder / "profile" / "Default" / "Preferences"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"profile": {"default_content_setting_values": {"cookies": 2}, "cookie_controls_mode": 1}}')
    context: BrowserContext = like.launch_persistent_context(
        folder / "profile",
        executable_path=executable(),
        args=[
            *FLAGS,
            f"--use-file-for-fake-video-capture={picture}",
            f"--use-file-for-fake-audio-capture={sound}",
            *(["--no-sandbox"] if os.geteuid() == 0 or os.environ.get("CI") else []),
        ],
        locale="en-GB",
        timezone_id="Europe/London",
        viewport={"width": 1280, "height": 720},
    )
    try:
        yield context
    finally:
        context.close()


def framed(page: Page, path: str = "") -> Frame:
    """The frame of the server's in a page of the site, once it is at an address with `path`."""

    def look() -> Frame | None:
        page.evaluate("null")  # what the browser has to say about frames is heard meanwhile
        return next((one for one in page.frames if "localhost" in one.url and path in one.url), None)

    return soon(look, f"a frame at {path}")


def heard(page: Page, name: str) -> list[Any]:
    """The details of the events `name` that a page heard."""
    told: list[Any] = page.evaluate("(name) => heard.filter(([one]) => one === name).map(([, detail]) => detail)", name)
    return told


def hears(page: Page, name: str, times: int = 1) -> Any:
    """Wait until a page heard `name` so often; return the last detail."""
    page.wait_for_function(
        "([name, times]) => heard.filter(([one]) => one === name).length >= times", arg=[name, times]
    )
    return heard(page, name)[-1]


def element(kind: str, **said: str) -> str:
    """The markup of an element, its attributes as given; a link inside for when it cannot work."""
    written = "".join(f' {name}="{text}"' for name, text in said.items())
    return f'<vestibule-{kind}{written}><a href="tel:+41445550100">Call us</a></vestibule-{kind}>'


def list_origin(folder: Path, business: str, origin: str) -> None:
    """Let a site frame the pages of a business."""
    run_module("tests.e2e.host_site", business, origin, data=folder)


def main(given: Mapping[str, str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    import django

    django.setup()
    from vestibule.experience.models import EmbedRules
    from vestibule.people.models import Business

    business = Business.objects.get(slug=given["business"])
    EmbedRules.objects.update_or_create(business=business, defaults={"origins": [given["origin"]]})


if __name__ == "__main__":
    main({"business": sys.argv[1], "origin": sys.argv[2]})
