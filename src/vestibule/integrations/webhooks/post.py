"""Asks addresses that businesses typed, and hands events over there: by https, never into the own network."""

import ssl
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit

import httpx

from vestibule.integrations.guarded import PrivateHosts, Resolver, look_up
from vestibule.integrations.outward import Unanswered, Web, wait_of
from vestibule.subscriptions.ports import Reply, Request, Unreachable

LONGEST_ADDRESS = 2000
SECONDS = 30.0
LARGEST = 64 * 1024
"""Of an answer; none says more than a code."""
HTTPS = 443
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Webhooks:
    """Speaks to any address outside, and to those hosts of the own network that are `allowed`.

    In a demonstration the machine itself may be told as well, also by http, and the local `authority` is trusted.
    """

    def __init__(
        self,
        allowed: tuple[str, ...] = (),
        *,
        is_demo: bool = False,
        authority: Path | None = None,
        resolver: Resolver = look_up,
    ) -> None:
        self._is_demo = is_demo
        self._reach = PrivateHosts((*allowed, *LOOPBACK) if is_demo else allowed)
        tls = _trusting(authority)
        self._web = Web(self._reach, seconds=SECONDS, largest=LARGEST, resolver=resolver, tls=tls)

    @classmethod
    def configured(cls, allowed: tuple[str, ...], *, is_demo: bool, authority: Path) -> Self:
        """Return the poster of an installation. Talks to nobody."""
        return cls(allowed, is_demo=is_demo, authority=authority if is_demo else None)

    def refusal(self, url: str) -> str:
        """Return why nothing is ever sent to an address as it is written; "" for one that may be tried."""
        try:
            parts = urlsplit(url)
            port = parts.port if parts.port is not None else HTTPS
            httpx.URL(url)
        except (ValueError, httpx.InvalidURL):
            return "no_address"
        is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_ADDRESS
        host = parts.hostname
        if not host or not is_plain or "@" in parts.netloc or parts.fragment:
            return "no_address"
        if parts.scheme != "https" and not self._may_be_plain(parts):
            return "not_https"
        # Nobody is to learn which ports of others are open by having them asked.
        return "" if port == HTTPS or self._reach.names(host, port) else "other_port"

    def _may_be_plain(self, parts: SplitResult) -> bool:
        return self._is_demo and parts.scheme == "http" and parts.hostname in LOOPBACK

    def shown(self, url: str) -> str:
        """Return the origin of an address."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"

    def ask(self, request: Request, *, seconds: float) -> Reply:
        """Ask for at most so long. Raises Unreachable."""
        if self.refusal(request.url):
            raise Unreachable("is not one that is written to")
        try:
            answer = self._web.ask(
                request.method, request.url, seconds=seconds, headers=dict(request.headers), content=request.body
            )
        except Unanswered as silent:
            raise Unreachable(str(silent)) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, headers, answer.body, wait_of(answer.headers))


def _trusting(authority: Path | None) -> ssl.SSLContext | None:
    """Return whom to trust, a local authority beside the usual ones; None: the usual ones."""
    if authority is None or not authority.is_file():
        return None
    context = httpx.create_ssl_context()
    context.load_verify_locations(cafile=authority)
    return context
