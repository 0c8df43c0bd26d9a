"""Live messages between server processes, by Redis publish and subscribe."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self

from redis import asyncio as redis
from redis.exceptions import RedisError

from vestibule.store.configuration import Configuration

log = logging.getLogger(__name__)
QUEUED = 10_000
WAITS = (0.1, 0.3, 1.0, 3.0)
# Always subscribed, so that there is a connection to add channels to.
BASE = "vestibule.live"


class RedisBus:
    """The bus over one Redis server (or a compatible one).

    Up to 10,000 messages wait while it cannot be reached; beyond that the oldest are dropped: live messages are worth
    little later, and the database has what matters.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._channels = {BASE}
        self._outgoing: deque[tuple[str, bytes]] = deque(maxlen=QUEUED)
        self._wake = asyncio.Event()
        self._pubsub: Any = None
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def configured(cls, configuration: Configuration) -> Self:
        """Return the bus the settings describe."""
        return cls(configuration["REDIS_URL"])

    async def start(self, receive: Callable[[str, bytes], None]) -> None:
        self._spawn(self._listen(receive))
        self._spawn(self._send())

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def publish(self, channel: str, message: bytes) -> None:
        self._outgoing.append((channel, message))
        self._wake.set()

    def subscribe(self, channel: str) -> None:
        self._channels.add(channel)
        if self._pubsub is not None:
            self._spawn(self._quietly(self._pubsub.subscribe(channel)))

    def unsubscribe(self, channel: str) -> None:
        self._channels.discard(channel)
        if self._pubsub is not None:
            self._spawn(self._quietly(self._pubsub.unsubscribe(channel)))

    async def _listen(self, receive: Callable[[str, bytes], None]) -> None:
        tries = 0
        while True:
            try:
                async with self._client() as client, client.pubsub() as pubsub:
                    known = frozenset(self._channels)
                    await pubsub.subscribe(*known)
                    self._pubsub, tries = pubsub, 0
                    await self._catch_up(pubsub, known)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            _hand_over(receive, message["channel"].decode(), message["data"])
            except (RedisError, OSError) as failure:
                log.warning("the live bus is down: %s", failure)
            finally:
                self._pubsub = None
            await asyncio.sleep(WAITS[min(tries, len(WAITS) - 1)])
            tries += 1

    async def _catch_up(self, pubsub: Any, known: frozenset[str]) -> None:
        """Tell Redis of what came and went since it was told of `known`: nobody else did while there was no `_pubsub`.

        What goes is looked up only after what came is on its way: a channel may have come back meanwhile.
        """
        if came := self._channels - known:
            await pubsub.subscribe(*came)
        if went := known - self._channels:
            await pubsub.unsubscribe(*went)

    async def _send(self) -> None:
        tries = 0
        while True:
            try:
                async with self._client() as client:
                    while True:
                        await self._wake.wait()
                        self._wake.clear()
                        await self._drain(client)
                        tries = 0
            except (RedisError, OSError):
                self._wake.set()  # what is left goes out after the next connection
            await asyncio.sleep(WAITS[min(tries, len(WAITS) - 1)])
            tries += 1

    async def _drain(self, client: Any) -> None:
        while self._outgoing:
            channel, message = self._outgoing[0]
            await client.publish(channel, message)
            with suppress(IndexError):
                self._outgoing.popleft()

    def _client(self) -> Any:
        return redis.from_url(self._url, socket_connect_timeout=3, health_check_interval=15)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _quietly(work: Coroutine[Any, Any, Any]) -> None:
        with suppress(RedisError, OSError):  # the listener notices the same loss, and subscribes to all anew
            await work


def _hand_over(receive: Callable[[str, bytes], None], channel: str, message: bytes) -> None:
    try:
        receive(channel, message)
    except Exception:
        log.exception("a message of the live bus was not understood")
