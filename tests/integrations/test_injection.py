"""What people type reaches the mail server as words: no header, no recipient, no mail and no event of theirs."""

import re
import unicodedata
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
import vobject

from tests.factories import make_business
from tests.integrations.mailbox import Mailbox, smtp_server
from tests.notifications.letters import NINE, facts, queue
from vestibule.integrations.smtp.mail import SmtpMail
from vestibule.notifications import choices
from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.invitation import invitation
from vestibule.notifications.models import Template
from vestibule.notifications.ports import Mail
from vestibule.notifications.worker import send_due

ENDS = {
    "CR": "\r",
    "LF": "\n",
    "CRLF": "\r\n",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "next line": "\x85",
    "vertical tab": "\x0b",
    "form feed": "\x0c",
    "record separator": "\x1e",
    "NUL": "\x00",
}
HEADERS = {
    f"header after {name}": f"Jo{end}Bcc: eve@example.org{end}X-Evil: 1{end}{end}<b>" for name, end in ENDS.items()
}
SMUGGLED = {
    f"mail after {name}": f"Jo{end}MAIL FROM:<eve@example.org>\r\nRCPT TO:<eve@example.org>\r\nDATA\r\n\r\nevil{end}"
    for name, end in {
        "CRLF dot CRLF": "\r\n.\r\n",
        "LF dot CRLF": "\n.\r\n",
        "CR dot CR": "\r.\r",
        "LF dot LF": "\n.\n",
        "CRLF dot LF": "\r\n.\n",
        "CRLF dot CR": "\r\n.\r",
        "NUL dots": "\r\n\x00.\r\n",
    }.items()
}
WORDS = {
    "encoded word with CRLF": "=?utf-8?q?Jo=0D=0ABcc:_eve@example.org?=",
    "encoded words in base64": "=?utf-8?b?Sm8NCkJjYzogZXZlQGV4YW1wbGUub3Jn?= =?us-ascii?q?x?=",
    "address in the name": '"Jo" <eve@example.org>, eve',
    "dots": "..\n.\n...Jo\n.",
    "end of the event": "Jo\r\nEND:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:eve@example.org",
    "folded end of the event": "Jo\r\n \r\nEND:VEVENT\r\n \tATTENDEE:mailto:eve@example.org",
    "parameters": 'Jo";X="y:mailto:eve@example.org',
    "percent and placeholders": "%(service)s {provider} %s \\; \\, \\\\",
    "ten thousand letters": "Łódź " * 2000,
}
EVIL = {**HEADERS, **SMUGGLED, **WORDS}
OWN = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "MIME-Version"]


def lines(text: str) -> list[str]:
    """Words as they may arrive: every kind of line end is one, and nothing is left of what cannot be seen."""
    shown = re.split("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]", text)
    if shown[-1] == "":
        shown.pop()
    return ["".join(sign for sign in line if sign == "\t" or unicodedata.category(sign) != "Cc") for line in shown]


def words(text: str) -> str:
    """Words in one line, as headers and parameters hold them; joiners are spelling."""
    return " ".join("".join(sign if sign.isprintable() or sign in "\u200c\u200d" else " " for sign in text).split())


def sent(mail: Mail) -> tuple[Mailbox, EmailMessage]:
    with smtp_server() as mailbox:
        SmtpMail(mailbox.url, sender="appointments@example.org", host="visits.example.org").send(mail)
    [received] = mailbox.received
    return mailbox, received


def require_one_plain_mail(mailbox: Mailbox, mail: EmailMessage, raw: bytes) -> None:
    """Fail unless there is one recipient, no header of others, and every line is one for every reader."""
    assert mailbox.recipients == [["jo@example.org"]] * len(mailbox.received)
    assert mail["To"].addresses[0].addr_spec == "jo@example.org"
    assert len(mail["To"].addresses) == 1
    assert set(mail.keys()) <= set(OWN)
    assert len(mail.keys()) == len(set(mail.keys()))
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert all(ord(sign) < 128 for sign in raw.decode("latin-1"))


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL.keys())
def test_headers_hold_what_was_typed_and_nothing_else(evil: str) -> None:
    mail = Mail(
        ref="mailref23456789a",
        to="jo@example.org",
        to_name=evil[:300],
        sender_name=evil[:300],
        reply_to="desk@lakeside.example",
        subject=evil,
        text=evil,
        html=f"<p>{evil}</p>",
    )
    mailbox, received = sent(mail)
    require_one_plain_mail(mailbox, received, mailbox.raw[0])
    assert str(received["Subject"]).strip() == words(evil)
    assert words(received["To"].addresses[0].display_name) == words(evil[:300])
    assert received["From"].addresses[0].addr_spec == "appointments@example.org"
    body = received.get_body(("plain",))
    assert body is not None
    assert "evil" not in evil or "evil" in body.get_content()


@pytest.mark.parametrize("typed", ["نرگس\u200cسا", "क्\u200dष", "👩\u200d⚕\ufe0f"])
def test_headers_keep_the_joiners_that_words_are_spelled_with(typed: str) -> None:
    mail = Mail("ref", "jo@example.org", typed, typed, "", typed, "x", "<p>x</p>")
    _mailbox, received = sent(mail)
    assert received["To"].addresses[0].display_name == received["From"].addresses[0].display_name == typed
    assert str(received["Subject"]) == typed


def made(evil: str, **more: Any) -> str:
    about = facts(
        **{"consumer": evil, "service": evil, "provider": evil, "business_name": evil, "reason": evil, **more}
    )
    return invitation(
        about,
        host="visits.example.org",
        zone="Europe/Zurich",
        to="jo@example.org",
        to_name=evil,
        organiser="appointments@example.org",
        link="https://visits.example.org/visit?v=Jx0c6hUo3mZQ2pM1yq8sAw",
        now=NINE,
    )


def require_one_event(text: str, evil: str) -> None:
    """Fail unless both parsers see one event, for one person, with the words as typed."""
    octets = text.encode()
    assert max(map(len, octets.split(b"\r\n"))) <= 75
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", octets) is None
    for line in octets.split(b"\r\n"):
        line.decode()  # no sign is cut in two
    [one] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    calendar = vobject.readOne(text)
    [other] = calendar.vevent_list
    typed = "\n".join(lines(f"{evil} with {evil}"))
    assert str(one["summary"]) == other.summary.value == typed
    assert other.description.value.endswith("Reason: " + "\n".join(lines(evil)))
    assert str(one["description"]) == other.description.value
    [attendee], [also] = [one["attendee"]], other.attendee_list
    assert str(attendee) == also.value == "mailto:jo@example.org"
    assert also.params["CN"] == [words(evil.replace('"', " "))]


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL.keys())
def test_two_parsers_see_one_event_with_the_words_unchanged(evil: str) -> None:
    require_one_event(made(evil), evil)


@pytest.mark.parametrize("sign", ["😀", "👩🏽‍⚕️", "é", "क्षि"])
def test_no_sign_is_cut_where_a_line_is_folded(sign: str) -> None:
    for before in range(76):
        require_one_event(made("x" * before + sign * 40), "x" * before + sign * 40)


@pytest.mark.django_db
def test_all_of_it_together_from_the_outbox_to_the_mail_server() -> None:
    """Names, reason and a business' own words and subject; each mail arrives once, for one, with one event."""
    business = make_business()
    Template.objects.create(
        business=business,
        kind="cancelled",
        audience="consumer",
        channel="email",
        language="en",
        subject="{service} {provider}",
        heading="{service}",
        body="{reason}\n.\n{consumer}\n..\n\r\n.\r\n{service}",
    )
    choices.changed(business.pk)
    typed = [text for name, text in EVIL.items() if name != "ten thousand letters"]
    for number, evil in enumerate(typed):
        about = facts(
            appointment=f"abcdefgh2345{number:04}",
            status="cancelled",
            **dict.fromkeys(("consumer", "service", "provider", "reason", "business_name"), evil),
        )
        queue(kind="cancelled", to_name=evil[:120], about=about, business_id=business.pk)
    with smtp_server() as mailbox:
        smtp = SmtpMail(mailbox.url, sender="appointments@example.org", host="visits.example.org")
        send_due(Gateways(Carrier("smtp", smtp), Carrier()))
    assert len(mailbox.received) == len(typed)
    for mail, raw in zip(mailbox.received, mailbox.raw, strict=True):
        require_one_plain_mail(mailbox, mail, raw)
        [attached] = [part for part in mail.walk() if part.get_filename() == "appointment.ics"]
        content = attached.get_payload(decode=True)
        assert isinstance(content, bytes)
        [event] = icalendar.Calendar.from_ical(content).walk("VEVENT")
        evil = typed[int(str(event["uid"])[12:16])]
        require_one_event(content.decode(), evil)
        assert words(evil) in str(mail["Subject"])


def test_an_own_subject_cannot_begin_a_header() -> None:
    mail = Mail("ref", "jo@example.org", "", "", "", "Hello\r\nBcc: eve@example.org", "x", "<p>x</p>")
    mailbox, received = sent(replace(mail, text="\r\n.\r\nx"))
    require_one_plain_mail(mailbox, received, mailbox.raw[0])
