"""Short-lived credentials for the TURN server, as coturn's `use-auth-secret` wants them."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from vestibule.meetings.ports import IceServer

LIFETIME = timedelta(minutes=10)


def ice_servers(
    urls: tuple[str, ...], secret: str, participant: str, now: datetime
) -> tuple[tuple[IceServer, ...], datetime]:
    """Return the servers one join may use and when their credentials expire; none without `urls` or `secret`.

    The user name carries a random part for each join: the relay's quota counts by user name, and pages that close
    without saying so leave allocations behind which would otherwise lock their owner out.
    """
    expires_at = now + LIFETIME
    if not urls or not secret:
        return (), expires_at
    username = f"{int(expires_at.timestamp())}:{participant}.{secrets.token_hex(4)}"
    return (IceServer(urls, username, credential(secret, username)),), expires_at


def credential(secret: str, username: str) -> str:
    """Return the password the TURN server expects for `username`."""
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
