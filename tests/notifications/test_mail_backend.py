"""Mail of the sign-in pages, which somebody is waiting for."""

from html.parser import HTMLParser

import pytest
from django.core.mail import EmailMessage

from tests.notifications.letters import queue
from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.mail_backend import OutboxBackend
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.testing import FakeMail, fakes
from vestibule.notifications.worker import Worker, send_due

LEADS = ("href", "src", "action", "background")
pytestmark = pytest.mark.django_db


def send(*to: str, subject: str = "Your sign-in code", text: str = "Your sign-in code:\n\n123456\n") -> None:
    OutboxBackend().send_messages([EmailMessage(subject, text, "ignored@example.org", to or ("mara@example.org",))])


def test_each_recipient_gets_a_mail_of_the_own() -> None:
    mail = FakeMail()
    send("mara@example.org", "oona@example.org")
    send_due(fakes(mail))
    assert sorted(sent.to for sent in mail.taken) == ["mara@example.org", "oona@example.org"]
    assert {sent.text for sent in mail.taken} == {"Your sign-in code:\n\n123456\n"}
    assert all("123456" in sent.html for sent in mail.taken)
    assert {sent.calendar for sent in mail.taken} == {""}


def test_it_passes_ten_thousand_reminders() -> None:
    for _ in range(3):
        queue()
    send()
    mail = FakeMail()
    Worker("email", fakes(mail), batch=1).turn()
    assert [sent.to for sent in mail.taken] == ["mara@example.org"]


def test_a_code_is_forgotten_once_it_is_sent() -> None:
    send()
    send_due(fakes())
    row = OutboxMessage.objects.get()
    assert (row.state, row.facts, row.sent) == (OutboxMessage.State.DONE, {}, {})


def test_without_a_mail_server_it_is_kept_to_be_read() -> None:
    send()
    send_due(Gateways(Carrier(), Carrier()))
    assert "123456" in OutboxMessage.objects.get().sent["text"]


class Markup(HTMLParser):
    """What a reader of HTML makes of a mail."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_markup_in_it_is_inert() -> None:
    mail = FakeMail()
    send(text='<script>alert(1)</script>\n\njavascript:alert(1)\n\nhttps://example.org/"onclick="alert(1)\n')
    send_due(fakes(mail))
    [sent] = mail.taken
    found = Markup()
    found.feed(sent.html)
    assert "script" not in found.tags
    assert not [value for name, value in found.attributes if name in LEADS and value.startswith("javascript")]
    assert not [name for name, _value in found.attributes if name.startswith("on")]
    assert 'https://example.org/"onclick="alert(1)' in "".join(found.texts), "it is there, as words"
