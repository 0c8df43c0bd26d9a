"""Mail that came back to the sender's address, handed on to us whole: reports of mail servers, and complaints.

Whoever runs the sender's mailbox pipes what arrives there to the gateway's own address. Understood are delivery status
notifications (RFC 3464 in a multipart/report, RFC 6522) and abuse reports (RFC 5965); anything else is somebody
writing, and is passed over. The mail it is about is named by its Message-ID, which only its reader and the servers on
its way know.
"""

import re
from collections.abc import Mapping
from email import policy
from email.message import Message
from email.parser import BytesParser

from vestibule.notifications.ports import Callback, NotGenuine, Report, Told, Unreadable
from vestibule.notifications.signature import has_key

MOST_WORDS = 300
MOST_PARTS = 20
MOST_NESTED, LONGEST_FIELD, MOST_LINES = 10, 4000, 10_000
"""A parser takes time by the square of these, and whoever writes to the sender's mailbox is a stranger."""
_CONTENT_FIELD = re.compile(rb"^content-[a-z-]*:.*(?:\n[ \t].*)*", re.IGNORECASE | re.MULTILINE)
STATUSES = {"failed": "failed", "delivered": "delivered", "relayed": "sent"}
"""Actions of RFC 3464, 2.3.3; a delayed mail is still on its way, an expanded one tells nothing of a reader."""
NO_SUCH_READER = re.compile(r"5\.(?:1\.(?:[1236]|10)|2\.1)")
"""Status codes of RFC 3463 that speak of the address itself, for good: not a full mailbox, nor a policy."""
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,200}>")


class ReturnedMail:
    """Reads one returned mail, as it arrived (message/rfc822)."""

    def needs_key(self, access: Mapping[str, str]) -> bool:
        """Return that it does: a mail proves nothing about who hands it on."""
        return True

    def read(self, callback: Callback, *, key: str, access: Mapping[str, str]) -> Told:
        """Return what a mail reports; nothing for a mail that is no report. Raises NotGenuine, Unreadable."""
        if not has_key(callback.url, key):
            raise NotGenuine
        if not _is_parsed_in_no_time(callback.body):
            raise Unreadable("Post one mail, as it arrived.")
        try:
            return _told(callback.body)
        except (RecursionError, ValueError, LookupError) as broken:
            # The parser is generous, but parts nest without end, and a charset or encoding may not exist.
            raise Unreadable("Post one mail, as it arrived.") from broken


def _is_parsed_in_no_time(body: bytes) -> bool:
    """Tell whether a mail nests no deeper and says no more about its parts than any report does."""
    lines = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if lines.lower().count(b"boundary") > MOST_NESTED or lines.count(b"\n") > MOST_LINES:
        return False
    return all(len(field.group()) <= LONGEST_FIELD for field in _CONTENT_FIELD.finditer(lines))


def _told(body: bytes) -> Told:
    mail = BytesParser(policy=policy.compat32).parsebytes(body)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return Told()
    parts = [part for part in mail.get_payload() if isinstance(part, Message)][:MOST_PARTS]
    about = _message_id(parts)
    if not about:
        return Told()
    kind = str(mail.get_param("report-type", "")).lower()
    found = _complaint(parts, about) if kind == "feedback-report" else _delivery(parts, about)
    return Told(reports=(found,) if found is not None else ())


def _delivery(parts: list[Message], about: str) -> Report | None:
    """Return what the first recipient's block says: each of our mails has one reader."""
    for block in _blocks(parts, "message/delivery-status"):
        action = _said(block, "Action").lower()
        if action not in STATUSES:
            continue
        status, words = _said(block, "Status"), _said(block, "Diagnostic-Code").partition(";")[2].strip()
        is_gone = action == "failed" and NO_SUCH_READER.match(status) is not None
        return Report(
            STATUSES[action],
            gateway_id=about,
            words=f"{status} {words}".strip()[:MOST_WORDS] if action == "failed" else "",
            address_fault="bounced" if is_gone else "",
        )
    return None


def _complaint(parts: list[Message], about: str) -> Report | None:
    for block in _blocks(parts, "message/feedback-report"):
        if _said(block, "Feedback-Type").lower() in ("abuse", "fraud"):
            return Report("delivered", gateway_id=about, address_fault="complained")
    return None


def _blocks(parts: list[Message], media_type: str) -> list[Message]:
    """Return the blocks of fields in the part of that type: the parser makes each a message of its own, or none."""
    found = next((part for part in parts if part.get_content_type() == media_type), None)
    if found is None:
        return []
    held = found.get_payload()
    if isinstance(held, list):
        return [one for one in held if isinstance(one, Message)][:MOST_PARTS]
    return [BytesParser(policy=policy.compat32).parsebytes(str(held).lstrip().encode("ascii", "replace"))]


def _message_id(parts: list[Message]) -> str:
    """Return the Message-ID of the mail that is reported on, as its returned head has it, or ""."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            held = part.get_payload()
            head = held[0] if isinstance(held, list) and held else None
        elif part.get_content_type() == "text/rfc822-headers":
            body = part.get_payload(decode=True)
            head = BytesParser(policy=policy.compat32).parsebytes(body) if isinstance(body, bytes) else None
        else:
            continue
        if isinstance(head, Message) and (named := _MESSAGE_ID.search(_said(head, "Message-ID"))):
            return named.group()
    return ""


def _said(block: Message, name: str) -> str:
    """Return a field in one line that any database takes."""
    shown = " ".join(str(block.get(name, "")).split())
    return "".join(sign for sign in shown if sign.isprintable()).encode("ascii", "replace").decode()
