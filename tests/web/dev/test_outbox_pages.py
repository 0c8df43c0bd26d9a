"""The outbox as a demonstration shows it, to people and to programs."""

import base64
import json
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client

from tests.notifications.letters import facts, queue
from vestibule.notifications import outbox
from vestibule.notifications.facts import Kind
from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.testing import fakes
from vestibule.notifications.worker import send_due
from vestibule.store import clock
from vestibule.store.transactions import writing

KEPT = Gateways(Carrier(), Carrier())
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.dev.demonstration")]


def told() -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = json.loads(Client().get("/dev/outbox.json").getvalue())
    return answer


def sent(**changes: Any) -> OutboxMessage:
    row = queue(kind=Kind.CONFIRMATION, about=facts(**changes))
    send_due(KEPT)
    return row


def test_programs_read_what_was_sent() -> None:
    row = sent()
    [message] = told()
    assert set(message) == {
        "id", "channel", "to", "subject", "text", "html", "attachments", "due_at", "sent_at", "appointment",
    }  # fmt: skip
    assert (message["id"], message["channel"], message["to"]) == (row.ref, "email", "jo@example.org")
    assert message["appointment"] == "abcdefgh23456789"
    assert message["subject"].startswith("Booked: ")
    assert "First visit" in message["text"]
    assert "First visit" in message["html"]
    assert message["due_at"] <= message["sent_at"]
    [file] = message["attachments"]
    assert (file["name"], file["type"]) == ("appointment.ics", "text/calendar; method=REQUEST; charset=utf-8")
    [event] = icalendar.Calendar.from_ical(base64.b64decode(file["content_base64"])).walk("VEVENT")
    assert event["uid"] == "abcdefgh23456789@localhost"


def test_an_empty_outbox_is_an_empty_list() -> None:
    assert told() == []


def test_many_messages_come_in_the_order_they_were_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestibule.notifications.reading.AT_ONCE", 3)
    refs = [queue().ref for _ in range(10)]
    assert [message["id"] for message in told()] == refs


def test_what_is_due_is_there_and_not_sent() -> None:
    queue(due_at=clock.now() + timedelta(hours=1), channel="sms")
    [message] = told()
    assert message["sent_at"] is None
    assert message["text"].startswith("Lakeside Clinic: reminder")


def test_what_is_no_longer_wanted_is_not_there() -> None:
    queue()
    with writing():
        outbox.drop("abcdefgh23456789")
    assert told() == []


def test_a_message_that_cannot_be_made_does_not_hide_the_others() -> None:
    queue(kind="no_such_kind")
    queue()
    assert [message["text"] == "" for message in told()] == [True, False]


def test_what_a_gateway_took_is_listed_without_its_words() -> None:
    queue()
    send_due(fakes())
    [message] = told()
    assert (message["subject"], message["text"], message["html"]) == ("", "", "")
    assert message["sent_at"]


def test_people_read_a_list_and_each_message() -> None:
    row = sent()
    page = Client().get("/dev/outbox").content.decode()
    assert f"/dev/outbox/{row.ref}" in page
    assert "Booked: Monday 2 March, 09:00 (London time)" in page
    message = Client().get(f"/dev/outbox/{row.ref}")
    assert "frame-src &#x27;self&#x27;" not in message.content.decode()
    assert "frame-src 'self'" in message.headers["Content-Security-Policy"]
    assert f"/dev/outbox/{row.ref}/mail" in message.content.decode()


def test_a_mail_is_shown_where_it_can_do_nothing() -> None:
    row = sent(consumer="<script>alert(1)</script>")
    mail = Client().get(f"/dev/outbox/{row.ref}/mail")
    policy = mail.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "<script" not in mail.content.decode()
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_invitation_is_a_download() -> None:
    row = sent()
    file = Client().get(f"/dev/outbox/{row.ref}/files/appointment.ics")
    assert file.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.content.startswith(b"BEGIN:VCALENDAR")


@pytest.mark.parametrize("address", ["nobody", "nobody/mail", "nobody/files/appointment.ics"])
def test_a_message_that_is_not_there_is_not_found(address: str) -> None:
    assert Client().get(f"/dev/outbox/{address}").status_code == 404


def test_a_text_message_has_no_mail_and_no_file() -> None:
    row = queue(channel="sms")
    send_due(KEPT)
    assert Client().get(f"/dev/outbox/{row.ref}").status_code == 200
    assert Client().get(f"/dev/outbox/{row.ref}/mail").status_code == 404
    assert Client().get(f"/dev/outbox/{row.ref}/files/appointment.ics").status_code == 404


def test_an_empty_outbox_says_how_to_fill_it() -> None:
    assert "Nothing was sent yet" in Client().get("/dev/outbox").content.decode()


@pytest.mark.urls("vestibule.urls")
@pytest.mark.parametrize("address", ["outbox", "outbox.json", "clock", "components"])
def test_a_server_that_is_no_demonstration_has_no_such_pages(address: str) -> None:
    assert Client().get(f"/dev/{address}").status_code == 404
