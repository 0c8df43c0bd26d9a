"""A mail as it travels: plain text, HTML, the invitation and files in one message.

Made with the older half of the standard library's `email`: the newer parses every header it writes, which takes
2 ms a mail and is half of what sending one costs.
"""

import re
from collections.abc import Iterable
from email import charset, encoders, policy
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, formataddr

from vestibule.notifications.ports import Mail, MailFile, Named
from vestibule.people.characters import one_line
from vestibule.store import clock

WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=76)
LONGEST_PLAIN = 900
"""Letters of a header that may stand in one line; no line may hold more than 998 (RFC 5322, 2.1.1)."""
_NAME = re.compile(r"[!-9;-~]+")
_READABLE = charset.Charset("utf-8")
_READABLE.body_encoding = charset.QP
_OPAQUE = charset.Charset("utf-8")
_OPAQUE.body_encoding = charset.BASE64


def message(mail: Mail, *, sender: str, host: str) -> Message:
    """Return `mail` from address `sender`; `host` names this installation in its Message-ID.

    Raises ValueError when an address cannot be written in a header, or a header is none a mail may have twice.
    """
    made = _body(mail)
    made["From"] = named(sender, mail.sender_name)
    made["To"] = _people(mail.shown_to or (Named(mail.to, mail.to_name),))
    if mail.shown_cc:
        made["Cc"] = _people(mail.shown_cc)
    if mail.reply_addresses:
        made["Reply-To"] = _people(mail.reply_addresses)
    made["Subject"] = _words(mail.subject, "Subject")
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = message_id(mail, host)
    made["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers:
        if name in made or not _NAME.fullmatch(name):
            raise ValueError("not a header of its own")
        made[name] = _words(value, name)
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
    """Return the readable parts as alternatives; an invitation also as a file beside them, and other files.

    Mail programs that answer invitations read the alternative, the others offer the file.
    """
    alternatives = MIMEMultipart("alternative", policy=WIRE)
    if mail.text or not mail.html:
        alternatives.attach(_text("plain", mail.text, _READABLE))
    if mail.html:
        alternatives.attach(_with_pictures(_text("html", mail.html, _READABLE), mail.files))
    beside = [_file(one, "attachment") for one in mail.files if not one.cid or not mail.html]
    if mail.calendar:
        method = mail.calendar_method
        alternatives.attach(_text("calendar", mail.calendar, _OPAQUE, method=method))
        file = _text("calendar", mail.calendar, _OPAQUE, method=method)
        file.add_header("Content-Disposition", "attachment", filename="appointment.ics")
        beside.append(file)
    if not beside:
        return alternatives
    whole = MIMEMultipart("mixed", policy=WIRE)
    for part in (alternatives, *beside):
        whole.attach(part)
    return whole


def _with_pictures(html: MIMEBase, files: Iterable[MailFile]) -> MIMEBase:
    """Return a page with the files that it shows, where there are any (RFC 2387)."""
    pictures = [one for one in files if one.cid]
    if not pictures:
        return html
    whole = MIMEMultipart("related", policy=WIRE, type="text/html")
    whole.attach(html)
    for one in pictures:
        part = _file(one, "inline")
        part["Content-ID"] = f"<{one.cid}>"
        whole.attach(part)
    return whole


def _file(file: MailFile, how: str) -> MIMEBase:
    """Return a file as base64, whatever it holds: so it arrives to the byte."""
    kind, _semicolon, parameters = file.type.partition(";")
    main, _slash, sub = kind.strip().partition("/")
    part = MIMEBase(main, sub, policy=WIRE)
    for one in parameters.split(";"):
        name, _equals, value = one.strip().partition("=")
        if name and value:
            part.set_param(name, value.strip('"'))
    part.set_payload(file.content)
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", how, filename=_file_name(file.name))
    return part


def _file_name(name: str) -> str | tuple[str, str, str]:
    """Return a name as a parameter takes it: one with other letters than English ones says how it is written."""
    shown = one_line(name)
    return shown if shown.isascii() else ("utf-8", "", shown)


def _people(people: Iterable[Named]) -> str:
    return ", ".join(named(one.address, one.name) for one in people)


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
