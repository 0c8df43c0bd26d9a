"""A text message gateway over real HTTP: takes JSON posts, and takes each key once."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class SmsInbox:
    """What the gateway was given. `taken` holds each message once by its key, `posts` counts how often each key came.

    `pause` is how long it thinks about each message, in seconds.
    """

    pause: float = 0.0
    taken: dict[str, dict[str, str]] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, key: str, message: dict[str, str]) -> None:
        time.sleep(self.pause)
        with self._lock:
            self.posts[key] = self.posts.get(key, 0) + 1
            self.taken.setdefault(key, message)

    def texts_to(self, number: str) -> list[str]:
        """The messages one number got, oldest first."""
        with self._lock:
            return [message["text"] for message in self.taken.values() if message["to"] == number]


@contextmanager
def sms_gateway(pause: float = 0.0) -> Iterator[SmsInbox]:
    """Run a gateway on a free loopback port."""
    inbox = SmsInbox(pause)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            inbox.accept(key, message)
            answer = json.dumps({"id": f"gateway-{key}"}).encode()
            self.send_response(202)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox.url = f"http://127.0.0.1:{server.server_address[1]}/messages"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
