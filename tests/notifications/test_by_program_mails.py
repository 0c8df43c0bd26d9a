"""Mails of programs: one operation by its name, a message to each reader, as whom the business sends."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_business
from tests.integrations.mailbox import Mailbox, smtp_server
from tests.notifications.programs import DESK, PLAIN, program
from vestibule.integrations.smtp.mail import SmtpMail
from vestibule.notifications import by_program_mails, consent, gateways, history, reading
from vestibule.notifications.by_program import WrongSender
from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.by_program_mails import Stands
from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.models import Gateway, OutboxMessage, ProgramMail
from vestibule.notifications.ports import DeliveryError, Mail, MailFile, Named, require_alone
from vestibule.notifications.testing import FakeMail, fakes
from vestibule.notifications.worker import send_due
from vestibule.people.errors import Invalid, NotFound, TooMany
from vestibule.people.models import Business
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db
INVITATION = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
PICTURE = bytes(range(256))
FULL = Letter(
    sender=DESK,
    subject="Ergebnisse — für Sie",
    to=(Named("jo@example.org", "Jo Smith"), Named("ann@example.org", "Ann, of Oz")),
    cc=(Named("wendy@elsewhere.example"),),
    bcc=(Named("bob@secret.example", "Bob"),),
    text="Sie sind da.\n.\nUnd mehr.\n",
    html='<p>Sie sind da: <img src="cid:logo-1"></p>',
    replies=(Named("nurse@clinic.example", "Nurse"), Named("ward@clinic.example")),
    files=(
        MailFile("Befund über Jo.pdf", "application/pdf", b"%PDF-1.7 \r\n.\r\n"),
        MailFile("visit.ics", "text/calendar; method=REQUEST", INVITATION),
        MailFile("logo.png", "image/png", PICTURE, "logo-1"),
    ),
    headers=(
        ("Auto-Submitted", "no"),
        ("ClientCorrelationId", "123"),
        ("X-Ward", "Süd 4"),
        ("List-Unsubscribe", "<https://clinic.example/u>"),
    ),
)


@pytest.fixture
def clinic() -> Business:
    clock.set_to(datetime(2026, 3, 2, 12, tzinfo=UTC))
    return make_business(name="Lakeside Clinic")


def send(business: Business, letter: Letter = PLAIN, operation: str = "") -> by_program_mails.Operation:
    return by_program_mails.send(program(business), letter, operation)


def stands(business: Business, operation: str) -> Stands:
    return by_program_mails.find(program(business), operation).stands


def taken() -> list[Mail]:
    gateway = FakeMail()
    send_due(fakes(gateway))
    return gateway.taken


def by_smtp(mailbox: Mailbox) -> dict[str, EmailMessage]:
    """Let all that is due leave by a real mail server; return what came for each reader."""
    gateway = SmtpMail(mailbox.url, sender=DESK, host="clinic.example")
    send_due(Gateways(Carrier("smtp", gateway), Carrier()))
    assert all(len(to) == 1 for to in mailbox.recipients), "each reader has a mail of their own"
    return {to[0]: mail for to, mail in zip(mailbox.recipients, mailbox.received, strict=True)}


def parts(mail: EmailMessage) -> dict[str, EmailMessage]:
    return {one.get_content_type(): one for one in mail.walk()}


def test_every_reader_gets_the_whole_mail_and_sees_whom_it_is_to(clinic: Business) -> None:
    with smtp_server() as mailbox:
        begun = send(clinic, FULL)
        assert begun.stands is Stands.RUNNING
        came = by_smtp(mailbox)
    assert set(came) == {"jo@example.org", "ann@example.org", "wendy@elsewhere.example", "bob@secret.example"}
    for mail in came.values():
        assert mail["To"] == 'Jo Smith <jo@example.org>, "Ann, of Oz" <ann@example.org>'
        assert mail["Cc"] == "wendy@elsewhere.example"
        assert mail["From"] == f"Lakeside Clinic <{DESK}>"
        assert mail["Reply-To"] == "Nurse <nurse@clinic.example>, ward@clinic.example"
        assert mail["Subject"] == "Ergebnisse — für Sie"
        assert (mail["ClientCorrelationId"], mail["X-Ward"]) == ("123", "Süd 4")
        assert mail.get_all("Auto-Submitted") == ["auto-generated"]
        assert mail["List-Unsubscribe"] == "<https://clinic.example/u>"
    assert not any(b"secret.example" in raw or b"Bcc" in raw for raw in mailbox.raw)
    assert stands(clinic, begun.id) is Stands.SUCCEEDED


def test_files_arrive_to_the_byte_beside_the_text_or_in_it(clinic: Business) -> None:
    with smtp_server() as mailbox:
        send(clinic, replace(FULL, cc=(), bcc=(), to=FULL.to[:1]))
        [mail] = by_smtp(mailbox).values()
    assert mail.get_content_type() == "multipart/mixed"
    found = parts(mail)
    assert found["application/pdf"].get_content() == FULL.files[0].content
    assert found["application/pdf"].get_filename() == "Befund über Jo.pdf"
    assert found["text/calendar"].get_payload(decode=True) == INVITATION
    assert found["text/calendar"].get_param("method") == "REQUEST"
    assert found["image/png"].get_content() == PICTURE
    assert (found["image/png"]["Content-ID"], found["image/png"].get_content_disposition()) == ("<logo-1>", "inline")
    assert found["text/plain"].get_content().replace("\r\n", "\n") == FULL.text
    inside = {one.get_content_type() for one in found["multipart/related"].walk()}
    assert inside == {"multipart/related", "text/html", "image/png"}


def test_a_mail_may_be_words_alone_or_a_page_alone(clinic: Business) -> None:
    with smtp_server() as mailbox:
        send(clinic, PLAIN)
        send(clinic, replace(PLAIN, text="", html="<p>In.</p>", to=(Named("ann@example.org"),)))
        came = by_smtp(mailbox)
    assert "text/html" not in parts(came["jo@example.org"])
    assert "text/plain" not in parts(came["ann@example.org"])


def test_the_same_name_is_the_same_mail_and_is_sent_once(clinic: Business) -> None:
    name = str(uuid4())
    send(clinic, PLAIN, name.upper())
    assert len(taken()) == 1
    again = send(clinic, replace(PLAIN, text="Something else."), name)
    assert (again.id, again.stands) == (name, Stands.SUCCEEDED)
    assert taken() == []
    assert ProgramMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)  # each asks on a connection of their own
def test_who_asks_eight_times_at_once_sends_once(clinic: Business) -> None:
    name = str(uuid4())

    def ask(_number: int) -> str:
        try:
            return send(clinic, FULL, name).id
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {name}
    assert OutboxMessage.objects.count() == len(FULL.readers) == len(taken())


def test_the_same_name_at_another_business_is_another_mail(clinic: Business) -> None:
    name, other = str(uuid4()), make_business()
    send(clinic, PLAIN, name)
    with pytest.raises(NotFound):
        by_program_mails.find(program(other), name)
    send(other, PLAIN, name)
    assert len(taken()) == 2


def test_who_is_named_twice_gets_it_once(clinic: Business) -> None:
    twice = replace(PLAIN, cc=(Named("JO@example.org"),), bcc=(Named("jo@example.org"),))
    send(clinic, twice)
    assert [one.to for one in taken()] == ["jo@example.org"]


def test_an_operation_fails_when_nobody_could_be_written_to(clinic: Business) -> None:
    consent.bounced(clinic, "email", "jo@example.org", "550")
    only, some = send(clinic), send(clinic, replace(PLAIN, to=(*PLAIN.to, Named("ann@example.org"))))
    assert [one.to for one in taken()] == ["ann@example.org"]
    assert stands(clinic, some.id) is Stands.SUCCEEDED
    failed = by_program_mails.find(program(clinic), only.id)
    assert (failed.stands, failed.words) == (Stands.FAILED, "it does not exist: an earlier message came back")
    OutboxMessage.objects.filter(subject_ref=only.id).update(last_error="")
    assert stands(clinic, only.id) is Stands.CANCELED


@pytest.mark.parametrize("given", ["", "x", "../" * 12, "044c2959-ad23-476a-839b-9d320c3ad401"])
def test_an_operation_nobody_began_is_not_there(clinic: Business, given: str) -> None:
    with pytest.raises(NotFound):
        by_program_mails.find(program(clinic), given)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("content.subject", {"subject": " "}),
        ("content.subject", {"subject": "Hello\r\nBcc: all@example.org"}),
        ("content", {"text": "", "html": "\n"}),
        ("recipients.to", {"to": ()}),
        ("recipients.to", {"to": (Named("jo"),)}),
        ("recipients.to", {"to": (Named("jo@example.org>, <all@example.org"),)}),
        ("recipients.to", {"to": (Named("jo@example.org", "Jo\r\nX: y"),)}),
        ("recipients.cc", {"cc": (Named("jo@@example.org"),)}),
        ("recipients.bcc", {"bcc": (Named("jo@exam ple.org"),)}),
        ("recipients", {"bcc": tuple(Named(f"p{n}@example.org") for n in range(50))}),
        ("replyTo", {"replies": (Named("nobody"),)}),
        ("attachments.name", {"files": (MailFile("../etc/passwd", "text/plain", b""),)}),
        ("attachments.name", {"files": (MailFile('a"; x="', "text/plain", b""),)}),
        ("attachments.contentType", {"files": (MailFile("a.txt", "text", b""),)}),
        ("attachments.contentType", {"files": (MailFile("a.txt", "text/plain\r\nBcc: x@y.example", b""),)}),
        ("attachments.contentType", {"files": (MailFile("a.eml", "message/rfc822", b""),)}),
        ("attachments.contentId", {"files": (MailFile("a.png", "image/png", b"", "a>\r\nb"),)}),
        ("attachments", {"files": (MailFile("a.bin", "application/octet-stream", b"x" * (10 * 1024 * 1024)),)}),
        ("headers", {"headers": (("Bcc", "all@example.org"),)}),
        ("headers", {"headers": (("From", "boss@example.org"),)}),
        ("headers", {"headers": (("sender", "boss@example.org"),)}),
        ("headers", {"headers": (("Reply-To", "thief@example.org"),)}),
        ("headers", {"headers": (("Content-Type", "text/html"),)}),
        ("headers", {"headers": (("Return-Path", "<x@example.org>"),)}),
        ("headers", {"headers": (("DKIM-Signature", "v=1"),)}),
        ("headers", {"headers": (("Disposition-Notification-To", "x@example.org"),)}),
        ("headers", {"headers": (("X-Ward", "4\r\nBcc: all@example.org"),)}),
        ("headers", {"headers": (("X-Ward: 4\r\nBcc", "all@example.org"),)}),
        ("headers", {"headers": (("X Ward", "4"),)}),
    ],
)
def test_what_could_be_taken_for_something_else_is_refused(
    clinic: Business, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        send(clinic, replace(PLAIN, **changes))  # type: ignore[arg-type]  # passed on as given
    assert refused.value.facts["field"] == field
    assert not OutboxMessage.objects.exists()


def test_a_program_sends_as_its_business_does_and_as_nobody_else(clinic: Business) -> None:
    access = gateways.sealed({"host": "mail.example.org", "username": "u", "password": "p"})
    row = Gateway.objects.create(
        business=clinic, channel="email", kind="smtp", name="Ours", sender="Desk@Clinic.example", access=access
    )
    begun = send(clinic)
    for foreign in ("boss@clinic.example", "desk@other.example"):
        with pytest.raises(WrongSender):
            send(clinic, replace(PLAIN, sender=foreign))
    row.sender = "other@clinic.example"
    row.save()
    send_due(gateways.configured())
    assert by_program_mails.find(program(clinic), begun.id).words.startswith("no gateway here sends as")


def test_a_gateway_that_writes_to_each_alone_says_so_before_anything_is_sent(clinic: Business) -> None:
    access = gateways.sealed({"connection_string": "endpoint=https://x.communication.azure.com;accesskey=QUJD"})
    Gateway.objects.create(business=clinic, channel="email", kind="acs", name="Azure", sender=DESK, access=access)
    assert send(clinic).stands is Stands.RUNNING
    with pytest.raises(Invalid, match="each reader alone"):
        send(clinic, replace(PLAIN, cc=(Named("ann@example.org"),)))


def test_a_mail_that_names_others_leaves_by_no_gateway_that_cannot() -> None:
    alone = Mail("r", "jo@example.org", "", "", "", "s", "t", "", shown_to=(Named("jo@example.org"),))
    require_alone(alone)
    with pytest.raises(DeliveryError) as refused:
        require_alone(replace(alone, shown_cc=(Named("ann@example.org"),)))
    assert (refused.value.permanent, refused.value.of_gateway) == (True, True)


def test_what_is_kept_here_is_shown_with_its_files(clinic: Business) -> None:
    begun = send(clinic, FULL)
    before = reading.latest(SYSTEM, 10)[-1]
    assert (before.subject, before.text) == (FULL.subject, FULL.text)
    send_due(Gateways(Carrier(), Carrier()))
    shown = reading.latest(SYSTEM, 10)[-1]
    assert (shown.subject, shown.html, shown.kind) == (FULL.subject, FULL.html, "program")
    said = history.said(OutboxMessage.objects.filter(subject_ref=begun.id)[0])
    assert said is not None
    assert (said.is_kept, said.files) == (True, ("Befund über Jo.pdf", "visit.ics", "logo.png"))
    assert [(one.name, one.content) for one in shown.attachments] == [(one.name, one.content) for one in FULL.files]


def test_what_a_mail_said_is_forgotten_after_a_month_and_how_it_stands_is_not(clinic: Business) -> None:
    begun, waiting = send(clinic, FULL), send(clinic)
    OutboxMessage.objects.filter(subject_ref=waiting.id).update(next_at=clock.now() + timedelta(days=60))
    taken()
    clock.set_to(clock.now() + timedelta(days=31))
    assert by_program_mails.purge() == 1
    assert [one.operation for one in ProgramMail.objects.all()] == [waiting.id]
    assert stands(clinic, begun.id) is Stands.SUCCEEDED
    row = OutboxMessage.objects.filter(subject_ref=begun.id).first()
    assert row is not None
    assert history.said(row) is None
    OutboxMessage.objects.filter(pk=row.pk).update(state="queued", attempts=0, next_at=clock.now())
    assert taken() == [], "nothing is sent of which nothing is known"
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("failed", "what this mail said is not kept any more")


def filled(business: Business, monkeypatch: pytest.MonkeyPatch, *, mails: int) -> list[str]:
    """So many mails of a business, which fill what it may keep."""
    operations = [send(business).id for _number in range(mails)]
    size = ProgramMail.objects.filter(business=business).values_list("size", flat=True)[0]
    monkeypatch.setattr(by_program_mails, "MOST_BYTES", size * mails + size // 2)
    return operations


def test_what_mails_said_that_have_left_makes_room_for_others_the_oldest_first(
    clinic: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = filled(clinic, monkeypatch, mails=3)
    send_due(fakes(mail=FakeMail()))
    fourth = send(clinic).id
    assert set(ProgramMail.objects.values_list("operation", flat=True)) == {second, third, fourth}
    assert stands(clinic, first) is Stands.SUCCEEDED


def test_while_what_waits_is_as_much_as_is_kept_no_more_is_taken(
    clinic: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = filled(clinic, monkeypatch, mails=2)
    with pytest.raises(TooMany, match="More mail waits to be sent than is kept") as refused:
        send(clinic)
    assert refused.value.facts["retry_after"] == 60
    assert send(clinic, PLAIN, waiting[0]).id == waiting[0], "the same mail again needs no room"
    assert send(make_business()).id, "another business has its own"
    assert OutboxMessage.objects.filter(business=clinic).count() == 2
    send_due(fakes(mail=FakeMail()))
    assert stands(clinic, send(clinic).id) is Stands.RUNNING


def test_what_is_kept_of_a_mail_is_about_as_large_as_is_counted(clinic: Business) -> None:
    large = replace(PLAIN, files=(MailFile("scan.pdf", "application/pdf", bytes(1_000_000)),), html="<p>ä</p>" * 9000)
    send(clinic, large)
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, content FROM notifications_programmail")
        size, content = cursor.fetchone()
    kept = len(content if isinstance(content, str) else str(content))
    assert kept <= size * 1.2
    assert size <= kept * 1.2


def test_that_nothing_has_left_is_found_at_once_however_much_waits(
    clinic: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(clinic, monkeypatch, mails=8)
    with CaptureQueriesContext(connection) as asked, pytest.raises(TooMany):
        send(clinic)
    of_mails = [one for one in asked.captured_queries if "programmail" in one["sql"]]
    of_messages = [one for one in asked.captured_queries if "outboxmessage" in one["sql"]]
    assert len(of_mails) <= 2, "what is kept, and what of it has left"
    assert len(of_messages) <= 2, "whether it is known, and what has left"
