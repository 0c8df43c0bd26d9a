"""What Azure Event Grid posts for Communication Services: reports of text messages and mails, and texts that came in.

Both schemas are read: Event Grid's own (a list, with its handshake by a code), and CloudEvents 1.0 (one, or a list).
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from vestibule.notifications.ports import Callback, IncomingSms, NotGenuine, Report, Told, Unreadable
from vestibule.notifications.signature import has_key

VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
SMS_RECEIVED = "Microsoft.Communication.SMSReceived"
SMS_REPORT = "Microsoft.Communication.SMSDeliveryReportReceived"
EMAIL_REPORT = "Microsoft.Communication.EmailDeliveryReportReceived"
EMAIL_STATUSES = {"delivered": "delivered", "expanded": "delivered"}
NO_SUCH_MAILBOX = frozenset({"bounced", "suppressed"})
OPTED_OUT = re.compile(r"\bopt(?:ed)?[ -]?out\b", re.IGNORECASE)
MOST = 200
LONGEST_ID = 200


class EventGrid:
    """Reads events; a subscription proves itself by the key in the address it posts to."""

    def needs_key(self, access: Mapping[str, str]) -> bool:
        """Return that it does."""
        return True

    def read(self, callback: Callback, *, key: str, access: Mapping[str, str]) -> Told:
        """Return what a callback says. Raises NotGenuine, Unreadable."""
        if not has_key(callback.url, key):
            raise NotGenuine
        reports: list[Report] = []
        texts: list[IncomingSms] = []
        for event in events_of(callback.body):
            kind, data = event.get("eventType") or event.get("type"), event.get("data")
            if kind == VALIDATION:
                return _handshake(data)
            if kind not in READERS or not isinstance(data, dict):
                continue  # a subscription may send more than is wanted
            found = READERS[kind](data)
            if isinstance(found, IncomingSms):
                texts.append(found)
            else:
                reports.append(found)
        return Told(tuple(reports), tuple(texts))


def _handshake(data: Any) -> Told:
    code = data.get("validationCode") if isinstance(data, dict) else None
    if not isinstance(code, str) or not code:
        raise Unreadable("validationCode is missing.")
    answer = json.dumps({"validationResponse": code[:LONGEST_ID]}).encode()
    return Told(answer=answer, answer_type="application/json")


def events_of(body: bytes) -> list[dict[str, Any]]:
    """Return the events of a post, of either schema. Raises Unreadable."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("Post events as JSON.") from None
    events = given if isinstance(given, list) else [given]
    if len(events) > MOST or not all(isinstance(one, dict) for one in events):
        raise Unreadable(f"Post at most {MOST} events, each an object.")
    return events


def _text_of(data: Mapping[str, Any]) -> IncomingSms:
    return IncomingSms(*(_said(data, name) for name in ("messageId", "from", "to", "message")))


def _sms_report(data: Mapping[str, Any]) -> Report:
    status = "delivered" if _said(data, "deliveryStatus").casefold() == "delivered" else "failed"
    words = _said(data, "deliveryStatusDetails", required=False) or _said(data, "deliveryStatus")
    stopped = "stopped" if OPTED_OUT.search(words) else ""
    return Report(status, gateway_id=_said(data, "messageId"), words=words, address_fault=stopped)


def _email_report(data: Mapping[str, Any]) -> Report:
    given = _said(data, "status").casefold()
    details = data.get("deliveryStatusDetails")
    words = _said(details, "statusMessage", required=False) if isinstance(details, dict) else ""
    return Report(
        EMAIL_STATUSES.get(given, "failed"),
        gateway_id=_said(data, "messageId"),
        words=words or given,
        address_fault="bounced" if given in NO_SUCH_MAILBOX else "",
    )


READERS: dict[Any, Callable[[Mapping[str, Any]], Report | IncomingSms]] = {
    SMS_RECEIVED: _text_of,
    SMS_REPORT: _sms_report,
    EMAIL_REPORT: _email_report,
}


def _said(data: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str) or "\0" in value or (required and not value):
        raise Unreadable(f"{name} is a text.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Unreadable(f"{name} holds half a sign.") from None
    return value
