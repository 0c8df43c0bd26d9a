"""The whole way with a real CalDAV server: connected, read, written, gone and back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import Settings

from tests.booking.factories import MONDAY, at, book, make_service
from tests.calendars.kit import calendar, event
from tests.factories import make_business, make_provider, manager_of
from tests.integrations.radicale import PASSWORD, USER, Radicale, radicale
from vestibule.booking import lifecycle
from vestibule.calendars import connections, worker
from vestibule.calendars.connections import Use
from vestibule.calendars.models import BusyInterval, Connection, ShownAppointment
from vestibule.calendars.ports import Access
from vestibule.calendars.trouble import CalendarRefused
from vestibule.people import rates
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.clock import from_minute

pytestmark = pytest.mark.django_db
TUESDAY = timedelta(days=1)


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[Radicale]:
    rates.forget_all()
    with radicale(tmp_path / "radicale") as running:
        vouched = SimpleNamespace(items=lambda name: [running.host])
        settings.CONFIGURATION = _With(settings.CONFIGURATION, vouched)
        yield running


class _With:
    """The settings as they are, but that the operator vouches for the test's server."""

    def __init__(self, settings: Any, vouched: SimpleNamespace) -> None:
        self._settings, self._vouched = settings, vouched

    def __getitem__(self, name: str) -> str:
        return str(self._settings[name])

    def items(self, name: str) -> list[str]:
        given: list[str] = self._vouched.items(name)
        return given


def look(after: timedelta = timedelta(hours=2)) -> None:
    clock.advance(after.total_seconds())
    worker.sync_due()


def test_both_sides_follow_each_other_through_a_crash(server: Radicale) -> None:
    clock.set_to(MONDAY + timedelta(hours=1))
    business = make_business()
    ada = make_provider(business=business)
    visit = make_service(providers=[ada])
    manager = manager_of(business)
    work = server.make_calendar()
    with pytest.raises(CalendarRefused) as refused:
        connections.connect(manager, ada, "caldav", Access(server.url, USER, "wrong"))
    assert refused.value.facts["field"] == "password"
    assert not Connection.objects.exists()

    connection = connections.connect(manager, ada, "caldav", Access(server.url, USER, PASSWORD))
    linked = connection.calendars.get(address=work)
    connections.change(manager, connection, {linked.pk: Use(receives=True)})

    # Theirs makes busy here.
    server.store(work, "theirs", calendar(event("DTSTART:20300305T090000Z", "DTEND:20300305T100000Z")))
    look()
    assert BusyInterval.objects.filter(provider=ada).count() == 1

    # Ours stands there, and moves.
    booked = book(visit, at("11:00") + TUESDAY)
    look(timedelta(0))
    ours = f"{booked.ref}-localhost"
    assert "DTSTART:20300305T110000Z" in server.entries(work)[ours]
    moved = lifecycle.move(SYSTEM, booked, from_minute(booked.start_minute + 60))
    look(timedelta(0))
    assert "DTSTART:20300305T120000Z" in server.entries(work)[ours]
    assert "SEQUENCE:1" in server.entries(work)[ours]

    # Deleted there: noticed, and put back.
    server.remove(work, ours)
    look()
    assert ours in server.entries(work)
    assert ShownAppointment.objects.get().differs == "deleted"

    # Moved there: noticed, and put back.
    server.store(
        work,
        ours,
        calendar(event("DTSTART:20300305T150000Z", "DTEND:20300305T153000Z", uid=f"{booked.ref}@localhost")),
    )
    look()
    assert "DTSTART:20300305T120000Z" in server.entries(work)[ours]
    assert ShownAppointment.objects.get().differs == "moved"

    # The server dies: what is booked meanwhile waits, and in the end nobody can be booked.
    server.kill()
    later = book(visit, at("14:00") + TUESDAY)
    look(timedelta(0))
    look()
    assert BusyInterval.objects.filter(provider=ada, closes=True).count() == 1
    assert ShownAppointment.objects.get(appointment=later.ref).state == "queued"

    # It comes back, and so does everything.
    server.start()
    server.remove(work, "theirs")
    look()
    look()
    assert not BusyInterval.objects.filter(provider=ada).exists()
    assert f"{later.ref}-localhost" in server.entries(work)
    lifecycle.cancel(SYSTEM, moved)
    look(timedelta(0))
    assert set(server.entries(work)) == {f"{later.ref}-localhost"}
