"""Browsers of a program, connected in real time, in the thread of a visit: told what people on our pages do there."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from tests.api.acs.talk import Inside, inside, resource_of
from tests.web.live.conftest import Stage
from tests.web.live.talk import PATIENCE, Json, soon
from vestibule.api.acs.realtime import events, exchange, loop
from vestibule.api.acs.realtime.passes import Ticket
from vestibule.api.acs.realtime.places import Packet
from vestibule.chat import members
from vestibule.chat.members import Newcomer
from vestibule.people import identities, rates
from vestibule.web import live


class Heard:
    """A line that keeps what is put."""

    def __init__(self) -> None:
        self.heard_at = 0.0
        self.packets: list[str] = []

    def put(self, packet: Packet) -> None:
        self.packets.append(str(packet))

    def close(self, code: int = 1000) -> None:
        """Nothing to close."""

    def event(self, kind: int, **facts: str) -> Json:
        """Return the event of a kind with these facts, once it has come."""
        found: list[Json] = []

        def is_there() -> bool:
            bodies = [json.loads(json.loads(one[4:])["body"]) for one in list(self.packets) if one.startswith("3:::")]
            fitting = [one for one in bodies if one["eventId"] == kind]
            found[:] = [one for one in fitting if all(one[name] == value for name, value in facts.items())]
            return bool(found)

        soon(is_there)
        return found[-1]


def on_loop(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run_coroutine_threadsafe(work(), live.doors._live[0].hub.loop).result(PATIENCE)


@pytest.fixture
def robot(stage: Stage) -> Inside:
    """An identity of the visit's business, in its thread by the word of a program."""
    rates.forget_all()
    one = inside(resource_of(stage.visit.meeting.business))
    members.add_to_meeting(stage.visit.meeting.thread, [Newcomer(one.key, "Robot")])
    return one


@pytest.fixture
def line(robot: Inside) -> Iterator[Heard]:
    """The robot's browser."""
    bearer, made = identities.bearer(robot.token), Heard()

    async def begin() -> None:
        await loop.start()
        exchange.here().place(Ticket("place", robot.token, again=False), bearer).connect(made)

    on_loop(begin)
    yield made
    on_loop(loop.stop)


def test_a_program_hears_and_sees_what_people_do_on_our_pages(stage: Stage, robot: Inside, line: Heard) -> None:
    consumer, provider = stage.in_call()
    consumer.ask("chat_send", client_id="c1", text="Shall I bring the old X-ray?")
    number = provider.until("chat")["number"]
    told = line.event(events.MESSAGE)
    assert (told["messageBody"], told["senderDisplayName"]) == ("Shall I bring the old X-ray?", "Ada Ng")
    assert told["senderId"] == identities.mri(robot.resource.resource, stage.visit.consumer.ref)
    assert told["recipientMri"] == robot.id
    provider.send("typing", on=True)
    assert line.event(events.TYPING)["senderDisplayName"] == "Dr Bo Lund"
    provider.ask("chat_read", number=number)
    assert line.event(events.READ)["messageId"] == told["messageId"]
    consumer.ask("chat_edit", number=number, text="Shall I bring the X-ray?")
    assert line.event(events.EDITED)["messageBody"] == "Shall I bring the X-ray?"
    consumer.ask("chat_delete", number=number)
    assert line.event(events.DELETED)["messageId"] == told["messageId"]


def test_who_has_a_seat_and_an_identity_is_one_person(stage: Stage, robot: Inside, line: Heard) -> None:
    seat = stage.visit.consumer
    seat.identity_key = robot.key
    seat.save(update_fields=["identity_key"])
    consumer, _provider = stage.in_call()
    consumer.ask("chat_send", client_id="c1", text="me on the other screen")
    assert line.event(events.MESSAGE, messageBody="me on the other screen")["senderId"] == robot.id
