"""A mail as it travels: plain text, HTML and the invitation in one message.

Made with the older half of the standard library's `email`: the newer parses every header it writes, which takes
2 ms a mail and is half of what sending one costs.
"""

import re
from email import charset, policy
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, formataddr

from vestibule.notifications.ports import Mail
from vestibule.people.characters import one_line
from vestibule.store import clock

WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=76)
LONGEST_PLAIN = 900
"""Letters of a header that may stand in one line; no line may hold more than 998 (RFC 5322, 2.1.1)."""
_READABLE = charset.Charset("utf-8")
_READABLE.body_encoding = charset.QP
_OPAQUE = charset.Charset("utf-8")
_OPAQUE.body_encoding = charset.BASE64


def message(mail: Mail, *, sender: str, host: str) -> Message:
    """Return `mail` from address `sender`; `host` names this installation in its Message-ID.

    Raises ValueError when an address cannot be written in a header.
    """
    made = _body(mail)
    made["From"] = named(sender, mail.sender_name)
    made["To"] = named(mail.to, mail.to_name)
    if mail.reply_to:
        made["Reply-To"] = address(mail.reply_to)
    made["Subject"] = _words(mail.subject, "Subject")
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = message_id(mail, host)
    made["Auto-Submitted"] = "auto-generated"
    return made


def stuffed(made: bytes) -> bytes:
    """Return a mail as DATA carries it (RFC 5321, 4.5.2), without the line that ends it.

    Every line ends as the standard says and none is a dot alone, so that nothing in a mail can end it and begin a
    second one, however the server takes bare line ends.
    """
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", made)
    return re.sub(rb"(?m)^\.", b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")


def message_id(mail: Mail, host: str) -> str:
    """Return the Message-ID, the same whenever this mail is sent."""
    return f"<{mail.ref}@{host}>"


def _body(mail: Mail) -> MIMEBase:
    """Return the readable parts as alternatives; an invitation also as a file beside them.

    Mail programs that answer invitations read the alternative, the others offer the file.
    """
    alternatives = MIMEMultipart("alternative", policy=WIRE)
    alternatives.attach(_text("plain", mail.text, _READABLE))
    alternatives.attach(_text("html", mail.html, _READABLE))
    if not mail.calendar:
        return alternatives
    method = mail.calendar_method
    alternatives.attach(_text("calendar", mail.calendar, _OPAQUE, method=method))
    file = _text("calendar", mail.calendar, _OPAQUE, method=method)
    file.add_header("Content-Disposition", "attachment", filename="appointment.ics")
    whole = MIMEMultipart("mixed", policy=WIRE)
    whole.attach(alternatives)
    whole.attach(file)
    return whole


def _text(subtype: str, text: str, encoding: charset.Charset, **parameters: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, policy=WIRE, charset="utf-8", **parameters)
    part.set_payload(text, encoding)
    return part


def named(mailbox: str, name: str) -> str:
    """Return an address with the name before it. Raises ValueError for what is no single address."""
    shown, written = one_line(name), address(mailbox)
    if _looks_encoded(shown):
        return f"{Header(shown, 'utf-8', header_name='To').encode()} <{written}>"
    return formataddr((shown, written)) if shown else written


def address(mailbox: str) -> str:
    """Return `mailbox` as headers and envelopes write it. Raises ValueError for what is no single address."""
    user, at, domain = mailbox.rpartition("@")
    if not user or not at or not domain or not mailbox.isprintable():
        raise ValueError("not an e-mail address")
    if any(sign in mailbox for sign in ' <>,;:"()[]\\') or "@" in user:
        raise ValueError("not an e-mail address")
    return f"{user}@{domain.encode('idna').decode()}"


def _words(text: str, header: str) -> str:
    shown = one_line(text)
    is_plain = shown.isascii() and len(shown) <= LONGEST_PLAIN and not _looks_encoded(shown)
    return shown if is_plain else Header(shown, "utf-8", header_name=header).encode()


def _looks_encoded(text: str) -> bool:
    """Tell whether readers would decode `text` (RFC 2047): then it is encoded, and arrives as it was typed."""
    return "=?" in text
