"""A vendor's identities and tokens for tests: they let nobody in, remember everything, and can fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from vestibule.meetings.ports import CallToken
from vestibule.store import clock


@dataclass
class Vendor:
    """What stands there. `fails`: what the next questions are answered with."""

    identities: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    """What happens elsewhere while a token is being issued."""


vendor = Vendor()


class VendorTokens:
    """Fills the port `CallTokens`."""

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> "VendorTokens":
        return cls()

    def issue(self, known: str, *, with_chat: bool = False) -> CallToken:
        self._ask(f"issue {known}{' with chat' if with_chat else ''}".strip())
        identity = known if known in vendor.identities else f"8:acs:{len(vendor.asked)}"
        vendor.identities.add(identity)
        if vendor.meanwhile:
            vendor.meanwhile.pop(0)()
        return CallToken(identity, clock.now() + timedelta(hours=1), f"token {len(vendor.asked)}")

    def revoke(self, identity: str) -> None:
        self._ask(f"revoke {identity}")

    def delete(self, identity: str) -> None:
        self._ask(f"delete {identity}")
        vendor.identities.discard(identity)

    def close(self) -> None:
        pass

    def _ask(self, what: str) -> None:
        vendor.asked.append(what)
        if vendor.fails:
            raise vendor.fails.pop(0)
