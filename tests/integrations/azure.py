"""Azure Communication Services as the contract describes it: HTTPS, signed requests, SMS and e-mail, in a thread.

A stand-in: what the real service adds beyond the contract is not shown here.
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.integrations.outside import wait_until_left
from vestibule.integrations.acs import access

Answered = tuple[int, dict[str, Any]]
Part = Callable[[str, str, Any, bytes], Answered | None]
KEY = base64.b64encode(b"a key of sixty-four bytes, as the portal shows it, twice per resource").decode()


@dataclass
class Azure:
    """Answers `status` with `body` when set, else as the contract says; hangs up or is silent when told to."""

    port: int = 0
    key: str = KEY
    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    hangs_up: bool = False
    recipient: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, dict[str, Any]] = field(default_factory=dict)
    mails: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bearers: set[str] = field(default_factory=set)
    """Tokens of applications."""
    persons: Callable[[str], bool] = field(default=lambda token: False)
    """Whether a token is one of somebody who takes part; those open conversations and nothing else."""
    parts: list[Part] = field(default_factory=list)
    faults: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    """The next request whose "METHOD /path" begins so is answered with this status and these headers instead; 0: the
    answer is lost after it was done, -1: half of it comes."""

    @property
    def connection_string(self) -> str:
        return f"endpoint=https://localhost:{self.port}/;accesskey={KEY}"

    def again(self) -> None:
        """Behave as at first."""
        self.status, self.body, self.headers, self.silent, self.hangs_up, self.recipient = 0, {}, {}, False, False, {}

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        if not self._is_signed(method, path, headers, body):
            return 401, {"error": {"code": "Denied", "message": "Denied by the resource provider."}}
        if self.status:
            return self.status, self.body
        if path.startswith("/sms?"):
            return self._sms(json.loads(body))
        if path.startswith("/emails:send?"):
            return self._mail(headers["Operation-Id"], json.loads(body))
        for part in self.parts:
            if (found := part(method, path, headers, body)) is not None:
                return found
        return 404, {"error": {"code": "NotFound", "message": "There is none."}}

    def _sms(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        value = []
        for one in told["smsRecipients"]:
            if self.recipient:
                value.append({"to": one["to"], **self.recipient})
                continue
            known = one["repeatabilityRequestId"] in self.texts
            self.texts.setdefault(one["repeatabilityRequestId"], {**told, "smsRecipients": [one]})
            value.append(
                {
                    "to": one["to"],
                    "messageId": f"Outgoing_{one['repeatabilityRequestId']}_noam",
                    "httpStatusCode": 202,
                    "successful": True,
                    "repeatabilityResult": "rejected" if known else "accepted",
                }
            )
        return 202, {"value": value}

    def _mail(self, operation: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.mails.setdefault(operation, told)
        return 202, {"id": operation, "status": "Running", "error": None}

    def _is_signed(self, method: str, path: str, headers: Any, body: bytes) -> bool:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        given: str = headers.get("Authorization", "")
        if given.startswith("Bearer "):
            token = given.removeprefix("Bearer ")
            return self.persons(token) if path.startswith("/chat/") else token in self.bearers
        if headers.get("x-ms-content-sha256") != digest:
            return False
        return any(hmac.compare_digest(given, self._signature(method, one, headers, digest)) for one in forms(path))

    def _signature(self, method: str, path: str, headers: Any, digest: str) -> str:
        signed = f"{method}\n{path}\n{headers['x-ms-date']};{headers['Host']};{digest}"
        mac = hmac.new(base64.b64decode(self.key), signed.encode(), hashlib.sha256).digest()
        return (
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" + base64.b64encode(mac).decode()
        )

    def fault(self, asked: str) -> tuple[int, dict[str, str]] | None:
        """Return what is to go wrong with a request, once."""
        for one in self.faults:
            if asked.startswith(one[0]):
                self.faults.remove(one)
                return one[1:]
        return None


def forms(path: str) -> tuple[str, str]:
    """Return the two ways in which the packages write the path they sign (contract, section 2.1)."""
    return path, unquote(path)


def _handler(azure: Azure) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            azure.asked.append(f"{self.command} {self.path}")
            if azure.silent:
                wait_until_left(self)
                return
            if azure.hangs_up:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            wrong = azure.fault(f"{self.command} {self.path}")
            if wrong is not None and wrong[0] > 0:
                status, told = wrong[0], {"error": {"code": "Fault", "message": "as the test wants it"}}
            else:
                status, told = azure.answer(self.command, self.path, self.headers, body)
            if wrong is not None and wrong[0] == 0:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            content = json.dumps(told).encode() if status != 204 else b""
            self.send_response(status)
            shown = {"Content-Type": "application/json", "Content-Length": str(len(content)), **azure.headers}
            if self.path.startswith("/emails:send") and status == 202:
                operation = self.headers["Operation-Id"]
                shown["Operation-Location"] = f"https://localhost:{azure.port}/emails/operations/{operation}"
            for name, value in (shown | (wrong[1] if wrong else {})).items():
                self.send_header(name, value)
            self.end_headers()
            is_cut = wrong is not None and wrong[0] == -1
            self.wfile.write(content[: len(content) // 2] if is_cut else content)
            self.close_connection = self.close_connection or is_cut

        do_GET = do_PATCH = do_DELETE = do_POST

        def log_message(self, *args: object) -> None:
            pass

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that distrusts the certificate or does not wait is no fault of the server."""


@contextmanager
def azure_server(certificate: Path) -> Iterator[Azure]:
    """Run such a server on a free port of this machine. Clients wait longer for it, as it shares their process."""
    azure = Azure()
    server = _Quiet(("127.0.0.1", 0), _handler(azure))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    azure.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(access, "CONNECT_SECONDS", 60.0)
            yield azure
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
