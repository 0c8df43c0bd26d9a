"""Whose requests are answered at once: no business takes all threads, and who waits is answered in fair order."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from vestibule.api import turns
from vestibule.api.plain import Answer, Call, door
from vestibule.api.turns import MOST_UNKNOWN_WAITING, MOST_WAITING, SHARE, THREADS, Crowded, Turn, Turns

GREEDY, OTHER = 1, 2


class Work:
    """A dialect whose requests name their business, and take until they may end: those of GREEDY."""

    def __init__(self) -> None:
        self.may_end, self.lock = threading.Event(), threading.Lock()
        self.at_work, self.most, self.done = 0, 0, 0

    def answer(self, call: Call) -> Answer:
        business = int(call.headers["business"])
        turns.belongs_to(business)
        if business == GREEDY:
            with self.lock:
                self.at_work += 1
                self.most = max(self.most, self.at_work)
            assert self.may_end.wait(60)
            with self.lock:
                self.at_work, self.done = self.at_work - 1, self.done + 1
        return Answer(200)

    def failed(self, call: Call, status: int, words: str) -> Answer:
        return Answer(status, words.encode())


async def ask(application: Any, business: int, client: str = "192.0.2.1") -> int:
    """Send a request and return the status of its answer."""
    sent: list[Any] = []
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "client": (client, 1)}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    await application({**scope, "headers": [(b"business", str(business).encode())]}, receive, send)
    status: int = sent[0]["status"]
    return status


@asynccontextmanager
async def crowd(work: Work, application: Any, number: int, *clients: str) -> AsyncIterator[list[asyncio.Task[int]]]:
    """So many requests of GREEDY, its share of which is at work."""
    asked = [asyncio.create_task(ask(application, GREEDY, clients[one % len(clients)])) for one in range(number)]
    while work.at_work < SHARE:
        await asyncio.sleep(0.001)
    try:
        yield asked
    finally:
        work.may_end.set()
        await asyncio.gather(*asked)


@pytest.mark.parametrize("clients", [("192.0.2.1",), tuple(f"192.0.2.{number}" for number in range(30))])
def test_a_business_that_asks_without_end_keeps_nobody_else_waiting(clients: tuple[str, ...]) -> None:
    work = Work()
    application = door(work.answer, work.failed)

    async def run() -> None:
        async with crowd(work, application, 60, *clients) as asked:
            for _time in range(20):
                assert await ask(application, OTHER, "198.51.100.7") == 200
            assert (work.done, work.at_work) == (0, SHARE)
        assert {one.result() for one in asked} == {200}
        assert (work.most, work.done) == (SHARE, 60)

    asyncio.run(run())


def test_one_that_comes_from_the_same_address_is_told_apart_by_its_business() -> None:
    work = Work()
    application = door(work.answer, work.failed)

    async def run() -> None:
        async with crowd(work, application, SHARE, "192.0.2.1"):
            assert await ask(application, OTHER, "192.0.2.1") == 200

    asyncio.run(run())


def test_what_waits_is_bounded_and_the_rest_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURNS", Turns(most_waiting=5))
    work = Work()
    application = door(work.answer, work.failed)

    async def run() -> None:
        async with crowd(work, application, SHARE + 5 + 3, *(f"192.0.2.{number}" for number in range(12))) as asked:
            refused, _waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            while len(refused) < 3:
                refused, _waiting = await asyncio.wait(asked, timeout=0.01)
            assert [one.result() for one in refused] == [429] * 3
            assert await ask(application, OTHER, "198.51.100.7") == 200
        assert sorted(one.result() for one in asked) == [200] * (SHARE + 5) + [429] * 3

    asyncio.run(run())


def test_a_request_that_is_given_up_counts_until_its_thread_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURNS", Turns(threads=2, share=1))
    work = Work()
    application = door(work.answer, work.failed)

    async def run() -> None:
        given_up = asyncio.create_task(ask(application, GREEDY))
        while not work.at_work:
            await asyncio.sleep(0.001)
        given_up.cancel()
        next_one = asyncio.create_task(ask(application, GREEDY))
        for other in (OTHER, OTHER):
            assert await ask(application, other, "198.51.100.7") == 200
        assert not next_one.done()
        work.may_end.set()
        assert await next_one == 200
        assert (work.most, work.done) == (1, 2)

    asyncio.run(run())


def in_loop(do: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await do()

    asyncio.run(run())


async def begun(given: Turns, who: str) -> asyncio.Task[Turn]:
    task = asyncio.create_task(given.take(who))
    await asyncio.sleep(0)
    return task


def test_who_has_least_at_work_is_next_however_long_others_wait() -> None:
    async def run() -> None:
        given = Turns(threads=3, share=2)
        first = [await given.take("a"), await given.take("a"), await given.take("b")]
        late_a, late_c = await begun(given, "a"), await begun(given, "c")
        given.give(first[0])
        assert (await late_c).who == "c"
        assert not late_a.done()
        given.give(first[2])
        assert (await late_a).who == "a"

    in_loop(run)


def test_who_waited_for_too_long_or_went_away_leaves_its_place() -> None:
    async def run() -> None:
        given = Turns(threads=1, share=1, most_waiting=1)
        held = await given.take("a")
        with pytest.raises(Crowded):
            await given.take("b", seconds=0.001)
        gone = await begun(given, "b")
        with pytest.raises(Crowded):
            await given.take("b")
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        given.give(held)
        assert (await given.take("c")).who == "c"

    in_loop(run)


def test_a_turn_that_came_as_its_request_went_away_is_given_to_the_next() -> None:
    async def run() -> None:
        given = Turns(threads=1, share=1)
        held, waits = await given.take("a"), await begun(given, "b")
        given.give(held)
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
        assert (await given.take("c", seconds=5)).who == "c"

    in_loop(run)


def test_the_share_leaves_room_for_others() -> None:
    assert 0 < SHARE < THREADS


def test_addresses_without_number_wait_in_bounds_and_shut_no_known_business_out() -> None:
    async def run() -> None:
        given = Turns(threads=1, share=1, most_waiting=2, most_unknown=3)
        held = await given.take("business 1")
        waiting = [await begun(given, f"address 2001:db8:0:{number}::/64") for number in range(3)]
        refused = await begun(given, "address 2001:db8:0:3::/64")
        with pytest.raises(Crowded):
            refused.result()
        known = await begun(given, "business 2")
        given.give(held)
        given.give(await waiting[0])
        another = await begun(given, "address 2001:db8:0:3::/64")
        for task in (waiting[1], waiting[2], known, another):
            given.give(await asyncio.wait_for(task, 5))

    in_loop(run)


def test_where_addresses_with_much_in_line_fill_it_who_has_less_takes_a_place_of_theirs() -> None:
    async def run() -> None:
        given = Turns(threads=1, share=1, most_waiting=4, most_unknown=5)
        held = await given.take("business 1")
        flood = [await begun(given, "address 203.0.113.1") for _ in range(4)]
        other = await begun(given, "address 203.0.113.2")
        newcomer = await begun(given, "address 198.51.100.7")
        with pytest.raises(Crowded):
            await flood[3]
        second = await begun(given, "address 198.51.100.7")
        with pytest.raises(Crowded):
            await flood[2]
        with pytest.raises(Crowded):  # as many as those with most: it would only change places
            await given.take("address 198.51.100.7")
        given.give(held)
        for task in (flood[0], other, newcomer, flood[1], second):
            given.give(await asyncio.wait_for(task, 5))
        assert (await given.take("address 203.0.113.1")).who == "address 203.0.113.1"

    in_loop(run)


def test_who_lost_its_place_as_it_went_away_takes_nothing_along() -> None:
    async def run() -> None:
        given = Turns(threads=1, share=1, most_waiting=2, most_unknown=2)
        held = await given.take("business 1")
        stays, pushed_out = [await begun(given, "address 203.0.113.1") for _ in range(2)]
        newcomer = await begun(given, "address 198.51.100.7")
        pushed_out.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pushed_out
        given.give(held)
        for task in (stays, newcomer):
            given.give(await asyncio.wait_for(task, 5))

    in_loop(run)


def test_the_bound_for_addresses_in_all_is_above_that_of_each() -> None:
    assert MOST_WAITING < MOST_UNKNOWN_WAITING < 1000, "each holds up to 256 KB"
