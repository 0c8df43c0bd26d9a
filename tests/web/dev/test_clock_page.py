"""Moving the product's idea of now from outside."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from vestibule.store import clock

pytestmark = pytest.mark.urls("tests.web.dev.demonstration")
MARCH = datetime(2026, 3, 2, 9, tzinfo=UTC)
YESTERDAY = MARCH - timedelta(days=1)


@pytest.fixture(autouse=True)
def machine_stands_still() -> Iterator[None]:
    with time_machine.travel(YESTERDAY, tick=False):
        yield


def post(body: Any, **headers: str) -> int:
    client = Client(enforce_csrf_checks=True)
    return client.post("/dev/clock", body, content_type="application/json", headers=headers).status_code


def test_the_clock_can_be_read() -> None:
    clock.set_to(MARCH)
    assert Client().get("/dev/clock").json() == {"now": "2026-03-02T09:00:00.000Z"}


def test_the_clock_is_set_and_goes_on_from_there() -> None:
    assert post({"set": "2026-03-02T09:00:00Z"}) == 200
    assert clock.now() == MARCH
    with time_machine.travel(YESTERDAY + timedelta(seconds=7), tick=False):
        assert clock.now() == MARCH + timedelta(seconds=7)


def test_the_clock_is_moved_on() -> None:
    clock.set_to(MARCH)
    assert post({"advance_seconds": 3600}) == 200
    assert clock.now() == MARCH + timedelta(hours=1)


def test_another_zone_means_the_same_instant() -> None:
    assert post({"set": "2026-03-02T10:00:00+01:00"}) == 200
    assert clock.now() == MARCH


@pytest.mark.parametrize(
    "body",
    ["[]", "{}", "{", {"set": "2026-03-02T09:00:00"}, {"set": "soon"}, {"set": 7}, {"set": "9999-12-31T23:59:59Z"},
     {"advance_seconds": "1"}, {"advance_seconds": True}, {"advance_seconds": 1e300}, '{"advance_seconds": NaN}',
     {"advance_seconds": 1, "set": "2026-03-02T09:00:00Z"}, "[" * 5000, {"advance_seconds": 10**30}],
)  # fmt: skip
def test_what_names_no_time_moves_nothing(body: Any) -> None:
    assert post(body) == 422
    assert clock.now() == YESTERDAY


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_somebody_else_cannot_move_it(headers: dict[str, str]) -> None:
    assert post({"advance_seconds": 3600}, **headers) == 403


def test_a_page_of_this_server_can_move_it() -> None:
    assert post({"advance_seconds": 1}, Origin="http://testserver", **{"Sec-Fetch-Site": "same-origin"}) == 200


def test_a_form_cannot_move_it() -> None:
    assert Client().post("/dev/clock", {"advance_seconds": "3600"}).status_code == 415
