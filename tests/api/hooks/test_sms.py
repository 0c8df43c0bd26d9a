"""Delivery reports of the SMS gateway."""

import json
import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import make_business
from tests.notifications.letters import queue
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.notifications.signature import sign
from vestibule.notifications.testing import fakes
from vestibule.notifications.worker import send_due
from vestibule.store.configuration import load

KEY = "a key both sides have"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _has_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CONFIGURATION", load({"VESTIBULE_SMS_KEY": KEY, "VESTIBULE_DATA": "/nonexistent"}))


@pytest.fixture
def text() -> OutboxMessage:
    row = queue(channel="sms")
    send_due(fakes())
    return row


def report(body: Any, *, key: str = KEY, age: float = 0, signature: str = "", id: str = "report-1") -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = int(time.time() - age)
    headers = {
        "webhook-id": id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature or sign(key, id=id, timestamp=stamp, body=raw),
    }
    return (
        Client(enforce_csrf_checks=True)
        .post("/hooks/sms", raw, content_type="application/json", headers=headers)
        .status_code
    )


def delivery(row: OutboxMessage) -> str:
    row.refresh_from_db()
    return row.delivery


def test_a_signed_report_is_noted(text: OutboxMessage) -> None:
    assert report({"id": text.ref, "status": "delivered"}) == 204
    assert delivery(text) == "delivered"


def test_a_failure_says_why(text: OutboxMessage) -> None:
    assert report({"id": text.ref, "status": "failed", "error": "number unknown"}) == 204
    assert (delivery(text), text.last_error) == ("failed", "number unknown")


def test_a_report_that_comes_twice_or_late_changes_nothing_more(text: OutboxMessage) -> None:
    for status in ("sent", "delivered", "delivered", "sent", "failed", "accepted"):
        assert report({"id": text.ref, "status": status}) == 204
    assert delivery(text) == "delivered"


def test_a_message_that_never_left_cannot_be_delivered() -> None:
    row = queue(channel="sms")
    assert report({"id": row.ref, "status": "delivered"}) == 204
    assert delivery(row) == ""


@pytest.mark.parametrize(
    "change", [{"key": "another key"}, {"age": 301}, {"age": -301}, {"signature": "v1,AAAA"}, {"signature": "ü"}]
)
def test_what_is_not_signed_lately_with_our_key_is_refused(text: OutboxMessage, change: dict[str, Any]) -> None:
    assert report({"id": text.ref, "status": "delivered"}, **change) == 401
    assert delivery(text) == ""


def test_a_signature_fits_one_body_only(text: OutboxMessage) -> None:
    stamp = int(time.time())
    other = sign(KEY, id="report-1", timestamp=stamp, body=b'{"id": "x", "status": "sent"}')
    assert report({"id": text.ref, "status": "delivered"}, signature=other) == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"\xff", b"{", {"id": 7, "status": "sent"}, {"id": "x"}, {"id": "x", "status": "read"},
     {"id": "x", "status": ["sent"]}, {"id": "x\0", "status": "sent"}, {"id": "x", "status": "failed", "error": 1},
     {"id": "\ud800", "status": "sent"}, {"id": "x", "status": "failed", "error": "\ud800"},
     b"[" * 16_000],
)  # fmt: skip
def test_a_report_that_cannot_be_read_is_refused(body: Any) -> None:
    assert report(body) == 422


def test_of_what_a_business_own_gateway_took_that_of_the_installation_says_nothing(text: OutboxMessage) -> None:
    own = Gateway.objects.create(
        business=make_business(), channel="sms", kind="http", name="Ours", sender="", access=""
    )
    OutboxMessage.objects.filter(pk=text.pk).update(used_gateway=own)
    assert report({"id": text.ref, "status": "failed", "error": "number unknown"}) == 204
    assert delivery(text) == ""


def test_a_huge_report_is_refused() -> None:
    assert report(b"x" * 20_000) == 413


def test_a_report_about_nothing_we_know_is_taken_and_forgotten() -> None:
    assert report({"id": "nobody", "status": "sent"}) == 204


def test_without_a_key_there_is_no_such_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CONFIGURATION", load({"VESTIBULE_DATA": "/nonexistent"}))
    assert report({"id": "x", "status": "sent"}) == 404


def test_only_posts_are_taken() -> None:
    assert Client().get("/hooks/sms").status_code == 405
