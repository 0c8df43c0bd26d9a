"""Outlook by free and busy alone, and mailboxes too big to be read at once."""

import json
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.booking.factories import MONDAY
from tests.calendars.contracts import ENTRY
from tests.calendars.kit import reading, said
from tests.factories import make_business, make_provider, manager_of
from tests.integrations.graph_contract import DESCRIPTION
from tests.integrations.microsoft import MAILBOX, Fault, Microsoft, microsoft
from tests.integrations.microsoft_schedules import OFFICE, Schedules
from tests.integrations.outlook_kit import CALENDAR, Naps, told
from vestibule.calendars import connections, worker
from vestibule.calendars.models import BusyInterval, CalendarSubscription, LinkedCalendar
from vestibule.calendars.ports import Access, CalendarError, Changes, Trouble
from vestibule.calendars.trouble import CalendarRefused
from vestibule.integrations.microsoft365 import progress, schedules, tokens
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.graph import Graph
from vestibule.integrations.microsoft365.outlook import Outlook
from vestibule.people import outside_accounts, rates
from vestibule.store import clock
from vestibule.store.configuration import load

FIRST = ENTRY.start // 1440 * 1440


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Microsoft]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    with clock.standing_at(clock.from_minute(ENTRY.start)), microsoft() as running:
        yield running


@pytest.fixture
def people(cloud: Microsoft) -> Schedules:
    found = Schedules({MAILBOX: [("2026-03-02T09:00", "2026-03-02T10:00", "busy")], "bo@clinic.example": []})
    cloud.parts.append(found)
    return found


def client(cloud: Microsoft) -> Graph:
    allowed = (f"127.0.0.1:{cloud.port}",)
    found = Graph.opened(Application.read(cloud.access, allowed), allowed)
    found.sleep = Naps()
    return found


def asked(cloud: Microsoft, *addresses: str, days: int = 7) -> dict[str, schedules.Schedule]:
    return schedules.schedule(client(cloud), addresses or (MAILBOX,), FIRST, FIRST + days * 1440)


def outlook(cloud: Microsoft, *, only_times: bool = True) -> Outlook:
    return Outlook(Access(MAILBOX, account=cloud.access, only_times=only_times), client(cloud))


@pytest.mark.parametrize(
    ("status", "is_taken"),
    [("busy", True), ("tentative", True), ("oof", True), ("free", False), ("workingElsewhere", False)],
)
@pytest.mark.parametrize("hidden", [False, True], ids=["shown", "hidden"])
def test_what_takes_time_with_and_without_details(
    cloud: Microsoft, people: Schedules, status: str, is_taken: bool, hidden: bool
) -> None:
    people.people[MAILBOX] = [("2026-03-02T09:00", "2026-03-02T10:00", status)]
    people.hidden = {MAILBOX} if hidden else set()
    found = asked(cloud)[MAILBOX]
    assert [said(*one) for one in found.busy] == (["03-02 09:00 to 10:00"] if is_taken else [])
    assert bool(found.away) == (status == "oof" and not hidden)


def test_times_that_meet_are_one_also_where_two_parts_of_the_question_meet(cloud: Microsoft, people: Schedules) -> None:
    people.people[MAILBOX] = [
        ("2026-03-02T09:00", "2026-03-02T10:00", "busy"),
        ("2026-03-02T09:30", "2026-03-02T11:00", "tentative"),
        ("2026-03-01T12:00", "2026-04-20T12:00", "oof"),
    ]
    found = asked(cloud, days=62)[MAILBOX]
    assert len(people.asked) == 2
    assert (len(found.busy), len(found.away)) == (1, 1)


def test_many_mailboxes_are_asked_for_in_twenties_and_each_has_its_own_trouble(
    cloud: Microsoft, people: Schedules
) -> None:
    names = [f"p{number}@clinic.example" for number in range(25)]
    people.people |= {name: [("2026-03-02T09:00", "2026-03-02T10:00", "busy")] for name in names}
    found = asked(cloud, *names, "nobody@clinic.example")
    assert [len(one["schedules"]) for one in people.asked] == [20, 6]
    assert all(found[name].busy for name in names)
    assert found["nobody@clinic.example"].problem == "Graph shows no times of this mailbox (ErrorMailRecipientNotFound)"


def test_working_hours_are_understood_by_windows_zones(cloud: Microsoft, people: Schedules) -> None:
    working = asked(cloud)[MAILBOX].working
    assert working == schedules.WorkingHours(frozenset({0, 1, 4}), time(8), time(17, 30), "Europe/Berlin")
    for broken in ({**OFFICE, "timeZone": {"name": "Customized Time Zone"}}, {**OFFICE, "daysOfWeek": []}):
        people.working = broken
        found = asked(cloud)[MAILBOX].working
        assert found is None or found.days == frozenset()


def test_the_published_example_is_understood(cloud: Microsoft) -> None:
    examples = json.loads(Path(DESCRIPTION).with_name("examples.json").read_text())
    (example,) = (one for one in examples if one["id"] == "getschedule")
    adele, megan = example["response_body"]["value"]
    start, end = FIRST - 2600 * 1440, FIRST
    assert len(schedules._schedule(adele, start, end).busy) == 1
    assert [b - a for a, b in schedules._schedule(megan, start, end).busy] == [60, 120, 60]
    assert schedules._schedule(adele, start, end).working is not None


@pytest.mark.parametrize("body", [{}, {"value": 7}, {"value": [7]}, {"value": [{"scheduleId": MAILBOX, "error": {}}]}])
def test_an_answer_without_the_mailbox_leaves_nobody_free(cloud: Microsoft, body: dict[str, Any]) -> None:
    cloud.faults = [Fault(200, body=json.dumps(body).encode())]
    assert asked(cloud)[MAILBOX].problem


def test_a_calendar_of_times_alone_is_read_for_two_months_and_takes_no_appointments(
    cloud: Microsoft, people: Schedules
) -> None:
    people.people[MAILBOX].append(("2026-06-20T09:00", "2026-06-20T10:00", "busy"))
    (found,) = outlook(cloud).calendars()
    changes = outlook(cloud).changes(CALENDAR, "", reading())
    assert (found.can_write, changes.is_whole, told(changes)) == (False, True, ["03-02 09:00 to 10:00"])
    assert not any("calendarView" in one for one in cloud.asked)


# Mailboxes too big to be read at once.

PAUSE = Fault(429, "TooManyRequests", headers=(("Retry-After", "600"),))


def parts(cloud: Microsoft, token: str = "") -> list[Changes]:
    """Read a mailbox until it is read, the time being up after two pages each time."""
    found: list[Changes] = []
    while not found or found[-1].is_part:
        cloud.faults = [Fault(on="calendarView/delta"), Fault(on="calendarView/delta"), PAUSE]
        found.append(outlook(cloud, only_times=False).changes(CALENDAR, token, reading()))
        cloud.faults, token = [], found[-1].token
        assert len(found) < 20
    return found


def test_what_there_was_no_time_for_is_read_from_there_the_next_time(cloud: Microsoft) -> None:
    cloud.page_size = 2
    refs = [cloud.has(f"2026-03-02T{hour:02}:00", f"2026-03-02T{hour:02}:30") for hour in range(8, 18)]
    found = parts(cloud)
    assert [len(one.items) for one in found] == [4, 4, 2]
    assert [one.is_whole for one in found] == [False] * 3
    assert sorted(item.ref for one in found for item in one.items) == sorted(refs)
    assert found[-1].remains is not None
    assert len(found[-1].remains) == 10
    cloud.remove(refs[0])
    after = outlook(cloud, only_times=False).changes(CALENDAR, found[-1].token, reading())
    assert (after.gone, after.is_part) == ((refs[0],), False)


def test_what_is_said_of_a_series_is_remembered_from_part_to_part(cloud: Microsoft) -> None:
    cloud.page_size = 1
    days = [f"2026-03-{day:02}" for day in (2, 9, 16, 23)]
    cloud.has_series(*days, hours=("09:00", "10:00"), showAs="free")
    assert [told(one) for one in parts(cloud)] == [[], [], []]


def test_a_link_to_more_that_is_too_old_lets_everything_be_read_anew(cloud: Microsoft) -> None:
    cloud.page_size = 2
    for hour in range(8, 18):
        cloud.has(f"2026-03-02T{hour:02}:00", f"2026-03-02T{hour:02}:30")
    cloud.faults = [Fault(), PAUSE]
    first = outlook(cloud, only_times=False).changes(CALENDAR, "", reading())
    cloud.faults = [Fault(410, "syncStateNotFound")]
    again = outlook(cloud, only_times=False).changes(CALENDAR, first.token, reading())
    assert (first.is_part, again.is_whole, len(again.items)) == (True, True, 10)


def test_pages_without_an_end_are_read_by_nobody_for_ever(cloud: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "MOST_EVENTS", 7)
    cloud.page_size = 2
    for hour in range(8, 18):
        cloud.has(f"2026-03-02T{hour:02}:00", f"2026-03-02T{hour:02}:30")
    with pytest.raises(CalendarError) as failed:
        parts(cloud)
    assert failed.value.kind is Trouble.TOO_BIG


@pytest.fixture
def ada(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Microsoft, Any]]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
    settings.PUBLIC_URL = "https://visits.example.org"
    rates.forget_all()
    clock.set_to(MONDAY + timedelta(hours=6))
    with microsoft() as cloud:
        business = make_business()
        manager = manager_of(business)
        outside_accounts.link(manager, business, "microsoft365", cloud.access)
        provider = make_provider(business=business)

        def connect(*, only_times: bool) -> Any:
            return connections.connect(manager, provider, "outlook", Access(MAILBOX, only_times=only_times), name="O")

        yield cloud, connect


def test_of_a_calendar_read_in_parts_what_is_gone_goes_once_all_is_read(ada: tuple[Microsoft, Any]) -> None:
    cloud, connect = ada
    cloud.page_size = 2
    refs = [cloud.has(f"2030-03-05T{hour:02}:00", f"2030-03-05T{hour:02}:30") for hour in range(8, 18)]
    cloud.faults = [Fault(403, "ErrorAccessDenied", on="POST /v1.0/subscriptions")]
    connect(only_times=False)
    worker.sync_due()
    assert BusyInterval.objects.count() == 10
    cloud.remove(refs[3])
    LinkedCalendar.objects.update(token="")
    clock.advance(400)
    for still in (10, 10, 9):
        cloud.faults = [Fault(on="calendarView/delta"), Fault(on="calendarView/delta"), PAUSE]
        worker.sync_due()
        assert BusyInterval.objects.count() == still
        clock.advance(6)


def test_a_provider_may_be_connected_by_times_alone(ada: tuple[Microsoft, Any]) -> None:
    cloud, connect = ada
    people = Schedules({MAILBOX: [("2030-03-05T09:00", "2030-03-05T10:00", "oof")]})
    cloud.parts.append(people)
    connection = connect(only_times=True)
    worker.sync_due()
    assert list(BusyInterval.objects.values_list("external_id", flat=True)) == [schedules.ALL]
    assert not CalendarSubscription.objects.exists(), "of times alone nothing is told"
    people.people[MAILBOX] = []
    clock.advance(400)
    worker.sync_due()
    assert not BusyInterval.objects.exists()
    assert not connection.calendars.get().can_write
    people.people = {}
    with pytest.raises(CalendarRefused):
        connect(only_times=True)
