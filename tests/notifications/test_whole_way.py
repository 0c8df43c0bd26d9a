"""From a booking over HTTP to a real mail server and a real SMS gateway, on the server people start."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import icalendar
import pytest
import vobject
from aiosmtpd.controller import Controller

from tests.integrations.mailbox import Mailbox, closed_port, smtp_server
from tests.integrations.sms_gateway import sms_gateway
from tests.servers import RunningServer, running_server

pytestmark = pytest.mark.slow
CLINIC = "lakeside-clinic"
MONDAY = {"set": "2026-03-02T06:00:00Z"}


def book(server: RunningServer) -> dict[str, Any]:
    """Book the first free skin check two days on."""
    business = f"{server.origin}/api/v1/businesses/{CLINIC}"
    asked = {"service": "skin-check", "from": "2026-03-04T00:00:00Z", "to": "2026-03-05T00:00:00Z"}
    [slot, *_] = httpx.get(f"{business}/slots", params=asked, timeout=60).raise_for_status().json()["slots"]
    wish = {
        "service": "skin-check",
        "start": slot["start"],
        "consumer": {
            "name": "Zoë Ωmega",
            "email": "zoe@example.org",
            "phone": "+447700900123",
            "timezone": "America/New_York",
        },
    }
    booked = httpx.post(f"{business}/appointments", json=wish, timeout=60)
    assert booked.status_code == 201, booked.text
    told: dict[str, Any] = booked.json()
    return told


def to_zoe(mailbox: Mailbox) -> list[EmailMessage]:
    return [mail for mail in mailbox.received if "zoe@example.org" in str(mail["To"])]


def soon(is_so: Callable[[], object], within: float = 60.0) -> bool:
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def calendar(mail: EmailMessage) -> str:
    [attached] = [part for part in mail.walk() if part.get_filename() == "appointment.ics"]
    body = attached.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode()


def test_a_booking_is_confirmed_and_reminded_of(tmp_path: Path) -> None:
    with smtp_server() as mailbox, sms_gateway() as sms:
        gateways = {"VESTIBULE_EMAIL_URL": mailbox.url, "VESTIBULE_SMS_URL": sms.url, "VESTIBULE_SMS_KEY": "key"}
        with running_server(tmp_path, env=gateways) as server:
            server.move_clock(**MONDAY)
            booked = book(server)
            assert soon(lambda: to_zoe(mailbox))
            [confirmation] = to_zoe(mailbox)
            _confirms(confirmation, booked)
            server.move_clock(set=_before(booked["start"], hours=24, minutes=1))
            time.sleep(1)
            assert len(to_zoe(mailbox)) == 1, "a reminder left early"
            server.move_clock(advance_seconds=61)
            assert soon(lambda: len(to_zoe(mailbox)) == 2)
            assert str(to_zoe(mailbox)[1]["Subject"]).startswith("Reminder: ")
            assert booked["visit_url"].rpartition("=")[0] in _text(to_zoe(mailbox)[1])
            server.move_clock(set=_before(booked["start"], hours=1))
            assert soon(lambda: [text for text in sms.requests if text["to"] == "+447700900123"])
            [text] = [text for text in sms.requests if text["to"] == "+447700900123"]
            assert "/visit?v=" in text["text"]


def test_a_cancelled_appointment_is_taken_out_of_the_calendar_and_not_reminded_of(tmp_path: Path) -> None:
    with smtp_server() as mailbox, running_server(tmp_path, env={"VESTIBULE_EMAIL_URL": mailbox.url}) as server:
        server.move_clock(**MONDAY)
        booked = book(server)
        # What a sender has in hand already is not called back: the confirmation would come beside the cancellation.
        assert soon(lambda: to_zoe(mailbox)), "confirmed, before it is cancelled"
        token = booked["manage_url"].rpartition("=")[2]
        cancelled = httpx.post(
            f"{server.origin}/api/v1/appointments/{booked['id']}/cancel",
            json={"reason": "Feeling better"},
            timeout=60,
            headers={"Authorization": f"Bearer {token}"},
        )
        assert cancelled.is_success, cancelled.text
        assert soon(lambda: _cancellations(mailbox))
        [said] = _cancellations(mailbox)
        event = icalendar.Calendar.from_ical(calendar(said)).walk("VEVENT")[0]
        assert (event["status"], event["uid"]) == ("CANCELLED", f"{booked['id']}@localhost")
        assert str(event["sequence"]) != "0"
        before = len(to_zoe(mailbox))
        server.move_clock(set=booked["start"])
        time.sleep(1)
        assert len(to_zoe(mailbox)) == before
        due = [message for message in server.outbox() if message["sent_at"] is None]
        assert booked["id"] not in {message["appointment"] for message in due}


def _cancellations(mailbox: Mailbox) -> list[EmailMessage]:
    return [mail for mail in to_zoe(mailbox) if str(mail["Subject"]).startswith("Cancelled")]


def _before(start: str, **length: int) -> str:
    instant = datetime.fromisoformat(start) - timedelta(**length)
    return instant.isoformat().replace("+00:00", "Z")


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _confirms(mail: EmailMessage, booked: dict[str, Any]) -> None:
    assert mail["To"].addresses[0].display_name == "Zoë Ωmega"
    assert "New York time" in _text(mail)
    assert "Zurich time" in _text(mail)
    one = icalendar.Calendar.from_ical(calendar(mail)).walk("VEVENT")[0]
    other = vobject.readOne(calendar(mail)).vevent
    assert one.decoded("dtstart") == other.dtstart.value
    assert one["uid"] == other.uid.value == f"{booked['id']}@localhost"


@pytest.mark.alone
def test_a_mail_server_that_is_down_delays_messages_and_no_booking(tmp_path: Path) -> None:
    mailbox, port = Mailbox(), closed_port()
    with running_server(tmp_path, env={"VESTIBULE_EMAIL_URL": f"smtp://127.0.0.1:{port}"}) as server:
        server.move_clock(**MONDAY)
        began = time.monotonic()
        booked = book(server)
        assert time.monotonic() - began < 5
        time.sleep(1)
        waiting = [message for message in server.outbox() if message["appointment"] == booked["id"]]
        assert waiting
        assert all(message["sent_at"] is None for message in waiting)
        with _listening(mailbox, port):
            server.move_clock(advance_seconds=60)
            assert soon(lambda: to_zoe(mailbox))


@contextmanager
def _listening(mailbox: Mailbox, port: int) -> Iterator[None]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
