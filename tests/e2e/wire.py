"""A wire between browsers that can be cut: every media packet goes through here, although nobody asked for a relay.

Browsers ignore "offline" for calls that stand. So the addresses they tell each other are replaced by doors of this
proxy, which passes packets on until it is told not to.
"""

import asyncio
import contextlib
import socket
import threading
from typing import Any

from playwright.sync_api import BrowserContext

Address = tuple[str, int]

# Replaces the address in every candidate before the browser takes it.
REROUTE = """
(() => {
  const rerouted = async (line) => {
    const parts = line.split(' ');
    if (parts.length < 6 || parts[2].toLowerCase() !== 'udp') return null;
    const port = await window.rerouteCandidate(parts[4], Number(parts[5]));
    if (!port) return null;
    parts[5] = String(port);
    return parts.join(' ');
  };
  const proto = RTCPeerConnection.prototype;
  const add = proto.addIceCandidate, set = proto.setRemoteDescription;
  proto.addIceCandidate = async function (candidate) {
    if (!candidate || !candidate.candidate) return add.call(this, candidate);
    const line = await rerouted(candidate.candidate);
    if (line) return add.call(this, {...(candidate.toJSON ? candidate.toJSON() : candidate), candidate: line});
  };
  proto.setRemoteDescription = async function (description) {
    const lines = [];
    for (const line of description.sdp.split('\\r\\n')) {
      if (!line.startsWith('a=candidate:')) { lines.push(line); continue; }
      const other = await rerouted(line.slice(2));
      if (other) lines.push('a=' + other);
    }
    return set.call(this, {type: description.type, sdp: lines.join('\\r\\n')});
  };
})();
"""


class _Door(asyncio.DatagramProtocol):
    """Stands for one address of a browser: what is sent here goes there."""

    def __init__(self, wire: "Wire", real: Address) -> None:
        self.wire, self.real = wire, real
        self.dead = False
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.wire.up and not self.dead:
            self.wire.pass_on(data, (addr[0], addr[1]), self.real)

    def error_received(self, exc: Exception) -> None:
        """A browser that closed its port: nothing to pass on."""


class Wire:
    """`up` is whether packets pass. Use `attach` for each context before its pages load."""

    def __init__(self) -> None:
        self.up = True
        self._doors: dict[Address, _Door] = {}
        self._making: set[asyncio.Task[_Door | None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def attach(self, context: BrowserContext) -> None:
        context.expose_function("rerouteCandidate", self._reroute)
        context.add_init_script(REROUTE)

    def close(self) -> None:
        def stop() -> None:
            for door in self._doors.values():
                if door.transport:
                    door.transport.close()
            self._loop.stop()

        self._loop.call_soon_threadsafe(stop)
        self._thread.join(5)

    def change_addresses(self) -> None:
        """Let nothing through by the addresses known so far, as when a phone leaves the Wi-Fi; new ones work."""
        for door in self._doors.values():
            door.dead = True

    @property
    def carried(self) -> int:
        """How many addresses were replaced: none means that the wire is not in use."""
        return len(self._doors)

    def pass_on(self, data: bytes, source: Address, target: Address) -> None:
        """Send `data` on from the door of its sender; the first packet of a new sender only makes that door."""
        door = self._doors.get(source)
        if door is None:
            task = self._loop.create_task(self._door(source))
            self._making.add(task)
            task.add_done_callback(self._making.discard)
        elif door.transport and not door.dead:
            door.transport.sendto(data, target)

    def _reroute(self, host: str, port: int) -> int | None:
        found = asyncio.run_coroutine_threadsafe(self._door((host, port)), self._loop).result(5)
        if found is None or found.transport is None:
            return None
        replacement: int = found.transport.get_extra_info("sockname")[1]
        return replacement

    async def _door(self, real: Address) -> _Door | None:
        if real not in self._doors:
            with contextlib.suppress(OSError):
                family = socket.AF_INET6 if ":" in real[0] else socket.AF_INET
                door = self._doors[real] = _Door(self, real)
                await self._loop.create_datagram_endpoint(lambda: door, local_addr=(real[0], 0), family=family)
        return self._doors.get(real)
