"""sendMail: mail that programs written for Outlook send as somebody here."""

import base64
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from tests.api.graph.program import Program, Reply, program_of
from tests.booking.factories import at
from tests.factories import make_provider
from vestibule.notifications import by_program
from vestibule.notifications.by_program import WrongSender
from vestibule.notifications.models import OutboxMessage, ProgramMail
from vestibule.people.models import Provider
from vestibule.store import clock

HERS = "/users/ada@lakeside.example/sendMail"
LUNCH = {
    "subject": "Meet for lunch?",
    "body": {"contentType": "Text", "content": "The new cafeteria is open."},
    "toRecipients": [{"emailAddress": {"address": "frannis@contoso.example", "name": "Frannis"}}],
    "ccRecipients": [{"emailAddress": {"address": "danas@contoso.example"}}],
}


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("06:00"))
    yield
    clock.reset()


@pytest.fixture
def ada() -> Provider:
    ada = make_provider()
    ada.email = "ada@lakeside.example"
    ada.save()
    return ada


@pytest.fixture
def sender(ada: Provider) -> Program:
    return program_of(ada.business, "Mail.Send")


def letter() -> dict[str, Any]:
    content: dict[str, Any] = ProgramMail.objects.get().content
    return content


@pytest.mark.parametrize("names", [("message", "saveToSentItems"), ("Message", "SaveToSentItems")])
def test_a_message_goes_to_each_reader(sender: Program, names: tuple[str, str]) -> None:
    sent = sender.post(HERS, {names[0]: LUNCH, names[1]: "false"})
    assert (sent.status, sent.body) == (202, b"")
    assert set(OutboxMessage.objects.values_list("to", flat=True)) == {
        "frannis@contoso.example",
        "danas@contoso.example",
    }
    assert (letter()["sender"], letter()["text"]) == ("ada@lakeside.example", "The new cafeteria is open.")


def test_html_and_files_go_along(sender: Program) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "menu.txt", "contentType": "text/plain"}
    more = {
        "body": {"contentType": "html", "content": "<b>Soup</b>"},
        "attachments": [{**file, "contentBytes": "U291cA=="}],
    }
    assert sender.post(HERS, {"message": {**LUNCH, **more}}).status == 202
    assert (letter()["html"], letter()["files"][0][0]) == ("<b>Soup</b>", "menu.txt")
    odd = {**LUNCH, "attachments": [{**file, "contentBytes": "no base64!"}]}
    assert sender.post(HERS, {"message": odd}).status == 400


def mime(sender: Program, content: bytes) -> Reply:
    return sender.ask("POST", HERS, content, content_type="text/plain")


def test_a_whole_mail_is_taken_apart_and_sent(sender: Program) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@lakeside.example", "Cleo <cleo@example.org>", "Visit"
    mail.set_content("See you on Monday.")
    mail.add_alternative("<p>See you on Monday.</p>", subtype="html")
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="visit.ics")
    assert mime(sender, base64.b64encode(mail.as_bytes())).status == 202
    told = letter()
    assert (told["subject"], told["text"].strip(), told["to"]) == (
        "Visit",
        "See you on Monday.",
        [["cleo@example.org", "Cleo"]],
    )
    assert [one[0] for one in told["files"]] == ["visit.ics"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"(malformed base64)", "ErrorMimeContentInvalidBase64String"),
        (base64.b64encode(b"\n\njust words"), "ErrorMimeContentInvalid"),
    ],
)
def test_what_is_no_mail_is_refused(sender: Program, content: bytes, code: str) -> None:
    refused = mime(sender, content)
    assert (refused.status, refused.code) == (400, code)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("change", [{"toRecipients": []}, {"subject": ""}, {"toRecipients": [{"emailAddress": {}}]}])
def test_a_mail_to_nobody_or_about_nothing_is_refused(sender: Program, change: dict[str, Any]) -> None:
    more = {**LUNCH, "ccRecipients": [], **change}
    assert sender.post(HERS, {"message": more}).status == 400


def test_nobody_is_written_as_who_does_not_send_here(sender: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*told: Any) -> None:
        raise WrongSender("not as her", field="from", senders=["desk@lakeside.example"])

    monkeypatch.setattr(by_program, "require_sender", refuse)
    refused = sender.post(HERS, {"message": LUNCH})
    assert (refused.status, refused.code) == (403, "ErrorSendAsDenied")


def test_it_takes_its_permission_and_somebody(sender: Program, ada: Provider) -> None:
    assert program_of(ada.business, "Calendars.ReadWrite").post(HERS, {"message": LUNCH}).status == 403
    assert sender.post("/me/sendMail", {"message": LUNCH}).code == "BadRequest"
    assert sender.post("/users/nobody@lakeside.example/sendMail", {"message": LUNCH}).status == 404


@pytest.mark.parametrize(
    "headers",
    [
        b"To: " + b"," * 100_000,
        b"To: " + b"(" * 5_000,
        b"To: x@y.example\r\nContent-Type: text/plain" + b";" * 100_000,
        b"To: x@y.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1_500,
    ],
    ids=["commas", "brackets", "parameters", "mails in mails"],
)
def test_a_mail_made_to_take_long_to_read_is_refused_at_once(sender: Program, headers: bytes) -> None:
    mail = base64.b64encode(b"From: ada@lakeside.example\r\nSubject: Hello\r\n" + headers + b"\r\n\r\nHello")
    began = time.process_time()
    sent = sender.ask("POST", HERS, mail, content_type="text/plain")
    assert (sent.status, sent.code) == (400, "ErrorMimeContentInvalid")
    assert time.process_time() - began < 5, "a hundred kilobytes of commas took minutes"
    assert not OutboxMessage.objects.exists()
