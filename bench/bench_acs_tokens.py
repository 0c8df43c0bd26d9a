"""Tokens of identities by HTTPS, on connections that stay open; each request signed, each signature checked.

The server is one process with all its workers; those who ask are another, on the other core. Every connection asks for
its own identity, again and again.
"""

import asyncio
import base64
import time

from bench import Row
from bench.acs_server import Line, Served, request, serving
from bench.processes import cpu_seconds
from tests.api.acs.sdk import signature

LINES = 16
SECONDS = 8.0
WARM_SECONDS = 2.0
BUDGET = 1000.0


def run() -> list[Row]:
    """Measure how many tokens a second are issued, how long each takes, and what it costs."""
    with serving(LINES) as served:
        before = cpu_seconds(served.process)
        times, wall = asyncio.run(_all(served))
        spent = cpu_seconds(served.process) - before
    times.sort()
    return [
        Row("tokens a second", len(times) / SECONDS, "/s", BUDGET, more_is_better=True),
        Row("95 of 100 take at most", times[int(len(times) * 0.95)] * 1000, "ms"),
        Row("server CPU for each", spent / (len(times) * wall / SECONDS) * 1000, "ms CPU"),
    ]


async def _all(served: Served) -> tuple[list[float], float]:
    """Return how long each answer took within the time that counts, and how long was asked in all."""
    times: list[float] = []
    began = time.perf_counter()
    start = began + WARM_SECONDS
    await asyncio.gather(*(_one(served, name, start, times) for name in served.identities))
    return times, time.perf_counter() - began


async def _one(served: Served, name: str, start: float, times: list[float]) -> None:
    line, asked = await Line.opened(served), _request(served, name)
    while (now := time.perf_counter()) < start + SECONDS:
        status, body = await line.ask(asked)
        assert status == 200, body
        if now >= start:
            times.append(time.perf_counter() - now)
    await line.close()


def _request(served: Served, name: str) -> bytes:
    path, body = f"/identities/{name}/:issueAccessToken?api-version=2023-10-01", b'{"scopes": ["chat", "voip"]}'
    key = base64.b64decode(served.key)
    return request(served, "POST", path, body, signature(served.endpoint, key, "POST", path, body))
