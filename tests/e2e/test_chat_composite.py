"""Microsoft's own chat, `ChatComposite`, on somebody's site: two people talk by it through our server."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import pytest
from azure.communication.identity import CommunicationIdentityClient
from playwright.sync_api import Browser, Locator, Page, expect

from tests.api.acs.javascript import PATIENCE, Known, packages, pages, site
from tests.api.acs.sdk import VERSIONS, Emulator, running_emulator

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Talk:
    """A thread with two people in it, and the site their pages are on."""

    emulator: Emulator
    at: str
    thread: str
    ada: Known
    ben: Known


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    folder = tmp_path_factory.mktemp("composite")
    packages()
    with ExitStack() as stack:
        emulator = stack.enter_context(running_emulator(folder / "data"))
        ada, ben = known(emulator, "Ada Blum"), known(emulator, "Ben Carter")
        people = [{"communicationIdentifier": {"rawId": one.id}, "displayName": one.name} for one in (ada, ben)]
        wish = {"topic": "About your visit", "participants": people}
        made = emulator.resource.as_user(ada.token, "POST", f"/chat/threads?api-version={VERSIONS['chat']}", wish)
        thread = made.raise_for_status().json()["chatThread"]["id"]
        yield Talk(emulator, stack.enter_context(site(pages())), thread, ada, ben)


def known(emulator: Emulator, name: str) -> Known:
    identities = CommunicationIdentityClient.from_connection_string(emulator.resource.connection_string)
    user, token = identities.create_user_and_token(["chat"])
    return Known(user.raw_id, token.token, name)


@contextmanager
def page_of(browser: Browser, talk: Talk, who: Known) -> Iterator[Page]:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 900, "height": 700})
    page = context.new_page()
    page.goto(f"{talk.at}/composite.html")
    given = [talk.emulator.resource.endpoint, who.token, who.id, who.name, talk.thread]
    page.evaluate("(given) => begin(...given)", given)
    expect(send_box(page)).to_be_visible(timeout=PATIENCE)
    try:
        yield page
    finally:
        context.close()


def send_box(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("message", re.IGNORECASE))


def say(page: Page, text: str) -> None:
    send_box(page).fill(text)
    send_box(page).press("Enter")


def types_until_seen(page: Page, shown: Locator) -> None:
    """Type until the other page shows it: it does so for some seconds, and is told of it once in eight."""
    for _ in range(12):
        send_box(page).press_sequentially("a")
        with suppress(AssertionError):
            expect(shown).to_be_visible(timeout=10_000)
            return
    raise AssertionError("nobody saw that somebody was typing")


@pytest.mark.shows("ChatThread_ListChatMessages", by="browser")
@pytest.mark.shows("ChatThread_ListChatParticipants", by="browser")
@pytest.mark.shows("ChatThread_ListChatReadReceipts", by="browser")
@pytest.mark.shows("ChatThread_GetChatThreadProperties", by="browser")
def test_two_people_talk_by_microsofts_own_chat(talk: Talk, chromium: Browser) -> None:
    with page_of(chromium, talk, talk.ada) as ada, page_of(chromium, talk, talk.ben) as ben:
        expect(ada.get_by_text("About your visit").first).to_be_visible(timeout=PATIENCE)
        expect(ada.get_by_text("Ada Blum, Ben Carter joined the chat.").first).to_be_visible(timeout=PATIENCE)
        types_until_seen(ben, ada.get_by_text(re.compile("Ben Carter.* typing")))
        say(ben, "Good morning, how are you?")
        expect(ada.get_by_text("Good morning, how are you?").first).to_be_visible(timeout=PATIENCE)
        say(ada, "Fine, thank you. See you at ten.")
        expect(ben.get_by_text("Fine, thank you. See you at ten.").first).to_be_visible(timeout=PATIENCE)
        for page, mine in ((ben, "Good morning"), (ada, "Fine")):
            seen = page.locator("[data-ui-status=seen]", has_text=mine)
            expect(seen).to_be_visible(timeout=PATIENCE)
