"""Hands notifications to the push service of each browser (RFC 8030), which carries them and cannot read them."""

from ipaddress import ip_address
from typing import Self
from urllib.parse import SplitResult, urlsplit

import httpx

from vestibule.integrations.guarded import PrivateHosts, is_allowed
from vestibule.integrations.outward import Unanswered, Web, wait_of
from vestibule.integrations.webpush.encryption import AUTH, encrypted, from_b64, public_key
from vestibule.integrations.webpush.vapid import Vapid
from vestibule.notifications.ports import DeliveryError, Gone, Push, PushAddress

LONGEST_ADDRESS = 2000
FILLED_TO = 1024
"""All notifications are this long, so that their length does not tell whether they hold a name."""
_PASSING = frozenset({408, 425, 429})


class WebPush:
    """Speaks to whatever push service a browser named: by https only, never into the own network unless `allowed`."""

    def __init__(self, vapid: Vapid, allowed: tuple[str, ...] = (), web: Web | None = None) -> None:
        self._vapid = vapid
        self._reach = PrivateHosts(allowed)
        self._web = web or Web(self._reach, seconds=10.0)

    @classmethod
    def opened(cls, seed: bytes, contact: str, allowed: tuple[str, ...]) -> Self:
        """Return the gateway of an installation. Talks to nobody."""
        return cls(Vapid(seed, contact), allowed)

    @property
    def public_key(self) -> str:
        """What browsers are told when they ask their push service for an address."""
        return self._vapid.public_key

    def takes(self, address: PushAddress) -> bool:
        """Tell whether `address` is one that a browser can have given: https, a host outside, sound keys."""
        try:
            parts = urlsplit(address.endpoint)
            port = parts.port or 443
            is_key = len(from_b64(address.auth)) == AUTH and public_key(from_b64(address.p256dh)) is not None
            httpx.URL(address.endpoint)
        except (ValueError, httpx.InvalidURL):
            return False
        return (
            is_key
            and len(address.endpoint) <= LONGEST_ADDRESS
            and address.endpoint.isascii()
            and address.endpoint.isprintable()
            and parts.scheme == "https"
            and "@" not in parts.netloc
            and not parts.fragment
            and self._is_outside(parts, port)
        )

    def _is_outside(self, parts: SplitResult, port: int) -> bool:
        """Judge a host by how it is written; where a name leads is looked at whenever something is pushed."""
        host = parts.hostname or ""
        if self._reach.names(host, port):
            return True
        if port != 443:
            return False
        try:
            return is_allowed(str(ip_address(host)), self._reach)
        except ValueError:
            bare = host.strip(".")
            # A last part that begins with a digit is that of a number in another spelling (0x7f.0.0.1).
            is_name = "." in bare and not bare.rpartition(".")[2][:1].isdigit()
            return is_name and not bare.endswith((".localhost", ".local", ".internal"))

    def send(self, push: Push) -> str:
        """Hand one notification over within 10 seconds. Raises DeliveryError; Gone when the browser left."""
        if not self.takes(push.address):
            raise DeliveryError("the address of this browser is not one that is written to", permanent=True)
        parts = urlsplit(push.address.endpoint)
        who = f"the push service {parts.hostname}"
        browser, auth = from_b64(push.address.p256dh), from_b64(push.address.auth)
        headers = {
            "Authorization": self._vapid.authorization(f"https://{parts.netloc}"),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(max(0, int(push.lasts.total_seconds()))),
            "Urgency": "high" if push.is_urgent else "normal",
            **({"Topic": push.topic} if push.topic else {}),
        }
        body = encrypted(push.body, browser, auth, filled_to=FILLED_TO)
        try:
            answer = self._web.ask("POST", push.address.endpoint, headers=headers, content=body)
        except Unanswered as silent:
            # One push service of many: what is wrong with it says nothing of the others.
            raise DeliveryError(f"{who} {silent}", permanent=False) from None
        if answer.is_success:
            return ""
        if answer.status in (404, 410):
            raise Gone(f"{who} does not know this browser any more")
        if answer.status in _PASSING or answer.status >= 500:
            raise DeliveryError(f"{who} answered {answer.status}", permanent=False, wait=wait_of(answer.headers))
        raise DeliveryError(f"{who} answered {answer.status}", permanent=True)
