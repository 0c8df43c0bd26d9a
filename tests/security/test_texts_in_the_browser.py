"""In a real browser, with payloads in every text of a business: no script of theirs runs, and no page is built anew."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, expect

from tests.security.hostile import taken
from tests.security.hostile_practice import found_hostile_practice
from tests.servers import RunningServer, running_server
from vestibule.web import assets

pytestmark = pytest.mark.browser
SEEN = r"/zq\d{4}x/i.test(document.documentElement.innerText + document.documentElement.innerHTML)"
WALK = r"""() => {
    const number = /zq\d{4}x/i, faults = [];
    const words = new Set(["alt", "title", "aria-label", "value", "placeholder", "label", "content"]);
    const leads = new Set(["href", "src", "action", "formaction", "poster", "data", "srcset", "xlink:href", "srcdoc"]);
    const look = (root) => {
        for (const one of root.querySelectorAll("*")) {
            if (number.test(one.localName)) faults.push(`element ${one.localName}`);
            for (const {name, value} of one.attributes) {
                const at = `${one.localName} ${name}=${value.slice(0, 100)}`;
                if (number.test(name) || name.startsWith("on")) faults.push(at);
                else if (leads.has(name)) {
                    const [way] = value.split("?");
                    if (number.test(way) || /^\s*(javascript|vbscript|data:text)/i.test(value)) faults.push(at);
                } else if (number.test(value) && !words.has(name) && !name.startsWith("data-")) faults.push(at);
            }
            if (one.shadowRoot) look(one.shadowRoot);
        }
    };
    look(document);
    return faults;
}"""
MANAGED = (
    *("manage-experience", "manage-experience-review", "manage-experience-versions", "manage-experience-version"),
    *("manage", "manage-calendar", "manage-appointment", "manage-survey", "manage-survey-question", "manage-services"),
    *("manage-service", "manage-question", "manage-area-content", "manage-words-edit", "manage-results"),
    *("manage-own-texts", "manage-activity", "manage-waitlist", "manage-sending"),
)


@dataclass
class Watched:
    """Pages of one browser, and what went wrong on any of them."""

    context: BrowserContext
    origin: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.expose_binding("hit", lambda source, *said: self.faults.append(f"a script ran: {said}"))
        self.context.on("dialog", self._asked_by)
        self.context.on("console", self._heard)
        self.context.on("request", self._asked)

    def _asked_by(self, dialog: Dialog) -> None:
        self.faults.append(f"a dialog says {dialog.message}")
        dialog.dismiss()

    def _heard(self, said: ConsoleMessage) -> None:
        if re.search(r"content security policy|hit is not", said.text, re.IGNORECASE):
            self.faults.append(f"{said.page.url if said.page else ''}: {said.text[:300]}")

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(self.origin).netloc:
            self.faults.append(f"{request.url} was asked for")

    def look(self, page: Page, address: str) -> None:
        """Open a page, wait until it shows what was written, and look at all of it."""
        page.goto(self.origin + address if address.startswith("/") else address)
        self.walk(page, address)

    def walk(self, page: Page, name: str) -> None:
        page.wait_for_function(SEEN)
        self.faults += [f"{name}: {one}" for one in page.evaluate(WALK)]


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, dict[str, Any]]]:
    if not assets.is_built("visit.js"):
        pytest.skip("the front end is not built: script/bootstrap")
    folder = tmp_path_factory.mktemp("hostile")
    facts = found_hostile_practice(folder)
    with running_server(folder, demo=False) as server:
        server.move_clock(set=facts["now"])
        yield server, facts


@pytest.fixture
def watched(chromium: Browser, practice: tuple[RunningServer, dict[str, Any]]) -> Iterator[Watched]:
    server, _facts = practice
    context = chromium.new_context(permissions=["camera", "microphone"], locale="en-GB")
    yield Watched(context, server.origin)
    context.close()


Practice = tuple[RunningServer, dict[str, Any]]


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def signed_in(watched: Watched, facts: dict[str, Any], role: str) -> Page:
    watched.context.add_cookies([{"name": "sessionid", "value": facts["sessions"][role], "url": watched.origin}])
    return watched.context.new_page()


def test_on_the_pages_of_consumers(watched: Watched, practice: Practice) -> None:
    _server, facts = practice
    page = watched.context.new_page()
    book = "/book/lakeside-clinic"
    of_a_service = [f"{book}/first-visit{step}" for step in ("", "/details?start=2030-03-06T09:00:00Z", "/waitlist")]
    for address in (book, *of_a_service, f"{book}/nothing", "/walk-in/lakeside-clinic", facts["waits"]):
        watched.look(page, address)
    watched.look(page, local(facts["booked"]["manage"]))
    watched.look(page, "/appointment/move")
    watched.look(page, local(facts["booked"]["visit"]))
    watched.look(page, local(facts["visited"]["visit"]))
    watched.look(page, "/visit/ended")
    assert watched.faults == []


def test_at_every_point_of_the_way_that_the_preview_draws(watched: Watched, practice: Practice) -> None:
    _server, facts = practice
    page = signed_in(watched, facts, "owner")
    for name, address in facts["addresses"].items():
        if name.startswith("preview of") and name != "preview of sms":
            watched.look(page, address)
        if name == "preview of waiting":
            drawn = [number for number, (path, _name) in taken().places.items() if path.startswith("waiting_room.")]
            for number in drawn[:2]:  # what is shown there, by the script that draws it in earnest
                expect(page.get_by_text(f"zq{number:04d}x").first).to_be_visible()
            watched.walk(page, name)
    assert watched.faults == []


def test_on_the_pages_of_staff(watched: Watched, practice: Practice) -> None:
    _server, facts = practice
    page = signed_in(watched, facts, "owner")
    steps = [name for name in facts["addresses"] if name.startswith("step ")]
    for name in (*steps, *MANAGED):
        watched.look(page, facts["addresses"][name])
    desk = signed_in(watched, facts, "provider")
    for address in ("/desk", f"/desk/visit/{facts['meeting']}/ended"):
        watched.look(desk, address)
    assert watched.faults == []


def test_in_mails_whose_reader_forbids_nothing(watched: Watched, practice: Practice) -> None:
    _server, facts = practice
    page = watched.context.new_page()
    for name, html in facts["mails"].items():
        page.set_content(html)
        watched.walk(page, name)
    assert len(facts["mails"]) > 10
    assert watched.faults == []


def test_what_runs_would_be_noticed(watched: Watched) -> None:
    """The watch itself: a payload that is markup is seen by each of its eyes."""
    page = watched.context.new_page()
    page.set_content("<b id=zq0001x onclick=hit()></b><a href='javascript:zq0001x'>x</a><script>hit(1)</script>")
    watched.walk(page, "markup")
    page.wait_for_timeout(0)
    assert {one.split(":")[0] for one in watched.faults} == {"a script ran", "markup"}
    assert len(watched.faults) == 4
