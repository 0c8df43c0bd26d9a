"""A running live side and the people of one visit."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.meetings.scene import Visit, make_appointment, make_visit
from tests.web.live.talk import MEDIA, Server, Talk, running, staff_cookie, visit_cookie
from vestibule.meetings.models import Participant
from vestibule.people.models import Membership, Provider
from vestibule.store import clock


@pytest.fixture(autouse=True)
def noon() -> None:
    """It is noon: a visit in five minutes, or one that has begun, is one of today whenever the tests run."""
    clock.set_to(clock.now().replace(hour=12, minute=0, second=0, microsecond=0))


@dataclass
class Stage:
    """A visit, a server, and the sockets opened in the test, which are closed at its end."""

    server: Server
    visit: Visit
    membership: Membership
    talks: list[Talk] = field(default_factory=list)

    @property
    def staff(self) -> tuple[Membership, Provider]:
        """The visit's own provider, as somebody who signs in."""
        provider = self.visit.provider.provider
        assert provider is not None, "it is theirs"
        return self.membership, provider

    def open(self, door: str, cookie: str = "") -> Talk:
        """Open a socket without saying hello."""
        talk = Talk(self.server, door, cookie)
        self.talks.append(talk)
        return talk

    def consumer(self, seat: Participant | None = None, **hello: Any) -> Talk:
        """Somebody from outside, by cookie."""
        talk = self.open("visit", visit_cookie((seat or self.visit.consumer).ref))
        talk.hello(**hello)
        return talk

    def provider(self, **hello: Any) -> Talk:
        """The provider in the visit, by staff session."""
        talk = self.open("visit", staff_cookie(self.membership.user))
        talk.hello(meeting=self.visit.meeting.ref, **hello)
        return talk

    def desk(self, membership: Membership | None = None, **hello: Any) -> Talk:
        """A member of staff at the desk, whose day was read: what happens from now on comes as a change of it."""
        talk = self.open("desk", staff_cookie((membership or self.membership).user))
        if talk.hello(**hello)["type"] == "welcome" and "resume" not in hello:
            talk.knows("queue")
        return talk

    def in_call(self) -> tuple[Talk, Talk]:
        """Consumer and provider, both in the call and knowing each other."""
        consumer, provider = self.consumer(), self.provider()
        consumer.send("enter_waiting")
        consumer.until("state", state="waiting")
        provider.ask("admit", participant=self.visit.consumer.ref)
        consumer.until("state", state="admitted")
        provider.send("join_call", media=MEDIA)
        provider.until("joined")
        consumer.send("join_call", media=MEDIA)
        for talk in (consumer, provider):
            while len(talk.until("roster")["people"]) < 2:
                pass
        return consumer, provider


@pytest.fixture
def make_stage(transactional_db: None, settings: Any) -> Iterator[Callable[..., Stage]]:
    """Make a stage; keyword arguments change the hub, such as `grace_seconds=0.3`."""
    settings.MEETING_LISTENERS = []
    stages: list[tuple[Stage, Any]] = []

    def make(**hub: Any) -> Stage:
        running_server = running(**hub)
        server = running_server.__enter__()
        visit = make_visit()
        make_appointment(visit)
        membership = Membership.objects.get(user_id=visit.host.user_id or 0)
        stages.append((Stage(server, visit, membership), running_server))
        return stages[-1][0]

    yield make
    for stage, running_server in stages:
        for talk in stage.talks:
            talk.socket.close()
        running_server.__exit__(None, None, None)


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """A visit whose waiting room is open, and a server."""
    return make_stage()


class Wires:
    """What two buses are connected by: everything published reaches everybody, in order."""

    def __init__(self) -> None:
        self.ends: list[tuple[asyncio.AbstractEventLoop, Callable[[str, bytes], None]]] = []


class WiredBus:
    """A bus of one process."""

    def __init__(self, wires: Wires) -> None:
        self.wires = wires

    async def start(self, receive: Callable[[str, bytes], None]) -> None:
        self.wires.ends.append((asyncio.get_running_loop(), receive))

    async def stop(self) -> None:
        self.wires.ends = [end for end in self.wires.ends if end[0] is not asyncio.get_running_loop()]

    def publish(self, channel: str, message: bytes) -> None:
        for loop, receive in self.wires.ends:
            if not loop.is_closed():
                loop.call_soon_threadsafe(receive, channel, message)

    def subscribe(self, channel: str) -> None:
        """Everything comes anyway."""

    def unsubscribe(self, channel: str) -> None:
        """Everything comes anyway."""


@pytest.fixture
def two_servers(transactional_db: None, settings: Any) -> Iterator[tuple[Server, Server]]:
    settings.MEETING_LISTENERS = []
    wires = Wires()
    with Server(lambda: WiredBus(wires)) as one, Server(lambda: WiredBus(wires)) as other:
        yield one, other
