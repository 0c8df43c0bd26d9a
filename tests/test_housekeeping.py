"""Housekeeping removes what has had its time, keeps the rest, and survives a database that fails."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError

from tests.booking.factories import at, book, make_service
from vestibule import housekeeping
from vestibule.people.models import RememberedRequest
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def remember(key: str, age: timedelta) -> None:
    RememberedRequest.objects.create(scope="s", key=key, fingerprint="f", created_at=clock.now() - age)


def test_what_has_expired_goes_and_the_rest_stays() -> None:
    remember("old", timedelta(hours=25))
    remember("young", timedelta(hours=1))
    Session.objects.create(session_key="old", expire_date=clock.now() - timedelta(days=1))
    Session.objects.create(session_key="young", expire_date=clock.now() + timedelta(days=1))
    housekeeping.tidy()
    assert list(RememberedRequest.objects.values_list("key", flat=True)) == ["young"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["young"]


def test_one_failure_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("disk full")

    done: list[str] = []
    monkeypatch.setattr(housekeeping, "_REMOVE", (fail, lambda: done.append("second")))
    housekeeping.tidy()
    assert done == ["second"]


def test_what_is_due_by_the_clock_is_done() -> None:
    clock.set_to(at("09:00") - timedelta(days=1))
    service = make_service(needs_approval=True, approval_minutes=60)
    asked = book(service, at("09:00"))
    clock.advance(3601)
    assert housekeeping.tick()
    asked.refresh_from_db()
    assert asked.status == "cancelled"
