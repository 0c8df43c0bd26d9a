"""Browsers at two server processes that know each other by a real Redis server."""

import asyncio
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import redis as redis_client

from tests.api.acs.realtime_places import HELLO, bearer, seat
from tests.integrations.redis_server import Redis
from tests.servers import free_port
from vestibule.api.acs.realtime.exchange import Exchange
from vestibule.integrations.redis.bus import RedisBus

PATIENCE = 60.0
CHANNEL = "vestibule.realtime.1"


async def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


def listeners(redis: Redis) -> int:
    with closing(redis_client.Redis.from_url(redis.url)) as asked:
        return dict(asked.pubsub_numsub(CHANNEL)).get(CHANNEL.encode(), 0)


def test_what_one_process_tells_reaches_the_browsers_of_the_other_once(tmp_path: Path) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server is installed")
    server = Redis(free_port(), tmp_path)
    server.start()

    async def story() -> None:
        here, there = Exchange(RedisBus(server.url)), Exchange(RedisBus(server.url))
        ada, ben = bearer(), bearer()
        (_place, at_home), (_other, away), (_third, at_work) = seat(here, ada), seat(there, ben), seat(there, ada)
        await until(lambda: listeners(server) == 2)
        here.tell(1, [ada.key], HELLO)
        here.tell(1, [ben.key], HELLO)  # comes after the one before
        await until(lambda: bool(away.events))
        assert (len(at_home.events), len(at_work.events), len(away.events)) == (1, 1, 1)
        for one in (here, there):
            await one.stop()

    try:
        asyncio.run(story())
    finally:
        server.stop()
