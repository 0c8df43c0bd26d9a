"""What carries messages: one method per channel, one error, and how a kind of gateway is set up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, Self, runtime_checkable
from urllib.parse import urlsplit

from vestibule.people.ports import Field
from vestibule.store.configuration import Configuration

STATUSES = ("accepted", "sent", "delivered", "failed")
"""What becomes of a message, in the order it is told; the last two are final."""


class DeliveryError(Exception):
    """A message was not taken.

    `permanent` says that trying again here cannot help. `of_gateway` says that the error speaks of the gateway (its
    access, quota, reach), not of the message: another gateway may take the message now. `maybe_taken` says that the
    message may have been taken all the same, as when no answer came after it was handed over: it is given to no other
    gateway, and tried again here, under the same `ref`. `wait` is how long the gateway asks to be left alone.

    The text is kept and shown to staff: it holds no secret and no part of the message.
    """

    def __init__(
        self,
        text: str,
        *,
        permanent: bool,
        of_gateway: bool = False,
        maybe_taken: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.of_gateway = of_gateway
        self.maybe_taken = maybe_taken
        self.wait = wait


class Gone(DeliveryError):
    """Who a message was for is not there any more, and is not to be written to again."""

    def __init__(self, text: str) -> None:
        super().__init__(text, permanent=True)


@dataclass(frozen=True)
class Named:
    """A mailbox and what its owner is called, "" where that is not known."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class MailFile:
    """A file that goes with a mail. `type` is its media type with parameters; one with a `cid` is shown in the text."""

    name: str
    type: str
    content: bytes = field(repr=False)
    cid: str = ""


@dataclass(frozen=True)
class Mail:
    """One e-mail to one reader. `ref` is the same whenever this mail is handed over again.

    `calendar` is an invitation (iCalendar text) and `calendar_method` its METHOD; both empty for a mail without one.
    One that was written by a program may be without `text` or without `html`, bring files and further headers, and
    tell of its other readers: `shown_to` and `shown_cc` are then all whom it names, this reader among them or not.
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
    shown_to: tuple[Named, ...] = ()
    shown_cc: tuple[Named, ...] = ()
    replies: tuple[Named, ...] = ()
    files: tuple[MailFile, ...] = field(default=(), repr=False)
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def reply_addresses(self) -> list[Named]:
        """Where answers go; none: to the sender."""
        return list(self.replies) or ([Named(self.reply_to)] if self.reply_to else [])


def require_alone(mail: Mail) -> None:
    """Raise DeliveryError for a mail that names other readers: for gateways that write to each by itself."""
    named = {one.address for one in (*mail.shown_to, *mail.shown_cc)}
    if named - {mail.to}:
        words = "this gateway writes to each reader alone and cannot name the others: send one mail to each"
        raise DeliveryError(words, permanent=True, of_gateway=True)


@dataclass(frozen=True)
class Sms:
    """One text message: `to` in E.164 (+4415550100), `body` in plain text. `ref` is the same on every retry."""

    ref: str
    to: str
    body: str


@runtime_checkable
class NamesOthers(Protocol):
    """A gateway of e-mail that can write to one reader and name the others. The rest refuse by `require_alone`."""

    names_others: bool


class MailGateway(Protocol):
    """Takes e-mail. Called from several threads at once."""

    def send(self, mail: Mail) -> str:
        """Hand over `mail` and return the gateway's own id for it, within 30 seconds.

        Raises DeliveryError, and nothing else, when it was not taken.
        """
        ...


class SmsGateway(Protocol):
    """Takes text messages. Called from several threads at once."""

    def send(self, sms: Sms) -> str:
        """Hand over `sms` and return the gateway's own id for it, within 30 seconds.

        Raises DeliveryError, and nothing else, when it was not taken.
        """
        ...


@dataclass(frozen=True)
class PushAddress:
    """How one browser is reached, as it said itself: where to post, its public key, its secret (base64url).

    Whoever knows it can write to the browser: never shown, logged, or kept unencrypted.
    """

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    @property
    def site(self) -> str:
        """The domain of the push service; names below it are of the same."""
        return ".".join((urlsplit(self.endpoint).hostname or "").rsplit(".", 2)[-2:])


@dataclass(frozen=True)
class Push:
    """One browser notification. `ref` is the same on every retry.

    It is worth showing for as long as it `lasts`; one of the same `topic` (up to 32 signs of base64url) that was not
    shown yet is replaced by it. `body` is what the page's own worker reads, at most 1,000 bytes.
    """

    ref: str
    address: PushAddress
    body: bytes = field(repr=False)
    lasts: timedelta
    is_urgent: bool = True
    topic: str = ""


class PushGateway(Protocol):
    """Takes browser notifications. Called from several threads at once."""

    @property
    def public_key(self) -> str:
        """The public key by which push services know this installation (base64url)."""
        ...

    @classmethod
    def opened(cls, seed: bytes, contact: str, allowed: tuple[str, ...]) -> Self:
        """Return the gateway whose keys are made from `seed`, 32 secret bytes. Talks to nobody.

        `contact` is the mailto: or https: address push services may turn to, `allowed` hosts of the own network that
        browsers may name.
        """
        ...

    def takes(self, address: PushAddress) -> bool:
        """Tell whether a browser's address is sound. Talks to nobody."""
        ...

    def send(self, push: Push) -> str:
        """Hand `push` over and return the gateway's own id for it, if any, within 30 seconds.

        Raises Gone when the browser takes none any more, DeliveryError, and nothing else, when it was not taken.
        """
        ...


@runtime_checkable
class WithoutKey(Protocol):
    """A gateway that cannot tell a message handed over twice from two messages."""

    def send_in_turn(self, message: Any, turn: Callable[[], None]) -> str:
        """Do as `send` does, and call `turn` just before the step after which the message may have been taken.

        It returns when what came of the message before is written down, and raises when this one must stay here:
        then nothing more is said to the other side.
        """
        ...


@dataclass(frozen=True)
class Around:
    """What a gateway of a business must know of this installation.

    `host` names it in Message-IDs. `allowed` are hosts and networks of the own network, or endpoints a vendor does not
    own, that gateways may reach. `callback` is where reports of this gateway are to be posted; empty: nowhere.
    `account` is what the business has at the vendor, for kinds that are used with that (`people.ports.Vendor`).
    """

    host: str = "localhost"
    allowed: tuple[str, ...] = ()
    callback: str = ""
    account: Mapping[str, str] = field(default_factory=dict, repr=False)


class Checked(Protocol):
    """A gateway that can be tried."""

    def check(self) -> bool:
        """Prove address, access and sender without sending; False when only a test message would prove it.

        Talks to the network for up to 30 seconds. Raises NotConnected.
        """
        ...


class Adapter(Protocol):
    """One kind of gateway, as a class. Making one talks to nobody."""

    label: str
    """What the kind is called, marked for translation."""
    purpose: str
    """What is needed to use it, in a sentence marked for translation."""
    sender: Field
    """What people see as the sender."""
    fields: Sequence[Field]
    """What it must be told besides."""

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return the gateway that the installation's settings describe, or None. Raises ValueError."""
        ...

    @classmethod
    def connected(cls, access: Mapping[str, str], sender: str, around: Around) -> Self:
        """Return a business' own gateway from what was typed into `fields`. Raises NotConnected."""
        ...

    @classmethod
    def account(cls, access: Mapping[str, str]) -> str:
        """Return what of the access may be shown, so that people know it again: a host, an account, never a secret."""
        ...


@dataclass(frozen=True)
class Callback:
    """What a gateway posted: the whole address it was posted to, headers by their small names, the body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Report:
    """What became of one message: named by the gateway's id for it, or by ours (`ref`).

    `status` is one of `STATUSES`. `address_fault` says what it tells of the address: `bounced`, `complained`,
    `stopped` or nothing.
    """

    status: str
    gateway_id: str = ""
    ref: str = ""
    words: str = ""
    address_fault: str = ""


@dataclass(frozen=True)
class IncomingSms:
    """A text message somebody sent, with the gateway's own id for it."""

    external_id: str
    sender: str
    receiver: str
    text: str


@dataclass(frozen=True)
class Told:
    """What one callback said, and what is answered to it: the media type and body the gateway expects."""

    reports: tuple[Report, ...] = ()
    texts: tuple[IncomingSms, ...] = ()
    answer: bytes = b""
    answer_type: str = ""


class NotGenuine(Exception):
    """A callback that its gateway did not send, or that nobody can tell from one it did not."""


class Unreadable(Exception):
    """A callback that makes no sense. The text says what was expected."""


class Listener(Protocol):
    """Reads what one kind of gateway posts."""

    def needs_key(self, access: Mapping[str, str]) -> bool:
        """Tell whether a callback proves itself by the key in its address; otherwise no address holds that key."""
        ...

    def read(self, callback: Callback, *, key: str, access: Mapping[str, str]) -> Told:
        """Return what a callback says. `key` is that of this gateway's callbacks, `access` how it is used.

        Raises NotGenuine and Unreadable, and nothing else, whatever it is given.
        """
        ...
