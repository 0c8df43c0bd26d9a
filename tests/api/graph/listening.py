"""A door for calls of Graph, on this machine: it answers as our own does, and keeps what it heard."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vestibule.integrations.microsoft365.subscriptions import Subscriptions


@dataclass
class Listening:
    """Where it is, and what it heard."""

    origin: str
    heard: list[Any] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening() -> Iterator[Listening]:
    """Take calls until the end of the block."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            heard = Subscriptions.heard(dict(parse_qsl(urlsplit(self.path).query)), body)
            if heard.said:
                door.heard += heard.said
                door.came.set()
            answer = (heard.answer or "").encode()
            self.send_response(200 if answer else 202)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    door = Listening(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
