"""A local certificate authority and a certificate of this server, for HTTPS where no public one can be had.

The authority may vouch for the names it was made for and nothing else (name constraints, RFC 5280, 4.2.1.10): whoever
trusts it trusts this machine, not whoever gets hold of its key. Files lie below `certs/` in the data folder.
"""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = ("localhost", "127.0.0.1", "::1")
AUTHORITY_DAYS, SERVER_DAYS = 3650, 397
"""Browsers take server certificates of up to 398 days."""
RENEW_BEFORE = timedelta(days=30)
_SIGNS = {"key_cert_sign": True, "crl_sign": True, "digital_signature": False}
_SERVES = {"key_cert_sign": False, "crl_sign": False, "digital_signature": True}
_NEVER = dict.fromkeys(
    ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
    False,
)


@dataclass(frozen=True)
class Files:
    """Where the certificates lie. `authority` is to be trusted; `chain` and `key` are the server's."""

    authority: Path
    authority_key: Path
    chain: Path
    key: Path

    @classmethod
    def below(cls, data: Path) -> "Files":
        """Return the files of a data folder, there or not."""
        folder = data / "certs"
        return cls(
            folder / "authority.pem", folder / "authority-key.pem", folder / "server.pem", folder / "server-key.pem"
        )


@dataclass(frozen=True)
class Made:
    """What `ensure` came to: the files, the names they are for, and whether the authority has to be trusted anew."""

    files: Files
    names: tuple[str, ...]
    is_new_authority: bool
    is_new_server: bool


def ensure(data: Path, hosts: Sequence[str] = ()) -> Made:
    """Make what is missing, ends within 30 days, or is not for all of `hosts`; return where it is.

    Names once asked for stay. Raises ValueError for what is neither a host name nor an address, OSError where files
    cannot be written.
    """
    files, now = Files.below(data), datetime.now(UTC)
    names = tuple(dict.fromkeys((*HERE, *_names_in(files.chain), *(_clean(host) for host in hosts))))
    files.authority.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _loaded(files.authority, files.authority_key)
    is_new_authority = authority is None or not _holds(authority[0], now) or not _may_vouch(authority[0], names)
    if is_new_authority or authority is None:
        authority = _made_authority(names, now)
        _store(files.authority, files.authority_key, [authority[0]], authority[1])
    server = _loaded(files.chain, files.key)
    is_new = is_new_authority or server is None or not _holds(server[0], now) or set(names) - set(_names(server[0]))
    if is_new:
        certificate, key = _made_server(names, now, *authority)
        _store(files.chain, files.key, [certificate, authority[0]], key)
    return Made(files, names, is_new_authority, bool(is_new))


def told(made: Made) -> str:
    """Return what to tell whoever made them: where they are, what to export so that programs trust the authority."""
    path = str(made.files.authority.resolve())
    quoted = shlex.quote(path)
    state = "A new authority: trust it once more." if made.is_new_authority else "The authority is the one you have."
    return "".join(
        f"{line}\n"
        for line in (
            f"{state} It may vouch for these names only: {', '.join(made.names)}",
            f"authority: {path}",
            "",
            "Programs trust it when started with:",
            f"  export REQUESTS_CA_BUNDLE={quoted}    # Python, requests",
            f"  export SSL_CERT_FILE={quoted}         # Python, asynchronous clients; Go; curl",
            f"  export NODE_EXTRA_CA_CERTS={quoted}   # Node",
            "Browsers and .NET trust what the system does; Java wants it in a trust store (keytool -importcert).",
            "",
            "Then: vestibule serve --tls-port 8443",
        )
    )


Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _made_authority(names: Sequence[str], now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    who = _called(f"Vestibule, local authority of {now:%Y-%m-%d}")
    allowed = x509.NameConstraints(permitted_subtrees=[_subtree(name) for name in names], excluded_subtrees=None)
    made = (
        _begun(who, who, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**_SIGNS, **_NEVER), critical=True)
        .add_extension(allowed, critical=True)
        .sign(key, hashes.SHA256())
    )
    return made, key


def _made_server(
    names: Sequence[str], now: datetime, authority: x509.Certificate, by: ec.EllipticCurvePrivateKey
) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begun(_called(names[0]), authority.subject, key, now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**_SERVES, **_NEVER), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )
    return made, key


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _subtree(text: str) -> x509.GeneralName:
    try:
        address = ip_address(text)
    except ValueError:
        return x509.DNSName(text)
    return x509.IPAddress(ip_network(f"{address}/{32 if isinstance(address, IPv4Address) else 128}"))


def _clean(host: str) -> str:
    text = host.strip().strip("[]").lower()
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    labels = text.split(".")
    fits = all(1 <= len(one) <= 63 and one.replace("-", "a").isalnum() and one.isascii() for one in labels)
    if not fits or len(text) > 253 or any(one[0] == "-" or one[-1] == "-" for one in labels):
        raise ValueError(f"{host!r} is neither a host name nor an address")
    return text


def _loaded(certificate: Path, key: Path) -> Pair | None:
    """Return what is stored, or None where a part is missing, cut off, or does not belong to the other."""
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError):
        return None
    if not isinstance(secret, ec.EllipticCurvePrivateKey) or found.public_key() != secret.public_key():
        return None
    return found, secret


def _holds(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE


def _may_vouch(authority: x509.Certificate, names: Sequence[str]) -> bool:
    try:
        allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    except x509.ExtensionNotFound:
        return False
    return {_subtree(one) for one in names} <= set(allowed or ())


def _names_in(chain: Path) -> tuple[str, ...]:
    try:
        return _names(x509.load_pem_x509_certificate(chain.read_bytes()))
    except (OSError, ValueError):
        return ()


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(one.value) for one in named)


def _store(certificate: Path, key: Path, chain: Sequence[x509.Certificate], secret: ec.EllipticCurvePrivateKey) -> None:
    """Write a pair, each file whole or not at all, the key readable by its owner alone."""
    secret_bytes = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for path, content, mode in (
        (key, secret_bytes, 0o600),
        (certificate, b"".join(one.public_bytes(Encoding.PEM) for one in chain), 0o644),
    ):
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        aside.replace(path)
