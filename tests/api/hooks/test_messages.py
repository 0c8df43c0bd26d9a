"""What gateways post back: believed only when it is genuine, taken once, and never about somebody else's messages."""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from tests.booking.factories import at, book, make_service
from tests.factories import make_business
from vestibule.booking.models import Appointment
from vestibule.integrations.twilio import callbacks as twilio
from vestibule.notifications import gateways, signature
from vestibule.notifications.models import Address, ConsentEntry, Gateway, IncomingText, MessageEvent, OutboxMessage
from vestibule.people.models import Business
from vestibule.store import clock

pytestmark = pytest.mark.django_db

TOKEN = "12345"
CLEO = "+41795550111"
ORIGIN = "https://visits.example.org"


@pytest.fixture(autouse=True)
def public(settings: LazySettings) -> None:
    settings.PUBLIC_URL = ORIGIN


def make_gateway(kind: str, business: Business | None = None, channel: str = "sms", **access: str) -> Gateway:
    return Gateway.objects.create(
        business=business or make_business(),
        channel=channel,
        kind=kind,
        name=kind,
        sender="+15005550006",
        access=gateways.sealed(access or {"account": "AC", "secret": TOKEN}),
    )


def taken(gateway: Gateway, to: str = CLEO, gateway_id: str = "SM1") -> OutboxMessage:
    """A message this gateway took."""
    return OutboxMessage.objects.create(
        business=gateway.business,
        key=f"test:{gateway.pk}:{gateway_id}",
        kind="reminder",
        channel=gateway.channel,
        to=to,
        state="done",
        used_gateway=gateway,
        gateway_id=gateway_id,
        sent_at=clock.now(),
    )


def path(gateway: Gateway, *, keyed: bool = False) -> str:
    return f"/hooks/messages/{gateway.hook}" + (f"?key={gateways.hook_key(gateway)}" if keyed else "")


def post_form(gateway: Gateway, token: str = TOKEN, **form: str) -> Any:
    signed = twilio.sign(ORIGIN + path(gateway), form, token)
    kind = "application/x-www-form-urlencoded"
    return Client().post(path(gateway), urlencode(form), content_type=kind, headers={"x-twilio-signature": signed})


def post_signed(gateway: Gateway, told: object, *, key: str = "", at_time: int | None = None) -> Any:
    body, stamp = json.dumps(told).encode(), int(time.time()) if at_time is None else at_time
    signed = signature.sign(key or gateways.hook_key(gateway), id="m1", timestamp=stamp, body=body)
    headers = {"webhook-id": "m1", "webhook-timestamp": str(stamp), "webhook-signature": signed}
    return Client().post(path(gateway), body, content_type="application/json", headers=headers)


def post_events(gateway: Gateway, *events: Mapping[str, Any], keyed: bool = True) -> Any:
    return Client().post(path(gateway, keyed=keyed), json.dumps(events), content_type="application/json")


def test_twilios_own_example_is_signed_as_they_say() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    assert twilio.sign("https://mycompany.com/myapp.php?foo=1&bar=2", form, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_signed_report_is_noted_once_and_never_goes_back() -> None:
    message = taken(make_gateway("twilio"))
    gateway = message.used_gateway
    assert gateway is not None
    for status in ("sent", "delivered", "delivered", "sent"):
        assert post_form(gateway, MessageSid="SM1", MessageStatus=status).status_code == 204
    message.refresh_from_db()
    assert message.delivery == "delivered"
    assert message.delivered_at is not None
    assert [one.what for one in MessageEvent.objects.filter(message=message)] == ["sent", "delivered"]


def test_a_wrong_signature_a_missing_one_and_an_unknown_address_change_nothing() -> None:
    gateway = make_gateway("twilio")
    message = taken(gateway)
    assert post_form(gateway, token="other", MessageSid="SM1", MessageStatus="delivered").status_code == 401
    assert Client().post(path(gateway), {"MessageSid": "SM1", "MessageStatus": "delivered"}).status_code in (401, 422)
    assert Client().post("/hooks/messages/nothing-here", {}).status_code == 404
    message.refresh_from_db()
    assert message.delivery == ""


def test_one_business_cannot_report_on_anothers_message() -> None:
    message = taken(make_gateway("twilio"))
    intruder = make_gateway("twilio", make_business(name="Other"))
    assert post_form(intruder, MessageSid="SM1", MessageStatus="failed").status_code == 204
    message.refresh_from_db()
    assert message.delivery == ""


def test_a_number_that_does_not_exist_is_written_to_no_more() -> None:
    gateway = make_gateway("twilio")
    taken(gateway)
    post_form(gateway, MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30005")
    assert Address.objects.get(value=CLEO).bounced_at is not None


def test_where_the_carrier_stopped_it_that_is_kept_as_their_word() -> None:
    gateway = make_gateway("twilio")
    taken(gateway)
    post_form(gateway, MessageSid="SM1", MessageStatus="failed", ErrorCode="21610")
    assert Address.objects.get(value=CLEO).stopped_at is not None
    assert ConsentEntry.objects.get().agrees is False


def test_a_text_that_came_in_is_done_once_and_twilio_has_nothing_to_say() -> None:
    clock.set_to(at("08:00"))
    booked: Appointment = book(make_service(), at("09:00"))
    gateway = make_gateway("twilio", booked.business)
    for _time in range(2):
        answer = post_form(gateway, MessageSid="SM9", SmsStatus="received", From=CLEO, To="+15005550006", Body="c")
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    assert IncomingText.objects.count() == 1
    booked.refresh_from_db()
    assert booked.confirmed_at is not None


def test_an_api_key_signs_nothing_so_the_key_of_the_address_must_fit() -> None:
    gateway = make_gateway("twilio", account="AC", key="SK", secret=TOKEN)
    message = taken(gateway)
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert post_form(gateway, **form).status_code == 401
    answer = Client().post(path(gateway, keyed=True), urlencode(form), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 204
    message.refresh_from_db()
    assert message.delivery == "delivered"


def test_event_grid_shakes_hands_by_code_and_by_header() -> None:
    gateway = make_gateway("acs", connection_string="x")
    event = {"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "abc"}}
    assert post_events(gateway, event).json() == {"validationResponse": "abc"}
    assert post_events(gateway, event, keyed=False).status_code == 401
    answer = Client().options(path(gateway), headers={"webhook-request-origin": "eventgrid.azure.net"})
    assert answer["WebHook-Allowed-Origin"] == "eventgrid.azure.net"


def test_event_grid_reports_texts_and_mails() -> None:
    gateway = make_gateway("acs", connection_string="x")
    text = taken(gateway, gateway_id="T1")
    mail = taken(make_gateway("acs", gateway.business, "email", connection_string="x"), "jo@example.org", "E1")
    sms = {"messageId": "T1", "deliveryStatus": "Delivered", "deliveryStatusDetails": "No error."}
    bounce = {"messageId": "E1", "status": "Bounced", "deliveryStatusDetails": {"statusMessage": "550 no such user"}}
    unknown = {"eventType": "Microsoft.Communication.ChatMessageReceived", "data": {}}
    post_events(gateway, {"eventType": "Microsoft.Communication.SMSDeliveryReportReceived", "data": sms}, unknown)
    assert mail.used_gateway is not None
    post_events(mail.used_gateway, {"type": "Microsoft.Communication.EmailDeliveryReportReceived", "data": bounce})
    assert OutboxMessage.objects.get(pk=text.pk).delivery == "delivered"
    assert OutboxMessage.objects.get(pk=mail.pk).delivery == "failed"
    assert Address.objects.get(channel="email", value="jo@example.org").words == "550 no such user"


def test_a_gateway_of_ones_own_signs_what_it_posts() -> None:
    gateway = make_gateway("http", url="https://sms.example.org")
    message = taken(gateway)
    report = {"type": "report", "id": "SM1", "status": "delivered"}
    assert post_signed(gateway, report, key="wrong").status_code == 401
    assert post_signed(gateway, report, at_time=int(time.time()) - 600).status_code == 401
    assert post_signed(gateway, report).status_code == 204
    message.refresh_from_db()
    assert message.delivery == "delivered"
    assert (
        post_signed(gateway, {"type": "text", "id": "1", "from": CLEO, "to": "+1", "text": "hello"}).status_code == 204
    )
    assert IncomingText.objects.get().text == "hello"


def test_a_report_that_is_faster_than_our_own_pen_is_noted_all_the_same() -> None:
    gateway = make_gateway("http", url="https://sms.example.org")
    message = taken(gateway)
    OutboxMessage.objects.filter(pk=message.pk).update(state="leased", used_gateway=None, gateway_id="")
    told = {"type": "report", "status": "delivered"}
    for name, channel in (("SM1", "sms"), (message.ref, "email")):
        OutboxMessage.objects.filter(pk=message.pk).update(channel=channel)
        post_signed(gateway, told | {"id": name})
        message.refresh_from_db()
        assert message.delivery == "", "it names no message that this gateway may have"
    OutboxMessage.objects.filter(pk=message.pk).update(channel="sms")
    post_signed(gateway, told | {"id": message.ref})
    message.refresh_from_db()
    assert message.delivery == "delivered"


def test_a_body_without_end_is_not_read() -> None:
    gateway = make_gateway("http")
    answer = Client().post(path(gateway), b" " * (256 * 1024 + 1), content_type="application/json")
    assert answer.status_code == 413


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
EVENT = st.fixed_dictionaries(
    {
        "eventType": st.sampled_from(
            [
                "Microsoft.Communication.SMSReceived",
                "Microsoft.Communication.SMSDeliveryReportReceived",
                "Microsoft.Communication.EmailDeliveryReportReceived",
                "Microsoft.EventGrid.SubscriptionValidationEvent",
            ]
        )
    },
    optional={
        "data": JSON
        | st.dictionaries(st.sampled_from(["messageId", "from", "to", "message", "status", "deliveryStatus"]), JSON)
    },
)


@tried(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=400) | (JSON | st.lists(EVENT, max_size=3)).map(lambda told: json.dumps(told).encode()))
def test_whatever_is_posted_has_a_clear_answer(body: bytes) -> None:
    known = [
        make_gateway("acs", connection_string="x"),
        make_gateway("http"),
        make_gateway("twilio", account="AC", key="SK", secret=TOKEN),
    ]
    for gateway in known:
        stamp = int(time.time())
        signed = signature.sign(gateways.hook_key(gateway), id="m1", timestamp=stamp, body=body)
        headers = {"webhook-id": "m1", "webhook-timestamp": str(stamp), "webhook-signature": signed}
        answer = Client().post(path(gateway, keyed=True), body, content_type="application/json", headers=headers)
        assert answer.status_code in (200, 204, 422)


def test_who_complains_of_what_was_delivered_is_written_to_no_more() -> None:
    gateway = make_gateway("postmark", channel="email", server_token="x")
    message = taken(gateway, "jo@example.org", "883953f4")
    told = {"MessageID": "883953f4", "Metadata": {}, "Email": "jo@example.org", "Recipient": "jo@example.org"}
    delivered = told | {"RecordType": "Delivery", "DeliveredAt": "2026-03-02T09:00:00Z"}
    spam = told | {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "BouncedAt": "2026-03-02T09:05:00Z"}
    for body in (delivered, spam, spam):
        answer = Client().post(path(gateway, keyed=True), json.dumps(body), content_type="application/json")
        assert answer.status_code == 204
    message.refresh_from_db()
    assert message.delivery == "delivered"
    assert Address.objects.get(channel="email", value="jo@example.org").complained_at is not None
    assert [one.what for one in MessageEvent.objects.filter(message=message)] == ["delivered", "complained"]


@pytest.mark.parametrize(
    ("details", "is_stop"), [("Recipient opted out.", True), ("No route option; timed out", False)]
)
def test_only_who_opted_out_is_written_to_no_more(details: str, is_stop: bool) -> None:
    gateway = make_gateway("acs", connection_string="x")
    taken(gateway, gateway_id="T1")
    told = {"messageId": "T1", "deliveryStatus": "Failed", "deliveryStatusDetails": details}
    post_events(gateway, {"eventType": "Microsoft.Communication.SMSDeliveryReportReceived", "data": told})
    assert Address.objects.filter(value=CLEO, stopped_at__isnull=False).exists() is is_stop


def test_a_mail_that_came_back_fails_its_message_and_silences_the_address() -> None:
    gateway = make_gateway("smtp", channel="email")
    message = taken(gateway, to="jo@example.org", gateway_id="<1a2b@visits.example.org>")
    report = (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        "Final-Recipient: rfc822; jo@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 unknown\n\n"
        "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1a2b@visits.example.org>\n\n--x--\n"
    )
    for keyed, status in ((False, 401), (True, 204), (True, 204)):
        answer = Client().post(path(gateway, keyed=keyed), report.encode(), content_type="message/rfc822")
        assert answer.status_code == status
    message.refresh_from_db()
    assert message.delivery == "failed"
    assert Address.objects.get(business=gateway.business, value="jo@example.org").bounced_at is not None
