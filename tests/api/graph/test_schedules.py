"""getSchedule: when people are free, as programs written for Outlook ask it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.graph.program import program_of
from tests.booking.factories import at, make_service, wish_for
from tests.factories import make_provider, manager_of
from vestibule.api.graph import schedules
from vestibule.booking import lifecycle
from vestibule.booking.models import WeeklyHours
from vestibule.booking.own_calendar.entries import Entry
from vestibule.booking.setup import away
from vestibule.people.models import Provider
from vestibule.people.permissions import PUBLIC
from vestibule.store import clock

ASK = "/users/ada@lakeside.example/calendar/getSchedule"


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("06:00"))
    yield
    clock.reset()


@pytest.fixture
def ada() -> Provider:
    ada = make_provider(name="Dr Ada Blum")
    ada.email = "ada@lakeside.example"
    ada.save()
    service = make_service(business=ada.business, providers=[ada], name="First visit")
    lifecycle.book(PUBLIC, wish_for(service, at("10:00")))
    away.add_time_off(manager_of(ada.business), ada.business, at("12:00"), at("13:00"), provider=ada)
    return ada


def wish(*names: str, interval: int | None = 60, **more: Any) -> dict[str, Any]:
    times = {
        "StartTime": {"dateTime": "2030-03-04T09:00:00", "timeZone": "UTC"},
        "EndTime": {"dateTime": "2030-03-04T14:00:00", "timeZone": "UTC"},
    }
    wanted = {"Schedules": list(names or ["ada@lakeside.example"]), **times, **more}
    return wanted if interval is None else wanted | {"AvailabilityViewInterval": interval}


def test_each_stretch_has_a_sign_and_each_busy_time_its_words(ada: Provider) -> None:
    (found,) = program_of(ada.business, "Calendars.Read").post(ASK, wish()).value
    assert (found["scheduleId"], found["availabilityView"]) == ("ada@lakeside.example", "02030")
    shown = [(one["status"], one["start"]["dateTime"], one["isPrivate"]) for one in found["scheduleItems"]]
    assert shown == [
        ("busy", "2030-03-04T10:00:00.0000000", False),
        ("oof", "2030-03-04T12:00:00.0000000", False),
    ]
    assert found["scheduleItems"][0]["subject"].startswith("First visit with ")


def test_what_it_is_about_is_not_told_to_who_may_know_the_times_alone(ada: Provider) -> None:
    (found,) = program_of(ada.business, "Calendars.ReadBasic").post(ASK, wish()).value
    assert found["availabilityView"] == "02030"
    assert all(set(one) == {"status", "start", "end"} for one in found["scheduleItems"])


def test_half_an_hour_is_the_usual_stretch_and_names_come_in_either_case(ada: Provider) -> None:
    told = {name[0].lower() + name[1:]: value for name, value in wish(interval=None).items()}
    (found,) = program_of(ada.business, "Calendars.Read").post(ASK, told).value
    assert found["availabilityView"] == "0020003300"


def test_usual_hours_are_told_where_all_days_are_alike(ada: Provider) -> None:
    program = program_of(ada.business, "Calendars.Read")
    (found,) = program.post(ASK, wish()).value
    assert found["workingHours"] == {
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"name": "UTC"},
    }
    WeeklyHours.objects.filter(weekday=4).update(end_minute=720)
    assert program.post(ASK, wish()).value[0]["workingHours"] is None


def test_nobody_else_is_there_and_the_others_are_told_all_the_same(ada: Provider) -> None:
    outsider = make_provider()
    Provider.objects.filter(pk=outsider.pk).update(email="otto@harbour.example")
    names = ("otto@harbour.example", "ada@lakeside.example")
    first, second = program_of(ada.business, "Calendars.Read").post(ASK, wish(*names)).value
    assert (first["error"]["responseCode"], first["scheduleItems"]) == ("ErrorMailRecipientNotFound", [])
    assert second["availabilityView"] == "02030"


@pytest.mark.parametrize(
    "odd",
    [
        {"Schedules": []},
        {"Schedules": ["a@b.example"] * 21},
        {"AvailabilityViewInterval": 4},
        {"AvailabilityViewInterval": 1441},
        {"EndTime": {"dateTime": "2030-03-04T09:00:00", "timeZone": "UTC"}},
        {"EndTime": {"dateTime": "2030-06-04T09:00:00", "timeZone": "UTC"}},
        {"StartTime": None},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(ada: Provider, odd: dict[str, Any]) -> None:
    assert program_of(ada.business, "Calendars.Read").post(ASK, wish() | odd).status == 400


def test_signs_are_those_of_what_weighs_most_at_each_stretch() -> None:
    there = [entry(0, 30, "busy"), entry(25, 70, "tentative"), entry(60, 61, "oof"), entry(70, 70, "busy")]
    assert schedules.view([*there, entry(-50, 500, "free")], 0, 95, 10) == "2221113000"
    assert schedules.view([entry(90, 400, "workingElsewhere")], 0, 95, 10) == "0000000004"
    assert schedules.view([entry(-9, 0, "busy"), entry(95, 99, "busy")], 0, 95, 10) == "0" * 10


def test_a_full_calendar_is_looked_through_once() -> None:
    there = [entry(minute * 17, minute * 17 + 400, "busy") for minute in range(5000)]
    began = time.process_time()
    assert set(schedules.view(there, 0, schedules.LONGEST, 5)) == {"0", "2"}
    assert time.process_time() - began < 3, "looked through for each stretch it takes ten times as long"


def entry(start: int, end: int, shows: str) -> Entry:
    return Entry(id="e-1", kind="event", start=start, end=end, shows=shows)
