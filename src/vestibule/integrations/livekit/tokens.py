"""JSON web tokens as LiveKit makes and wants them: HS256 with the secret of an API key."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

LEEWAY_SECONDS = 60
"""How far the clocks of two machines may be apart."""
_HEADER = {"alg": "HS256", "typ": "JWT"}


class TokenRefused(Exception):
    """A token that was not made with our key, or not for now."""


def sign(claims: dict[str, Any], secret: str) -> str:
    """Return `claims` as a signed token."""
    body = b".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEADER, claims))
    return (body + b"." + _encoded(_mac(body, secret))).decode()


def verify(token: str, key: str, secret: str, now: float) -> dict[str, Any]:
    """Return the claims of `token`, made with `key` and valid at `now` (seconds since 1970). Raises TokenRefused."""
    try:
        body, _, signature = token.encode("ascii").rpartition(b".")
        header, claims = (json.loads(_decoded(part)) for part in body.split(b"."))
        given = _decoded(signature)
    except (ValueError, binascii.Error, RecursionError) as broken:
        raise TokenRefused("not a token") from broken
    if not isinstance(header, dict) or header.get("alg") != "HS256":
        raise TokenRefused("not signed with HS256")
    if not hmac.compare_digest(_mac(body, secret), given):
        raise TokenRefused("the signature does not fit")
    if not isinstance(claims, dict) or claims.get("iss") != key:
        raise TokenRefused("made with another key")
    if not _is_current(claims, now):
        raise TokenRefused("expired, or not valid yet")
    return claims


def _is_current(claims: dict[str, Any], now: float) -> bool:
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, int | float) or not isinstance(begins, int | float):
        return False
    return begins - LEEWAY_SECONDS <= now <= expires + LEEWAY_SECONDS


def _mac(body: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
