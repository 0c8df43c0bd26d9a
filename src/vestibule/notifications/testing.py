"""Gateways for tests: they take everything, refuse what they are told to, and remember."""

import threading
from typing import Self

from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.ports import DeliveryError, Mail, Push, PushAddress, Sms


class FakeMail:
    """Remembers mails in `taken`; while `refusal` is set, raises it instead."""

    def __init__(self) -> None:
        self.taken: list[Mail] = []
        self.refusal: DeliveryError | None = None
        self._lock = threading.Lock()

    def send(self, mail: Mail) -> str:
        with self._lock:
            if self.refusal is not None:
                raise self.refusal
            self.taken.append(mail)
        return f"fake-{mail.ref}"


class FakeSms:
    """Remembers text messages in `taken`; while `refusal` is set, raises it instead."""

    def __init__(self) -> None:
        self.taken: list[Sms] = []
        self.refusal: DeliveryError | None = None
        self._lock = threading.Lock()

    def send(self, sms: Sms) -> str:
        with self._lock:
            if self.refusal is not None:
                raise self.refusal
            self.taken.append(sms)
        return f"fake-{sms.ref}"


class FakePush:
    """Remembers notifications in `taken`; while `refusal` is set, raises it instead. Takes any address by https."""

    public_key = "fake"

    def __init__(self) -> None:
        self.taken: list[Push] = []
        self.refusal: DeliveryError | None = None
        self._lock = threading.Lock()

    @classmethod
    def opened(cls, seed: bytes, contact: str, allowed: tuple[str, ...]) -> Self:
        """Return a fake, whatever it is told."""
        return cls()

    def takes(self, address: PushAddress) -> bool:
        """Tell whether an address begins with https."""
        return address.endpoint.startswith("https://")

    def send(self, push: Push) -> str:
        with self._lock:
            if self.refusal is not None:
                raise self.refusal
            self.taken.append(push)
        return f"fake-{push.ref}"


def fakes(
    mail: FakeMail | None = None, sms: FakeSms | None = None, push: FakePush | None = None, *, keeps_all: bool = False
) -> Gateways:
    """Return gateways that are fakes."""
    return Gateways(
        Carrier("fake", mail or FakeMail()),
        Carrier("fake", sms or FakeSms()),
        keeps_all,
        push=Carrier("fake", push or FakePush()),
    )
