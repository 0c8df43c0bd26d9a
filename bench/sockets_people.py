"""The people of bench_sockets: join two by two, ping each second, signal and chat; print what they saw as JSON."""

import asyncio
import json
import os
import random
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson

MEDIA = {"mic": True, "cam": True, "screen": False}
PADDING = "x" * 220
TICK = os.sysconf("SC_CLK_TCK")
Json = dict[str, Any]


class Wire(asyncio.Protocol):
    """Just enough of a WebSocket client to cost next to nothing: whole text frames, no extensions."""

    def __init__(self, port: int, cookie: str, on_message: Callable[[Json], None], door: str = "visit") -> None:
        self.received = 0
        self._hello = (
            f"GET /ws/{door} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
            f"Cookie: {cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self._on_message = on_message
        self._unread = b""
        self.is_open = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._hello.encode())

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self.received += len(data)
        if not self.is_open.is_set():
            head, end, rest = self._unread.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(head.decode("latin-1"))
            self._unread = rest
            self.is_open.set()
        for opcode, payload in self._frames():
            if opcode == 1:
                self._on_message(orjson.loads(payload))
            elif opcode == 9:
                self._write(10, payload)

    def drop(self) -> None:
        """Go without a word, as a network does."""
        self._transport.abort()

    def say(self, kind: str, **fields: Any) -> None:
        """Send one message."""
        self._write(1, orjson.dumps({"type": kind, **fields}))

    def _write(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack("!H", size)
        # A mask of zeros is a mask: clients must mask, and this one need not hide anything.
        self._transport.write(bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload)

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        at, data = 0, self._unread
        while len(data) - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126 and len(data) - at >= 4:
                size, start = struct.unpack_from("!H", data, at + 2)[0], at + 4
            elif size == 127 and len(data) - at >= 10:
                size, start = struct.unpack_from("!Q", data, at + 2)[0], at + 10
            elif size >= 126:
                break
            if len(data) < start + size:
                break
            yield data[at] & 0x0F, data[start : start + size]
            at = start + size
        self._unread = data[at:]


@dataclass
class Seen:
    """What arrived, and how late, in milliseconds; how late this process itself ran; what was sent."""

    signals: list[float] = field(default_factory=list)
    chats: list[float] = field(default_factory=list)
    own_delay: list[float] = field(default_factory=list)
    sent: int = 0

    def forget(self) -> None:
        """Begin to count anew."""
        self.signals.clear()
        self.chats.clear()
        self.own_delay.clear()
        self.sent = 0


class Person:
    """One socket."""

    def __init__(self, port: int, cookie: str, seat: str, seen: Seen) -> None:
        self.seat, self._seen, self.last = seat, seen, 0
        self.in_call, self.back = asyncio.Event(), asyncio.Event()
        self.session, self.has_state = "", False
        self._address = (port, cookie)
        self.wire = Wire(port, cookie, self.hear)

    async def come_back(self, gate: asyncio.Semaphore) -> None:
        """Connect again as a page does: after a moment of its own, resuming the session; wait for its state."""
        await asyncio.sleep(random.uniform(0.15, 0.45))
        async with gate:
            self.wire = Wire(*self._address, self.hear)
            await asyncio.get_running_loop().create_connection(lambda: self.wire, "127.0.0.1", self._address[0])
            await asyncio.wait_for(self.wire.is_open.wait(), 60)
        self.wire.say("hello", v=1, resume=self.session, last=self.last)
        await asyncio.wait_for(self.back.wait(), 60)

    def hear(self, message: Json) -> None:
        self.last = message.get("seq", self.last)
        kind = message["type"]
        if kind == "welcome":
            self.session, self.has_state = message["session"], message["resumed"]
            self.back.set()
        elif kind == "signal":
            self._seen.signals.append((time.perf_counter() - message["data"]["at"]) * 1000)
        elif kind == "chat" and "client_id" not in message:
            self._seen.chats.append((time.perf_counter() - float(message["text"])) * 1000)
        elif kind == "joined":
            self.in_call.set()
        elif kind in ("error", "bye"):
            print(message, file=sys.stderr, flush=True)
            os._exit(1)


async def enter(port: int, cookie: str, seat: str, gate: asyncio.Semaphore, seen: Seen) -> Person:
    """Connect, say hello, join the call."""
    async with gate:
        person = Person(port, cookie, seat, seen)
        await asyncio.get_running_loop().create_connection(lambda: person.wire, "127.0.0.1", port)
        await asyncio.wait_for(person.wire.is_open.wait(), 60)
        person.wire.say("hello", v=1)
        person.wire.say("join_call", media=MEDIA)
        await asyncio.wait_for(person.in_call.wait(), 60)
        return person


async def each_second(people: list[Person], kind: str, rate: int, seconds: int, seen: Seen) -> None:
    """Send `rate` messages a second, everyone in turn, evenly spread."""
    began = time.perf_counter()
    for number in range(rate * seconds):
        early = began + number / rate - time.perf_counter()
        if early > 0:
            await asyncio.sleep(early)
        seen.sent += 1
        one = number % len(people) if kind == "ping" else number * 7 % len(people)
        person = people[one]
        if kind == "ping":
            person.wire.say("ping", last=person.last)
        elif kind == "chat":
            person.wire.say("chat_send", client_id=str(number), text=str(time.perf_counter()))
        else:
            data = {"kind": "candidate", "at": time.perf_counter(), "candidate": PADDING}
            person.wire.say("signal", to=people[one ^ 1].seat, epoch=1, data=data)


async def watch_oneself(seen: Seen) -> None:
    """Note how late this process wakes: latencies cannot be told more exactly than that."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.01)
        seen.own_delay.append((time.perf_counter() - began - 0.01) * 1000)


async def dropped(people: list[Person], gate: asyncio.Semaphore) -> Json:
    """Drop every socket at once; return how long it took until all were back, and how many had lost their session."""
    for person in people:
        person.back.clear()
        person.wire.drop()
    began = time.perf_counter()
    await asyncio.gather(*(person.come_back(gate) for person in people))
    took = time.perf_counter() - began
    return {"all_back_s": took, "sessions_lost": sum(not person.has_state for person in people)}


def cpu_seconds(pid: int) -> float:
    """User and system time of the server so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


async def main(folder: str, port: int, pid: int, count: int, seconds: int, signals: int, chats: int) -> None:
    """Let everyone in, warm up, measure signals, then chat."""
    rows: list[list[str]] = json.loads((Path(folder) / "people.json").read_text())[:count]
    seen, gate, before = Seen(), asyncio.Semaphore(50), resident_kib(pid)
    began = time.perf_counter()
    people = await asyncio.gather(*(enter(port, cookie, seat, gate, seen) for cookie, seat in rows))
    joined, memory = time.perf_counter() - began, (resident_kib(pid) - before) / count
    watching = asyncio.create_task(watch_oneself(seen))

    async def traffic(length: int, *kinds: tuple[str, int]) -> None:
        await asyncio.gather(*(each_second(people, kind, rate, length, seen) for kind, rate in kinds))
        await asyncio.sleep(1)

    await traffic(2, ("ping", count), ("signal", signals))
    seen.forget()
    cpu, start = cpu_seconds(pid), time.perf_counter()
    await traffic(seconds, ("ping", count), ("signal", signals))
    cpu, took = cpu_seconds(pid) - cpu, time.perf_counter() - start - 1
    found = {
        "cpu_ms_per_message": cpu * 1000 / seen.sent,
        "inbound_per_second": seen.sent / took,
        "signal_p50_ms": percentile(seen.signals, 0.5),
        "signal_p95_ms": percentile(seen.signals, 0.95),
        "own_delay_p95_ms": percentile(seen.own_delay, 0.95),
        "lost": signals * seconds - len(seen.signals),
        "joined_s": joined,
        "kib_per_socket": memory,
    }
    await traffic(5, ("ping", count), ("chat", chats))
    watching.cancel()
    found |= await dropped(people, gate)
    print(json.dumps({**found, "chat_p95_ms": percentile(seen.chats, 0.95)}), flush=True)
    os._exit(0)  # closing 2,000 sockets politely tells nothing


if __name__ == "__main__":
    import uvloop

    words = sys.argv[1:]
    uvloop.run(main(words[0], *(int(word) for word in words[1:])))
