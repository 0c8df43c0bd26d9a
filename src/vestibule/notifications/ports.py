"""What carries messages: one method per channel, one error."""

from dataclasses import dataclass
from typing import Protocol


class DeliveryError(Exception):
    """A message was not taken. `permanent` says that trying again cannot help.

    The text is kept and shown to staff: it holds no secret and no part of the message.
    """

    def __init__(self, text: str, *, permanent: bool) -> None:
        super().__init__(text)
        self.permanent = permanent


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; `type` is its media type with parameters."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """One e-mail. `ref` is the same whenever this mail is handed over again.

    `calendar` is an invitation (iCalendar text) and `calendar_method` its METHOD; both empty for a mail without one.
    """

    ref: str
    to: str
    to_name: str
    sender_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    calendar: str = ""
    calendar_method: str = ""


@dataclass(frozen=True)
class Sms:
    """One text message: `to` in E.164 (+4415550100), `body` in plain text. `ref` is the same on every retry."""

    ref: str
    to: str
    body: str


class MailGateway(Protocol):
    """Takes e-mail. Called from several threads at once."""

    def send(self, mail: Mail) -> str:
        """Hand over `mail` and return the gateway's own id for it.

        Raises DeliveryError, and nothing else, when it was not taken.
        """
        ...


class SmsGateway(Protocol):
    """Takes text messages. Called from several threads at once."""

    def send(self, sms: Sms) -> str:
        """Hand over `sms` and return the gateway's own id for it.

        Raises DeliveryError, and nothing else, when it was not taken.
        """
        ...
