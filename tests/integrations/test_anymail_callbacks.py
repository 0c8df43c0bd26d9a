"""What e-mail providers post back, as their documentation shows it; stand-ins, never posted by the providers."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from vestibule.integrations.anymail import callbacks
from vestibule.notifications.ports import Callback, NotGenuine, Report, Unreadable

KEY = "a-key-of-one-gateway"
URL = f"https://visits.example.org/hooks/messages/abc?key={KEY}"
EVERY = (
    callbacks.SendGridCallbacks,
    callbacks.MailgunCallbacks,
    callbacks.PostmarkCallbacks,
    callbacks.BrevoCallbacks,
    callbacks.MailjetCallbacks,
    callbacks.ResendCallbacks,
    callbacks.SparkPostCallbacks,
    callbacks.MailerSendCallbacks,
)
POSTMARK = {"MessageID": "883953f4", "Recipient": "jo@example.org", "ServerID": 23, "Metadata": {}, "Tag": ""}


def read(kind: type[callbacks.AnymailCallbacks], told: Any, url: str = URL) -> tuple[Report, ...]:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return kind().read(Callback(url, {"content-type": "application/json"}, body), key=KEY, access={}).reports


def test_postmark_tells_of_delivery_a_hard_bounce_and_a_complaint() -> None:
    delivered = POSTMARK | {"RecordType": "Delivery", "DeliveredAt": "2026-03-02T09:00:00Z", "Details": "250 ok"}
    bounce = POSTMARK | {
        **{"RecordType": "Bounce", "ID": 42, "Type": "HardBounce", "Email": "jo@example.org"},
        **{"Description": "The server was unable to deliver", "BouncedAt": "2026-03-02T09:00:00Z", "Details": "550"},
    }
    spam = bounce | {"RecordType": "SpamComplaint", "Type": "SpamComplaint"}
    [one] = read(callbacks.PostmarkCallbacks, delivered)
    assert (one.gateway_id, one.status, one.address_fault) == ("883953f4", "delivered", "")
    [one] = read(callbacks.PostmarkCallbacks, bounce)
    assert (one.status, one.address_fault) == ("failed", "bounced")
    [one] = read(callbacks.PostmarkCallbacks, spam)
    assert (one.status, one.address_fault) == ("delivered", "complained")


def test_sendgrid_tells_of_several_at_once_and_what_is_put_off_says_nothing() -> None:
    told = [
        {"event": event, "email": "jo@example.org", "smtp-id": f"<{event}@x>", "timestamp": 1513299569, **more}
        for event, more in (("delivered", {}), ("deferred", {}), ("bounce", {"status": "5.0.0", "type": "bounce"}))
    ]
    assert [(one.status, one.address_fault) for one in read(callbacks.SendGridCallbacks, told)] == [
        ("delivered", ""),
        ("failed", "bounced"),
    ]


@pytest.mark.parametrize("name", ["\ud800", "one\0two", "two\nlines", "x" * 301])
def test_an_id_that_no_database_takes_is_that_of_no_message(name: str) -> None:
    delivered = POSTMARK | {"RecordType": "Delivery", "MessageID": name, "DeliveredAt": "2026-03-02T09:00:00Z"}
    assert read(callbacks.PostmarkCallbacks, delivered) == ()


@pytest.mark.parametrize("kind", EVERY)
def test_without_the_key_of_the_gateway_nobody_is_heard(kind: type[callbacks.AnymailCallbacks]) -> None:
    for url in (URL.partition("?")[0], URL.replace(KEY, "other"), f"{URL}&key=other"):
        with pytest.raises(NotGenuine):
            read(kind, {}, url)


@pytest.mark.parametrize("kind", EVERY)
@tried(max_examples=25, deadline=None)
@given(
    body=st.binary(max_size=200) | st.sampled_from([b"{}", b"[]", b"[{}]", b'{"data": {}}', b'"x"', b"null", b"[1]"])
)
def test_whatever_is_posted_is_read_or_refused(kind: type[callbacks.AnymailCallbacks], body: bytes) -> None:
    try:
        for one in read(kind, body):
            assert one.gateway_id
    except Unreadable:
        pass
