"""A stand-in for a browser and its push service: an HTTPS server of this machine that opens what it is given."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vestibule.integrations.webpush.encryption import b64, from_b64, point, public_key
from vestibule.notifications.ports import PushAddress


@dataclass
class StandInBrowser:
    """What a browser keeps of a subscription, and how it reads what comes. Written apart from what encrypts."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen bytes..."

    def address(self, endpoint: str) -> PushAddress:
        return PushAddress(endpoint, b64(point(self.key.public_key())), b64(self.auth))

    def read(self, body: bytes) -> bytes:
        salt, length, sender = body[:16], body[20], body[21 : 21 + body[20]]
        assert int.from_bytes(body[16:20], "big") >= len(body) - 21 - length
        shared = self.key.exchange(ec.ECDH(), public_key(sender))
        info = b"WebPush: info\0" + point(self.key.public_key()) + sender
        secret = HKDF(hashes.SHA256(), 32, self.auth, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        record = AESGCM(key).decrypt(nonce, body[21 + length :], None).rstrip(b"\0")
        assert record[-1:] == b"\x02", "the last record ends with a two"
        return record[:-1]


def verified(authorization: str) -> tuple[dict[str, Any], str]:
    """Return the claims of a VAPID header and the public key they are signed with. Raises InvalidSignature."""
    scheme, _space, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    signed, _dot, signature = parts["t"].rpartition(".")
    raw = from_b64(signature)
    if len(raw) != 64:
        raise InvalidSignature
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public_key(from_b64(parts["k"])).verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims: dict[str, Any] = json.loads(from_b64(signed.split(".")[1]))
    return claims, parts["k"]


@dataclass
class StandInPushService:
    """Answers `status` to every push and remembers path, headers and body."""

    port: int = 0
    status: int = 201
    more: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"


@contextmanager
def push_service(certificate: Path) -> Iterator[StandInPushService]:
    """Run the stand-in on a free port of this machine with this key and certificate."""
    state = StandInPushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(state.status)
            for name, value in {"Content-Length": "0", **state.more}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
