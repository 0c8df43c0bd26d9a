"""Rate limits count who asks, in windows, the same in memory and in the database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections
from django.test import RequestFactory

from tests.windows import at_a_new_window
from vestibule.people import rates
from vestibule.people.errors import TooMany
from vestibule.people.models import RateCount
from vestibule.store import clock


@pytest.fixture(autouse=True)
def clean_slate() -> Iterator[None]:
    clock.set_to(datetime(2026, 3, 2, 9, tzinfo=UTC))
    rates.forget_all()
    yield
    rates.forget_all()


def passes(who: str = "a", *, times: int = 2, seconds: int = 60) -> bool:
    try:
        rates.limit("test", who, times, seconds)
    except TooMany:
        return False
    return True


def test_more_than_allowed_is_refused_until_the_window_ends(each_database: str) -> None:
    at_a_new_window(60)  # making the database took a part of the one before
    assert [passes() for _ in range(3)] == [True, True, False]
    clock.advance(61)
    assert passes()


def test_a_flood_of_strangers_makes_no_other_limit_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "KEPT", 20)
    monkeypatch.setattr(rates, "_count_stored", rates._count_in_memory)  # a table forgets nothing
    assert [passes() for _ in range(3)] == [True, True, False]
    for number in range(100):
        rates.limit("another", str(number), 2, 60)
    assert not passes()
    assert len(rates._counts["another"]) == 20


def test_people_are_counted_apart(each_database: str) -> None:
    at_a_new_window(60)
    assert [passes("a", times=1), passes("b", times=1), passes("a", times=1)] == [True, True, False]


def test_a_refusal_says_how_long_to_wait(each_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 2, 9, 0, 20, tzinfo=UTC))
    rates.limit("test", "a", 1, 60)
    with pytest.raises(TooMany) as refused:
        rates.limit("test", "a", 1, 60)
    assert refused.value.facts["retry_after"] == 40


def test_threads_count_together(each_database: str) -> None:
    def attempt(_number: int) -> bool:
        try:
            return passes(times=10, seconds=3600)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 10


def test_stored_counts_of_windows_that_are_over_are_purged(each_database: str) -> None:
    at_a_new_window(60)
    passes()
    stored = RateCount.objects.count()
    assert stored == (1 if each_database == "postgres" else 0)
    assert rates.purge() == 0
    clock.advance(120)
    assert rates.purge() == stored


def client(address: str, forwarded: str = "") -> str:
    return rates.client_key(RequestFactory().get("/", REMOTE_ADDR=address, headers={"X-Forwarded-For": forwarded}))


class Proxies:
    def __init__(self, *entries: str) -> None:
        self.entries = list(entries)

    def items(self, _name: str) -> list[str]:
        return self.entries


def test_a_forwarded_address_is_believed_from_a_trusted_proxy_only(settings: Any) -> None:
    settings.CONFIGURATION = Proxies("10.0.0.0/8")
    assert client("203.0.113.9", "198.51.100.1") == "203.0.113.9"
    assert client("10.0.0.2", "198.51.100.1") == "198.51.100.1"


def test_what_a_client_claims_before_the_proxy_is_not_believed(settings: Any) -> None:
    settings.CONFIGURATION = Proxies("10.0.0.0/8")
    assert client("10.0.0.2", "192.0.2.1, 198.51.100.1") == "198.51.100.1"
    assert client("10.0.0.2", "192.0.2.1, 198.51.100.1, 10.0.0.7") == "198.51.100.1"


def test_without_proxies_nothing_forwarded_counts(settings: Any) -> None:
    settings.CONFIGURATION = Proxies()
    assert client("127.0.0.1", "198.51.100.1") == "127.0.0.1"


def test_a_household_of_ipv6_counts_as_one(settings: Any) -> None:
    settings.CONFIGURATION = Proxies()
    assert client("2001:db8:1:2::1") == client("2001:db8:1:2:ffff::9")
    assert client("2001:db8:1:2::1") != client("2001:db8:1:3::1")
