"""How a business' gateways are doing, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from vestibule.notifications import gateways
from vestibule.notifications.models import Gateway, OutboxMessage

Channel = OutboxMessage.Channel


@dataclass(frozen=True)
class GatewayState:
    """One gateway: `tone` (success, warning, problem, ""), a word for it, what it is, and its turn (1 = first)."""

    gateway: Gateway
    kind: str
    tone: str
    label: str
    turn: int


@dataclass(frozen=True)
class ChannelState:
    """One channel: the gateways of the business, and what carries its messages where there is none."""

    channel: str
    title: str
    icon: str
    states: list[GatewayState]
    otherwise: str
    is_kept: bool


def channels(rows: Iterable[Gateway]) -> list[ChannelState]:
    """Return both channels with the gateways among `rows`, in their order."""
    rows = list(rows)
    return [
        _channel(Channel.EMAIL, _("E-mail"), "mail", [row for row in rows if row.channel == Channel.EMAIL]),
        _channel(Channel.SMS, _("Text messages"), "sms", [row for row in rows if row.channel == Channel.SMS]),
    ]


def states(rows: Iterable[Gateway]) -> list[GatewayState]:
    """Return how each gateway of one channel is doing, and whose turn is when."""
    found, turn = [], 0
    for row in rows:
        turn += row.is_active
        found.append(GatewayState(row, kind_words(row.channel, row.kind), *_word(row), turn if row.is_active else 0))
    return found


def kind_words(channel: str, kind: str) -> str:
    """Return what a kind of gateway is called."""
    try:
        return _(gateways.adapter(channel, kind).label)
    except (KeyError, ValueError):
        return kind


def otherwise(channel: str) -> tuple[str, bool]:
    """Return in words what carries messages without a gateway of the business, and whether they stay here."""
    if gateways.is_configured(channel):
        if channel == Channel.SMS:
            return _("Text messages go out by the gateway of this installation."), False
        return _("E-mail goes out by the mail server of this installation."), False
    if channel == Channel.SMS:
        return _("Text messages are kept here and reach nobody: this installation has no gateway."), True
    return _("E-mail is kept here and reaches nobody: this installation has no mail server."), True


def _channel(channel: str, title: str, icon: str, rows: list[Gateway]) -> ChannelState:
    return ChannelState(channel, title, icon, states(rows), *otherwise(channel))


def _word(row: Gateway) -> tuple[str, str]:
    if not row.is_active:
        return "", _("Off")
    if row.kind not in gateways.paths(row.channel):
        return "problem", _("Cannot send")
    if row.failing_since is not None:
        return "problem", _("Fails")
    return "success", _("Works")
