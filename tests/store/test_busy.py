"""A writer that gets no turn is told so and when to try again; nothing was changed, and nothing is broken."""

import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.booking.factories import MONDAY, at, make_service
from tests.factories import make_business, make_membership, make_user
from vestibule.booking.models import Appointment
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.busy import is_busy
from vestibule.store.sqlite import base
from vestibule.store.transactions import writing

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else is writing, for longer than anybody waits."""
    monkeypatch.setattr(base, "WAIT_SECONDS", 0.05)
    base._writer.acquire(1)
    yield
    base._writer.release()


def test_waiting_ends(taken: None) -> None:
    with pytest.raises(OperationalError) as error, writing():
        pass
    assert is_busy(error.value)


def test_a_fault_of_another_kind_is_none_of_this() -> None:
    assert is_busy(OperationalError("database is locked"))
    assert is_busy(OperationalError("deadlock detected"))
    assert not is_busy(OperationalError("no such table: booking_seat"))
    assert not is_busy(None)


def test_the_api_answers_503_and_when_to_try_again(taken: None) -> None:
    base._writer.release()
    clock.set_to(MONDAY)
    service = make_service(slug="visit")
    base._writer.acquire(1)
    body = {
        "service": "visit",
        "start": at("09:00").isoformat(),
        "consumer": {"name": "Cleo", "email": "c@example.org"},
    }
    answer = Client(raise_request_exception=False).post(
        f"/api/v1/businesses/{service.business.slug}/appointments", body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer["Retry-After"] == "5"
    assert not Appointment.objects.exists()


def test_a_page_says_so(taken: None) -> None:
    base._writer.release()
    make_membership(business=make_business(), user=make_user(email="a@example.org", password="a long secret"))
    base._writer.acquire(1)
    form = {"login": "a@example.org", "password": "a long secret"}
    answer = Client(raise_request_exception=False).post("/signin", form)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert b"Try again in a few seconds" in answer.content


def test_who_waits_in_time_gets_a_turn() -> None:
    base._writer.acquire(1)
    threading.Timer(0.1, base._writer.release).start()
    with writing():
        Business.objects.create(slug="clinic", name="Clinic")
    assert Business.objects.exists()
