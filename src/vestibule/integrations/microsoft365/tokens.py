"""Tokens of applications: asked for by secret or signed assertion, kept in memory until shortly before they end.

OAuth 2.0 client credentials as Microsoft's identity platform takes them (v2.0). Not by `msal`, which refuses any
authority but Microsoft's own, and so a second Vestibule in its place.
"""

import base64
import hashlib
import json
import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.errors import GraphError, SignInRefused
from vestibule.integrations.outward import Unanswered, Web, wait_of

EARLY_SECONDS = 300.0
ASSERTION_SECONDS = 300
MOST_KEPT = 200
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Token:
    """A token, until when (monotonic seconds) it is used, and the permissions an administrator granted."""

    value: str = field(repr=False)
    until: float
    roles: frozenset[str]


class Tokens:
    """The tokens of a process, the least recently used forgotten. Two threads that want one ask for it once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: OrderedDict[str, Token] = OrderedDict()
        self._asking: dict[str, threading.Lock] = {}

    def of(self, application: Application, web: Web) -> Token:
        """Return a token that lasts a while. Raises SignInRefused, GraphError."""
        name = _name(application)
        with self._guard:
            turn = self._asking.setdefault(name, threading.Lock())
        with turn:
            kept = self._known(name)
            if kept is None:
                kept = _asked(application, web)
                self._keep(name, kept)
            return kept

    def forget(self, application: Application, token: Token) -> None:
        """Ask anew next time: this one was not taken."""
        name = _name(application)
        with self._guard:
            if self._kept.get(name) is token:
                del self._kept[name]

    def _known(self, name: str) -> Token | None:
        with self._guard:
            kept = self._kept.get(name)
            if kept is None or kept.until <= time.monotonic():
                return None
            self._kept.move_to_end(name)
            return kept

    def _keep(self, name: str, token: Token) -> None:
        with self._guard:
            self._kept[name] = token
            while len(self._kept) > MOST_KEPT:
                forgotten, _token = self._kept.popitem(last=False)
                self._asking.pop(forgotten, None)


kept = Tokens()
"""Those of this process."""


def _asked(application: Application, web: Web) -> Token:
    form = {"client_id": application.client_id, "scope": application.scope, "grant_type": "client_credentials"}
    proof = {"client_secret": application.secret}
    if application.key is not None:
        proof = {"client_assertion_type": BEARER, "client_assertion": assertion(application)}
    try:
        answer = web.ask("POST", application.token_url, data=form | proof)
    except Unanswered as silent:
        raise GraphError(f"the sign-in {silent}", status=0) from None
    told = answer.json()
    if answer.status in (400, 401):
        raise SignInRefused(_code(told), str(told.get("error", ""))[:60])
    if not answer.is_success or not isinstance(told.get("access_token"), str):
        words = f"the sign-in answered {answer.status}"
        raise GraphError(words, status=answer.status, wait=wait_of(answer.headers))
    lasts = told.get("expires_in")
    seconds = float(lasts) if isinstance(lasts, int | float | str) and str(lasts).isdigit() else 0.0
    value = told["access_token"]
    until = time.monotonic() + max(min(seconds, 86_400) - EARLY_SECONDS, min(seconds, 30.0) / 2)
    return Token(value, until, _roles(value))


def assertion(application: Application) -> str:
    """Return what a certificate signs in with: a JWT of five minutes, signed by PS256, named by its thumbprint.

    https://learn.microsoft.com/entra/identity-platform/certificate-credentials
    """
    assert application.key is not None, "it signs in by certificate"
    assert application.certificate is not None, "which came with the key"
    now = int(time.time())
    thumbprint = hashlib.sha256(application.certificate.public_bytes(Encoding.DER)).digest()
    head = {"alg": "PS256", "typ": "JWT", "x5t#S256": _text(thumbprint)}
    claims = {
        "aud": application.token_url,
        "iss": application.client_id,
        "sub": application.client_id,
        "jti": str(uuid.uuid4()),
        "nbf": now - 10,
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    signed = f"{_text(json.dumps(head).encode())}.{_text(json.dumps(claims).encode())}"
    signature = application.key.sign(signed.encode(), PSS(MGF1(SHA256()), SHA256.digest_size), SHA256())
    return f"{signed}.{_text(signature)}"


def _roles(token: str) -> frozenset[str]:
    """Return the permissions a token names. It is not checked: Graph does that, and this is only shown."""
    try:
        part = token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return frozenset(str(one) for one in claims.get("roles", []))
    except (IndexError, ValueError, AttributeError, TypeError):
        return frozenset()


def _code(told: dict[str, Any]) -> str:
    """Return Microsoft's number of an error, such as AADSTS7000215; "" where it gave none."""
    first = str(told.get("error_description", "")).partition(":")[0].strip()
    return first if first.startswith("AADSTS") and first[6:].isdigit() else ""


def _name(application: Application) -> str:
    proof = application.secret
    if application.certificate is not None:
        proof = application.certificate.public_bytes(Encoding.DER).hex()
    whole = "\n".join((application.token_url, application.scope, application.client_id, proof))
    return hashlib.sha256(whole.encode()).hexdigest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
