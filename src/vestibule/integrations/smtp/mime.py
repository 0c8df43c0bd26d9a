"""A mail as it travels: plain text, HTML and the invitation in one message."""

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from vestibule.notifications.ports import Mail
from vestibule.store import clock

WIRE = policy.SMTP


def message(mail: Mail, *, sender: str, host: str) -> EmailMessage:
    """Return `mail` from address `sender`; `host` names this installation in its Message-ID.

    Raises ValueError when an address cannot be written in a header.
    """
    made = EmailMessage(policy=WIRE)
    made["From"] = address(sender, mail.sender_name)
    made["To"] = address(mail.to, mail.to_name)
    if mail.reply_to:
        made["Reply-To"] = address(mail.reply_to)
    made["Subject"] = one_line(mail.subject)
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<{mail.ref}@{host}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text, cte="quoted-printable")
    made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    if mail.calendar:
        method = mail.calendar_method
        # Mail programs that answer invitations read the alternative, the others offer the attached file.
        made.add_alternative(
            mail.calendar, subtype="calendar", cte="base64", params={"method": method, "charset": "utf-8"}
        )
        made.add_attachment(
            mail.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename="appointment.ics",
            params={"method": method, "charset": "utf-8"},
        )
    return made


def address(mailbox: str, name: str = "") -> Address:
    """Return a header address. Raises ValueError for what is no single address."""
    if mailbox.count("@") != 1 or not mailbox.isprintable() or any(sign in mailbox for sign in ' <>,;:"()[]\\'):
        raise ValueError("not an e-mail address")
    user, domain = mailbox.split("@")
    if not user or not domain:
        raise ValueError("not an e-mail address")
    return Address(display_name=one_line(name), username=user, domain=domain.encode("idna").decode())


def one_line(text: str) -> str:
    """Return `text` without line ends and control characters, so that it cannot begin another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
