"""The button that turns a browser on, in a real Chromium with its real worker.

No push service can be reached from tests: `PushManager` is a stand-in there, and what it would deliver is handed to the
worker by the browser's own debugging door.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import PATIENCE
from tests.e2e.accessible import look_at
from tests.servers import RunningServer, running_server

pytestmark = pytest.mark.browser

STAND_IN = """
    const made = {
        endpoint: "https://push.example.net/stand-in",
        options: { applicationServerKey: null },
        toJSON() {
            return { endpoint: this.endpoint, keys: {
                p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                auth: "BTBZMqHH6r4Tts7J_aSIgg",
            } };
        },
        async unsubscribe() { localStorage.removeItem("stand-in"); return true; },
    };
    PushManager.prototype.subscribe = async (asked) => {
        localStorage.setItem("stand-in", JSON.stringify([asked.userVisibleOnly, asked.applicationServerKey.length]));
        return made;
    };
    PushManager.prototype.getSubscription = async () => (localStorage.getItem("stand-in") ? made : null);
"""
SHOWN = """navigator.serviceWorker.getRegistration('/desk').then((one) => one.getNotifications())
    .then((all) => all.map((one) => [one.title, one.tag, one.data]))"""
DENIED = "Object.defineProperty(Notification, 'permission', { get: () => 'denied' });"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
ASKED = "window.asked = 0; Notification.requestPermission = async () => { window.asked += 1; return 'granted'; };"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("push")) as running:
        yield running


@contextmanager
def alerts(chromium: Browser, server: RunningServer, script: str = STAND_IN, **surroundings: Any) -> Iterator[Page]:
    context = chromium.new_context(base_url=server.origin, **{"permissions": ["notifications"], **surroundings})
    context.add_init_script(script)
    page = context.new_page()
    sign_in(page, server)
    page.goto("/desk/alerts")
    yield page
    context.close()


def sign_in(page: Page, server: RunningServer) -> None:
    facts = json.loads(Path(server.data, "demo.json").read_text())
    account = next(one for one in facts["accounts"] if one["role"] == "provider")
    page.goto("/signin")
    page.fill("[name=login]", account["email"])
    page.fill("[name=password]", account["password"])
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk")


def test_a_press_turns_this_browser_on_and_another_off(chromium: Browser, server: RunningServer) -> None:
    with alerts(chromium, server, STAND_IN + ASKED) as page:
        line = page.locator("#alerts-browser")
        expect(line).to_contain_text("does not tell you yet")
        look_at(page, "off")
        assert page.evaluate("window.asked") == 0, "nobody is asked before a press"
        page.get_by_role("button", name="Tell me in this browser").click()
        expect(line).to_contain_text("also when the desk is closed")
        expect(page.locator("[data-browser]")).to_contain_text("this browser")
        assert json.loads(page.evaluate("localStorage.getItem('stand-in')")) == [True, 65]
        look_at(page, "on")
        expect(page.get_by_label("As soon as somebody comes")).to_be_checked()
        page.get_by_role("button", name="Remove").click()
        expect(line).to_contain_text("does not tell you yet")
        page.wait_for_function("localStorage.getItem('stand-in') === null")
        expect(page.locator("[data-browser]")).to_have_count(0)


def test_the_worker_shows_what_comes_and_closes_what_is_over(chromium: Browser, server: RunningServer) -> None:
    with alerts(chromium, server) as page:
        page.get_by_role("button", name="Tell me in this browser").click()
        expect(page.locator("#alerts-browser")).to_contain_text("also when the desk is closed")
        door = page.context.new_cdp_session(page)
        found: list[dict[str, Any]] = []
        door.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
        door.send("ServiceWorker.enable")
        page.wait_for_function("navigator.serviceWorker.getRegistration('/desk').then((one) => one.active !== null)")
        while not (keys := [one["registrationId"] for one in found if one["scopeURL"].endswith("/desk")]):
            page.wait_for_timeout(20)  # the door tells meanwhile
        key = keys[0]

        def comes(title: str, tag: str) -> None:
            said = {
                "title": title,
                "body": "Lakeside Clinic",
                "tag": tag,
                "url": "https://elsewhere.example",
                "lang": "en",
            }
            told = {"origin": server.origin, "registrationId": key, "data": json.dumps(said)}
            door.send("ServiceWorker.deliverPushMessage", told)

        def shows(title: str, tag: str) -> None:
            """Let it come until it and nothing else is shown; it never leads elsewhere.

            Chromium forgets a notification it is asked about before it stands on the screen: then it comes again.
            """
            wanted, end, listed = [[title, tag, "/desk"]], time.monotonic() + PATIENCE / 1000, list[Any]()
            while listed != wanted:
                assert time.monotonic() < end, listed
                comes(title, tag)
                for _look in range(3):
                    page.wait_for_timeout(400)
                    if (listed := page.evaluate(SHOWN)) == wanted:
                        break

        shows("Somebody is waiting", "one")
        shows("Somebody has waited for 5 minutes", "one")
        shows("Somebody is waiting", "two")  # nobody waits as “one” any more
        page.evaluate(
            "navigator.serviceWorker.getRegistration('/desk')"
            ".then((one) => one.showNotification('1 waiting', { tag: 'vestibule-desk' }))"
        )
        shows("Somebody is waiting", "three")  # it takes the place of what the open desk showed


def test_what_was_changed_and_not_saved_is_kept(chromium: Browser, server: RunningServer) -> None:
    with alerts(chromium, server) as page:
        minutes = page.get_by_label("Too long is a wait of")
        minutes.fill("9")
        for name in ("As soon as somebody comes", "When somebody has waited too long"):
            page.get_by_label(name).uncheck()
        page.get_by_role("button", name="Tell me in this browser").click()
        expect(page.locator("#alerts-browser")).to_contain_text("also when the desk is closed")
        expect(minutes).to_have_value("9")
        expect(page.get_by_label("As soon as somebody comes")).to_be_checked()
        page.reload()
        page.get_by_role("button", name="Remove").first.click()
        expect(page.locator("[data-browser]")).to_have_count(0)


def test_signing_out_ends_it_and_signing_in_does_not_bring_it_back(chromium: Browser, server: RunningServer) -> None:
    with alerts(chromium, server) as page:
        line = page.locator("#alerts-browser")
        page.get_by_role("button", name="Tell me in this browser").click()
        expect(line).to_contain_text("also when the desk is closed")
        page.goto("/signout")
        page.get_by_role("button", name="Sign out").last.click()
        page.wait_for_url(lambda url: "signout" not in url)
        sign_in(page, server)
        page.goto("/desk/alerts")
        expect(line).to_contain_text("does not tell you yet")


@pytest.mark.parametrize(
    ("script", "surroundings", "words"),
    [
        (DENIED, {}, "blocks notifications"),
        ("delete window.PushManager;", {}, "cannot tell you while the desk is closed"),
        ("delete window.PushManager;", {"user_agent": IPHONE}, "Add to Home Screen"),
        ("Object.defineProperty(window, 'isSecureContext', { get: () => false });", {}, "begins with https"),
    ],
    ids=["denied", "unsupported", "iphone", "insecure"],
)
def test_what_stands_in_the_way_is_said(
    chromium: Browser, server: RunningServer, script: str, surroundings: dict[str, Any], words: str
) -> None:
    with alerts(chromium, server, script, **surroundings) as page:
        expect(page.locator("#alerts-browser")).to_contain_text(words)
        expect(page.get_by_role("button", name="Tell me in this browser")).to_have_count(0)
        look_at(page, words)
