"""A running server that official SDKs of Communication Services find by a connection string, as they come.

Two businesses are resources of it, strangers to each other. The SDKs trust its authority as `vestibule certs` says:
by `REQUESTS_CA_BUNDLE`, and asynchronous ones by `SSL_CERT_FILE`.
"""

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp.connector
import httpx
import pytest

from tests.servers import RunningServer, free_port, running_server

VERSIONS = {"identities": "2023-10-01", "rooms": "2025-03-13", "chat": "2025-03-15", "sms": "2026-01-23"}


@dataclass(frozen=True)
class Resource:
    """A business as programs see it: where, by which connection string, and its slug and key of API v1."""

    endpoint: str
    connection_string: str
    slug: str
    api_key: str
    authority: Path

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.connection_string.partition("accesskey=")[2])

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send a request signed with the key; `path` has its query."""
        content = b"" if body is None else json.dumps(body).encode()
        signed = signature(self.endpoint, self.key, method, path, content)
        return self.send(method, path, content, {**signed, **headers})

    def as_user(self, token: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send a request with the token of an identity."""
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, content, {"Authorization": f"Bearer {token}", **headers})

    def send(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        """Send a request as it is."""
        trusting = ssl.create_default_context(cafile=str(self.authority))
        given = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        with httpx.Client(base_url=self.endpoint, verify=trusting, timeout=60) as client:
            return client.request(method, path, content=content, headers=given)


def signature(endpoint: str, key: bytes, method: str, path: str, body: bytes, *, date: str = "") -> dict[str, str]:
    """Return the headers that sign a request as the SDKs do."""
    when, host = date or formatdate(usegmt=True), urlsplit(endpoint).netloc
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    mac = hmac.digest(key, f"{method}\n{path}\n{when};{host};{digest}".encode(), "sha256")
    signed = f"SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={base64.b64encode(mac).decode()}"
    return {"x-ms-date": when, "x-ms-content-sha256": digest, "Authorization": f"HMAC-SHA256 {signed}"}


@dataclass(frozen=True)
class Emulator:
    """The server and its two resources."""

    server: RunningServer
    resource: Resource
    stranger: Resource


@contextmanager
def running_emulator(folder: Path, *, env: dict[str, str] | None = None) -> Iterator[Emulator]:
    """Serve the demonstration by HTTPS, with both its businesses as resources, until the end of the block.

    Meanwhile this process' SDKs trust it.
    """
    with pytest.MonkeyPatch.context() as patched, running_server(folder, tls_port=free_port(), env=env) as server:
        facts = json.loads((folder / "demo.json").read_text("utf-8"))
        authority = Path(facts["acs"]["ca_file"])
        patched.setenv("REQUESTS_CA_BUNDLE", str(authority))
        patched.setenv("SSL_CERT_FILE", str(authority))
        # Asynchronous SDKs read that when their first part is loaded, which may have been for another server here.
        patched.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", aiohttp.connector._make_ssl_context(True))
        both = [_resource(facts["acs"], one, authority) for one in facts["businesses"]]
        yield Emulator(server, *both)


def _resource(found: dict[str, Any], facts: dict[str, str], authority: Path) -> Resource:
    string = found["businesses"][facts["slug"]]
    return Resource(found["endpoint"].rstrip("/"), string, facts["slug"], facts["api_key"], authority)
