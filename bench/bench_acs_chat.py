"""Messages of threads told at once to everybody in them, as the browser's library of Communication Services hears them.

Ten threads of twenty people, each on a socket of their own by HTTPS who confirms what comes. Fifty messages a second
are written by all of them in turn over the REST API, so that a thousand are told. A time is from the moment a message
was due to be written until one reader has it. The server is one process with its workers; the people are another.
"""

import asyncio
import json
import math
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench import Row
from bench.acs_server import Line, Served, request, serving
from bench.processes import cpu_seconds

THREADS, PEOPLE = 10, 20
SAID_EACH_SECOND = 50.0
SECONDS, WARM_SECONDS = 10.0, 2.0
WRITERS = 8
TOLD_EACH_SECOND, MOST_MS = 1000.0, 250.0
VERSION = "api-version=2025-03-15"


@dataclass
class Crowd:
    """Who listens, and how long each message took to each of them."""

    served: Served
    times: list[float] = field(default_factory=list)
    missed: int = 0
    expected: int = 0

    def hear(self, packet: str) -> str:
        """Take one packet and return what confirms it, "" for what is none."""
        if not packet.startswith("3:::"):
            return ""
        told = json.loads(packet[4:])
        words = str(json.loads(told["body"]).get("messageBody", ""))
        if words.startswith("at "):
            self.times.append(time.perf_counter() - float(words[3:]))
        return f'3:::{{"id":{told["id"]},"status":200}}'


def run() -> list[Row]:
    """Measure how many messages are told a second, and how soon."""
    with serving(THREADS * PEOPLE) as served:
        crowd = Crowd(served)
        spent = asyncio.run(_talk(crowd))
    times = sorted(crowd.times)
    p95 = times[math.ceil(len(times) * 0.95) - 1] * 1000 if times else math.inf
    return [
        Row("messages told a second", len(times) / SECONDS, "/s", TOLD_EACH_SECOND * 0.99, more_is_better=True),
        Row("95 of 100 are told within", p95, "ms", MOST_MS),
        Row("half are told within", times[len(times) // 2] * 1000 if times else math.inf, "ms"),
        Row("told to nobody", crowd.expected - len(times), "", 0),
        Row("server CPU for each", spent / max(len(times), 1) * 1000, "ms CPU"),
    ]


async def _talk(crowd: Crowd) -> float:
    """Let everybody come, talk and hear; return the server's CPU seconds while that was counted."""
    served, trusting = crowd.served, crowd.served.trusting()
    threads = [await _begin(served, number) for number in range(THREADS)]
    sockets = [await _come(served, trusting, token) for token in served.tokens]
    listening = [asyncio.create_task(_listen(crowd, one)) for one in sockets]
    due: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()
    writing = [asyncio.create_task(_write(served, threads, due)) for _writer in range(WRITERS)]
    number = await _pace(due, 0, WARM_SECONDS)
    await asyncio.sleep(1.0)
    crowd.times.clear()
    before = cpu_seconds(served.process)
    last = await _pace(due, number, SECONDS)
    crowd.expected = (last - number) * PEOPLE
    for _writer in writing:
        await due.put(None)
    await asyncio.gather(*writing)
    until = time.perf_counter() + 20
    while len(crowd.times) < crowd.expected and time.perf_counter() < until:
        await asyncio.sleep(0.05)
    spent = cpu_seconds(served.process) - before
    for one in sockets:
        await one.close()
    await asyncio.gather(*listening)
    return spent


async def _begin(served: Served, number: int) -> str:
    """Begin a thread of twenty and return its name."""
    first = number * PEOPLE
    people = [{"communicationIdentifier": {"rawId": name}} for name in served.identities[first : first + PEOPLE]]
    body = json.dumps({"topic": "Visit", "participants": people}).encode()
    line = await Line.opened(served)
    status, told = await line.ask(_as(served, first, "POST", f"/chat/threads?{VERSION}", body))
    assert status == 201, told
    await line.close()
    name: str = json.loads(told)["chatThread"]["id"]
    return name


async def _come(served: Served, trusting: ssl.SSLContext, token: str) -> ClientConnection:
    """Come to a place of one's own: allocate, shake hands, connect, as the library does."""
    line = await Line.opened(served)
    with_token = {"X-Skypetoken": token}
    status, told = await line.ask(request(served, "POST", "/realtime/v4/a?epid=x", b"", with_token))
    assert status == 200, told
    query = urlencode({**json.loads(told)["connectparams"], "epid": "x", "con_num": "1_1"})
    status, words = await line.ask(request(served, "GET", f"/socket.io/1/?{query}", b"", with_token))
    assert status == 200, words
    await line.close()
    ticket = words.decode().partition(":")[0]
    address = f"wss://localhost:{served.port}/socket.io/1/websocket/{ticket}?v=v4"
    return await connect(address, ssl=trusting, compression=None, max_queue=None, ping_interval=None)


async def _listen(crowd: Crowd, socket: ClientConnection) -> None:
    try:
        async for packet in socket:
            confirms = crowd.hear(str(packet))
            if confirms:
                await socket.send(confirms)
    except ConnectionClosed:
        pass


async def _pace(due: asyncio.Queue[tuple[int, float] | None], number: int, seconds: float) -> int:
    """Say when each message is due to be written, for so many seconds; return the number after the last."""
    began = time.perf_counter()
    for count in range(int(seconds * SAID_EACH_SECOND)):
        at = began + count / SAID_EACH_SECOND
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait((number + count, at))
    return number + int(seconds * SAID_EACH_SECOND)


async def _write(served: Served, threads: list[str], due: asyncio.Queue[tuple[int, float] | None]) -> None:
    """Write what is due: each in the next thread, by the next of its people."""
    line = await Line.opened(served)
    while (one := await due.get()) is not None:
        number, at = one
        thread, person = number % THREADS, (number // THREADS) % PEOPLE
        body = json.dumps({"content": f"at {at!r}", "type": "text"}).encode()
        path = f"/chat/threads/{threads[thread]}/messages?{VERSION}"
        status, told = await line.ask(_as(served, thread * PEOPLE + person, "POST", path, body))
        assert status == 201, told
    await line.close()


def _as(served: Served, person: int, method: str, path: str, body: bytes) -> bytes:
    return request(served, method, path, body, {"Authorization": f"Bearer {served.tokens[person]}"})
