"""Microsoft's calling kit for real, as far as it goes without them: fetched, built, served, loaded, and told to join.

Nothing leaves this machine but what npm fetches from where it is set up to: the browser resolves no name. What happens
after Microsoft answers (lobby, people, pictures, captions) is not shown here.
"""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect

from tests.chromium import FLAGS, PATIENCE, executable
from tests.e2e.acs_visit import IDENTITY, SETTINGS, found_visit
from tests.e2e.letters import soon
from tests.servers import ROOT, RunningServer, run_vestibule, running_server
from vestibule.store.addons import acs_calling
from vestibule.web.addons import MICROSOFT

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.slow]
UNREACHABLE = ("did not reach its registry", "npm is not on this machine", "within ten minutes")
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
PATIENT = 4 * PATIENCE
"""Milliseconds until the kit gives up: it tries several hosts, some of them thrice."""


@dataclass
class Installed:
    """A server with the add-on, and somebody let in to a visit that is joined by it."""

    server: RunningServer
    visit: dict[str, Any]


@dataclass
class Talking:
    """A page, and everything it asked of other machines."""

    page: Page
    asked: list[Request] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def ask(self, request: Request) -> None:
        if _is_elsewhere(request.url):
            self.asked.append(request)

    def answer(self, response: Response) -> None:
        if _is_elsewhere(response.url):
            self.answered.append(response.url)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("acs-calling")
    visit = found_visit(folder)
    done = run_vestibule("install-acs-calling", "--accept-licence", data=folder)
    if done.returncode and any(words in done.stderr for words in UNREACHABLE):
        pytest.skip(f"NOT CHECKED: Microsoft's calling kit, as npm fetched nothing here: {done.stderr[-400:]}")
    assert done.returncode == 0, done.stdout + done.stderr
    with running_server(folder, demo=False, env=SETTINGS) as server:
        yield Installed(server, visit)


@pytest.fixture(scope="module")
def context(chromium: Browser, installed: Installed) -> Iterator[BrowserContext]:
    """A browser that resolves no name but this machine's own, with the visit's cookie."""
    flags = [*FLAGS, "--no-sandbox", "--disable-background-networking", NO_NETWORK]
    browser = chromium.browser_type.launch(executable_path=executable(), args=flags)
    context = browser.new_context(permissions=["camera", "microphone"], locale="en-GB")
    context.set_default_timeout(PATIENCE)
    name, _sign, value = str(installed.visit["cookie"]).partition("=")
    context.add_cookies([{"name": name, "value": value, "url": installed.server.origin}])
    yield context
    browser.close()


@pytest.fixture
def talking(context: BrowserContext, installed: Installed) -> Talking:
    """The one before is closed once the next is there: whoever shows no page for some seconds is let in no more."""
    before = list(context.pages)
    talking = Talking(context.new_page())
    talking.page.on("request", talking.ask)
    talking.page.on("response", talking.answer)
    talking.page.goto(f"{installed.server.origin}/visit")
    talking.page.locator("[data-check=join]:not([data-without])").wait_for()
    for page in before:
        page.close()
    return talking


def test_what_was_built_is_whole_and_says_where_its_terms_are(installed: Installed) -> None:
    kit = acs_calling.installed(installed.server.data)
    assert kit is not None
    assert kit.version == "1.46.1"
    assert "MICROSOFT SOFTWARE LICENSE TERMS" in (kit.folder / "licence.txt").read_text("utf-8")
    checked = installed.server.command("check")
    assert "ACS Calling 1.46.1 is installed" in checked
    assert installed.server.command("install-acs-calling", "--status").startswith("ACS Calling 1.46.1 is installed")


def test_devices_and_ones_own_picture_are_there_before_anything_of_microsofts(talking: Talking) -> None:
    page = talking.page
    page.get_by_role("button", name=re.compile("Allow|Turn on|Try", re.IGNORECASE)).first.click()
    picture = page.locator("device-check video")
    expect(picture).to_be_visible()
    soon(lambda: picture.evaluate("(video) => video.videoWidth > 0"), "our own picture")
    expect(page.locator("device-check select option"), "devices can be chosen").not_to_have_count(0)
    assert talking.asked == [], "the kit is loaded by whoever joins, not by whoever looks"


def test_joining_tries_the_right_meeting_with_our_token_and_says_why_it_does_not_work(
    talking: Talking, installed: Installed
) -> None:
    page = talking.page
    page.locator("[data-check=join]:not([data-without])").click()
    page.locator("[data-outside=joining]").wait_for()
    page.locator("[data-encryption=outside]").wait_for()
    ended = page.locator("[data-ended=outside_network]")
    ended.wait_for(timeout=PATIENT)
    expect(page.get_by_role("heading", level=1)).to_have_text("Microsoft cannot be reached from here")
    assert re.fullmatch(r"\d+/\d+", ended.get_attribute("data-cause") or "")
    expect(ended).to_contain_text(f"For support: {ended.get_attribute('data-cause')}")
    expect(page.locator("[data-ended-elsewhere]")).to_have_attribute("href", installed.visit["join_url"])

    hosts = {urlsplit(one.url).hostname or "" for one in talking.asked}
    assert hosts, "the kit asked for nothing"
    assert [host for host in hosts if not _is_microsofts(host)] == []
    assert talking.answered == [], "nothing left this machine"
    joins = [one for one in talking.asked if one.method == "POST" and IDENTITY.partition("_")[0] in _tokens(one)]
    assert any("meeting_VmVzdGlidWxlVGVzdHM" in (one.post_data or "") for one in joins), "another meeting was joined"

    page.locator("[data-ended-action]").click()
    page.locator("#visit[data-phase=precheck]").wait_for()
    expect(page.get_by_role("button", name="Join").first).to_be_enabled()


def test_an_add_on_that_cannot_be_loaded_is_told_and_teams_on_the_web_is_offered(
    talking: Talking, installed: Installed
) -> None:
    page = talking.page
    page.route("**/static-addons/**", lambda route: route.abort())
    page.locator("[data-check=join]:not([data-without])").click()
    page.locator("[data-ended=outside_unloaded]").wait_for()
    expect(page.locator("[data-ended-elsewhere]")).to_have_attribute("href", installed.visit["join_url"])
    assert talking.asked == []


def test_what_everybody_loads_is_not_a_byte_larger_for_the_add_on(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("NOT CHECKED: node is not installed")
    place, into = tmp_path / "tree", tmp_path / "static"
    shutil.copytree(ROOT / "frontend", place / "frontend")
    for file in ("package.json", "tsconfig.json"):
        shutil.copy(ROOT / file, place)
    (place / "node_modules").symlink_to(ROOT / "node_modules")
    environment = {**os.environ, "VESTIBULE_STATIC_FOLDER": str(into)}
    built = {}
    for which in ("with", "without"):
        if which == "without":
            shutil.rmtree(place / "frontend" / "addons")
        subprocess.run([node, "frontend/build.mjs"], cwd=place, env=environment, check=True, capture_output=True)
        built[which] = {one.name: one.stat().st_size for one in into.iterdir()}
        scripts = "".join(one.read_text("utf-8") for one in into.glob("*.js"))
        assert "CallAgent" not in scripts
        assert "communication-calling" not in scripts
        shutil.rmtree(into)
    assert built["with"] == built["without"]
    assert "communication-calling" not in (ROOT / "package-lock.json").read_text("utf-8")


def _is_elsewhere(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "localhost"


def _is_microsofts(host: str) -> bool:
    return any(host.endswith(known.removeprefix("*")) for known in MICROSOFT)


def _tokens(request: Request) -> str:
    """What a request was authorised by, as its token says it."""
    token = request.headers.get("x-skypetoken", "")
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    if not payload:
        return ""
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return f"8:{claims['skypeid']}"
