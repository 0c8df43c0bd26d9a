"""Signing in at Microsoft's identity platform as a registered application: by secret or by certificate.

OAuth 2.0 client credentials (v2.0). Tokens are kept in memory until shortly before they end. Not by `msal`, which
refuses any authority but Microsoft's own, and so a second Vestibule in its place. Not a vendor: every adapter that
signs in as an application does so through here.
"""

import base64
import hashlib
import json
import re
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificate
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.guarded import PrivateHosts
from vestibule.integrations.outward import Unanswered, Web, wait_of
from vestibule.people.ports import Field, NotConnected

_ODD_PATH = re.compile(r"[^A-Za-z0-9/_-]|//")
"""What no path has where another Vestibule is."""
AUTHORITIES = {
    "": "https://login.microsoftonline.com",
    "usgov": "https://login.microsoftonline.us",
    "dod": "https://login.microsoftonline.us",
    "china": "https://login.partner.microsoftonline.cn",
}
"""Where tokens are asked for, by cloud: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud."""
DEFAULT_PORTS = {"http": 80, "https": 443}
EARLY_SECONDS = 300.0
ASSERTION_SECONDS = 300
MOST_KEPT = 200
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TENANT = Field(
    "tenant",
    gettext_noop("Tenant"),
    gettext_noop("“Directory (tenant) ID” in the overview of your app registration, or your domain."),
)
APPLICATION = Field("client_id", gettext_noop("Application"), gettext_noop("“Application (client) ID”, beside it."))
SECRET = Field(
    "secret",
    gettext_noop("Client secret"),
    gettext_noop("Certificates & secrets, New client secret: its value, not its ID. Or give a certificate below."),
    secret=True,
    required=False,
    one_of="proof",
)
CERTIFICATE = Field(
    "certificate",
    gettext_noop("Certificate with its private key"),
    gettext_noop("Both in one text (PEM), instead of a secret. Upload the certificate alone in Azure."),
    secret=True,
    required=False,
    one_of="proof",
    kind="lines",
)
OTHER_CLOUDS = gettext_noop("Other clouds")
CLOUD_CHOICES = (
    ("", gettext_noop("Worldwide")),
    ("usgov", gettext_noop("US government (GCC High)")),
    ("dod", gettext_noop("US Department of Defense")),
    ("china", gettext_noop("China, operated by 21Vianet")),
    ("other", gettext_noop("Another one, at the addresses below")),
)
CLOUD = Field("cloud", gettext_noop("Cloud"), choices=CLOUD_CHOICES, required=False, part=OTHER_CLOUDS)
AUTHORITY = Field(
    "authority",
    gettext_noop("Where tokens are asked for"),
    gettext_noop("Only for another cloud: its origin, such as https://login.example.org."),
    required=False,
    kind="url",
    part=OTHER_CLOUDS,
)
SIGN_IN: dict[str, tuple[str, str]] = {
    "AADSTS7000215": (
        gettext_noop("This is not the secret of the application. Copy its value, not its ID; it is shown once only."),
        "secret",
    ),
    "AADSTS7000222": (gettext_noop("The secret has expired. Make a new one in Azure and type it here."), "secret"),
    "AADSTS700016": (gettext_noop("There is no such application in this tenant."), "client_id"),
    "AADSTS90002": (gettext_noop("There is no such tenant."), "tenant"),
    "AADSTS900023": (gettext_noop("There is no such tenant."), "tenant"),
    "AADSTS700027": (
        gettext_noop("Azure does not know this certificate. Upload it under Certificates & secrets."),
        "certificate",
    ),
    "AADSTS7000112": (gettext_noop("This application is switched off in Azure."), "client_id"),
}


class NotSignedIn(Exception):
    """No token was given. The text holds no secret; `code` is Microsoft's number of the reason (AADSTS…), or "".

    `status` is 0 where no answer came; `wait` is what was asked for. `is_refused`: asking again is useless.
    """

    def __init__(self, text: str, *, status: int, code: str = "", wait: timedelta | None = None) -> None:
        super().__init__(text)
        self.status, self.code, self.wait = status, code, wait

    @property
    def is_refused(self) -> bool:
        return self.status in (400, 401)

    def as_wrong(self) -> NotConnected:
        """Return what a person is told who typed it."""
        if not self.is_refused:
            words = _("Microsoft could not be asked: %(why)s. Nothing was changed; try again in a while.")
            return NotConnected(words % {"why": str(self)})
        return refused(self.code or str(self))


def refused(code: str) -> NotConnected:
    """Return what a person is told whose sign-in was refused, by Microsoft's number of the reason."""
    words, field = SIGN_IN.get(code, (gettext_noop("Microsoft refused the sign-in (%(code)s)."), "secret"))
    return NotConnected(_(words) % {"code": code} if "%(code)s" in words else _(words), field=field)


@dataclass(frozen=True)
class Proof:
    """By what an application shows that it is itself: a secret, or a certificate with its key."""

    secret: str = field(default="", repr=False)
    key: RSAPrivateKey | None = field(default=None, repr=False)
    certificate: Certificate | None = None

    @classmethod
    def read(cls, access: Mapping[str, str]) -> "Proof":
        """Return the proof of an access, the certificate where both are given. Raises NotConnected."""
        key, certificate = _signing(access.get("certificate", ""))
        if not access.get("secret") and key is None:
            raise NotConnected(
                _("Give a client secret or a certificate: without one we cannot sign in."), field="secret"
            )
        return cls("" if key is not None else access.get("secret", ""), key, certificate)


class Client(Protocol):
    """An application that signs in for `scope`."""

    @property
    def client_id(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def token_url(self) -> str: ...
    @property
    def proof(self) -> Proof: ...


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

    def of(self, application: Client, web: Web) -> Token:
        """Return a token that lasts a while. Raises NotSignedIn."""
        name = _name(application)
        with self._guard:
            turn = self._asking.setdefault(name, threading.Lock())
        with turn:
            kept = self._known(name)
            if kept is None:
                kept = _asked(application, web)
                self._keep(name, kept)
            return kept

    def forget(self, application: Client, token: Token) -> None:
        """Ask anew next time: this one was not taken."""
        name = _name(application)
        with self._guard:
            if self._kept.get(name) is token:
                del self._kept[name]

    def drop(self, application: Client) -> None:
        """Ask anew next time: what an administrator granted has changed."""
        with self._guard:
            self._kept.pop(_name(application), None)

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


def _asked(application: Client, web: Web) -> Token:
    form = {"client_id": application.client_id, "scope": application.scope, "grant_type": "client_credentials"}
    try:
        answer = web.ask("POST", application.token_url, data=form | proof_of(application))
    except Unanswered as silent:
        raise NotSignedIn(f"the sign-in {silent}", status=0) from None
    told = answer.json()
    if answer.status in (400, 401):
        code = _code(told)
        reason = code or str(told.get("error", ""))[:60] or "no reason given"
        raise NotSignedIn(f"the sign-in was refused ({reason})", status=answer.status, code=code)
    if not answer.is_success or not isinstance(told.get("access_token"), str):
        words = f"the sign-in answered {answer.status}"
        raise NotSignedIn(words, status=answer.status, wait=wait_of(answer.headers))
    lasts = told.get("expires_in")
    seconds = float(lasts) if isinstance(lasts, int | float | str) and str(lasts).isdigit() else 0.0
    value = told["access_token"]
    until = time.monotonic() + max(min(seconds, 86_400) - EARLY_SECONDS, min(seconds, 30.0) / 2)
    return Token(value, until, _roles(value))


def proof_of(application: Client) -> dict[str, str]:
    """Return what a request for a token holds to show that it is the application's own."""
    if application.proof.key is None:
        return {"client_secret": application.proof.secret}
    return {"client_assertion_type": BEARER, "client_assertion": assertion(application)}


def assertion(application: Client) -> str:
    """Return what a certificate signs in with: a JWT of five minutes, signed by PS256, named by its thumbprint.

    https://learn.microsoft.com/entra/identity-platform/certificate-credentials
    """
    key, certificate = application.proof.key, application.proof.certificate
    assert key is not None, "it signs in by certificate"
    assert certificate is not None, "which came with the key"
    now = int(time.time())
    thumbprint = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
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
    signature = key.sign(signed.encode(), PSS(MGF1(SHA256()), SHA256.digest_size), SHA256())
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


def _name(application: Client) -> str:
    proof = application.proof.secret
    if application.proof.certificate is not None:
        proof = application.proof.certificate.public_bytes(Encoding.DER).hex()
    whole = "\n".join((application.token_url, application.scope, application.client_id, proof))
    return hashlib.sha256(whole.encode()).hexdigest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def part(text: str, name: str) -> str:
    """Return a tenant or client id, which becomes part of an address. Raises NotConnected."""
    if not text or len(text) > 100 or not all(sign.isascii() and (sign.isalnum() or sign in "-.") for sign in text):
        raise NotConnected(_("Copy the ID as it stands in Azure: letters, digits and dashes."), field=name)
    return text


def installed(name: str) -> str:
    """Return where this installation finds Microsoft's worldwide cloud, by setting `name`; no version at its end."""
    found: str = settings.CONFIGURATION[name].strip().rstrip("/")
    return found.removesuffix("/v1.0").rstrip("/")


def reach(allowed: Iterable[str]) -> PrivateHosts:
    """Return what of the own network may be asked: what the operator allows, and where settings say Microsoft is."""
    return PrivateHosts((*allowed, *_installed_hosts()))


def _installed_hosts() -> Iterator[str]:
    for name in ("GRAPH_BASE_URL", "ENTRA_AUTHORITY"):
        if settings.CONFIGURATION.origin(name) == "default":
            continue  # Microsoft's own is on the open internet
        with suppress(httpx.InvalidURL):
            url = httpx.URL(installed(name))
            yield f"{url.host}:{url.port or DEFAULT_PORTS.get(url.scheme, 443)}"


def authority(access: Mapping[str, str], private: PrivateHosts) -> str:
    """Return where tokens are asked for: by `cloud`, or as typed in `authority`. Raises NotConnected."""
    name = access.get("cloud", "")
    if not name:
        return installed("ENTRA_AUTHORITY")
    return AUTHORITIES[name] if name in AUTHORITIES else origin(access, "authority", private)


def origin(access: Mapping[str, str], name: str, private: PrivateHosts) -> str:
    """Return the origin typed into the field `name`, of a host the operator allows. Raises NotConnected.

    It may have a path of plain names, as another Vestibule has; no version at its end.
    """
    try:
        url = httpx.URL(access.get(name, "").strip().rstrip("/").removesuffix("/v1.0"))
    except httpx.InvalidURL:
        url = httpx.URL("")
    if not url.host or url.scheme not in ("http", "https") or _ODD_PATH.search(url.path) or url.userinfo or url.query:
        raise NotConnected(_("Enter where it is and nothing more, such as https://graph.example.org."), field=name)
    port = url.port or (443 if url.scheme == "https" else 80)
    if not private.names(url.host, port):
        words = _("%(host)s is no address of Microsoft. Whoever runs this server must allow it first.")
        raise NotConnected(words % {"host": url.host}, field=name)
    return str(url).rstrip("/")


def _signing(pem: str) -> tuple[RSAPrivateKey | None, Certificate | None]:
    if not pem:
        return None, None
    try:
        key, certificate = load_pem_private_key(pem.encode(), None), load_pem_x509_certificate(pem.encode())
    except (ValueError, TypeError):
        words = _("This is no certificate with its private key. Paste both, from BEGIN to END, without a password.")
        raise NotConnected(words, field="certificate") from None
    if not isinstance(key, RSAPrivateKey):
        raise NotConnected(_("Only certificates with RSA keys are accepted by Microsoft."), field="certificate")
    if key.public_key().public_numbers() != _numbers(certificate):
        raise NotConnected(_("The private key does not belong to this certificate."), field="certificate")
    return key, certificate


def _numbers(certificate: Certificate) -> object:
    public = certificate.public_key()
    return public.public_numbers() if hasattr(public, "public_numbers") else None
