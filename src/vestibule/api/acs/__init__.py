"""Azure Communication Services' API, served by us: identities, rooms, chat, text messages and e-mail.

It stands at the root of an HTTPS origin: at the server's own TLS port beside the pages, and alone at the host of
`VESTIBULE_ACS_URL`, which a proxy holds a certificate for. What is answered is loaded with the first request.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from vestibule.api.loading import loaded

Scope = MutableMapping[str, Any]
PATHS = re.compile(
    r"/(?:identities|rooms|chat|sms|emails|teamsUser|access|deliveryReports)(?:[/:].*)?", re.IGNORECASE | re.DOTALL
)


def takes(scope: Scope) -> bool:
    """Tell whether this request is for this API by its path, at an origin where it stands."""
    return scope["type"] == "http" and PATHS.fullmatch(scope["path"]) is not None


def is_own_host(scope: Scope) -> bool:
    """Tell whether what is called is the host that this API has for itself.

    Java's libraries, and some proxies, leave out its port: that is enough where pages have another host.
    """
    own = urlsplit(settings.ACS_URL)
    usual = ":443" if own.scheme == "https" else ":80"  # some name the port all the same
    called = dict(scope["headers"]).get(b"host", b"").decode("latin-1").casefold()
    names = {own.netloc.casefold().removesuffix(usual)}
    if own.hostname != urlsplit(settings.PUBLIC_URL).hostname:
        names.add(str(own.hostname))
    return bool(own.netloc) and called.removesuffix(usual) in names


async def application(
    scope: Scope,
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer one request."""
    doors = await loaded("vestibule.api.acs.doors")
    await doors.application(scope, receive, send)
