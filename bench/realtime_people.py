"""The browsers of bench_realtime: connect, hear, confirm; a few write by REST. Prints what they saw as JSON."""

import asyncio
import json
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlencode

import httpx

from bench.processes import cpu_seconds

CONNECTING = 40
MARK = '\\"messageBody\\":\\"'


@dataclass
class Seen:
    """When messages were written and heard."""

    written: dict[str, float] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)


class Wire(asyncio.Protocol):
    """Just enough of the library to cost next to nothing: confirms each event and asks whether the server is there."""

    def __init__(self, port: int, ticket: str, seen: Seen) -> None:
        self._hello = (
            f"GET /socket.io/1/websocket/{ticket}?v=v4 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self._seen = seen
        self._unread = b""
        self._is_open = False
        self._pings = 0
        self.is_ready = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._hello.encode())

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self._is_open:
            head, end, rest = self._unread.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(head.decode("latin-1"))
            self._unread, self._is_open = rest, True
        for opcode, payload in self._frames():
            if opcode == 1:
                self._hear(payload.decode())
            elif opcode == 9:
                self._write(10, payload)

    def _hear(self, packet: str) -> None:
        if packet.startswith("3:::"):
            number = packet[10 : packet.index(",")]
            words = packet[packet.index(MARK) + len(MARK) :].partition("\\")[0]
            self._seen.waits.append(time.perf_counter() - self._seen.written[words])
            self._pings += 1
            self._write(1, f'3:::{{"id":{number},"status":200,"headers":{{}},"body":""}}'.encode())
            self._write(1, f'5:{self._pings}+::{{"name":"ping"}}'.encode())
        elif "trouter.connected" in packet:
            self.is_ready.set()

    def _write(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack("!H", size)
        self._transport.write(bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload)

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        at, data = 0, self._unread
        while len(data) - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126 and len(data) - at >= 4:
                size, start = struct.unpack_from("!H", data, at + 2)[0], at + 4
            elif size >= 126:
                break
            if len(data) < start + size:
                break
            yield data[at] & 15, data[start : start + size]
            at = start + size
        self._unread = data[at:]


async def connected(client: httpx.AsyncClient, port: int, token: str, seen: Seen) -> Wire:
    """Take the steps of one browser."""
    headers = {"X-Skypetoken": token}
    place = (await client.post("/realtime/v4/a", headers=headers)).raise_for_status().json()["connectparams"]
    query = urlencode({**place, "con_num": "1_1"})
    told = (await client.get(f"/socket.io/1/?{query}", headers=headers)).raise_for_status().text
    loop = asyncio.get_running_loop()
    _transport, wire = await loop.create_connection(lambda: Wire(port, told.partition(":")[0], seen), "127.0.0.1", port)
    await wire.is_ready.wait()
    return wire


async def main(folder: Path, port: int, pid: int, in_a_chat: int, per_second: int, seconds: int) -> None:
    people: list[tuple[str, str]] = json.loads((folder / "people.json").read_text())
    seen, gate = Seen(), asyncio.Semaphore(CONNECTING)
    limits = httpx.Limits(max_connections=CONNECTING)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as client:

        async def come(token: str) -> Wire:
            async with gate:
                return await connected(client, port, token, seen)

        before, began = resident(pid), time.perf_counter()
        wires = await asyncio.gather(*(come(token) for token, _thread in people))
        took, memory = time.perf_counter() - began, (resident(pid) - before) / len(people)
        cpu, start = cpu_seconds(pid), time.perf_counter()
        gap = in_a_chat / per_second
        writing = []
        for number in range(seconds * per_second // in_a_chat):
            await asyncio.sleep(max(0.0, start + number * gap - time.perf_counter()))
            # In turn through the chats, and through the people of each.
            chats = len(people) // in_a_chat
            at = number % chats * in_a_chat + number // chats % in_a_chat
            writing.append(asyncio.create_task(write(client, people[at], f"message {number}", seen)))
        await asyncio.gather(*writing)
        elapsed = time.perf_counter() - start
        wanted = len(writing) * in_a_chat
        for _ in range(100):
            if len(seen.waits) >= wanted:
                break
            await asyncio.sleep(0.1)
        spent = cpu_seconds(pid) - cpu
        waits = sorted(seen.waits)
        found = {
            "written_per_second": len(writing) / elapsed,
            "delivered_per_second": len(waits) / elapsed,
            "p50_ms": waits[len(waits) // 2] * 1000,
            "p95_ms": waits[len(waits) * 95 // 100] * 1000,
            "lost": wanted - len(waits),
            "cpu_ms": spent * 1000 / len(waits),
            "cpu_percent": spent * 100 / elapsed,
            "connected_s": took,
            "kib_per_socket": memory,
        }
        sys.stdout.write(json.dumps(found))
        assert len(wires) == len(people)


async def write(client: httpx.AsyncClient, who: tuple[str, str], words: str, seen: Seen) -> None:
    """Write one message by REST."""
    token, thread = who
    seen.written[words] = time.perf_counter()
    path = f"/chat/threads/{quote(thread, safe='')}/messages?api-version=2025-03-15"
    (await client.post(path, json={"content": words}, headers={"Authorization": f"Bearer {token}"})).raise_for_status()


def resident(pid: int) -> float:
    """Return the memory of the server in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("VmRSS:")))


if __name__ == "__main__":
    import uvloop

    numbers = [int(number) for number in sys.argv[2:]]
    uvloop.run(main(Path(sys.argv[1]), *numbers))
