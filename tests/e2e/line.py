"""A line between browsers and the server that can be cut: what goes over HTTP and sockets passes through here."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any

CHUNK = 65536


class Line:
    """Listens on its own port and passes bytes on to the server's.

    `drop` ends every connection at once, as a server or a proxy that goes away does. `go_silent` lets nothing through
    and says nothing, as a path that is gone does; `come_back` delivers what was held up.
    """

    def __init__(self, server_port: int = 0) -> None:
        self.server_port = server_port
        self._streams: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._passable = asyncio.Event()
        self._passable.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def drop(self) -> int:
        """End every connection without a goodbye; return how many there were."""

        async def abort() -> int:
            streams = list(self._streams)
            for stream in streams:
                stream.transport.abort()
            return len(streams) // 2

        count: int = self._run(abort())
        return count

    def go_silent(self) -> None:
        self._loop.call_soon_threadsafe(self._passable.clear)

    def come_back(self) -> None:
        self._loop.call_soon_threadsafe(self._passable.set)

    def close(self) -> None:
        self.come_back()
        self._loop.call_soon_threadsafe(self._server.close)
        self.drop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passable.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.transport.abort()
            return
        self._streams |= {writer, far_writer}
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        self._streams -= {writer, far_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._passable.wait()
                writer.write(data)
                await writer.drain()
        await self._passable.wait()  # nor does anybody learn over a path that is gone that the other hung up
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()
