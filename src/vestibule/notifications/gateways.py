"""Which gateway carries which channel, as the settings say; without one, messages are kept to be read here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.notifications.ports import MailGateway, SmsGateway

KEPT = "kept"
Gateway = TypeVar("Gateway")


@dataclass(frozen=True)
class Carrier(Generic[Gateway]):
    """A gateway and the name it has in the settings; no gateway: what it is given is kept."""

    name: str = KEPT
    gateway: Gateway | None = None


@dataclass(frozen=True)
class Gateways:
    """What carries each channel, and whether rendered messages stay readable after they were sent."""

    mail: Carrier[MailGateway]
    sms: Carrier[SmsGateway]
    keeps_all: bool = False


def configured() -> Gateways:
    """Return the first gateway of each channel that is set up. Raises ValueError when a setting cannot be read."""
    return Gateways(
        mail=cast("Carrier[MailGateway]", _first(settings.MAIL_GATEWAYS)),
        sms=cast("Carrier[SmsGateway]", _first(settings.SMS_GATEWAYS)),
        keeps_all=settings.DEMO,
    )


def _first(adapters: Mapping[str, str]) -> Carrier[object]:
    for name, path in adapters.items():
        gateway = import_string(path).configured(settings.CONFIGURATION)
        if gateway is not None:
            return Carrier(name, gateway)
    return Carrier()
