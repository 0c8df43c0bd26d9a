"""Places of browsers and how events reach them: between processes, to slow readers, to those who left."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.api.acs.realtime_places import HELLO, Heard, bearer, seat
from tests.api.acs.talk import inside, resource_of
from tests.factories import make_business
from vestibule.api.acs.realtime import events, exchange, frames, places
from vestibule.api.acs.realtime.exchange import Exchange, Full
from vestibule.api.acs.realtime.passes import Ticket
from vestibule.api.acs.realtime.places import Place, Polls, Socket
from vestibule.people import communication, identities
from vestibule.people.permissions import Actor, ActorKind, Permission


class Wires:
    """A bus that brings everything to everybody, to who published it too, as Redis does."""

    def __init__(self) -> None:
        self.ends: list[tuple[Wires.End, Callable[[str, bytes], None]]] = []

    class End:
        def __init__(self, wires: "Wires") -> None:
            self.wires, self.channels = wires, set[str]()

        async def start(self, receive: Callable[[str, bytes], None]) -> None:
            self.wires.ends.append((self, receive))

        async def stop(self) -> None:
            """Nothing to let go."""

        def publish(self, channel: str, message: bytes) -> None:
            for end, receive in self.wires.ends:
                if channel in end.channels:
                    receive(channel, message)

        def subscribe(self, channel: str) -> None:
            self.channels.add(channel)

        def unsubscribe(self, channel: str) -> None:
            self.channels.discard(channel)

    def end(self) -> "Wires.End":
        return Wires.End(self)


def on_loop(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def test_an_event_reaches_its_people_in_every_process_once() -> None:
    async def work() -> None:
        wires, ada, ben = Wires(), bearer(), bearer()
        here, there = Exchange(wires.end()), Exchange(wires.end())
        await asyncio.sleep(0)  # the buses begin
        lines = [seat(one, who)[1] for one in (here, there) for who in (ada, ben)]
        here.tell(1, [ada.key], HELLO)
        assert [len(line.events) for line in lines] == [1, 0, 1, 0]
        there.tell(1, [ada.key, ben.key], HELLO)
        assert [len(line.events) for line in lines] == [2, 1, 2, 1]
        there.tell(2, [ada.key], HELLO)
        assert len(lines[0].events) == 2, "keys of another business are nobody's here"
        for one in (here, there):
            await one.stop()

    on_loop(work)


def test_only_businesses_with_places_are_listened_for() -> None:
    async def work() -> None:
        end = Wires().end()
        here = Exchange(end)
        place, _line = seat(here, bearer(7))
        assert end.channels == {"vestibule.realtime.7"}
        here.forget(place)
        assert end.channels == set()
        here.forget(place)  # again: nothing
        await here.stop()

    on_loop(work)


def test_events_come_in_order_and_only_those_not_confirmed_come_again() -> None:
    async def work() -> None:
        place, line = seat(here := Exchange(None), bearer())
        for number in range(3):
            place.tell(events.event(events.TYPING, {"number": number}))
        assert place.confirm(2)
        assert not place.confirm(2)
        assert not place.confirm(99)
        place.disconnect(line, 0.0)
        place.connect(again := Heard())
        assert [one["number"] for one in again.events] == [0, 2]
        await here.stop()

    on_loop(work)


def test_who_confirms_nothing_is_cut_off_and_told_that_something_was_missed() -> None:
    async def work() -> None:
        place, line = seat(here := Exchange(None), bearer())
        for _ in range(places.MOST_UNCONFIRMED + 1):
            place.tell(HELLO)
        assert line.code == places.TOO_SLOW
        place.connect(again := Heard())
        assert again.packets[0] == frames.CONNECTED
        assert "trouter.message_loss" in again.packets[2]
        assert again.events == []
        await here.stop()

    on_loop(work)


def test_a_place_is_found_again_by_its_own_holder_alone() -> None:
    async def work() -> None:
        here, ada = Exchange(None), bearer()
        place, _line = seat(here, ada, "mine")
        assert here.place(Ticket("mine", "fresh token", again=True), ada) is place
        assert place.token == "fresh token"
        with pytest.raises(Full):
            here.place(Ticket("mine", "token", again=True), bearer())
        await here.stop()

    on_loop(work)


def test_an_identity_and_a_business_have_so_many_places_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        here, ada = Exchange(None), bearer()
        taken = [seat(here, ada)[0] for _ in range(exchange.MOST_OF_ONE)]
        with pytest.raises(Full):
            seat(here, ada)
        here.forget(taken[0])
        seat(here, ada)
        monkeypatch.setattr(exchange, "MOST_OF_BUSINESS", exchange.MOST_OF_ONE + 1)
        seat(here, bearer())
        with pytest.raises(Full):
            seat(here, bearer())
        await here.stop()

    on_loop(work)


def test_who_left_is_kept_for_a_while_and_then_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        here = Exchange(None)
        left, line = seat(here, bearer())
        seat(here, bearer())
        left.disconnect(line, here.loop.time())
        here._forget_left()
        assert len(here.places) == 2
        monkeypatch.setattr(exchange, "KEPT_SECONDS", -1.0)
        here._forget_left()
        assert left.name not in here.places
        assert len(here.places) == 1
        await here.stop()

    on_loop(work)


def test_polls_that_fell_silent_count_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        here = Exchange(None)
        place = here.place(Ticket("mine", "token", again=False), bearer())
        place.connect(line := Polls())
        monkeypatch.setattr(exchange, "SILENT_POLLS_SECONDS", -1.0)
        here._forget_left()
        assert (line.is_closed, place.line) == (True, None)
        assert place.left_at is not None
        await here.stop()

    on_loop(work)


def test_a_poll_waits_for_what_there_is_to_tell_and_a_second_one_ends_the_first() -> None:
    async def work() -> None:
        line = Polls()
        first = asyncio.create_task(line.next(60))
        await asyncio.sleep(0)
        second = asyncio.create_task(line.next(60))
        assert await first == frames.NOTHING
        line.put("1::")
        line.put("2::")
        assert frames.unpacked(await second) == ["1::", "2::"]
        assert await line.next(0.001) == frames.NOTHING
        gone = asyncio.create_task(line.next(60))
        await asyncio.sleep(0)
        line.let_go()
        line.put("5:::")
        assert await gone == frames.NOTHING, "who has gone takes nothing along"
        assert await line.next(60) == "5:::"

    on_loop(work)


def test_a_socket_whose_peer_reads_nothing_is_closed() -> None:
    async def work() -> None:
        sent: list[dict[str, Any]] = []
        may_go = asyncio.Event()

        async def send(message: Any) -> None:
            await may_go.wait()
            sent.append(message)

        line = Socket(send)
        for number in range(places.MOST_QUEUED + 5):
            line.put(str(number))
            await asyncio.sleep(0)
        assert line.is_closing
        may_go.set()
        await line.finished()
        assert sent[-1] == {"type": "websocket.close", "code": places.TOO_SLOW}
        assert len(sent) < 5, "what waited is not kept in memory"

    on_loop(work)


def test_who_confirms_what_they_do_not_read_fills_no_memory() -> None:
    async def work() -> None:
        async def send(message: Any) -> None:
            await asyncio.Event().wait()

        place, _line = seat(here := Exchange(None), bearer())
        place.connect(line := Socket(send))
        large = events.event(events.TYPING, {"groupId": "x" * 30_000})
        for number in range(1, 60):
            place.tell(large)
            assert line.is_closing or place.confirm(number)
            await asyncio.sleep(0)
        assert line.is_closing
        await here.stop()

    on_loop(work)


def test_a_socket_whose_peer_is_gone_ends_quietly() -> None:
    async def work() -> None:
        async def send(message: Any) -> None:
            raise OSError("gone")

        line = Socket(send)
        line.put("1::")
        await line.finished()
        assert line.is_closing

    on_loop(work)


def test_from_a_thread_without_a_server_nothing_is_told() -> None:
    assert not exchange.has_listeners(1)
    exchange.tell(1, ["acs:x"], HELLO)


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["its time is over", "revoked", "deleted", "its key renewed", "chat switched off"])
def test_whoever_may_no_longer_chat_is_found(how: str) -> None:
    business = make_business()
    ada, ben = (inside(resource_of(business)) for _ in range(2))
    held = [Place("p", identities.bearer(one.token), "", one.token) for one in (ada, ben)]
    assert [still is not None for _place, still in exchange._still(held)] == [True, True]
    office = Actor(ActorKind.SYSTEM, "office", business.pk, permissions=frozenset(Permission))
    with time_machine.travel(time.time(), tick=False) as world:
        if how == "its time is over":
            world.shift(timedelta(days=1, seconds=1))
        elif how == "revoked":
            identities.revoke(ada.resource, ada.id)
        elif how == "deleted":
            identities.delete(ada.resource, ada.id)
        elif how == "its key renewed":
            communication.renew(office, "primary")
        else:
            communication.put(office, is_on=True, services=["identity"])
        communication.forget()
        is_ben_in = how in ("revoked", "deleted")
        assert [still is not None for _place, still in exchange._still(held)] == [False, is_ben_in]


@pytest.mark.django_db
def test_renewing_the_other_key_ends_nobody() -> None:
    business = make_business()
    ada = inside(resource_of(business))
    place = Place("p", identities.bearer(ada.token), "", ada.token)
    office = Actor(ActorKind.SYSTEM, "office", business.pk, permissions=frozenset(Permission))
    communication.renew(office, "secondary")
    communication.forget()
    ((_place, still),) = exchange._still([place])
    assert still is not None
    assert still.resource == communication.answering()[ada.resource.resource], "and is known by the keys there are now"
