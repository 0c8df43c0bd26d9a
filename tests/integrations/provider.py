"""A stand-in for the web interface of an e-mail service provider, in a thread. It shows what is asked, no more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.integrations.outside import wait_until_left


@dataclass
class Provider:
    """Answers `status`, `headers` and `body`, or never where it is `silent`, and remembers what it was asked."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    port: int = 0
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not wait is no fault of the server."""


@contextmanager
def provider_server() -> Iterator[Provider]:
    """Run such a server on a free port of this machine."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            provider.asked.append((self.path, {name.lower(): text for name, text in self.headers.items()}, body))
            if provider.silent:
                wait_until_left(self)
                return
            content = provider.body.encode()
            self.send_response(provider.status)
            shown = {"Content-Type": "application/json", "Content-Length": str(len(content)), **provider.headers}
            for name, text in shown.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
