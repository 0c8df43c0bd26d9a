"""The month of free starts beside Django says exactly what the documented operation says."""

import asyncio
from collections.abc import Iterator, MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, make_provider
from vestibule.api.v1 import free, hot
from vestibule.booking import holds, lifecycle, setup
from vestibule.booking.models import Service
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/businesses/clinic/slots"
MONDAY = b"service=visit&from=2030-03-04&to=2030-03-05"


def asked(query: bytes, path: str = PATH, method: str = "GET") -> tuple[int, bytes] | None:
    """What the hot path answers; None if it leaves the request to Django."""
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [],
    }
    if not hot.takes(scope):
        return None
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(hot.answer(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


@pytest.fixture
def service() -> Iterator[Service]:
    clock.set_to(at("00:00") - timedelta(days=1))
    business = make_business(slug="clinic")
    providers = [make_provider(business=business, slug=slug) for slug in ("ada", "bo")]
    book(make_service(slug="class", providers=[make_provider(business=business, slug="cy")], seats=3), at("09:00"))
    yield make_service(slug="visit", providers=providers, lengths=[60])
    hot._pool.submit(connections.close_all).result()
    hot._pool.submit(connections.close_all).result()


@pytest.mark.parametrize(
    "query",
    [
        MONDAY,
        MONDAY + b"&timezone=Asia%2FKathmandu",
        MONDAY + b"&provider=bo",
        b"service=visit&from=2030-03-04T09:00:00%2B01:00&to=2030-04-04T00:00:00Z",
        b"service=visit&from=2030-03-09&to=2030-03-10",
        b"service=nothing&from=2030-03-04&to=2030-03-05",
        b"service=visit&from=soon&to=2030-03-05",
        MONDAY + b"&timezone=Mars%2FOlympus",
        MONDAY + b"&provider=nobody",
        MONDAY + b"&length_minutes=60",
        MONDAY + b"&length_minutes=45",
        MONDAY + b"&length_minutes=soon",
        b"service=class&from=2030-03-04&to=2030-03-05",
    ],
)
def test_it_answers_like_the_documented_operation(service: Service, query: bytes) -> None:
    answer = Client().get(f"{PATH}?{query.decode()}")
    assert asked(query) == (answer.status_code, answer.content)


@pytest.mark.parametrize(
    ("query", "path", "method"),
    [
        (MONDAY + b"&unknown=1", PATH, "GET"),
        (MONDAY + b"&service=again", PATH, "GET"),
        (b"service=visit", PATH, "GET"),
        (b"", PATH, "GET"),
        (MONDAY, PATH + "/explain", "GET"),
        (MONDAY, PATH, "POST"),
        (MONDAY + b"&timezone=" + b"x" * 65, PATH, "GET"),
    ],
)
def test_what_is_unusual_is_left_to_django(query: bytes, path: str, method: str) -> None:
    assert asked(query, path, method) is None


def test_every_change_shows_at_once(service: Service) -> None:
    def starts() -> int:
        found = asked(MONDAY + b"&provider=ada")
        assert found is not None
        return found[1].count(b'"start"')

    ada = service.offers.get(provider__slug="ada").provider
    assert starts() == 18
    appointment = book(service, at("09:00"), provider=ada)
    assert starts() == 17
    lifecycle.move(SYSTEM, appointment, at("10:00"))
    assert starts() == 17
    held = holds.hold(service, at("11:00"), provider=ada)
    assert starts() == 16
    clock.set_to(held.expires_at)
    assert starts() == 17
    lifecycle.cancel(SYSTEM, appointment)
    assert starts() == 18
    setup.add_time_off(SYSTEM, service.business, at("08:00"), at("09:00"))
    assert starts() == 16
    setup.change_service(SYSTEM, service, notice_minutes=36 * 60)
    assert starts() == 9
    setup.change_provider(SYSTEM, ada, is_active=False)
    refused = asked(MONDAY + b"&provider=ada")
    assert refused is not None
    assert refused[0] == 422


def test_a_fault_of_ours_is_told_as_a_problem_and_not_what_it_was(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_query: free.Query) -> bytes:
        raise RuntimeError("the name of a table")

    monkeypatch.setattr(hot, "month", broken)
    monkeypatch.setattr(free, "month", broken)
    answer = Client().get(f"{PATH}?{MONDAY.decode()}")
    assert asked(MONDAY) == (answer.status_code, answer.content)
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert b"table" not in answer.content
