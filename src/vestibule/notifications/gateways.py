"""Which gateways carry a message, in which order: a business' own, else those of the settings.

Without any, messages are kept to be read here. What is stored is looked at for each batch, so that a change counts at
once in every process; gateways, which hold connections open, are made anew only when theirs changed.
"""

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.notifications import browsers
from vestibule.notifications.models import Gateway as OwnGateway
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import Adapter, Around, DeliveryError, Listener, MailGateway, PushGateway, SmsGateway
from vestibule.people import outside_accounts, secrets
from vestibule.people.models import OutsideAccount
from vestibule.people.ports import NotConnected

log = logging.getLogger(__name__)

KEPT = "kept"
WEBPUSH = "webpush"
PURPOSE = "notifications.gateway"
MOST_OPEN = 200
BY_ACCOUNT = {"microsoft365": "microsoft365", "acs": "acs"}
"""Kinds of gateways that are, or may be, used with an account of the business, by the kind of that account."""
Gateway = TypeVar("Gateway")


@dataclass(frozen=True)
class Carrier(Generic[Gateway]):
    """A gateway and the name of its adapter; no gateway: what it is given is kept.

    `own` is the key of the business' row it was made from, `title` what the business calls it, `sender` whom people
    see, where that is known.
    """

    name: str = KEPT
    gateway: Gateway | None = None
    own: int | None = None
    title: str = ""
    sender: str = ""

    @property
    def key(self) -> str:
        """What tells this gateway, as it is set up now, from all others while the process runs."""
        return f"{self.own or self.name}:{id(self.gateway)}"


@dataclass(frozen=True)
class Gateways:
    """What carries each channel for who has nothing of its own, and whether rendered messages stay readable.

    With `looks_up`, businesses' own gateways go before.
    """

    mail: Carrier[MailGateway]
    sms: Carrier[SmsGateway]
    keeps_all: bool = False
    looks_up: bool = False
    push: Carrier[PushGateway] = field(default_factory=Carrier)

    def carriers(self, channel: str, businesses: Iterable[int | None]) -> dict[int | None, Sequence[Carrier[Any]]]:
        """Return what carries `channel` for each business, the first to be tried first; never empty.

        Reads the database: not for the threads that send.
        """
        common = self._common(channel)
        wanted = set(businesses)
        own = own_carriers(channel, [one for one in wanted if one is not None]) if self.looks_up else {}
        return {one: own.get(one or 0) or [common] for one in wanted}

    def _common(self, channel: str) -> Carrier[Any]:
        if channel == OutboxMessage.Channel.PUSH:
            return self.push
        return self.sms if channel == OutboxMessage.Channel.SMS else self.mail


class Unusable:
    """Stands in for a gateway whose settings cannot be read: messages wait, and say why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def send(self, message: Any) -> str:
        """Raise DeliveryError."""
        raise DeliveryError(self._why, permanent=False, of_gateway=True)


def configured() -> Gateways:
    """Return the first gateway of each channel that is set up, and after businesses' own."""
    return Gateways(
        mail=cast("Carrier[MailGateway]", _first(settings.MAIL_GATEWAYS)),
        sms=cast("Carrier[SmsGateway]", _first(settings.SMS_GATEWAYS)),
        keeps_all=settings.DEMO,
        looks_up=True,
        push=Carrier(WEBPUSH, cast(PushGateway, browsers.Later()) if settings.PUSH_GATEWAY else None),
    )


def is_configured(channel: str) -> bool:
    """Tell whether the installation's settings name a gateway for `channel`, usable or not."""
    return _first(paths(channel)).gateway is not None


def paths(channel: str) -> Mapping[str, str]:
    """Return the dotted paths of the kinds of gateway that carry `channel`, by name."""
    found: Mapping[str, str] = {
        OutboxMessage.Channel.EMAIL: settings.MAIL_GATEWAYS,
        OutboxMessage.Channel.SMS: settings.SMS_GATEWAYS,
    }.get(OutboxMessage.Channel(channel), {})
    return found


def adapter(channel: str, kind: str) -> type[Adapter]:
    """Return a kind of gateway. Raises KeyError for one that is not there."""
    return cast("type[Adapter]", import_string(paths(channel)[kind]))


def own_carriers(channel: str, businesses: Sequence[int]) -> dict[int, list[Carrier[Any]]]:
    """Return the active gateways of businesses that have some, each business' in its order."""
    found: dict[int, list[Carrier[Any]]] = {}
    if not businesses:
        return found
    own = OwnGateway.objects.filter(business_id__in=businesses, channel=channel, is_active=True)
    rows = list(own.order_by("position", "pk"))
    accounts = _accounts(rows)
    for row in rows:
        gateway = _open.of(row, accounts.get((row.business_id, BY_ACCOUNT.get(row.kind, "")), ""))
        found.setdefault(row.business_id, []).append(Carrier(row.kind, gateway, row.pk, row.name, row.sender))
    return found


def _accounts(rows: Sequence[OwnGateway]) -> dict[tuple[int, str], str]:
    """Return how the accounts that some of `rows` are used with are stored now, by business and kind."""
    businesses = {row.business_id for row in rows if row.kind in BY_ACCOUNT}
    if not businesses:
        return {}
    known = OutsideAccount.objects.filter(business_id__in=businesses, kind__in=set(BY_ACCOUNT.values()))
    return {(business, kind): access for business, kind, access in known.values_list("business_id", "kind", "access")}


def account_for(business_id: int, kind: str) -> Mapping[str, str]:
    """Return what a business has at the vendor that a kind of gateway is used with; {} for none."""
    if kind not in BY_ACCOUNT:
        return {}
    try:
        return outside_accounts.access_for(business_id, BY_ACCOUNT[kind])
    except NotConnected:
        return {}


def around(row: OwnGateway | None = None, account: Mapping[str, str] | None = None) -> Around:
    """Return what gateways must know of this installation; without a row, one that is not stored yet."""
    return Around(
        account=account_for(row.business_id, row.kind) if row is not None else account or {},
        host=urlsplit(settings.PUBLIC_URL).hostname or "localhost",
        allowed=tuple(settings.CONFIGURATION.items("GATEWAY_HOSTS")),
        callback=callback(row),
    )


def callback(row: OwnGateway | None) -> str:
    """Return where a gateway may post what became of messages; empty where nobody outside could reach it.

    It holds the key only where nothing else proves who posts: what signs with the key is in no address.
    """
    if row is None or row.kind not in settings.MESSAGE_CALLBACKS or not settings.PUBLIC_URL.startswith("https://"):
        return ""
    try:
        needs_key = listener(row).needs_key(access_of(row))
    except NotConnected:
        return ""
    return f"{settings.PUBLIC_URL}/hooks/messages/{row.hook}" + (f"?key={hook_key(row)}" if needs_key else "")


def listener(row: OwnGateway) -> Listener:
    """Return what reads the callbacks of a gateway's kind, one of `MESSAGE_CALLBACKS`."""
    return cast("Listener", import_string(settings.MESSAGE_CALLBACKS[row.kind])())


def hook_key(row: OwnGateway) -> str:
    """Return the key of a gateway's callbacks, made from the server's secret; another `hook` has another key."""
    return secrets.derived("notifications.hook", row.hook)


def sealed(access: Mapping[str, str]) -> str:
    """Return an access as it is stored."""
    return secrets.encrypt(PURPOSE, json.dumps(dict(access)).encode())


def access_of(row: OwnGateway) -> dict[str, str]:
    """Return how to use a gateway. Never to be shown, stored or logged. Raises NotConnected."""
    try:
        clear: dict[str, str] = json.loads(secrets.decrypt(PURPOSE, row.access))
    except (InvalidToken, ValueError):
        raise NotConnected("its access cannot be read: the server's secret was changed") from None
    return clear


def opened(row: OwnGateway) -> Any:
    """Return the gateway of a row, for one use. Raises NotConnected."""
    if row.kind not in paths(row.channel):
        raise NotConnected("this kind of gateway is not part of this installation any more")
    return adapter(row.channel, row.kind).connected(access_of(row), row.sender, around(row))


class _Open:
    """Gateways as made, the least recently used forgotten beyond MOST_OPEN."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[int, tuple[tuple[str, ...], Any]] = OrderedDict()

    def of(self, row: OwnGateway, account: str = "") -> Any:
        """Return the gateway of a row, made anew when the row changed, or the account it is used with.

        Raises nothing: messages wait then.
        """
        stamp = (row.kind, row.sender, row.access, row.hook, account)
        with self._lock:
            known = self._made.get(row.pk)
            if known is None or known[0] != stamp:
                known = (stamp, self._make(row))
                self._made[row.pk] = known
            self._made.move_to_end(row.pk)
            while len(self._made) > MOST_OPEN:
                self._made.popitem(last=False)
            return known[1]

    def _make(self, row: OwnGateway) -> Any:
        try:
            return opened(row)
        except NotConnected as wrong:
            log.error("messages of gateway %s wait until it is mended: %s", row.ref, wrong)
            return Unusable(str(wrong))
        except Exception as fault:  # what is stored for one must not stop everybody's messages; its text may be secret
            log.error("gateway %s cannot be made: %s", row.ref, type(fault).__name__)
            return Unusable(f"it cannot be made of what is stored: {type(fault).__name__}")


_open = _Open()


def _first(adapters: Mapping[str, str]) -> Carrier[Any]:
    for name, path in adapters.items():
        needs = settings.INSTALLATION_GATEWAYS.get(name)
        if needs is None or not settings.CONFIGURATION[needs]:
            continue
        try:
            gateway = import_string(path).configured(settings.CONFIGURATION)
        except ValueError as wrong:
            log.error("messages wait until a setting is mended: %s", wrong)
            gateway = Unusable(str(wrong))
        if gateway is not None:
            return Carrier(name, gateway)
    return Carrier()
