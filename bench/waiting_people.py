"""The people of bench_waiting: check in while staff look on, then are let in; prints what was seen as JSON."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.processes import cpu_seconds
from bench.sockets_people import Wire

Json = dict[str, Any]


class Desk:
    """One tab of a manager: when it heard of each participant's state, and how much it was sent."""

    def __init__(self, port: int, cookie: str) -> None:
        self.heard: dict[tuple[str, str], float] = {}
        self.full = asyncio.Event()
        self.full_bytes = 0
        self.last = 0
        self.wire = Wire(port, cookie, self.hear, "desk")
        self.port = port

    async def open(self) -> float:
        """Connect and wait for the whole day; return how long that took, in seconds."""
        begun = time.perf_counter()
        await asyncio.get_running_loop().create_connection(lambda: self.wire, "127.0.0.1", self.port)
        await self.wire.is_open.wait()
        self.wire.say("hello", v=1)
        await asyncio.wait_for(self.full.wait(), 60)
        self.full_bytes = self.wire.received
        return time.perf_counter() - begun

    def hear(self, message: Json) -> None:
        now = time.perf_counter()
        self.last = message.get("seq", self.last)
        if message["type"] == "queue":
            self.full.set()
        elif message["type"] == "entry":
            for person in message["entry"]["people"]:
                self.heard.setdefault((person["id"], person["state"]), now)


class Guest:
    """One consumer."""

    def __init__(self, port: int, cookie: str, seat: str) -> None:
        self.seat = seat
        self.port = port
        self.last = 0
        self.place = asyncio.Event()
        self.welcomed = asyncio.Event()
        self.entered_at = 0.0
        self.placed_at = 0.0
        self.queues = 0
        self.wire = Wire(port, cookie, self.hear)

    async def connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self.wire, "127.0.0.1", self.port)
        await self.wire.is_open.wait()
        self.wire.say("hello", v=1)
        await asyncio.wait_for(self.welcomed.wait(), 60)

    def enter(self) -> None:
        self.entered_at = time.perf_counter()
        self.wire.say("enter_waiting")

    def hear(self, message: Json) -> None:
        self.last = message.get("seq", self.last)
        if message["type"] == "welcome":
            self.welcomed.set()
        elif message["type"] == "queue":
            self.queues += 1
            if not self.place.is_set():
                self.placed_at = time.perf_counter()
                self.place.set()


async def main(folder: Path, port: int, pid: int, rate: float, changes: int) -> Json:
    """Play the whole day; return what was seen."""
    people = json.loads((folder / "people.json").read_text())
    cookie = json.loads((folder / "manager.json").read_text())
    desks = [Desk(port, cookie) for _ in range(3)]
    for desk in desks:
        await desk.open()
    guests = [Guest(port, *one) for one in people]
    pings = asyncio.create_task(_ping([*desks, *guests]))
    cpu = cpu_seconds(pid)
    sent = [desk.wire.received for desk in desks]
    for guest in guests:
        await guest.connect()
        guest.enter()
        await asyncio.sleep(1 / rate)
    await _until(lambda: all((guest.seat, "waiting") in desk.heard for guest in guests for desk in desks))
    check_in = [1000 * (desk.heard[guest.seat, "waiting"] - guest.entered_at) for guest in guests for desk in desks]
    await asyncio.wait_for(asyncio.gather(*(guest.place.wait() for guest in guests)), 30)
    placed = [1000 * (guest.placed_at - guest.entered_at) for guest in guests]
    check_in_cpu = (cpu_seconds(pid) - cpu) / len(guests)
    check_in_bytes = (desks[0].wire.received - sent[0]) / len(guests)
    await asyncio.sleep(2)
    late = Desk(port, cookie)
    opened = await late.open()
    idle = cpu_seconds(pid)
    await asyncio.sleep(5)
    idle = (cpu_seconds(pid) - idle) / 5
    admitted = await _admit(desks, guests[:changes], pid, idle)
    pings.cancel()
    return {
        "check_in_p95": _p95(check_in),
        "check_in_p50": _p50(check_in),
        "placed_p95": _p95(placed),
        "cpu_per_check_in": check_in_cpu,
        "bytes_per_check_in": check_in_bytes,
        "day_ms": 1000 * opened,
        "day_bytes": late.full_bytes,
        "idle_cpu": idle,
        **admitted,
    }


async def _admit(desks: list[Desk], guests: list[Guest], pid: int, idle: float) -> Json:
    begun, cpu, received = time.perf_counter(), cpu_seconds(pid), desks[1].wire.received
    asked: dict[str, float] = {}
    for guest in guests:
        asked[guest.seat] = time.perf_counter()
        desks[0].wire.say("admit", participant=guest.seat)
        await asyncio.sleep(0.2)
    await _until(lambda: all((guest.seat, "admitted") in desks[1].heard for guest in guests))
    took = [1000 * (desks[1].heard[seat, "admitted"] - at) for seat, at in asked.items()]
    await asyncio.sleep(1)
    spent = cpu_seconds(pid) - cpu - idle * (time.perf_counter() - begun)
    return {
        "admit_p95": _p95(took),
        "cpu_per_admit": spent / len(guests),
        "bytes_per_admit": (desks[1].wire.received - received) / len(guests),
    }


async def _ping(everybody: list[Any]) -> None:
    """Everybody says each second what they have, as pages do; not all at once."""
    while True:
        for number, one in enumerate(everybody):
            if one.wire.is_open.is_set():
                one.wire.say("ping", last=one.last)
            if number % 50 == 49:
                await asyncio.sleep(50 / max(len(everybody), 50))
        await asyncio.sleep(0.01)


async def _until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.perf_counter() + seconds
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError("not everybody was shown")
        await asyncio.sleep(0.05)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[18]


def _p50(values: list[float]) -> float:
    return quantiles(values, n=2)[0]


if __name__ == "__main__":
    arguments = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
    print(json.dumps(asyncio.run(main(*arguments))))
