"""Signing in with a real browser: password, passkey of a virtual authenticator, app, mailed code."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.e2e.accessible import look_at
from tests.servers import RunningServer, running_server
from tests.web.account.authenticator import code_of
from tests.web.account.conftest import PASSWORD

pytestmark = pytest.mark.browser

STAFF = """
import django; django.setup()
from tests.factories import make_business, make_membership, make_user
from vestibule.people.permissions import Role
business = make_business(slug="lakeside-clinic")
for name in ("mara", "petra", "anna", "carl"):
    make_membership(business=business, user=make_user(email=f"{name}@example.org", password=PASSWORD), role=Role.VIEWER)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without demonstration, with four members of staff."""
    with running_server(tmp_path_factory.mktemp("account"), demo=False) as running:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "vestibule.settings",
            "VESTIBULE_DATA": str(running.data),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        program = STAFF.replace("PASSWORD", repr(PASSWORD))
        subprocess.run([sys.executable, "-c", program], env=environment, check=True, cwd=Path(__file__).parents[3])
        yield running


@pytest.fixture
def page(chromium: Browser, server: RunningServer) -> Iterator[Page]:
    """A person on a phone. Nothing may be refused by the content security policy, nothing may fail in a script."""
    context = chromium.new_context(base_url=server.origin, viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert problems == []


def look(page: Page) -> None:
    """Nothing on the page stands in anybody's way, and it fits the phone."""
    look_at(page, page.title())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def sign_in(page: Page, name: str) -> None:
    page.goto("/signin?next=/account")
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    """Press the button and wait until it is done: going elsewhere at once would call it back."""
    page.get_by_role("button", name="Sign out").last.click()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()


def confirm(page: Page) -> None:
    """The page before a change of sign-in."""
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    look(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def account(page: Page) -> None:
    expect(page.get_by_role("heading", name="Sign-in and security")).to_be_visible()


def authenticator(page: Page) -> CDPSession:
    """A device with a passkey store that says yes to its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools


def test_a_password_signs_in_and_the_keyboard_is_enough(page: Page) -> None:
    page.goto("/signin?next=/account")
    look(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    while not page.evaluate("document.activeElement.name === 'login'"):
        page.keyboard.press("Tab")
    page.keyboard.type("mara@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    account(page)
    look(page)


def test_a_wrong_password_is_said_beside_what_was_typed(page: Page) -> None:
    page.goto("/signin")
    page.get_by_label("E-mail address").fill("mara@example.org")
    page.get_by_label("Password").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("do not go together")
    expect(page.get_by_label("E-mail address")).to_have_value("mara@example.org")
    look(page)


def test_a_passkey_is_made_and_signs_in_without_a_password(page: Page) -> None:
    authenticator(page)
    sign_in(page, "petra")
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    expect(page.get_by_label("Name of this passkey")).to_be_visible()
    look(page)
    page.get_by_label("Name of this passkey").fill("Petra’s phone")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Petra’s phone").first).to_be_visible()
    sign_out(page)

    page.goto("/signin?next=/account")
    page.get_by_role("button", name="Sign in with a passkey").click()
    account(page)

    sign_out(page)
    sign_in(page, "petra")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Use a passkey").click()
    account(page)


def test_a_device_without_a_passkey_is_explained(page: Page) -> None:
    authenticator(page)
    page.goto("/signin")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used")).to_be_visible()
    look(page)


def test_an_app_is_added_and_asked_for(page: Page) -> None:
    sign_in(page, "anna")
    page.get_by_role("link", name="Add an authenticator app").click()
    confirm(page)
    page.get_by_text("No camera?").click()
    expect(page.locator("code")).to_be_visible()
    secret = page.locator("code").inner_text()
    look(page)
    page.get_by_label("Code the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    code = page.locator("li code").first.inner_text()
    page.get_by_role("link", name="Done").click()
    sign_out(page)

    sign_in(page, "anna")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_role("alert").first).to_contain_text("not the code")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").first.click()
    account(page)


def test_a_mailed_code_signs_in(page: Page, server: RunningServer) -> None:
    page.goto("/signin?next=/account")
    page.get_by_role("link", name="Mail me a code instead").click()
    expect(page.get_by_role("button", name="Mail me a code")).to_be_visible()
    look(page)
    page.get_by_label("E-mail address").fill("carl@example.org")
    page.get_by_role("button", name="Mail me a code").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    look(page)
    mails = [message for message in server.outbox() if message["to"] == "carl@example.org"]
    code = re.match(r"[A-Z]{4}-[A-Z]{4}", str(mails[-1]["subject"]))
    assert code
    page.get_by_label("Code from the mail").fill(code[0].lower())
    page.get_by_role("button", name="Sign in", exact=True).click()
    account(page)


def test_every_other_page_of_the_account_is_in_order(page: Page) -> None:
    sign_in(page, "mara")
    account(page)
    for address in ("/account/sessions", "/account/password", "/signout"):
        page.goto(address)
        look(page)
    sign_out(page)
    for address in ("/account/password/forgotten", "/account/password/forgotten/sent", "/signin/by-invitation"):
        page.goto(address)
        look(page)
    page.goto("/account/password/choose/1-nonsense")
    expect(page.get_by_role("heading", name="no longer good")).to_be_visible()
    look(page)
