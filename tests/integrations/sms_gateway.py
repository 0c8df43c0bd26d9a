"""An SMS gateway over HTTP, as another program would be one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.integrations.outside import wait_until_left


@dataclass
class Gateway:
    """Answers `status` and `body`, or never where it is `silent`, and remembers what it was told."""

    status: int = 202
    body: str = '{"id": "gateway-7"}'
    silent: bool = False
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            gateway.requests.append(json.loads(self.rfile.read(length)))
            gateway.headers.append({name.lower(): value for name, value in self.headers.items()})
            if gateway.silent:
                wait_until_left(self)
                return
            self.send_response(gateway.status)
            self.send_header("Content-Length", str(len(gateway.body.encode())))
            self.end_headers()
            self.wfile.write(gateway.body.encode())

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@contextmanager
def sms_gateway(gateway: Gateway | None = None) -> Iterator[Gateway]:
    """Run an HTTP server on a free loopback port."""
    gateway = gateway or Gateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(gateway))
    server.daemon_threads = True
    gateway.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
