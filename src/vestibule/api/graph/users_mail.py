"""Mail that a program sends as somebody here: as Graph's message, or whole, as MIME."""

import binascii
import re
from base64 import b64decode
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Any

from vestibule.api.graph import users, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.api.plain import Answer, Operations
from vestibule.notifications import by_program_mails
from vestibule.notifications.by_program import WrongSender
from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.ports import MailFile, Named
from vestibule.people.models import Provider

Json = dict[str, Any]
SEND = frozenset({"Mail.Send"})
LONGEST = 1_000_000
KINDS = ("text", "html")
FILE = "#microsoft.graph.fileAttachment"
READ_HEADERS = frozenset({"from", "to", "cc", "bcc", "reply-to", "subject"})
LONGEST_ADDRESSES, LONGEST_CONTENT, MOST_PARAMETERS = 16_000, 3000, 40
"""Of a mail that comes whole: its headers of people and subject together, and each that says what a part is."""
_CONTENT = re.compile(rb"(?:\A|[\r\n])content-[^:\s]*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.IGNORECASE)

operations: Operations[Asked] = Operations()
on = users.of_users(operations)


@on("POST", "/sendMail", permissions=SEND, operation="users.user.sendMail")
def send(asked: Asked) -> Answer:
    """Put a mail into the outbox. There is no mailbox here, so that no copy is kept in one, whatever was asked."""
    provider = users.user_of(asked)
    kind = asked.call.headers.get("content-type", "").partition(";")[0].strip().casefold()
    letter = _whole(asked, provider) if kind == "text/plain" else _letter(asked, provider)
    try:
        by_program_mails.send(asked.actor, letter)
    except WrongSender as refused:
        raise Fault(403, "ErrorSendAsDenied", refused.sentence, target="from") from refused
    return Answer(202)


def _letter(asked: Asked, provider: Provider) -> Letter:
    told = asked.body()
    message = values.an_object(users.member(told, "message"), "message")
    kept = users.member(told, "saveToSentItems")
    if kept is not None and not isinstance(kept, bool) and str(kept).casefold() not in ("true", "false"):
        raise Fault(400, "RequestBodyRead", "saveToSentItems is true or false.", target="saveToSentItems")
    body = values.an_object(message.get("body") or {}, "message/body")
    kind = values.choice(body["contentType"], KINDS, "message/body/contentType") if body.get("contentType") else "text"
    said = values.text(body.get("content"), "message/body/content", LONGEST, lines=True)
    return Letter(
        sender=_sender(message, provider),
        subject=values.text(message.get("subject"), "message/subject", 900),
        text="" if kind == "html" else said,
        html=said if kind == "html" else "",
        to=_people(message, "toRecipients"),
        cc=_people(message, "ccRecipients"),
        bcc=_people(message, "bccRecipients"),
        replies=_people(message, "replyTo"),
        files=tuple(
            _file(one, number) for number, one in enumerate(values.objects(message.get("attachments"), "attachments"))
        ),
        headers=tuple(
            (str(one.get("name", "")), str(one.get("value", "")))
            for one in values.objects(message.get("internetMessageHeaders"), "message/internetMessageHeaders")
        ),
    )


def _sender(message: Json, provider: Provider) -> str:
    """Return as whom it is sent: as the mailbox it is sent from, or another one it names."""
    named = _mailbox(message["from"], "message/from").address if message.get("from") else ""
    return named or users.address_of(provider)


def _people(message: Json, name: str) -> tuple[Named, ...]:
    told = values.objects(message.get(name), f"message/{name}")
    return tuple(_mailbox(one, f"message/{name}/{number}") for number, one in enumerate(told))


def _mailbox(told: Any, field: str) -> Named:
    email = values.an_object(values.an_object(told, field).get("emailAddress"), f"{field}/emailAddress")
    address = values.text(email.get("address"), f"{field}/emailAddress/address", 254)
    return Named(address, values.text(email.get("name"), f"{field}/emailAddress/name", 120))


def _file(told: Json, number: int) -> MailFile:
    field = f"message/attachments/{number}"
    if str(told.get("@odata.type", FILE)).casefold() != FILE.casefold():
        raise Fault(400, "ErrorInvalidRequest", "Files are attached here, and nothing else.", target=field)
    try:
        content = b64decode(str(told.get("contentBytes") or ""), validate=True)
    except (binascii.Error, ValueError):
        words = "The bytes of an attachment are written in base64."
        raise Fault(400, "ErrorInvalidRequest", words, target=f"{field}/contentBytes") from None
    return MailFile(
        name=values.text(told.get("name"), f"{field}/name", 200),
        type=values.text(told.get("contentType"), f"{field}/contentType", 200) or "application/octet-stream",
        content=content,
        cid=values.text(told.get("contentId"), f"{field}/contentId", 200) if told.get("isInline") else "",
    )


def _whole(asked: Asked, provider: Provider) -> Letter:
    """Return a mail that came as MIME in base64; of what it is made, what may be said here is taken over."""
    try:
        raw = b64decode(b"".join(asked.call.body.split()), validate=True)
    except (binascii.Error, ValueError):
        words = "Invalid base64 string for MIME content."
        raise Fault(400, "ErrorMimeContentInvalidBase64String", words) from None
    _require_short_parts(raw)
    try:
        read = BytesParser(policy=policy.default).parsebytes(raw)
        if not read.keys():
            raise Fault(400, "ErrorMimeContentInvalid", "This is no mail: it has no headers.")
        _require_short_headers(read)
        return _of_mime(read, provider)
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError):
        raise Fault(400, "ErrorMimeContentInvalid", "This mail cannot be read.") from None


def _require_short_parts(raw: bytes) -> None:
    """Raise Fault for headers of parts whose reading would take long; taking a mail apart reads them all."""
    for found in _CONTENT.finditer(raw):
        if len(found[0]) > LONGEST_CONTENT or found[0].count(b";") > MOST_PARAMETERS:
            raise _too_long()


def _require_short_headers(read: EmailMessage) -> None:
    """Raise Fault for headers whose reading would take long: four times as long for one twice as long."""
    if sum(len(value) for name, value in read.raw_items() if name.casefold() in READ_HEADERS) > LONGEST_ADDRESSES:
        raise _too_long()


def _too_long() -> Fault:
    words = "The headers of this mail are longer than is read here. Name fewer people, and parts more shortly."
    return Fault(400, "ErrorMimeContentInvalid", words)


def _of_mime(read: EmailMessage, provider: Provider) -> Letter:
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    return Letter(
        sender=next((one.address for one in _named(read, "From")), "") or users.address_of(provider),
        subject=str(read.get("Subject", "")).strip(),
        text=plain.get_content() if plain is not None else "",
        html=html.get_content() if html is not None else "",
        to=_named(read, "To"),
        cc=_named(read, "Cc"),
        bcc=_named(read, "Bcc"),
        replies=_named(read, "Reply-To"),
        files=_attached(read),
    )


def _named(read: EmailMessage, name: str) -> tuple[Named, ...]:
    pairs: Sequence[tuple[str, str]] = getaddresses([str(one) for one in read.get_all(name, [])])
    return tuple(Named(address, shown[:120]) for shown, address in pairs if address)


def _attached(read: EmailMessage) -> tuple[MailFile, ...]:
    """Return the files of a mail, an invitation among its bodies as well: calendars are sent so."""
    bodies = [one for one in (read.get_body(("plain",)), read.get_body(("html",))) if one is not None]
    found = []
    for number, part in enumerate(read.walk()):
        if part.is_multipart() or any(part is one for one in bodies):
            continue
        content = part.get_payload(decode=True)
        name = part.get_filename() or ("invite.ics" if part.get_content_type() == "text/calendar" else f"file-{number}")
        cid = str(part.get("Content-ID", "")).strip("<> ") if part.get_content_disposition() == "inline" else ""
        kind = _type(part)
        found.append(MailFile(name, kind, content if isinstance(content, bytes) else b"", cid))
    return tuple(found)


def _type(part: Any) -> str:
    method = part.get_param("method")
    return (
        f"text/calendar; method={method}"
        if method and part.get_content_type() == "text/calendar"
        else str(part.get_content_type())
    )
