"""Speaking the protocol directly gets nobody past the waiting room: no roster, no addresses, no words, no media."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.chromium import PATIENCE
from tests.e2e.bookings import booked
from tests.e2e.people import Consumer, Provider
from tests.e2e.surroundings import NewConsumer, Practice

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Json = dict[str, Any]
MEDIA = {"mic": True, "cam": True, "screen": False}
INSIDE = frozenset({"roster", "ice", "joined", "signal", "chat", "chat_history", "waiting", "queue_all"})


class Speaker:
    """A program with a participant's own cookie that says whatever it likes."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Json] = []
        self.ask({"type": "hello", "v": 1})

    def ask(self, message: Json) -> None:
        self.socket.send(json.dumps(message))

    def answer_to(self, message: Json) -> Json:
        """Say something and return its `done` or `error`."""
        ref = f"r{len(self.heard)}"
        self.ask({**message, "ref": ref})
        while True:
            heard: Json = json.loads(self.socket.recv(PATIENCE / 1000))
            self.heard.append(heard)
            if heard.get("ref") == ref:
                return heard

    @property
    def kinds(self) -> set[str]:
        return {str(one["type"]) for one in self.heard}


@contextmanager
def speaking_as(consumer: Consumer) -> Iterator[Speaker]:
    """Take the cookie out of a consumer's browser and open the socket with it, in place of the page."""
    consumer.go("/test-call")  # the visit's page would open its own session, and one ends the other
    [cookie] = [one for one in consumer.page.context.cookies() if one["name"] == "vestibule_visit"]
    headers = {"Cookie": f"vestibule_visit={cookie['value']}"}
    address = consumer.origin.replace("http", "ws") + "/ws/visit"
    with connect(address, origin=Origin(consumer.origin), additional_headers=headers) as socket:
        yield Speaker(socket)


def everything(participant: str) -> list[tuple[Json, str]]:
    """What only the admitted, or only staff, may say; and the refusal each gets."""
    admitted: list[Json] = [
        {"type": "join_call", "media": MEDIA},
        {"type": "get_ice"},
        {"type": "signal", "to": participant, "epoch": 1, "data": {"kind": "please_restart"}},
        {"type": "media", **MEDIA},
        {"type": "get_chat"},
        {"type": "chat_read", "number": 1},
        {"type": "leave_call"},
    ]
    staff: list[Json] = [
        {"type": "admit", "participant": participant},
        {"type": "remove", "participant": participant},
        {"type": "deny", "participant": participant},
        {"type": "notice", "participant": participant, "text": "come in"},
        {"type": "end_for_all"},
        {"type": "hold", "participant": participant},
        {"type": "back_to_queue", "participant": participant},
        {"type": "transfer", "participant": participant, "area": "everybody"},
        {"type": "confirm_identity", "participant": participant},
        {"type": "unlock", "participant": participant},
    ]
    return [(one, "not_admitted") for one in admitted] + [(one, "not_allowed") for one in staff]


def test_an_early_guest_cannot_talk_their_way_in(
    practice: Practice, new_consumer: NewConsumer, provider: Provider
) -> None:
    cleo = new_consumer(practice.around)
    address = booked(practice, cleo, 11)
    practice.clock_is(10, 45)
    provider.opens_desk()
    cleo.opens_link(address)
    with speaking_as(cleo) as guest:
        assert guest.answer_to({"type": "enter_waiting"})["type"] == "done"
        provider.sees_waiting(cleo.name)  # before much is asked: who is silent for seconds counts as gone
        me = next(one["participant"] for one in guest.heard if one["type"] == "welcome")
        assert not me["staff"]
        for message, code in everything(me["id"]):
            answer = guest.answer_to(message)
            assert (answer["type"], answer.get("code")) == ("error", code), message["type"]
        assert guest.answer_to({"type": "chat_send", "client_id": "1", "text": "hi"})["type"] == "done"
        assert not guest.kinds & INSIDE
        states = [one["state"] for one in guest.heard if one["type"] == "state"]
        assert set(states) <= {"arrived", "waiting"}
        provider.sees_waiting(cleo.name)  # while they are there: who goes leaves the queue after some seconds


def test_before_the_doors_open_nobody_can_even_wait(practice: Practice, new_consumer: NewConsumer) -> None:
    cleo = new_consumer(practice.around)
    cleo.opens_link(booked(practice, cleo, 11, days=1))
    with speaking_as(cleo) as guest:
        assert guest.answer_to({"type": "enter_waiting"})["code"] == "too_early"
        assert guest.answer_to({"type": "join_call", "media": MEDIA})["code"] == "not_admitted"
        assert not guest.kinds & INSIDE


def test_without_a_cookie_there_is_nothing_to_talk_to(practice: Practice) -> None:
    origin = practice.around.origin
    with connect(origin.replace("http", "ws") + "/ws/visit", origin=Origin(origin)) as socket:
        socket.send(json.dumps({"type": "hello", "v": 1}))
        bye = json.loads(socket.recv(PATIENCE / 1000))
        assert (bye["type"], bye["code"], bye["retry"]) == ("bye", "not_authorised", False)
        with pytest.raises(ConnectionClosed):
            socket.recv(PATIENCE / 1000)


def test_a_page_of_another_site_cannot_use_the_cookie(practice: Practice, new_consumer: NewConsumer) -> None:
    cleo = new_consumer(practice.around)
    cleo.opens_link(booked(practice, cleo, 11))
    [cookie] = [one for one in cleo.page.context.cookies() if one["name"] == "vestibule_visit"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    headers = {"Cookie": f"vestibule_visit={cookie['value']}"}
    with pytest.raises(InvalidStatus) as refused:
        connect(
            practice.around.origin.replace("http", "ws") + "/ws/visit",
            origin=Origin("https://evil.example"),
            additional_headers=headers,
        )
    assert refused.value.response.status_code == 403
