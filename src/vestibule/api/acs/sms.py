"""SMS: text messages a program sends, who wants none, and what became of each."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from vestibule.api.acs.asked import KEY, Asked
from vestibule.api.acs.faults import Problem
from vestibule.api.plain import Answer, Operations, shown
from vestibule.notifications import by_program, by_program_texts, reporting
from vestibule.notifications.by_program_texts import Came, OptOut, Placed, Recipient, Text
from vestibule.people.errors import Invalid
from vestibule.people.permissions import Actor

operations: Operations[Asked] = Operations()
INVALID = "One or more validation errors occurred."
STATUSES = {Came.TAKEN: 202, Came.UNUSABLE: 400, Came.TOO_MANY: 429}
FIELDS = {
    "from": "From",
    "message": "Message",
    "smsRecipients": "SmsRecipients",
    "recipients": "Recipients",
    "smsSendOptions.tag": "SmsSendOptions.Tag",
    "smsSendOptions.deliveryReportTimeoutInSeconds": "SmsSendOptions.DeliveryReportTimeoutInSeconds",
}
"""What fields are called where they are refused: as the service calls them itself."""
Change = Callable[[Actor, str, Sequence[str]], list[OptOut]]


@operations.on("POST", "/sms", by=KEY, service="sms", operation="Sms_Send")
def send(asked: Asked) -> Answer:
    """Send one text to up to a hundred numbers, each of which may fail by itself."""
    given = asked.body()
    options = _object(given, "smsSendOptions")
    text = Text(
        sender=_text(given, "from"),
        body=_text(given, "message"),
        tag=_text(options, "tag", "SmsSendOptions.Tag", required=False),
        wants_report=_flag(options, "enableDeliveryReport"),
        timeout=_seconds(options),
    )
    _require_no_partner(asked, options)
    recipients = [_recipient(one) for one in _list(given, "smsRecipients")]
    placed = _done(lambda: by_program_texts.send(asked.caller.actor, text, recipients))
    return shown(202, {"value": [_placed(one) for one in placed]})


@operations.on("POST", "/sms/optouts:add", by=KEY, service="sms", operation="OptOuts_Add")
def opt_out(asked: Asked) -> Answer:
    """Note that numbers want no more text messages."""
    return _optouts(asked, by_program_texts.opt_out)


@operations.on("POST", "/sms/optouts:remove", by=KEY, service="sms", operation="OptOuts_Remove")
def opt_in(asked: Asked) -> Answer:
    """Note that numbers want text messages again; what the telephone itself said stays."""
    return _optouts(asked, by_program_texts.opt_in, remains="Only START, sent from this telephone, ends its STOP.")


@operations.on("POST", "/sms/optouts:check", by=KEY, service="sms", operation="OptOuts_Check")
def opted_out(asked: Asked) -> Answer:
    """Say which numbers want no text messages."""
    return _optouts(asked, by_program_texts.opted_out, is_asked=True)


@operations.on(
    "GET", "/deliveryReports/{outgoingMessageId}", by=KEY, service="sms", operation="DeliveryReports_Get"
)  # fmt: skip
def report(asked: Asked) -> Answer:
    """Say what became of a text message, of a program's or one of the business' own."""
    found = reporting.of_text(asked.caller.business_id, asked.params["outgoingMessageId"])
    if found is None:
        raise Problem(404, "Delivery report for this message is not found.")
    facts = reporting.text_facts(found)
    told = {
        "messageId": facts["message"],
        "from": facts["from"],
        "to": facts["to"],
        "deliveryStatus": "Delivered" if facts["status"] == reporting.DELIVERED else "Failed",
        "deliveryStatusDetails": facts["details"],
        "deliveryAttempts": [
            {"timestamp": _iso(one["at"]), "segmentsSucceeded": one["arrived"], "segmentsFailed": one["failed"]}
            for one in facts["attempts"]
        ],
        "receivedTimestamp": _iso(facts["received_at"]),
    }
    return shown(200, {**told, "tag": facts["tag"]} if facts["tag"] else told)


def _optouts(asked: Asked, do: Change, *, is_asked: bool = False, remains: str = "") -> Answer:
    given = asked.body()
    numbers = [_text(_item(one, "Recipients"), "to", "Recipients") for one in _list(given, "recipients")]
    sender = _text(given, "from")
    found = _done(lambda: do(asked.caller.actor, sender, numbers))
    return shown(200, {"value": [_standing(one, is_asked=is_asked, remains=remains) for one in found]})


def _standing(one: OptOut, *, is_asked: bool, remains: str) -> dict[str, Any]:
    if one.words:
        return {"to": one.to, "httpStatusCode": 400, "errorMessage": one.words}
    if remains and one.is_out:
        return {"to": one.to, "httpStatusCode": 400, "errorMessage": remains, "isOptedOut": True}
    told: dict[str, Any] = {"to": one.to, "httpStatusCode": 200}
    return {**told, "isOptedOut": bool(one.is_out)} if is_asked else told


def _placed(one: Placed) -> dict[str, Any]:
    is_taken = one.came is Came.TAKEN
    told: dict[str, Any] = {"to": one.to, "httpStatusCode": STATUSES[one.came], "successful": is_taken}
    told |= {"messageId": one.ref} if is_taken else {"errorMessage": one.words}
    return {**told, "repeatabilityResult": "accepted" if is_taken else "rejected"} if one.is_repeatable else told


def _recipient(given: Any) -> Recipient:
    one = _item(given, "SmsRecipients")
    return Recipient(
        to=_text(one, "to", "SmsRecipients"),
        request=_text(one, "repeatabilityRequestId", "SmsRecipients", required=False),
        first_sent=_text(one, "repeatabilityFirstSent", "SmsRecipients", required=False),
    )


def _require_no_partner(asked: Asked, options: dict[str, Any]) -> None:
    """Raise Problem where a partner of Microsoft's is to carry the message: where messages leave, the gateway does."""
    given = _object(options, "messagingConnect", "SmsSendOptions.MessagingConnect")
    if not given:
        return
    parameters = _object(given, "partnerParams", "SmsSendOptions.MessagingConnect.PartnerParams")
    partner = _text(given, "partner", "SmsSendOptions.MessagingConnect.Partner")
    if not parameters:
        raise _problem("SmsSendOptions.MessagingConnect.PartnerParams", "Name at least one parameter of the partner.")
    if not by_program.way(by_program.business_of(asked.caller.actor), by_program.SMS).is_kept:
        words = f"“{partner[:40]}” is not asked: this business' own gateway carries its messages. Leave this out."
        raise _problem("SmsSendOptions.MessagingConnect", words)


def _done(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except Invalid as refusal:
        field = str(refusal.facts.get("field", ""))
        raise _problem(FIELDS.get(field, field or "Request"), refusal.sentence) from None


def _problem(field: str, words: str) -> Problem:
    return Problem(400, INVALID, {field: [words]})


def _text(given: dict[str, Any], name: str, field: str = "", *, required: bool = True) -> str:
    value, called = given.get(name), field or FIELDS[name]
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise _problem(called, f"The {name} field is required, as text.")
    return value


def _object(given: dict[str, Any], name: str, field: str = "") -> dict[str, Any]:
    value = given.get(name)
    if value is None:
        return {}
    return _item(value, field or "SmsSendOptions")


def _item(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _problem(field, "An object is expected here.")
    return value


def _list(given: dict[str, Any], name: str) -> list[Any]:
    value = given.get(name)
    if not isinstance(value, list):
        raise _problem(FIELDS[name], f"The {name} field is required, as a list.")
    if not 1 <= len(value) <= by_program_texts.MOST_RECIPIENTS:
        raise _problem(FIELDS[name], f"Name 1 to {by_program_texts.MOST_RECIPIENTS} recipients.")
    return value


def _flag(options: dict[str, Any], name: str) -> bool:
    value = options.get(name)
    if not isinstance(value, bool | None):
        raise _problem("SmsSendOptions.EnableDeliveryReport", f"The {name} field is true or false.")
    return bool(value)


def _seconds(options: dict[str, Any]) -> int | None:
    value = options.get("deliveryReportTimeoutInSeconds")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise _problem(FIELDS["smsSendOptions.deliveryReportTimeoutInSeconds"], "This is a number of seconds.")
    return value


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
