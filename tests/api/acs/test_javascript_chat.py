"""Two people on pages with the official chat package, in Chromium: told of everything as it happens, come what may."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from azure.communication.identity import CommunicationIdentityClient
from playwright.sync_api import Browser

from tests.api.acs.javascript import PATIENCE, WITHOUT_SOCKETS, ChatPage, Known, chat_page, packages, pages, site
from tests.api.acs.sdk import Emulator, running_emulator
from tests.servers import running_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Place:
    """The server, which can be restarted, and the site the pages are on."""

    emulator: Emulator
    folder: Path
    at: str
    stack: ExitStack

    @property
    def endpoint(self) -> str:
        return self.emulator.resource.endpoint

    def known(self, name: str, *scopes: str) -> Known:
        """Make an identity with a token."""
        client = CommunicationIdentityClient.from_connection_string(self.emulator.resource.connection_string)
        user, token = client.create_user_and_token(list(scopes) or ["chat"])
        return Known(user.raw_id, token.token, name)

    def restart(self) -> None:
        """End the server as a power cut would, and start it again where it was."""
        server = self.emulator.server
        server.kill()
        port = urlsplit(self.endpoint).port
        again = running_server(self.folder, port=server.port, tls_port=port, demo=False)
        self.emulator = Emulator(self.stack.enter_context(again), self.emulator.resource, self.emulator.stranger)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("chats")
    packages()
    with ExitStack() as stack:
        emulator = stack.enter_context(running_emulator(folder / "data"))
        yield Place(emulator, folder / "data", stack.enter_context(site(pages())), stack)


@pytest.fixture(scope="module")
def ada(place: Place, chromium: Browser) -> Iterator[ChatPage]:
    with chat_page(chromium, place.at, place.endpoint, place.known("Ada")) as page:
        yield page


@pytest.fixture(scope="module")
def ben(place: Place, chromium: Browser) -> Iterator[ChatPage]:
    with chat_page(chromium, place.at, place.endpoint, place.known("Ben")) as page:
        yield page


def thread_of(first: ChatPage, *others: Known) -> str:
    """Begin a thread on the first one's page."""
    began: str = first.run(
        "return (await client.createChatThread({topic: 'Visit'}, {participants: given})).chatThread.id",
        *({"id": {"communicationUserId": one.id}, "displayName": one.name} for one in (first.who, *others)),
    )
    return began


@pytest.mark.shows("Chat_CreateChatThread", by="browser")
@pytest.mark.shows("ChatThread_SendChatMessage", by="browser")
@pytest.mark.shows("ChatThread_SendTypingNotification", by="browser")
@pytest.mark.shows("ChatThread_SendChatReadReceipt", by="browser")
@pytest.mark.shows("ChatThread_UpdateChatMessage", by="browser")
@pytest.mark.shows("ChatThread_DeleteChatMessage", by="browser")
@pytest.mark.shows("ChatThread_UpdateChatThreadProperties", by="browser")
@pytest.mark.shows("ChatThread_AddChatParticipants", by="browser")
@pytest.mark.shows("ChatThread_RemoveChatParticipant", by="browser")
@pytest.mark.shows("Chat_DeleteChatThread", by="browser")
def test_each_is_told_of_everything_the_other_does(place: Place, ada: ChatPage, ben: ChatPage) -> None:
    thread = thread_of(ada, ben.who)
    (created,) = [one for one in ben.heard("chatThreadCreated") if one["threadId"] == thread]
    assert created["properties"]["topic"] == "Visit"
    assert created["createdBy"]["id"]["communicationUserId"] == ada.who.id
    assert {one["displayName"] for one in created["participants"]} == {"Ada", "Ben"}

    words = "<b>Hello</b> Ben & “you” 💬"
    sent = ada.run(
        "return (await thread(given[0]).sendMessage({content: given[1]},"
        " {senderDisplayName: 'Ada', type: 'html', metadata: {a: 'b'}})).id",
        thread,
        words,
    )
    (message,) = [one for one in ben.heard("chatMessageReceived") if one["threadId"] == thread]
    assert (message["id"], message["senderDisplayName"], message["metadata"]) == (sent, "Ada", {"a": "b"})
    assert message["sender"] == {"kind": "communicationUser", "communicationUserId": ada.who.id}
    assert message["recipient"]["communicationUserId"] == ben.who.id
    assert message["type"].casefold() == "richtext/html"
    assert "<b>Hello</b>" in message["message"]
    assert "💬" in message["message"]
    assert any(one["id"] == sent for one in ada.heard("chatMessageReceived")), "their other pages show it too"

    ben.run("await thread(given[0]).sendTypingNotification({senderDisplayName: 'Ben'})", thread)
    assert ada.heard("typingIndicatorReceived")[-1]["sender"]["communicationUserId"] == ben.who.id
    ben.run("await thread(given[0]).sendReadReceipt({chatMessageId: given[1]})", thread, sent)
    receipt = ada.heard("readReceiptReceived")[-1]
    assert (receipt["chatMessageId"], receipt["sender"]["communicationUserId"]) == (sent, ben.who.id)
    assert receipt["readOn"]

    ada.run("await thread(given[0]).updateMessage(given[1], {content: 'Good morning'})", thread, sent)
    edited = ben.heard("chatMessageEdited")[-1]
    assert (edited["id"], edited["message"]) == (sent, "Good morning")
    assert edited["editedOn"]
    ada.run("await thread(given[0]).deleteMessage(given[1])", thread, sent)
    deleted = ben.heard("chatMessageDeleted")[-1]
    assert deleted["id"] == sent
    assert deleted["deletedOn"]

    ada.run("await thread(given[0]).updateTopic('Results')", thread)
    assert ben.heard("chatThreadPropertiesUpdated")[-1]["properties"]["topic"] == "Results"
    third = place.known("Cleo")
    ada.run(
        "await thread(given[0]).addParticipants({participants: [given[1]]})",
        thread,
        {"id": {"communicationUserId": third.id}, "displayName": third.name},
    )
    added = ben.heard("participantsAdded")[-1]
    assert [one["displayName"] for one in added["participantsAdded"]] == ["Cleo"]
    ada.run("await thread(given[0]).removeParticipant({communicationUserId: given[1]})", thread, third.id)
    assert ben.heard("participantsRemoved")[-1]["participantsRemoved"][0]["id"]["communicationUserId"] == third.id
    ada.run("await client.deleteChatThread(given[0])", thread)
    assert ben.heard("chatThreadDeleted")[-1]["deletedBy"]["id"]["communicationUserId"] == ada.who.id


def test_who_was_removed_is_told_so_and_of_nothing_afterwards(place: Place, ada: ChatPage, ben: ChatPage) -> None:
    thread, other = thread_of(ada, ben.who), thread_of(ada, ben.who)
    ada.run("await thread(given[0]).removeParticipant({communicationUserId: given[1]})", thread, ben.who.id)
    ben.page.wait_for_function(
        "(id) => heard.some((one) => one.kind === 'participantsRemoved' && one.event.threadId === id)",
        arg=thread,
        timeout=PATIENCE,
    )
    ada.send(thread, "not for Ben")
    ada.send(other, "for Ben")  # comes after the one before it would have
    ben.hears_text("for Ben")
    assert all(one["message"] != "not for Ben" for one in ben.heard("chatMessageReceived"))


def test_a_cut_connection_comes_back_and_nothing_was_missed(place: Place, ada: ChatPage, ben: ChatPage) -> None:
    thread = thread_of(ada, ben.who)
    ben.page.route("**/v4/a?*", lambda route: route.abort())
    ben.run("sockets.at(-1).close()")
    ada.send(thread, "while you were away")
    ben.page.unroute("**/v4/a?*")
    ben.hears_text("while you were away")
    ada.send(thread, "and now")
    ben.hears_text("and now")


def test_when_the_server_restarts_everybody_is_back_by_themselves(place: Place, ada: ChatPage, ben: ChatPage) -> None:
    thread = thread_of(ada, ben.who)
    before = [len(one.heard("connected")) for one in (ada, ben)]
    place.restart()
    for person, count in zip((ada, ben), before, strict=True):
        person.heard("connected", count + 1)
    ada.send(thread, "after the restart")
    ben.hears_text("after the restart")


def test_who_can_have_no_socket_is_told_by_long_polls(place: Place, chromium: Browser, ada: ChatPage) -> None:
    poor = place.known("Poor")
    with chat_page(chromium, place.at, place.endpoint, poor, script=WITHOUT_SOCKETS) as page:
        thread = thread_of(ada, poor)
        for number in range(3):
            ada.send(thread, f"{number} 💬")
            page.hears_text(f"{number} 💬")
        page.send(thread, "thank you")
        ada.hears_text("thank you")


def test_who_stops_listening_is_told_nothing_more(place: Place, chromium: Browser, ada: ChatPage) -> None:
    guest = place.known("Guest")
    with chat_page(chromium, place.at, place.endpoint, guest) as page:
        thread = thread_of(ada, guest)
        page.heard("chatThreadCreated")
        page.run("await client.stopRealtimeNotifications()")
        ada.send(thread, "into the void")
        ada.hears_text("into the void")
        assert page.heard("chatMessageReceived", 0) == []
