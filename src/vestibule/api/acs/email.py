"""Email: mails a program sends, and how each stands. Nothing is counted or followed in them, whatever is asked."""

import binascii
from base64 import b64decode
from typing import Any

from vestibule.api.acs.asked import KEY, Asked
from vestibule.api.acs.faults import Fault
from vestibule.api.plain import Answer, Operations, shown
from vestibule.notifications import by_program_mails
from vestibule.notifications.by_program import WrongSender
from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.by_program_mails import Operation, Stands
from vestibule.notifications.ports import MailFile, Named
from vestibule.people.errors import NotFound

operations: Operations[Asked] = Operations()
STATUSES = {
    Stands.RUNNING: "Running",
    Stands.SUCCEEDED: "Succeeded",
    Stands.FAILED: "Failed",
    Stands.CANCELED: "Canceled",
}
ASK_AGAIN_SECONDS = 1


@operations.on("POST", "/emails:send", by=KEY, service="email", operation="Email_Send")
def send(asked: Asked) -> Answer:
    """Put a mail into the outbox; the same Operation-Id again is the same mail, sent once."""
    letter = _letter(asked.body())
    try:
        begun = by_program_mails.send(asked.caller.actor, letter, asked.call.headers.get("operation-id", ""))
    except WrongSender as refused:
        raise _not_linked(letter.sender, refused) from None
    version = asked.call.query["api-version"]
    where = f"{asked.origin}/emails/operations/{begun.id}?api-version={version}"
    return _shown(202, begun, **{"Operation-Location": where})


@operations.on(
    "GET", "/emails/operations/{operationId}", by=KEY, service="email", operation="Email_GetSendResult"
)  # fmt: skip
def result(asked: Asked) -> Answer:
    """Say how a mail stands: it succeeded once a gateway took it."""
    try:
        found = by_program_mails.find(asked.caller.actor, asked.params["operationId"])
    except NotFound as refused:
        raise Fault(404, "OperationNotFound", refused.sentence) from None
    return _shown(200, found)


def _shown(status: int, found: Operation, **headers: str) -> Answer:
    told: dict[str, Any] = {"id": found.id, "status": STATUSES[found.stands]}
    if found.stands in (Stands.FAILED, Stands.CANCELED):
        code = "EmailDeliveryFailed" if found.stands is Stands.FAILED else "OperationCanceled"
        told["error"] = {"code": code, "message": found.words}
    if found.stands is Stands.RUNNING:
        headers["retry-after"] = str(ASK_AGAIN_SECONDS)
    return shown(status, told, **headers)


def _not_linked(sender: str, refused: WrongSender) -> Fault:
    """Return what Azure says of senders: whether their domain is not one's own, or only the name before it."""
    own = {one.rpartition("@")[2].lower() for one in refused.facts["senders"]}
    if sender.rpartition("@")[2].lower() in own:
        return Fault(400, "InvalidSenderUserName", refused.sentence, target="senderAddress")
    return Fault(404, "DomainNotLinked", refused.sentence, target="senderAddress")


def _letter(given: dict[str, Any]) -> Letter:
    content, readers = _object(given, "content"), _object(given, "recipients")
    tracking = given.get("userEngagementTrackingDisabled")
    if not isinstance(tracking, bool | None):
        raise _fault("userEngagementTrackingDisabled", "is true or false; nothing is tracked here either way")
    return Letter(
        sender=_text(given, "senderAddress"),
        subject=_text(content, "subject", "content.subject"),
        text=_text(content, "plainText", "content.plainText", required=False),
        html=_text(content, "html", "content.html", required=False),
        to=_people(readers, "to", "recipients.to"),
        cc=_people(readers, "cc", "recipients.cc"),
        bcc=_people(readers, "bcc", "recipients.bcc"),
        replies=_people(given, "replyTo", "replyTo"),
        files=tuple(_file(one) for one in _list(given, "attachments", "attachments")),
        headers=_headers(given),
    )


def _people(given: dict[str, Any], name: str, field: str) -> tuple[Named, ...]:
    people = [_is_object(one, field) for one in _list(given, name, field)]
    return tuple(
        Named(
            _text(one, "address", f"{field}.address").strip(),
            _text(one, "displayName", f"{field}.displayName", required=False).strip(),
        )
        for one in people
    )


def _file(given: Any) -> MailFile:
    one = _is_object(given, "attachments")
    held = _text(one, "contentInBase64", "attachments.contentInBase64", required=one.get("contentInBase64") is None)
    try:
        content = b64decode(held, validate=True)
    except (binascii.Error, ValueError):
        raise _fault("attachments.contentInBase64", "is not base64") from None
    return MailFile(
        name=_text(one, "name", "attachments.name"),
        type=_text(one, "contentType", "attachments.contentType").strip(),
        content=content,
        cid=_text(one, "contentId", "attachments.contentId", required=False),
    )


def _headers(given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    named = {} if given.get("headers") is None else _is_object(given["headers"], "headers")
    if len({name.lower() for name in named}) < len(named):
        raise _fault("headers", "names one header twice")
    return tuple((name, _text(named, name, f"headers.{name[:80]}")) for name in named)


def _object(given: dict[str, Any], name: str) -> dict[str, Any]:
    return _is_object(given.get(name), name)


def _is_object(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _fault(field, "is an object")
    return value


def _list(given: dict[str, Any], name: str, field: str) -> list[Any]:
    value = given.get(name)
    if not isinstance(value, list | None):
        raise _fault(field, "is a list")
    return value or []


def _text(given: dict[str, Any], name: str, field: str = "", *, required: bool = True) -> str:
    value = given.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise _fault(field or name, "is a text, and required")
    return value


def _fault(field: str, words: str) -> Fault:
    return Fault(400, "BadRequest", f"{field} {words}. Nothing was sent.", target=field)
