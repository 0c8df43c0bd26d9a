"""A stand-in for programs that are told of events: an HTTPS server of this machine that knows all handshakes."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Post:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Agrees to be told unless it `agrees` not, and answers `status` with the headers `more` to every event.

    `arrived` is set by each request; whoever waits for more clears it.
    """

    port: int = 0
    status: int = 200
    agrees: bool = True
    more: dict[str, str] = field(default_factory=dict)
    got: list[Post] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def events(self) -> list[Any]:
        """All events that were taken, handshakes aside."""
        found: list[Any] = []
        for post in self.got:
            if post.method == "POST" and post.headers.get("aeg-event-type") == "Notification":
                body = post.json()
                found += body if isinstance(body, list) else [body]
        return found

    def answer(self, post: Post) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a request."""
        if post.method == "OPTIONS":
            origin = post.headers.get("webhook-request-origin", "")
            return 200, {"WebHook-Allowed-Origin": origin if self.agrees else "nobody.example"}, b""
        if token := post.query.get("validationToken"):
            return 200, {"Content-Type": "text/plain"}, token[0].encode() if self.agrees else b"another"
        if post.headers.get("aeg-event-type") == "SubscriptionValidation":
            code = post.json()[0]["data"]["validationCode"] if self.agrees else "another"
            return 200, {"Content-Type": "application/json"}, json.dumps({"validationResponse": code}).encode()
        return self.status, self.more, b""


@contextmanager
def event_receiver(certificate: Path) -> Iterator[Receiver]:
    """Run the stand-in on a free port of this machine with this key and certificate."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            post = Post(self.command, parts.path, parse_qs(parts.query), headers, body)
            state.got.append(post)
            state.arrived.set()
            status, more, said = state.answer(post)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(said)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_OPTIONS = do_GET = _take

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
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
