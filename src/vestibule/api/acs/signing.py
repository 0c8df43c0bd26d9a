"""Who signed a request with an access key.

The signature names no key, and clients differ in what they sign: the host with or without its port, the address as it
went out, decoded, or with its query written anew as a form's; and a proxy may have taken the port off what is called.
Each form is tried with each key.
"""

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from vestibule.api.acs.asked import origin
from vestibule.api.acs.faults import Fault
from vestibule.api.plain import Call
from vestibule.people.communication import AccessKey, Resource

APART_SECONDS = 15 * 60
"""How far the caller's clock may be from ours."""
LONGEST = 16 * 1024
"""Of what is signed, in bytes: each key of each resource is tried on all of it, for whoever asks."""
_SCHEME = re.compile(
    r"HMAC-SHA256\s+SignedHeaders=(?P<signed>[A-Za-z0-9;-]{1,200})&Signature=(?P<signature>[A-Za-z0-9+/=]{44})"
)
_NEEDED = {"host", "x-ms-content-sha256"}
_KNOWN = _NEEDED | {"x-ms-date", "date"}


def is_signed(call: Call) -> bool:
    """Tell whether `call` comes with a signature at all."""
    return call.headers.get("authorization", "").startswith("HMAC-SHA256")


def signer(call: Call, resources: Iterable[Resource], *, is_whole: bool = True) -> tuple[Resource, AccessKey]:
    """Return by whose key `call` is signed. Raises Fault (401) when it is by none, altered, or too old.

    One that is not `is_whole` is not looked at for its body, which is still on its way.
    """
    found = _SCHEME.fullmatch(call.headers.get("authorization", ""))
    if found is None:
        raise _denied("Sign the request with an access key, as HMAC-SHA256 SignedHeaders=…&Signature=….")
    signed = found["signed"].casefold().split(";")
    if not set(signed) >= _NEEDED or not set(signed) <= _KNOWN or not {"x-ms-date", "date"} & set(signed):
        raise _denied("The signature has to cover x-ms-date, host and x-ms-content-sha256.")
    if is_whole:
        _require_unaltered(call)
    _require_recent(call, "x-ms-date" if "x-ms-date" in signed else "date")
    signature = _read(found["signature"])
    candidates = list(resources)
    for text in _texts(call, signed):
        for resource in candidates:
            for key in resource.keys:
                if hmac.compare_digest(hmac.digest(key.clear, text, "sha256"), signature):
                    return resource, key
    raise _denied("The signature fits no access key of a resource here. Check the connection string.")


def _texts(call: Call, signed: list[str]) -> Iterator[bytes]:
    """Yield what may have been signed, the likeliest first."""
    tried = set()
    for address in _addresses(call):
        for host in dict.fromkeys(
            (call.host, call.host.rpartition(":")[0] or call.host, urlsplit(origin(call)).netloc)
        ):
            values = ";".join(host if name == "host" else call.headers.get(name, "") for name in signed)
            text = f"{call.method}\n{address}\n{values}".encode("utf-8", "surrogateescape")
            if text not in tried and len(text) <= LONGEST:
                tried.add(text)
                yield text


def _addresses(call: Call) -> Iterator[str]:
    query = f"?{call.query_string}" if call.query_string else ""
    yield f"{call.raw_path}{query}"
    yield unquote(f"{call.raw_path}{query}")
    pairs = parse_qsl(call.query_string, keep_blank_values=True)
    as_form = urlencode(pairs).replace("~", "%7E").replace("%2A", "*")
    yield f"{call.raw_path}?{as_form}" if as_form else call.raw_path
    yield f"{unquote(call.raw_path)}{query}"


def _read(text: str) -> bytes:
    """Return what is written as base64; nothing for what is not."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _require_unaltered(call: Call) -> None:
    told = _read(call.headers.get("x-ms-content-sha256", ""))
    if not hmac.compare_digest(told, hashlib.sha256(call.body).digest()):
        raise Fault(401, "Denied", "The body is not the one that was signed: its SHA-256 is another.")


def _require_recent(call: Call, header: str) -> None:
    try:
        said = parsedate_to_datetime(call.headers.get(header, ""))
        apart = abs(time.time() - (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp())
    except (ValueError, TypeError, OverflowError):
        apart = float("inf")
    if apart > APART_SECONDS:
        raise _denied("The date of the request is more than 15 minutes from ours. Check the clock of the machine.")


def _denied(words: str) -> Fault:
    return Fault(401, "Denied", words)
