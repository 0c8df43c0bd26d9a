"""Official clients reach two processes through nginx as it is shipped: by TLS, with a host of their own."""

import asyncio
import json
import os
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from azure.communication.chat import ChatMessageType, ChatParticipant
from azure.communication.email import EmailClient
from azure.communication.rooms import ParticipantRole, RoomParticipant, RoomsClient
from azure.communication.sms import SmsClient
from playwright.sync_api import Browser

from tests.api.acs.behind_nginx import Proxied, proxied
from tests.api.acs.javascript import WITHOUT_SOCKETS, ChatPage, Known, chat_page, packages, pages, site
from tests.api.acs.realtime_line import Person as Browsing
from tests.api.acs.sdk import VERSIONS, signature
from tests.api.acs.talk import person
from tests.postgres import make_database
from tests.servers import ROOT
from vestibule.api.acs.rooms import PAGE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory, _postgres_server: str, _migrated: str) -> Iterator[Proxied]:
    database = make_database(_postgres_server, "proxied", _migrated)
    with proxied(tmp_path_factory.mktemp("proxied"), database) as running:
        yield running


def test_each_host_answers_what_it_is_for(behind: Proxied) -> None:
    assert behind.resource.endpoint != behind.origin
    with httpx.Client(verify=behind.trusting, timeout=60) as client:
        assert "Lakeside Clinic" in client.get(f"{behind.origin}/book/{behind.resource.slug}").text
        path = f"/identities?api-version={VERSIONS['identities']}"
        assert client.post(f"{behind.origin}{path}").status_code == 404
        assert (
            client.get(f"{behind.resource.endpoint}/book/{behind.resource.slug}").json()["error"]["code"] == "NotFound"
        )
        assert client.post(f"{behind.resource.endpoint}{path}").json()["error"]["code"] == "Denied"
        unsigned = client.get(f"{behind.resource.endpoint}/rooms")
        assert (unsigned.status_code, unsigned.json()["error"]["code"]) == (401, "Denied"), "as the guide says"


def test_a_signature_fits_with_and_without_the_port_however_the_host_is_named(behind: Proxied) -> None:
    path, host = "/rooms?api-version=2025-03-13", urlsplit(behind.resource.endpoint).hostname
    for signed_for in (behind.resource.endpoint, f"https://{host}"):
        for called in (urlsplit(behind.resource.endpoint).netloc, str(host)):
            headers = {**signature(signed_for, behind.resource.key, "GET", path, b""), "Host": called}
            assert behind.resource.send("GET", path, b"", headers).status_code == 200, (signed_for, called)
    elsewhere = signature("https://elsewhere.example", behind.resource.key, "GET", path, b"")
    assert behind.resource.send("GET", path, b"", elsewhere).status_code == 401


def test_python_makes_rooms_and_reads_them_page_by_page(behind: Proxied) -> None:
    client = RoomsClient.from_connection_string(behind.resource.connection_string)
    ada = person(behind.resource)
    who: Any = ada.identifier  # of the package for chats, which types its identifiers apart from those of rooms
    presents = RoomParticipant(communication_identifier=who, role=ParticipantRole.PRESENTER)
    with ThreadPoolExecutor(4) as pool:
        rooms = pool.map(lambda _number: client.create_room(participants=[presents]), range(PAGE + 1))
    made = {one.id for one in rooms}
    pages_of_rooms = [[one.id for one in page] for page in client.list_rooms().by_page()]
    assert len(pages_of_rooms) > 1, "more than a page, so that a link was followed"
    assert made <= {one for page in pages_of_rooms for one in page}
    first = made.pop()
    assert [one.communication_identifier.raw_id for one in client.list_participants(first)] == [ada.id]
    client.delete_room(first)


def test_python_talks_and_reads_page_by_page(behind: Proxied) -> None:
    ada, bo = person(behind.resource), person(behind.resource)
    client = ada.client()
    other = ChatParticipant(identifier=bo.identifier, display_name="Bö / 漢 & %41")
    thread = client.create_chat_thread("Visit", thread_participants=[other]).chat_thread.id
    mine, theirs = client.get_chat_thread_client(thread), bo.client().get_chat_thread_client(thread)
    said = [mine.send_message(f"{number} 💬").id for number in range(5)]
    read = [one.id for one in theirs.list_messages(results_per_page=2) if one.type == ChatMessageType.TEXT]
    assert sorted(read) == sorted(said)
    theirs.send_read_receipt(said[-1])
    assert [one.chat_message_id for one in mine.list_read_receipts()] == [said[-1]]
    theirs.send_typing_notification()
    mine.remove_participant(bo.identifier)
    assert [one.identifier.raw_id for one in mine.list_participants()] == [ada.id]


def test_python_sends_a_large_mail_and_asks_until_it_is_gone(behind: Proxied) -> None:
    client = EmailClient.from_connection_string(behind.resource.connection_string)
    file = {
        "name": "scan.pdf",
        "contentType": "application/pdf",
        "contentInBase64": b64encode(os.urandom(5_000_000)).decode(),
    }
    poller = client.begin_send(
        {
            "senderAddress": "DoNotReply@clinic.example",
            "content": {"subject": "Through the proxy", "plainText": "They are in."},
            "recipients": {"to": [{"address": "jo@example.org", "displayName": "Jo"}]},
            "attachments": [file],
        },
        polling_interval=1,
    )
    assert poller.result(120)["status"] == "Succeeded"
    written = [one for one in behind.webs[1].outbox() if one["to"] == "jo@example.org"]
    assert [one["subject"] for one in written] == ["Through the proxy"]
    assert " 413 " not in behind.log()


def test_python_sends_texts(behind: Proxied) -> None:
    package: Any = SmsClient  # which types its methods as if they had two selves
    client = package.from_connection_string(behind.resource.connection_string)
    good, bad = client.send(from_="+41445550100", to=["+41445550101", "no number"], message="At ten.")
    assert (good.http_status_code, bad.http_status_code) == (202, 400)


def test_the_five_packages_walk_through_under_node(behind: Proxied) -> None:
    strings = [behind.resource.connection_string, behind.stranger.connection_string]
    words = ["node", "tests/sdk/walk.mjs", str(packages()), *strings, "+41445550100"]
    trusting = {**os.environ, "NODE_EXTRA_CA_CERTS": str(behind.resource.authority)}
    done = subprocess.run(words, cwd=ROOT, env=trusting, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    seen: dict[str, Any] = json.loads(done.stdout)
    assert [one["failed"] for one in seen.values() if "failed" in one] == []
    assert (seen["rooms"]["listed"], seen["chat"]["edited"]) == (True, ["Good morning", True])
    assert seen["email"]["status"] == "Succeeded"


@pytest.mark.parametrize("script", ["", WITHOUT_SOCKETS], ids=["sockets", "polls"])
def test_pages_at_different_processes_are_told_of_everything(behind: Proxied, chromium: Browser, script: str) -> None:
    people = [Known(one.id, one.token, name) for name, one in ((name, person(behind.resource)) for name in "ABC")]
    with ExitStack() as stack:
        at = stack.enter_context(site(pages()))
        opened = [
            stack.enter_context(chat_page(chromium, at, behind.resource.endpoint, one, script=script)) for one in people
        ]
        thread = _thread_of(opened)
        for one in opened:
            one.send(thread, f"{one.who.name} is here")
        for one in opened:
            for other in opened:
                one.hears_text(f"{other.who.name} is here")
    assert "/socket.io/" not in behind.log(), "what opens a connection is not written down"


def _thread_of(people: list[ChatPage]) -> str:
    began: str = people[0].run(
        "return (await client.createChatThread({topic: 'Visit'}, {participants: given})).chatThread.id",
        *({"id": {"communicationUserId": one.who.id}, "displayName": one.who.name} for one in people),
    )
    return began


def test_every_poll_of_a_line_comes_to_the_process_that_took_the_first(behind: Proxied) -> None:
    people = [Browsing.of(behind.resource) for _number in range(8)]
    thread = people[0].begin(*people[1:])
    lines = {one.id: f"/socket.io/1/xhr-polling/{one.ticket(one.place())}" for one in people}
    for one in people:
        assert one.ask("GET", lines[one.id]).text.startswith(("1::", "\ufffd")), "the line is open"
    people[0].say(thread, "To both processes")
    for one in people:
        heard = ""
        while "To both processes" not in heard:
            polled = one.ask("GET", lines[one.id])
            assert polled.status_code == 200, polled.text
            heard += polled.text


def test_a_socket_is_upgraded_and_told_what_was_said_at_any_process(behind: Proxied) -> None:
    people = [Browsing.of(behind.resource) for _number in range(4)]
    thread = people[0].begin(*people[1:])
    with ExitStack() as stack:
        lines = [stack.enter_context(one.connected()) for one in people]
        people[0].say(thread, "Upgraded")
        for line in lines:
            assert line.says("Upgraded")["messageBody"] == "Upgraded"


def test_the_client_of_graph_reads_page_by_page_at_the_host_of_pages(behind: Proxied) -> None:
    asyncio.run(_graph(behind))


async def _graph(behind: Proxied) -> None:
    from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
    from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider as Bearing
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph.graph_service_client import GraphServiceClient

    class Token(AccessTokenProvider):
        async def get_authorization_token(
            self, uri: str, additional_authentication_context: dict[str, Any] | None = None
        ) -> str:
            return behind.graph_token

        def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
            return AllowedHostsValidator([str(urlsplit(behind.origin).hostname)])

    adapter = GraphRequestAdapter(Bearing(Token()))
    adapter.base_url = f"{behind.origin}/graph/v1.0"
    # Not typed here: by its types every answer, and every member of one, may be nothing.
    businesses: Any = GraphServiceClient(request_adapter=adapter).solutions.booking_businesses
    first = (await businesses.get()).value[0]
    services = businesses.by_booking_business_id(first.id).services
    every = {one.id for one in (await services.get()).value}
    found, address = set(), f"{behind.origin}/graph/v1.0/solutions/bookingBusinesses/{first.id}/services?$top=1"
    while address:
        assert address.startswith(f"{behind.origin}/graph/v1.0/"), address
        page = await services.with_url(address).get()
        found |= {one.id for one in page.value}
        address = page.odata_next_link
    assert len(every) > 1
    assert found == every
