"""calendarView: what takes place in a stretch of time, as programs that poll ask for it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.api.graph.bookings import READS, booked, books, clinic, home, in_view, visit
from tests.api.graph.program import Program
from tests.booking.factories import MONDAY, at, book
from vestibule.booking.models import Service
from vestibule.people.models import Business, Provider
from vestibule.store import clock


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def there() -> tuple[Business, Provider, Service]:
    return clinic()


@pytest.fixture
def program(there: tuple[Business, Provider, Service]) -> Program:
    return books(there[0])


def times(reply: Any) -> list[str]:
    return [one["startDateTime"]["dateTime"][11:16] for one in reply.value]


def test_what_begins_or_goes_on_in_the_stretch_is_there(
    program: Program, there: tuple[Business, Provider, Service]
) -> None:
    for time in ("09:00", "09:30", "10:00"):
        book(there[2], at(time))
    assert times(in_view(program, "2030-03-04T09:15:00Z", "2030-03-04T10:00:00Z")) == ["09:00", "09:30"]
    assert times(in_view(program, "2030-03-04T09:30:00Z", "2030-03-04T09:30:01Z")) == ["09:30"]
    assert times(in_view(program, "2030-03-04T10:30:00Z", "2030-03-05T00:00:00Z")) == []


def test_both_ends_take_offsets_and_are_needed(program: Program, there: tuple[Business, Provider, Service]) -> None:
    book(there[2], at("09:00"))
    assert times(in_view(program, "2030-03-04T10:00:00+01:00", "2030-03-04T10:30:00+0100")) == ["09:00"]
    path = f"{home(program.business)}/calendarView"
    unwritten = f"{path}?start=2030-03-04T10:00:00+01:00&end=2030-03-04T10:30:00.0000000+01:00"
    assert times(program.ask("GET", unwritten)) == ["09:00"]
    shifted = in_view(program, "2030-03-04T09:00:00", "2030-03-04T09:30:00")
    assert times(shifted) == ["09:00"]
    for query in ("", "?start=2030-03-04T10:00:00Z", "?start=2030-03-04T10:00:00Z&end=soon"):
        assert program.ask("GET", path + query).status == 400
    assert in_view(program, "2030-03-05T00:00:00Z", "2030-03-04T00:00:00Z").status == 400


def test_a_preference_for_another_zone_changes_no_answer(
    program: Program, there: tuple[Business, Provider, Service]
) -> None:
    book(there[2], at("09:00"))
    path = f"{home(program.business)}/calendarView?start=2030-03-04T00:00:00Z&end=2030-03-05T00:00:00Z"
    reply = program.ask("GET", path, Prefer='outlook.timezone="Pacific Standard Time"')
    assert reply.value[0]["startDateTime"] == {"dateTime": "2030-03-04T09:00:00.0000000Z", "timeZone": "UTC"}


def test_a_long_calendar_goes_on_at_its_next_link(program: Program, there: tuple[Business, Provider, Service]) -> None:
    for day in range(5):
        book(there[2], at("09:00") + timedelta(days=day))
    found, link = [], ""
    first = in_view(program, "2030-03-04T00:00:00+00:00", "2030-03-31T00:00:00Z", **{"$top": "2", "$count": "true"})
    assert first.json["@odata.count"] == 5
    page = first
    while True:
        found += [one["startDateTime"]["dateTime"][:10] for one in page.value]
        link = page.json.get("@odata.nextLink", "")
        if not link:
            break
        assert link.startswith("http://localhost:8000/graph/v1.0/")
        page = program.ask("GET", link)
    assert found == [f"{MONDAY + timedelta(days=day):%Y-%m-%d}" for day in range(5)]


def test_it_is_read_and_changed_as_the_appointments_are(
    program: Program, there: tuple[Business, Provider, Service]
) -> None:
    path = f"{home(program.business)}/calendarView"
    made = program.post(path, visit(there[2], at("09:00")))
    assert made.status == 201
    one = f"{path}/{made.json['id']}"
    assert program.get(one).json["id"] == made.json["id"]
    assert program.ask("PATCH", one, {"appointmentLabel": "Follow-up"}).status == 204
    assert program.get(one).json["appointmentLabel"] == "Follow-up"
    assert program.post(f"{one}/cancel", {"cancellationMessage": ""}).status == 204
    again = program.post(path, visit(there[2], at("09:00"))).json["id"]
    assert program.ask("DELETE", f"{path}/{again}").status == 204
    counted = program.get(f"{path}/$count", start="2030-03-04T00:00:00Z", end="2030-03-05T00:00:00Z")
    assert counted.body == b"0"


def test_who_only_reads_sees_no_way_into_visits(program: Program, there: tuple[Business, Provider, Service]) -> None:
    booked(program, there[2], at("09:00"))
    stretch = ("2030-03-04T00:00:00Z", "2030-03-05T00:00:00Z")
    assert "/visit?v=" in in_view(program, *stretch).value[0]["joinWebUrl"]
    assert in_view(books(program.business, READS), *stretch).value[0]["joinWebUrl"] is None


def test_a_page_takes_few_queries_however_long(
    program: Program, there: tuple[Business, Provider, Service], django_assert_max_num_queries: Any
) -> None:
    for day in range(12):
        if (at("09:00") + timedelta(days=day)).weekday() < 5:
            book(there[2], at("09:00") + timedelta(days=day))
    with django_assert_max_num_queries(24):
        assert len(in_view(program, "2030-03-04T00:00:00Z", "2030-03-31T00:00:00Z").value) == 10
