"""A stand-in for LiveKit's recorder: Egress is a service of its own, in a container that tests do not run.

It stands before a real LiveKit server, passes everything on, sockets included, and answers only what goes to the
recorder. So it proves who is asked, and when recording would begin and end; not that anything is recorded.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

EGRESS = "/twirp/livekit.Egress/"
CHUNK = 65536


@dataclass
class _Request:
    path: str
    head: bytes
    length: int = 0

    @property
    def alone(self) -> bytes:
        """The head, asking for a connection of its own, unless it is a socket's."""
        if b"\r\nupgrade:" in self.head.lower():
            return self.head
        lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        return b"\r\n".join([lines[0], b"Connection: close", *lines[1:]])


@dataclass
class RecorderStandIn:
    """Listens on a port of its own before the server at `server_port`; `close` it."""

    server_port: int
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """What the recorder was asked to do: the method's name, and the body."""

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def began(self) -> list[str]:
        """The rooms it was to record, in order."""
        return [body["roomName"] for method, body in self.asked if method == "StartRoomCompositeEgress"]

    @property
    def stopped(self) -> list[str]:
        """The recordings it was to end, in order."""
        return [body["egressId"] for method, body in self.asked if method == "StopEgress"]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            request = _read_head(await reader.readuntil(b"\r\n\r\n"))
            if request.path.startswith(EGRESS):
                body = json.loads(await reader.readexactly(request.length))
                writer.write(self._answer(request.path.removeprefix(EGRESS), body))
                await writer.drain()
            else:
                await self._pass_on(request, reader, writer)
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()

    def _answer(self, method: str, body: dict[str, Any]) -> bytes:
        self.asked.append((method, body))
        status = "EGRESS_ENDING" if method == "StopEgress" else "EGRESS_STARTING"
        told = json.dumps({"egressId": f"EG_{len(self.began)}", "status": status}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(told)}\r\n"
        return head.encode() + b"Connection: close\r\n\r\n" + told

    async def _pass_on(self, request: _Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        far_writer.write(request.alone)
        there = asyncio.create_task(_pump(reader, far_writer))
        await _pump(far_reader, writer)
        there.cancel()
        far_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()


def _read_head(head: bytes) -> _Request:
    lines = head.decode("latin-1").split("\r\n")
    lengths = [line.split(":")[1] for line in lines if line.lower().startswith("content-length:")]
    return _Request(lines[0].split(" ")[1], head, int(lengths[0]) if lengths else 0)
