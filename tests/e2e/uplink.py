"""A network between browsers and their TURN server that can be slow, lossy, cut, or come back with another address.

With calls forced through the relay every media packet passes here, in Firefox too.
"""

import asyncio
import random
import threading
from typing import Any

Address = tuple[str, int]


class _Line(asyncio.DatagramProtocol):
    """What one browser's socket looks like to the server: an address of its own."""

    def __init__(self, uplink: "Uplink", browser: Address) -> None:
        self.uplink, self.browser = uplink, browser
        self.transport: asyncio.DatagramTransport | None = None
        self.waiting: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        for data in self.waiting:
            transport.sendto(data)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.uplink.lines.get(self.browser) is self:
            self.uplink.carry(lambda: self.uplink.answer(data, self.browser))

    def error_received(self, exc: Exception) -> None:
        """The server is not there: packets are lost, as on any network."""


class _Front(asyncio.DatagramProtocol):
    def __init__(self, uplink: "Uplink") -> None:
        self.uplink = uplink

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.uplink.carry(lambda: self.uplink.forward(data, (addr[0], addr[1])))

    def error_received(self, exc: Exception) -> None:
        """A browser that closed its socket."""


class Uplink:
    """Listens at `port` of 127.0.0.1 for a server at `server_port`. Every setting may be changed at any time."""

    def __init__(self, server_port: int) -> None:
        self.up = True
        self.delay = 0.0
        """Seconds each way."""
        self.loss = 0.0
        self.carried = 0
        self.lines: dict[Address, _Line] = {}
        self._server = ("127.0.0.1", server_port)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        opened = self._loop.create_datagram_endpoint(lambda: _Front(self), local_addr=("127.0.0.1", 0))
        self._front, _ = asyncio.run_coroutine_threadsafe(_awaited(opened), self._loop).result(5)
        self.port: int = self._front.get_extra_info("sockname")[1]

    def change_address(self) -> None:
        """From now on the server sees every browser at an address it does not know, so nothing allocated counts."""
        self._loop.call_soon_threadsafe(self._forget)

    def close(self) -> None:
        def stop() -> None:
            self._forget()
            self._front.close()
            self._loop.stop()

        self._loop.call_soon_threadsafe(stop)
        self._thread.join(5)

    def carry(self, send: Any) -> None:
        """Pass a packet on, late or not at all, as the network is now."""
        if not self.up or (self.loss and random.random() < self.loss):
            return
        self.carried += 1
        if self.delay:
            self._loop.call_later(self.delay, send)
        else:
            send()

    def answer(self, data: bytes, browser: Address) -> None:
        self._front.sendto(data, browser)

    def forward(self, data: bytes, browser: Address) -> None:
        line = self.lines.get(browser)
        if line is None:
            line = self.lines[browser] = _Line(self, browser)
            opened = self._loop.create_datagram_endpoint(lambda: line, remote_addr=self._server)
            task = self._loop.create_task(_awaited(opened))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if line.transport is None:
            line.waiting.append(data)
        else:
            line.transport.sendto(data)

    def _forget(self) -> None:
        for line in self.lines.values():
            if line.transport:
                line.transport.close()
        self.lines.clear()


async def _awaited(opening: Any) -> Any:
    return await opening
