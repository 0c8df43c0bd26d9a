"""A web server of the outside world, in a thread: it answers as it is told and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Respond = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Outside:
    """Where it answers, what it was asked (path and headers), and how it answers each path."""

    port: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, Respond] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/a.ics") -> str:
        return f"http://{self.host}{path}"

    def gives(self, body: bytes, path: str = "/a.ics", *, status: int = 200, **headers: str) -> str:
        """Answer `path` with `body`; header names are written with underscores. Returns the address."""

        def respond(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in {"Content_Length": str(len(body)), **headers}.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(body)

        self.answers[path] = respond
        return self.url(path)


def wait_until_left(request: BaseHTTPRequestHandler) -> None:
    """Be silent until whoever asked hangs up: an answer that is only late comes in time where the client is later."""
    with suppress(OSError):
        request.rfile.read(1)
    request.close_connection = True


@contextmanager
def outside() -> Iterator[Outside]:
    """Run such a server on a free port of this machine."""
    state = Outside()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PROPFIND(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        do_REPORT = do_PUT = do_PROPFIND

        def do_GET(self) -> None:
            state.asked.append((self.path, dict(self.headers)))
            try:
                state.answers[self.path](self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
