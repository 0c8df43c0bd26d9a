"""A server with one resource of Communication Services, asked by HTTPS on connections that stay open."""

import asyncio
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers import free_port


@dataclass(frozen=True)
class Served:
    """Where a resource answers, what signs for it, its identities with their tokens, whom to trust, the process."""

    port: int
    key: str
    identities: list[str]
    tokens: list[str]
    authority: Path
    process: int

    @property
    def endpoint(self) -> str:
        return f"https://localhost:{self.port}"

    def trusting(self) -> ssl.SSLContext:
        """Return what trusts the server's authority alone."""
        return ssl.create_default_context(cafile=str(self.authority))


@contextmanager
def serving(identities: int) -> Iterator[Served]:
    """Make a resource in a folder of its own and serve it, workers included, on free ports."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        settings = {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
        settings |= {"VESTIBULE_DATA": folder}
        subprocess.run([sys.executable, "-m", "vestibule", "migrate"], env=settings, check=True, capture_output=True)
        words = [sys.executable, "-m", "bench.acs_fill", folder, str(identities)]
        filled = json.loads(subprocess.run(words, env=settings, check=True, capture_output=True).stdout)
        port, secure = free_port(), free_port()
        doors = ["--port", str(port), "--tls-port", str(secure)]
        with (Path(folder) / "server.log").open("wb") as log:
            process = subprocess.Popen([sys.executable, "-m", "vestibule", "serve", *doors], env=settings, stdout=log)
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}")
            authority = next(Path(folder).rglob("authority.pem"))
            yield Served(secure, filled["key"], filled["identities"], filled["tokens"], authority, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_ready(origin: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if httpx.get(origin + "/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(origin)


class Line:
    """One connection that stays open: the bytes of a request out, the status and body of its answer back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def opened(cls, served: Served) -> "Line":
        """Connect."""
        return cls(*await asyncio.open_connection("localhost", served.port, ssl=served.trusting()))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request as it is and wait for its answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return int(head[9:12]), await self._reader.readexactly(length) if length else b""

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()


def request(served: Served, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{served.port}", f"Content-Length: {len(body)}"]
    lines += ["Content-Type: application/json", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
