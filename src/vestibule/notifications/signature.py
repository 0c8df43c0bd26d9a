"""Checks that a callback comes from who shares a key with us: signed (Standard Webhooks, version 1), or by address."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"


def sign(key: str, *, id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a callback: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64."""
    digest = hmac.new(_secret(key), f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def is_genuine(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether `body` was signed with `key` within the last five minutes (or the next, for clocks that differ).

    Time here is the machine's: the sender knows nothing of a test clock.
    """
    id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not key or not id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    if abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
        return False
    wanted = sign(key, id=id, timestamp=int(stamp), body=body)
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given)


def has_key(url: str, key: str) -> bool:
    """Tell whether the address of a callback carries `key` as its query's `key`, once."""
    try:
        given = parse_qs(urlsplit(url).query, max_num_fields=20).get("key", [])
    except ValueError:
        return False
    return bool(key) and len(given) == 1 and hmac.compare_digest(given[0].encode(), key.encode())


def _secret(key: str) -> bytes:
    if key.startswith(PREFIX):
        try:
            return base64.b64decode(key.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass  # a key that only looks like one
    return key.encode()
