"""A network between browsers and their TURN server that can be slow, thin, lossy, cut, or come back elsewhere.

With calls forced through the relay every media packet passes here, in Firefox too.
"""

import asyncio
import random
import threading
from collections.abc import Callable
from typing import Any

Address = tuple[str, int]
QUEUE_S = 0.5
"""How much a thin line keeps waiting before it loses packets, as home routers do."""


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
            self.uplink.carry(len(data), ("down", self.browser), lambda: self.uplink.answer(data, self.browser))

    def error_received(self, exc: Exception) -> None:
        """The server is not there: packets are lost, as on any network."""


class _Front(asyncio.DatagramProtocol):
    def __init__(self, uplink: "Uplink") -> None:
        self.uplink = uplink

    def datagram_received(self, data: bytes, addr: Any) -> None:
        browser = (addr[0], addr[1])
        self.uplink.carry(len(data), ("up", browser), lambda: self.uplink.forward(data, browser))

    def error_received(self, exc: Exception) -> None:
        """A browser that closed its socket."""


class Uplink:
    """Listens at `port` of 127.0.0.1 for a server at `server_port`. Every setting may be changed at any time."""

    def __init__(self, server_port: int) -> None:
        self.up = True
        self.delay = 0.0
        """Seconds each way."""
        self.loss = 0.0
        self.rate: float | None = None
        """Bits a second that each browser gets each way, None for all it likes. What waits is late, then lost."""
        self.carried = 0
        self.dropped = 0
        """Packets that found no room on a thin line."""
        self._free_at: dict[tuple[str, Address], float] = {}
        self.lines: dict[Address, _Line] = {}
        self._server = ("127.0.0.1", server_port)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        opened = self._loop.create_datagram_endpoint(lambda: _Front(self), local_addr=("127.0.0.1", 0))
        self._front, _ = asyncio.run_coroutine_threadsafe(_awaited(opened), self._loop).result(5)
        self.port: int = self._front.get_extra_info("sockname")[1]

    @property
    def backlog(self) -> float:
        """Seconds until what stands in the longest queue has got through."""
        now = self._loop.time()
        return max((free_at - now for free_at in list(self._free_at.values())), default=0.0)

    def change_address(self) -> None:
        """From now on the server sees every browser at an address it does not know, so nothing allocated counts."""
        self._loop.call_soon_threadsafe(self._forget)

    def close(self) -> None:
        async def stop() -> None:
            await asyncio.gather(*self._tasks)
            self._forget()
            self._front.close()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def carry(self, size: int, way: tuple[str, Address], send: Callable[[], None]) -> None:
        """Pass a packet of `size` bytes on, late or not at all, as the network is now."""
        if not self.up or (self.loss and random.random() < self.loss):
            return
        queued = self._queued(size, way)
        if queued is None:
            self.dropped += 1
            return
        self.carried += 1
        if self.delay or queued:
            self._loop.call_later(self.delay + queued, send)
        else:
            send()

    def _queued(self, size: int, way: tuple[str, Address]) -> float | None:
        """Return how long a packet stands in the queue of its way, sending it included; None where it is full."""
        if self.rate is None:
            return 0.0
        now = self._loop.time()
        begins = max(now, self._free_at.get(way, now))
        if begins - now > QUEUE_S:
            return None
        self._free_at[way] = begins + size * 8 / self.rate
        return self._free_at[way] - now

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
