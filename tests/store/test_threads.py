"""Threads that use the database: no fault ends what goes on, and nothing keeps a connection."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from vestibule.store import threads

pytestmark = pytest.mark.django_db(transaction=True)


def asks() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.connection


def test_what_goes_on_goes_on_after_a_fault_until_it_is_told_to_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(threads, "PAUSE_AFTER_ERROR", 0.0)
    stop, seen = threading.Event(), list[object]()

    def step() -> None:
        seen.append(asks())
        if len(seen) < 3:
            raise RuntimeError("broken")
        stop.set()

    begun = threads.begin(lambda told: threads.go_on(step, told, "nothing is looked at"), stop, "looking")
    begun.join(60)
    assert (begun.is_alive(), begun.daemon, begun.name) == (False, True, "looking")
    assert len(seen) == 3
    said = [record.getMessage() for record in caplog.records if record.name == threads.__name__]
    assert said == ["nothing is looked at; trying again"] * 2


def test_each_thread_of_a_pool_closes_its_own_connection() -> None:
    pool, held = ThreadPoolExecutor(3), list[Any]()
    meet = threading.Barrier(3)

    def work() -> None:
        with threads.fresh_connection():
            asks()
            held.append(connections["default"])
            meet.wait(60)

    for begun in [pool.submit(work) for _number in range(3)]:
        begun.result(60)
    threads.let_go(pool, 3)
    assert len({id(one) for one in held}) == 3
    assert [one.connection for one in held] == [None] * 3
    with pytest.raises(RuntimeError):
        pool.submit(work)
