"""E-mail as a real SMTP server receives it."""

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import icalendar
import pytest
import vobject

from tests.integrations.contracts import MAIL, MailGatewayContract
from tests.integrations.mailbox import Mailbox, closed_port, silent_port, smtp_server
from tests.notifications.letters import NINE, facts
from vestibule.integrations.smtp.mail import SmtpMail
from vestibule.notifications.invitation import invitation
from vestibule.notifications.ports import DeliveryError, Mail
from vestibule.store.configuration import load

INVITATION = invitation(
    facts(consumer="Zoë Ω"),
    host="visits.example.org",
    zone="Europe/Zurich",
    to="jo@example.org",
    to_name="Zoë Ω",
    organiser="appointments@example.org",
    link="https://visits.example.org/visit?v=Jx0c6hUo3mZQ2pM1yq8sAw",
    now=NINE,
)
INVITING = replace(MAIL, calendar=INVITATION, calendar_method="REQUEST")


def gateway(url: str, timeout: float = 5) -> SmtpMail:
    return SmtpMail(url, sender="appointments@example.org", host="visits.example.org", timeout=timeout)


class TestSmtpMail(MailGatewayContract):
    @pytest.fixture
    def accepting(self) -> Iterator[SmtpMail]:
        with smtp_server() as mailbox:
            yield gateway(mailbox.url)

    @pytest.fixture
    def refusing(self) -> Iterator[SmtpMail]:
        with smtp_server(Mailbox(to_recipient="550 jo@example.org is unknown here")) as mailbox:
            yield gateway(mailbox.url)

    @pytest.fixture
    def busy(self) -> Iterator[SmtpMail]:
        with smtp_server(Mailbox(to_data="451 too much to do for jo@example.org")) as mailbox:
            yield gateway(mailbox.url)

    @pytest.fixture
    def unreachable(self) -> SmtpMail:
        return gateway(f"smtp://jo:hunter2@127.0.0.1:{closed_port()}")

    @pytest.fixture
    def silent(self) -> Iterator[SmtpMail]:
        with silent_port() as port:
            yield gateway(f"smtp://127.0.0.1:{port}", timeout=0.3)


def received(mail: Mail) -> EmailMessage:
    with smtp_server() as mailbox:
        gateway(mailbox.url).send(mail)
    return mailbox.received[0]


def test_a_mail_holds_plain_text_html_and_the_invitation_twice() -> None:
    mail = received(INVITING)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "text/calendar",
    ]
    inline, attached = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert inline.get_param("method") == attached.get_param("method") == "REQUEST"
    assert attached.get_filename() == "appointment.ics"
    for part in (inline, attached):
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        text = content.decode()
        assert text == INVITATION
        assert vobject.readOne(text).vevent.attendee.params["CN"] == ["Zoë Ω"]
        [event] = icalendar.Calendar.from_ical(text).walk("VEVENT")
        assert event["uid"] == "abcdefgh23456789@visits.example.org"


def test_a_mail_without_invitation_is_plain_text_and_html() -> None:
    types = [part.get_content_type() for part in received(MAIL).walk()]
    assert types == ["multipart/alternative", "text/plain", "text/html"]


def test_the_headers_say_who_writes_to_whom() -> None:
    mail = received(MAIL)
    assert mail["From"] == "Lakeside Clinic <appointments@example.org>"
    assert mail["To"] == "Jo Smith <jo@example.org>"
    assert mail["Reply-To"] == "desk@lakeside.example"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_mail_keeps_its_message_id_when_it_is_sent_again() -> None:
    first, again = received(MAIL), received(MAIL)
    assert first["Message-ID"] == again["Message-ID"] == "<mailref23456789a@visits.example.org>"


def test_names_in_other_scripts_arrive() -> None:
    mail = received(
        replace(MAIL, to_name="谷崎 潤一郎", sender_name="Śródmieście", subject="Größe — ✓", text="Zoë ✓\n")
    )
    assert mail["To"].addresses[0].display_name == "谷崎 潤一郎"
    assert mail["From"].addresses[0].display_name == "Śródmieście"
    assert mail["Subject"] == "Größe — ✓"
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Zoë ✓"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00"])
def test_a_name_cannot_add_a_header(end: str) -> None:
    evil = f"Jo{end}Bcc: eve@example.org{end}{end}<b>"
    mail = received(replace(MAIL, to_name=evil, sender_name=evil, subject=evil))
    assert mail["Bcc"] is None
    assert [address.addr_spec for address in mail["To"].addresses] == ["jo@example.org"]


@pytest.mark.parametrize(
    "to", ["", "jo", "jo@example.org, eve@example.org", "jo@example.org\r\nBcc: eve@example.org", "a@b@c", "@", "<x>@y"]
)
def test_what_is_no_address_is_refused_for_good(to: str) -> None:
    with smtp_server() as mailbox:
        with pytest.raises(DeliveryError) as refused:
            gateway(mailbox.url).send(replace(MAIL, to=to))
        assert refused.value.permanent
        assert mailbox.received == []


def test_one_connection_carries_many_mails() -> None:
    with smtp_server() as mailbox:
        sender = gateway(mailbox.url)
        for number in range(5):
            sender.send(replace(MAIL, ref=f"ref{number}"))
    assert (len(mailbox.received), mailbox.sessions) == (5, 1)


def test_a_refused_recipient_does_not_cost_the_connection() -> None:
    with smtp_server() as mailbox:
        sender = gateway(mailbox.url)
        mailbox.to_recipient = "550 no"
        with pytest.raises(DeliveryError):
            sender.send(MAIL)
        mailbox.to_recipient = ""
        sender.send(MAIL)
    assert (len(mailbox.received), mailbox.sessions) == (1, 1)


def test_a_server_that_was_restarted_is_connected_to_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestibule.integrations.smtp.mail.SURELY_OPEN", 0)
    mailbox = Mailbox()
    with smtp_server(mailbox):
        sender = gateway(mailbox.url)
        sender.send(MAIL)
        port = mailbox.port
    from aiosmtpd.controller import Controller

    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        sender.send(MAIL)
    finally:
        controller.stop()
    assert len(mailbox.received) == 2


def test_no_mail_goes_unencrypted_where_encryption_is_required() -> None:
    with smtp_server() as mailbox:
        with pytest.raises(DeliveryError, match="cannot be reached") as refused:
            gateway(f"{mailbox.url}?tls=required").send(MAIL)
        assert not refused.value.permanent
        assert mailbox.received == []


@pytest.mark.parametrize(
    "url", ["http://example.org", "smtp://", "localhost:25", "smtp:example.org", "smtp://a:port", "smtp://[::"]
)
def test_a_setting_that_is_no_mail_server_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError):
        gateway(url)


def test_without_a_setting_there_is_no_gateway() -> None:
    assert SmtpMail.configured(load({"VESTIBULE_DATA": "/nonexistent"})) is None
    url = {"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_EMAIL_URL": "smtp://mail.example.org"}
    assert SmtpMail.configured(load(url)) is not None
