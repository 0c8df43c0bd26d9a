"""Mails by the official SDKs as they come, from their client to a real mail server."""

import asyncio
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from azure.communication.email import EmailClient
from azure.communication.email.aio import EmailClient as AsyncEmailClient
from azure.core.exceptions import HttpResponseError

from tests.api.acs.sdk import Emulator, running_emulator, signature
from tests.integrations.mailbox import Mailbox, smtp_server
from vestibule.integrations.acs.access import resource
from vestibule.integrations.acs.mail import AcsMail
from vestibule.notifications.ports import Mail

pytestmark = pytest.mark.slow
INVITATION = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


@dataclass(frozen=True)
class Post:
    """A server whose mails go to a real mail server."""

    emulator: Emulator
    mailbox: Mailbox

    def came(self, subject: str, most: int = 1) -> list[EmailMessage]:
        """Wait until so many mails of that subject came, and return them."""
        return wait(lambda: [one for one in list(self.mailbox.received) if one["Subject"] == subject], most)


def wait(look: Callable[[], list[EmailMessage]], most: int) -> list[EmailMessage]:
    until = time.monotonic() + 60
    while len(found := look()) < most:
        assert time.monotonic() < until, f"{len(found)} mails came, not {most}"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with smtp_server() as mailbox:
        environment = {"VESTIBULE_EMAIL_URL": mailbox.url}
        with running_emulator(tmp_path_factory.mktemp("email"), env=environment) as running:
            yield Post(running, mailbox)


@pytest.fixture(scope="module")
def client(post: Post) -> EmailClient:
    return EmailClient.from_connection_string(post.emulator.resource.connection_string)


def message(subject: str, **more: Any) -> dict[str, Any]:
    return {
        "senderAddress": "DoNotReply@clinic.example",
        "content": {"subject": subject, "plainText": "They are in.", "html": "<p>They are in.</p>"},
        "recipients": {"to": [{"address": "jo@example.org", "displayName": "Jo"}]},
        **more,
    }


@pytest.mark.shows("Email_Send", by="python")
@pytest.mark.shows("Email_GetSendResult", by="python")
def test_a_mail_is_sent_and_its_poller_comes_to_an_end(post: Post, client: EmailClient) -> None:
    told = client.begin_send(message("By the SDK"), polling_interval=1).result(timeout=60)
    assert told["status"] == "Succeeded"
    [mail] = post.came("By the SDK")
    assert (mail["To"], "DoNotReply" in str(mail["From"])) == ("Jo <jo@example.org>", False)


@pytest.mark.shows("Email_Send", by="python-aio")
@pytest.mark.shows("Email_GetSendResult", by="python-aio")
def test_the_asynchronous_sdk_does_the_same(post: Post) -> None:
    async def walk() -> dict[str, Any]:
        string = post.emulator.resource.connection_string
        async with AsyncEmailClient.from_connection_string(string) as client:
            poller = await client.begin_send(message("By the other SDK"), polling_interval=1)
            return dict(await poller.result())

    assert asyncio.run(walk())["status"] == "Succeeded"
    assert len(post.came("By the other SDK")) == 1


def test_a_mail_of_six_megabytes_gets_through_the_server(post: Post, client: EmailClient) -> None:
    large = {"name": "scan.bin", "contentType": "application/octet-stream"}
    held = b64encode(bytes(6 * 1024 * 1024)).decode()
    client.begin_send(message("Large", attachments=[{**large, "contentInBase64": held}]), polling_interval=1).result(60)
    assert len(post.came("Large")) == 1


def test_of_who_did_not_sign_nothing_large_is_read(post: Post) -> None:
    resource = post.emulator.resource
    forged = signature(resource.endpoint, bytes(64), "POST", "/emails:send?api-version=2025-09-01", b"")
    announced = {"host": "x", "content-length": str(8 * 1024 * 1024), **forged}
    head = "POST /emails:send?api-version=2025-09-01 HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in announced.items()
    )
    trusting = ssl.create_default_context(cafile=str(resource.authority))
    at = urlsplit(resource.endpoint)
    plain = socket.create_connection((at.hostname, at.port), timeout=60)
    with trusting.wrap_socket(plain, server_hostname=at.hostname) as client:
        client.sendall(f"{head}\r\n".encode())
        answer = client.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 401"), "answered from the head alone"


def test_everybody_named_gets_it_with_its_invitation_and_its_picture(post: Post, client: EmailClient) -> None:
    files = [
        {"name": "visit.ics", "contentType": "text/calendar", "contentInBase64": b64encode(INVITATION).decode()},
        {
            "name": "logo.png",
            "contentType": "image/png",
            "contentInBase64": b64encode(b"\x89PNG").decode(),
            "contentId": "logo",
        },
    ]
    people = {
        "to": [{"address": "jo@example.org"}],
        "cc": [{"address": "ann@example.org"}],
        "bcc": [{"address": "bob@example.org"}],
    }
    given = message("To all", attachments=files, recipients=people, headers={"X-Ward": "4"})
    client.begin_send(given, polling_interval=1).result(timeout=60)
    mails = post.came("To all", 3)
    assert all((one["Cc"], one["Bcc"], one["X-Ward"]) == ("ann@example.org", None, "4") for one in mails)
    for mail in mails:
        held = {one.get_content_type(): one.get_payload(decode=True) for one in mail.walk()}
        assert (held["text/calendar"], held["image/png"]) == (INVITATION, b"\x89PNG")


def test_an_operation_repeated_by_its_id_sends_once(post: Post, client: EmailClient) -> None:
    name = str(uuid4())
    for _time in range(3):
        told = client.begin_send(message("Only once"), operation_id=name, polling_interval=1).result(timeout=60)
        assert (told["id"], told["status"]) == (name, "Succeeded")
    client.begin_send(message("After it"), polling_interval=1).result(timeout=60)
    assert post.came("After it")
    assert len(post.came("Only once")) == 1


def test_what_the_description_forbids_is_told_by_the_sdk_as_what_it_is(client: EmailClient) -> None:
    with pytest.raises(HttpResponseError) as refused:
        client.begin_send(message("Injected", headers={"Bcc": "all@example.org"}))
    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == "BadRequest"


def test_another_installation_sends_by_this_one_as_by_azure(post: Post) -> None:
    found = post.emulator.resource
    gateway = AcsMail(resource(found.connection_string), sender="desk@clinic.example", verify=str(found.authority))
    assert gateway.check()
    mail = Mail("onereference2345", "jo@example.org", "Jo", "Elsewhere", "nurse@clinic.example", "From afar", "x", "")
    operation = gateway.send(replace(mail, calendar=INVITATION.decode(), calendar_method="REQUEST"))
    assert gateway.send(mail) == operation
    [came] = post.came("From afar")
    assert came["Reply-To"] == "nurse@clinic.example"
    assert [one.get_filename() for one in came.iter_attachments()] == ["appointment.ics"]


def test_a_mail_of_a_stranger_is_not_there(post: Post, client: EmailClient) -> None:
    theirs = EmailClient.from_connection_string(post.emulator.stranger.connection_string)
    name = str(uuid4())
    theirs.begin_send(message("Theirs"), operation_id=name, polling_interval=1).result(timeout=60)
    path = f"/emails/operations/{name}?api-version=2025-09-01"
    assert post.emulator.stranger.ask("GET", path).status_code == 200
    assert post.emulator.resource.ask("GET", path).status_code == 404
