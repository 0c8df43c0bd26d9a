"""What a mail server's refusals mean: which speak of the mail, which of the server, and what a manager can mend."""

import re
import smtplib
import ssl

from django.utils.translation import gettext as _

from vestibule.integrations.outward import NotAllowed
from vestibule.notifications.ports import DeliveryError
from vestibule.people.ports import NotConnected

OF_POLICY = re.compile(rb"\b5\.7\.\d+\b")
"""Extended codes (RFC 3463) by which a server says that it will not carry this for us, as when it does not relay."""


class NotEncrypted(smtplib.SMTPException):
    """A server offers no encryption where it must."""


def of_sender(code: int) -> DeliveryError:
    """The sender or the session is refused: nothing about this mail, so it is worth trying again."""
    return DeliveryError(f"the mail server answered {code} to the sender", permanent=False, of_gateway=True)


def of_recipient(code: int, text: bytes) -> DeliveryError:
    """A recipient is unknown (5xx), put off as by greylisting (4xx), or none this server carries mail to."""
    is_policy = code == 530 or (code >= 500 and OF_POLICY.search(text) is not None)
    return DeliveryError(f"the mail server answered {code}", permanent=code >= 500, of_gateway=is_policy or code == 421)


def of_content(code: int) -> DeliveryError:
    """The mail itself is refused, for good (5xx) or for now (4xx)."""
    return DeliveryError(f"the mail server answered {code}", permanent=code >= 500, of_gateway=code == 421)


def words(what: str, failure: Exception) -> str:
    """Say what failed without the server's own words, which may repeat an address or a secret."""
    if isinstance(failure, smtplib.SMTPResponseException):
        return f"{what}: it answered {failure.smtp_code}"
    if isinstance(failure, (NotAllowed, NotEncrypted)):
        return f"{what}: {failure}"
    why = failure.strerror if isinstance(failure, OSError) and failure.strerror else type(failure).__name__
    return f"{what}: {why}"


def not_connected(failure: Exception, server: str) -> NotConnected:
    """Return what a manager is told when a mail server cannot be used, and where to mend it."""
    named = {"server": server}
    if isinstance(failure, smtplib.SMTPAuthenticationError):
        return NotConnected(_("The mail server refused the user name or password."), field="password")
    if isinstance(failure, NotEncrypted):
        text = _("%(server)s offers no encryption on this port. Try port 465 with TLS from the start.")
        return NotConnected(text % named, field="security")
    if isinstance(failure, NotAllowed):
        text = _("%(server)s leads into the network of this installation. The operator must allow it first.")
        return NotConnected(text % named, field="host")
    if isinstance(failure, ssl.SSLCertVerificationError):
        text = _("The certificate of %(server)s is not valid for this name, so mail to it would not be safe.")
        return NotConnected(text % named, field="host")
    if isinstance(failure, ssl.SSLError):
        text = _("%(server)s does not speak TLS this way. STARTTLS belongs to port 587, TLS from the start to 465.")
        return NotConnected(text % named, field="security")
    if isinstance(failure, smtplib.SMTPResponseException):
        text = _("%(server)s refused the connection: it answered %(code)d.")
        return NotConnected(text % {**named, "code": failure.smtp_code}, field="host")
    if isinstance(failure, TimeoutError) or "timed out" in str(failure):
        return NotConnected(_("%(server)s did not answer in time. Are server and port right?") % named, field="host")
    text = _("%(server)s cannot be reached on this port. Are server and port right?")
    return NotConnected(text % named, field="host")
