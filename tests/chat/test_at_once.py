"""Several programs in one thread at the same moment, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import pytest
from django.db import connections

from tests.factories import make_business
from vestibule.chat import members, speaking, threads
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Thread
from vestibule.chat.speaking import Said
from vestibule.chat.threads import Wish
from vestibule.people import rates
from vestibule.people.errors import NotPermitted

T = TypeVar("T")
ADA = Newcomer("acs:ada", "Ada")

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "limit", lambda *_: None)


def at_once(do: Callable[[int], T], times: int) -> list[T]:
    def one(number: int) -> T:
        try:
            return do(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(one, range(times)))


def test_messages_and_notices_keep_one_order_without_gaps() -> None:
    business = make_business()
    thread = threads.begin(business.pk, ADA, Wish("Lunch"))

    def act(number: int) -> None:
        if number % 3:
            speaking.say(business.pk, thread.ref, ADA.key, Said(f"message {number}"))
        else:
            members.add(business.pk, thread.ref, ADA.key, [Newcomer(f"acs:{number}"), Newcomer("acs:bo")])

    at_once(act, 24)
    rows = sorted([*thread.messages.values_list("stamp", "position"), *thread.notices.values_list("stamp", "position")])
    assert [position for _stamp, position in rows] == list(range(1, len(rows) + 1))
    assert len({stamp for stamp, _position in rows}) == len(rows)
    assert thread.members.filter(key="acs:bo").count() == 1


def test_the_same_request_begins_one_thread() -> None:
    business = make_business()
    wish = Wish("Lunch", client_id="once")
    begun = at_once(lambda _number: threads.begin(business.pk, ADA, wish).pk, 6)
    assert len(set(begun)) == 1
    assert Thread.objects.count() == 1
    assert Thread.objects.get().members.count() == 1


def test_whoever_is_removed_meanwhile_writes_before_it_or_not_at_all() -> None:
    business = make_business()
    thread = threads.begin(business.pk, ADA, Wish("Lunch", [Newcomer("acs:bo")]))

    def act(number: int) -> None:
        if number == 3:
            members.remove(business.pk, thread.ref, ADA.key, "acs:bo")
            return
        with suppress(NotPermitted):
            speaking.say(business.pk, thread.ref, "acs:bo", Said(f"message {number}"))

    at_once(act, 8)
    until = thread.members.get(key="acs:bo").until_stamp
    assert until is not None
    assert all(stamp < until for stamp in thread.messages.values_list("stamp", flat=True))
