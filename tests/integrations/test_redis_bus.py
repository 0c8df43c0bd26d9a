"""The live bus against a real Redis server, and two server processes' worth of people who meet through it."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
from redis.asyncio.client import PubSub

from tests.integrations.redis_server import Redis
from tests.meetings.scene import make_appointment, make_visit
from tests.servers import free_port
from tests.web.live.talk import MEDIA, PATIENCE, Server, Talk, staff_cookie, visit_cookie
from vestibule.integrations.redis.bus import BASE, RedisBus
from vestibule.people.models import User
from vestibule.store import clock


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server is installed")
    server = Redis(free_port(), tmp_path)
    server.start()
    yield server
    server.stop()


class Ear:
    """A bus and what it heard."""

    def __init__(self, url: str) -> None:
        self.bus = RedisBus(url)
        self.heard: list[tuple[str, bytes]] = []

    async def start(self, *channels: str) -> None:
        for channel in channels:
            self.bus.subscribe(channel)
        await self.bus.start(lambda channel, message: self.heard.append((channel, message)))


async def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


def listened_to(redis: Redis) -> set[str]:
    """The channels that somebody listens to, as the server sees it."""
    with closing(redis_client.Redis.from_url(redis.url)) as asked:
        return {channel.decode() for channel in asked.pubsub_channels() if isinstance(channel, bytes)}


def test_messages_reach_every_subscriber_in_order_and_nobody_else(redis: Redis) -> None:
    async def story() -> None:
        speaker, listener, stranger = (Ear(redis.url) for _ in range(3))
        await speaker.start()
        await listener.start("a")
        await stranger.start("b")
        await until(lambda: listened_to(redis) >= {"a", "b"})
        for number in range(100):
            speaker.bus.publish("a", str(number).encode())
        await until(lambda: len(listener.heard) == 100)
        assert listener.heard == [("a", str(number).encode()) for number in range(100)]
        assert stranger.heard == []
        for ear in (speaker, listener, stranger):
            await ear.bus.stop()

    asyncio.run(story())


def test_channels_come_and_go_while_connected(redis: Redis) -> None:
    async def story() -> None:
        ear = Ear(redis.url)
        await ear.start()
        ear.bus.subscribe("late")
        await until(lambda: "late" in listened_to(redis))
        ear.bus.publish("late", b"one")
        await until(lambda: ear.heard == [("late", b"one")])
        ear.bus.unsubscribe("late")
        await until(lambda: "late" not in listened_to(redis))
        ear.bus.publish("late", b"two")
        await asyncio.sleep(0.3)
        assert ear.heard == [("late", b"one")]
        await ear.bus.stop()

    asyncio.run(story())


def test_channels_that_come_and_go_while_it_connects_are_known_afterwards(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once while the first channels are on their way, and once more while that is made up for."""
    subscribe = PubSub.subscribe

    async def story() -> None:
        ear = Ear(redis.url)

        async def meanwhile(pubsub: PubSub, *channels: str) -> None:
            await subscribe(pubsub, *channels)
            if BASE in channels:
                ear.bus.subscribe("came")
                ear.bus.unsubscribe("left")
                ear.bus.unsubscribe("back")
            elif "came" in channels:
                ear.bus.subscribe("back")

        monkeypatch.setattr(PubSub, "subscribe", meanwhile)
        await ear.start("left", "back")
        await until(lambda: listened_to(redis) == {BASE, "came", "back"})
        ear.bus.subscribe("last")  # the server takes what it is told in order: all that was told before is done
        await until(lambda: "last" in listened_to(redis))
        assert listened_to(redis) == {BASE, "came", "back", "last"}
        ear.bus.publish("came", b"one")
        await until(lambda: ear.heard == [("came", b"one")])
        await ear.bus.stop()

    asyncio.run(story())


def test_a_bus_that_was_down_comes_back_by_itself(redis: Redis) -> None:
    async def story() -> None:
        ear = Ear(redis.url)
        redis.stop()
        await ear.start("a")
        ear.bus.publish("a", b"while down")
        await asyncio.sleep(0.3)
        redis.start()
        await until(lambda: "a" in listened_to(redis))
        ear.bus.publish("a", b"after")
        await until(lambda: ("a", b"after") in ear.heard)
        await ear.bus.stop()

    asyncio.run(story())


@pytest.mark.django_db(transaction=True)
def test_people_on_two_processes_are_in_one_call(redis: Redis, settings: Any) -> None:
    clock.set_to(clock.now().replace(hour=12))  # the desk shows today: a visit in five minutes is one of it
    settings.MEETING_LISTENERS = []
    visit = make_visit()
    make_appointment(visit)
    user = User.objects.get(pk=visit.host.user_id or 0)
    with (
        Server(lambda: RedisBus(redis.url)) as one,
        Server(lambda: RedisBus(redis.url)) as two,
        ExitStack() as open_now,
    ):
        consumer = open_now.enter_context(Talk(one, "visit", visit_cookie(visit.consumer.ref)))
        provider = open_now.enter_context(Talk(two, "visit", staff_cookie(user)))
        desk = open_now.enter_context(Talk(two, "desk", staff_cookie(user)))
        consumer.hello()
        provider.hello(meeting=visit.meeting.ref)
        desk.hello()
        desk.until("queue")  # the day as it was read; what happens from now on comes as a change of it
        consumer.send("enter_waiting")
        consumer.until("state", state="waiting")
        entry = desk.until("entry")["entry"]
        while entry["waiting_since"] is None or entry["people"][0]["connection"] != "ok":
            entry = desk.until("entry")["entry"]
        desk.ask("admit", participant=visit.consumer.ref)
        consumer.until("state", state="admitted")
        provider.send("join_call", media=MEDIA)
        provider.until("joined")
        consumer.send("join_call", media=MEDIA)
        for talk in (consumer, provider):
            while len(talk.until("roster")["people"]) < 2:
                pass
        consumer.send("signal", to=visit.provider.ref, epoch=1, data={"kind": "description"})
        assert provider.until("signal")["from"] == visit.consumer.ref
        provider.send("chat_send", client_id="c1", text="Good morning")
        assert consumer.until("chat")["text"] == "Good morning"
        elsewhere = open_now.enter_context(Talk(two, "visit", visit_cookie(visit.consumer.ref)))
        elsewhere.hello()
        assert consumer.ending()[0]["code"] == "taken_over"
