"""Half an hour without Microsoft: bookings go on, nothing is lost or doubled, and the office sees the state."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from tests.booking.factories import at, book
from tests.calendars.kit import reading
from tests.integrations.microsoft import MAILBOX, Fault, Microsoft, microsoft
from tests.integrations.outlook_kit import CALENDAR, Naps
from tests.web.manager.office import Office, make_office, url
from vestibule.calendars import connections, worker
from vestibule.calendars.connections import Use
from vestibule.calendars.models import BusyInterval, Connection, ShownAppointment
from vestibule.calendars.ports import Access, CalendarError
from vestibule.integrations.microsoft365 import circuit, tokens
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.graph import Graph
from vestibule.integrations.microsoft365.outlook import Outlook
from vestibule.people import outside_accounts, rates
from vestibule.people.actors import actor_of_membership
from vestibule.people.models import OutsideAccount
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db

AWAY = Fault(503, "serviceNotAvailable", headers=(("Retry-After", "120"),))
TUESDAY = timedelta(days=1)


@pytest.fixture
def cloud(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Microsoft]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
    rates.forget_all()
    with microsoft() as running:
        yield running


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def connect(office: Office, cloud: Microsoft) -> Connection:
    """Link Ada's calendar in Outlook, where appointments are shown."""
    manager = actor_of_membership(office.staff[Role.MANAGER])
    outside_accounts.link(manager, office.business, "microsoft365", cloud.access)
    connection = connections.connect(manager, office.ada, "outlook", Access(MAILBOX), name="Outlook")
    connections.change(manager, connection, {connection.calendars.get().pk: Use(receives=True)})
    worker.sync_due()
    return connection


def pass_by(minutes: int) -> None:
    """Let minutes pass, and the worker do each minute what is due."""
    for _ in range(minutes):
        clock.advance(60)
        worker.sync_due()


def ours(cloud: Microsoft) -> list[str]:
    return [one["start"]["dateTime"][11:16] for one in cloud.events.values() if "transactionId" in one]


@pytest.mark.parametrize("lost", [False, True])
def test_half_an_hour_without_microsoft_loses_and_doubles_nothing(office: Office, cloud: Microsoft, lost: bool) -> None:
    connection = connect(office, cloud)
    assert sorted(ours(cloud)) == ["09:00", "10:00"]
    if lost:  # the last that was done before it went away, and nobody heard of it
        cloud.faults = [Fault(cuts=True, on="POST /v1.0/users")]
        book(office.visit, at("13:00") + TUESDAY)
        worker.sync_due()
    cloud.faults += [AWAY] * 500
    book(office.visit, at("11:00") + TUESDAY)
    pass_by(12)
    book(office.visit, at("12:00") + TUESDAY)
    pass_by(18)
    assert "11:00" not in ours(cloud)
    page = office.manager.get(url("")).content.decode()
    assert "Microsoft 365 has not answered since Monday 4 March" in page
    assert "Bookings go on." in page

    cloud.faults.clear()
    cloud.has("2030-03-05T15:00", "2030-03-05T16:00")
    pass_by(3)
    assert sorted(ours(cloud)) == ["09:00", "10:00", "11:00", "12:00"] + ["13:00"] * lost
    assert set(ShownAppointment.objects.values_list("state", flat=True)) == {"done"}
    assert BusyInterval.objects.filter(calendar__connection=connection, closes=False).count() == 1
    assert OutsideAccount.objects.get().unreachable_since is None
    assert "has not answered since" not in office.manager.get(url("")).content.decode()


def test_a_moment_of_silence_troubles_nobody(office: Office, cloud: Microsoft) -> None:
    connect(office, cloud)
    cloud.faults = [Fault(500, "generalException")]
    clock.advance(360)
    worker.sync_due()
    assert OutsideAccount.objects.get().unreachable_since is not None
    assert "has not answered since" not in office.manager.get(url("")).content.decode()
    pass_by(2)
    assert OutsideAccount.objects.get().unreachable_since is None


def test_a_refusal_is_an_answer(office: Office, cloud: Microsoft) -> None:
    connect(office, cloud)
    cloud.faults = [Fault(403, "ErrorAccessDenied")]
    clock.advance(360)
    worker.sync_due()
    assert OutsideAccount.objects.get().unreachable_since is None


def test_nothing_is_noted_of_the_account_of_another_business(office: Office, cloud: Microsoft) -> None:
    other = make_office(slug="elsewhere", name="Elsewhere")
    connect(other, cloud)
    connect(office, cloud)
    outside_accounts.note(office.business.pk, "microsoft365", is_answering=False)
    clock.advance(600)
    assert "has not answered" not in other.manager.get(url("")).content.decode()
    assert "has not answered" in office.manager.get(url("")).content.decode()


def opened(cloud: Microsoft) -> Outlook:
    allowed = (f"127.0.0.1:{cloud.port}",)
    client = Graph.opened(Application.read(cloud.access, allowed), allowed)
    client.sleep = Naps()
    return Outlook(Access(MAILBOX, account=cloud.access), client)


def asked(cloud: Microsoft) -> int:
    """How many of ten calendars come through to Microsoft when all are looked at."""
    before = len(cloud.asked)
    for _ in range(10):
        with pytest.raises(CalendarError):
            opened(cloud).changes(CALENDAR, "", reading())
    return len(cloud.asked) - before


def test_while_microsoft_is_away_everybody_together_asks_once_a_minute(cloud: Microsoft) -> None:
    opened(cloud).calendars()
    cloud.faults = [Fault(500, "generalException")] * 100
    assert asked(cloud) == circuit.MOST_FAILURES
    assert asked(cloud) == 0
    clock.advance(61)
    assert asked(cloud) == 1
    clock.advance(-7200)
    assert asked(cloud) == 1, "also once a test clock was set back"
    cloud.faults.clear()
    clock.advance(61)
    opened(cloud).calendars()
    opened(cloud).calendars()


def test_a_sign_in_that_does_not_answer_counts_as_well(cloud: Microsoft) -> None:
    cloud.sign_in_fault = (503, "")
    assert asked(cloud) == circuit.MOST_FAILURES


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 412, 429])
def test_who_refuses_is_not_away(cloud: Microsoft, status: int) -> None:
    opened(cloud).calendars()
    cloud.faults = [Fault(status, "accessDenied", headers=(("Retry-After", "900"),))] * 60
    assert asked(cloud) >= 10


def test_the_trouble_of_one_application_is_not_that_of_another(cloud: Microsoft) -> None:
    cloud.faults = [Fault(500, "generalException")] * 10
    asked(cloud)
    with microsoft() as other:
        opened(other).calendars()
