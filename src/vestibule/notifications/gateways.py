"""Which gateway carries which channel, as the settings say; without one, messages are kept to be read here."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.notifications.ports import DeliveryError, MailGateway, SmsGateway

log = logging.getLogger(__name__)

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


class Unusable:
    """Stands in for a gateway whose settings cannot be read: messages wait, and say why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def send(self, message: Any) -> str:
        """Raise DeliveryError."""
        raise DeliveryError(self._why, permanent=False)


def configured() -> Gateways:
    """Return the first gateway of each channel that is set up."""
    return Gateways(
        mail=cast("Carrier[MailGateway]", _first(settings.MAIL_GATEWAYS)),
        sms=cast("Carrier[SmsGateway]", _first(settings.SMS_GATEWAYS)),
        keeps_all=settings.DEMO,
    )


def _first(adapters: Mapping[str, str]) -> Carrier[Any]:
    for name, path in adapters.items():
        try:
            gateway = import_string(path).configured(settings.CONFIGURATION)
        except ValueError as wrong:
            log.error("messages wait until a setting is mended: %s", wrong)
            gateway = Unusable(str(wrong))
        if gateway is not None:
            return Carrier(name, gateway)
    return Carrier()
