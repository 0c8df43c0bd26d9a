"""The registered application by which a business lets us into its tenant, and the cloud it is in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.guarded import PrivateHosts
from vestibule.people.ports import Field, NotConnected

CLOUDS = {
    "": ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "usgov": ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "dod": ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": ("https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
"""Where tokens and Graph are, by cloud: https://learn.microsoft.com/graph/deployments."""
OTHER = "other"
FIELDS = (
    Field(
        "tenant",
        gettext_noop("Tenant"),
        gettext_noop("“Directory (tenant) ID” in the overview of your app registration, or your domain."),
    ),
    Field("client_id", gettext_noop("Application"), gettext_noop("“Application (client) ID”, beside it.")),
    Field(
        "secret",
        gettext_noop("Client secret"),
        gettext_noop("Certificates & secrets, New client secret: its value, not its ID. Or give a certificate below."),
        secret=True,
        required=False,
    ),
    Field(
        "certificate",
        gettext_noop("Certificate with its private key"),
        gettext_noop("Both in one text (PEM), instead of a secret. Upload the certificate alone in Azure."),
        secret=True,
        required=False,
        kind="lines",
    ),
    Field(
        "organizer",
        gettext_noop("Mailbox to try meetings with"),
        gettext_noop("Someone who holds visits in Teams. Nothing is made or sent."),
        required=False,
        kind="email",
    ),
    Field(
        "cloud",
        gettext_noop("Cloud"),
        choices=(
            ("", gettext_noop("Worldwide")),
            ("usgov", gettext_noop("US government (GCC High)")),
            ("dod", gettext_noop("US Department of Defense")),
            ("china", gettext_noop("China, operated by 21Vianet")),
            (OTHER, gettext_noop("Another one, at the addresses below")),
        ),
        required=False,
    ),
    Field("authority", gettext_noop("Where tokens are asked for"), required=False, kind="url"),
    Field("graph", gettext_noop("Where Graph is"), required=False, kind="url"),
)


@dataclass(frozen=True)
class Application:
    """One registered application. `authority` and `graph` are origins; it signs in by secret or by certificate."""

    tenant: str
    client_id: str
    authority: str
    graph: str
    secret: str = field(default="", repr=False)
    key: RSAPrivateKey | None = field(default=None, repr=False)
    certificate: Certificate | None = None
    organizer: str = ""

    @classmethod
    def read(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the application that an access describes. Raises NotConnected."""
        authority, graph = _cloud(access, PrivateHosts(allowed))
        key, certificate = _signing(access.get("certificate", ""))
        if not access.get("secret") and key is None:
            raise NotConnected(
                _("Give a client secret or a certificate: without one we cannot sign in."), field="secret"
            )
        return cls(
            tenant=_part(access.get("tenant", ""), "tenant"),
            client_id=_part(access.get("client_id", ""), "client_id"),
            authority=authority,
            graph=graph,
            secret="" if key is not None else access.get("secret", ""),
            key=key,
            certificate=certificate,
            organizer=access.get("organizer", ""),
        )

    @property
    def scope(self) -> str:
        """What a token is asked for: all that an administrator granted."""
        return f"{self.graph}/.default"

    @property
    def token_url(self) -> str:
        """Where a token is asked for."""
        return f"{self.authority}/{self.tenant}/oauth2/v2.0/token"


def _part(text: str, name: str) -> str:
    """Return a tenant or client id, which becomes part of an address."""
    if not text or len(text) > 100 or not all(sign.isascii() and (sign.isalnum() or sign in "-.") for sign in text):
        raise NotConnected(_("Copy the ID as it stands in Azure: letters, digits and dashes."), field=name)
    return text


def _cloud(access: Mapping[str, str], private: PrivateHosts) -> tuple[str, str]:
    name = access.get("cloud", "")
    if name in CLOUDS:
        return CLOUDS[name]
    return _origin(access, "authority", private), _origin(access, "graph", private)


def _origin(access: Mapping[str, str], name: str, private: PrivateHosts) -> str:
    try:
        url = httpx.URL(access.get(name, ""))
    except httpx.InvalidURL:
        url = httpx.URL("")
    if not url.host or url.scheme not in ("http", "https") or url.path.strip("/") or url.userinfo or url.query:
        raise NotConnected(_("Enter where it is, without a path, such as https://graph.example.org."), field=name)
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
