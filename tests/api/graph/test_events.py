"""Calendars as programs written for Outlook read and write them: what stands there, what has changed, what they add."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api.graph.program import Program, program_of
from tests.booking.factories import at, make_service, wish_for
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import lifecycle
from vestibule.booking.errors import SlotTaken
from vestibule.booking.models import Appointment, DiaryEvent, DiaryReading, Service
from vestibule.booking.own_calendar import changes
from vestibule.booking.setup import away
from vestibule.calendars.models import BusyInterval
from vestibule.meetings.models import Meeting
from vestibule.people.models import Provider
from vestibule.people.permissions import PUBLIC
from vestibule.store import clock
from vestibule.store.clock import to_minute

HERS = "/users/ada@lakeside.example"
MONDAY = {"startDateTime": "2030-03-04T00:00:00Z", "endDateTime": "2030-03-05T00:00:00Z"}


def utc(time: str) -> dict[str, str]:
    return {"dateTime": f"2030-03-04T{time}:00", "timeZone": "UTC"}


LUNCH = {"subject": "Lunch", "start": utc("12:00"), "end": utc("13:00")}


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "http://testserver"
    clock.set_to(at("06:00"))
    yield
    clock.reset()


@pytest.fixture
def ada() -> Provider:
    ada = make_provider(name="Dr Ada Blum")
    ada.email = "ada@lakeside.example"
    ada.save()
    return ada


@pytest.fixture
def visit(ada: Provider) -> Service:
    return make_service(business=ada.business, providers=[ada], name="First visit")


@pytest.fixture
def outlook(ada: Provider) -> Program:
    return program_of(ada.business)


def book(service: Service, time: str) -> Appointment:
    return lifecycle.book(PUBLIC, wish_for(service, at(time)))


def test_a_view_shows_appointments_time_off_and_what_other_calendars_say(
    outlook: Program, ada: Provider, visit: Service
) -> None:
    booked = book(visit, "09:00")
    away.add_time_off(manager_of(ada.business), ada.business, at("14:00"), at("15:00"), provider=ada, reason="Dentist")
    start = to_minute(at("16:00"))
    BusyInterval.objects.create(
        business=ada.business, provider=ada, start_minute=start, end_minute=start + 60, source="ics", summary="Choir"
    )
    found = outlook.get(f"{HERS}/calendarView", **MONDAY).value
    assert [(one["subject"], one["showAs"]) for one in found] == [
        (f"First visit with {booked.name}", "busy"),
        ("Dentist", "oof"),
        ("Choir", "busy"),
    ]
    assert found[0]["start"] == {"dateTime": "2030-03-04T09:00:00.0000000", "timeZone": "UTC"}
    assert [one["isOrganizer"] for one in found] == [False] * 3


def test_who_may_read_no_more_than_times_is_told_no_names(ada: Provider, visit: Service) -> None:
    book(visit, "09:00")
    shy = program_of(ada.business, "Calendars.ReadBasic")
    (shown,) = shy.get(f"{HERS}/calendarView", **MONDAY).value
    assert (shown["subject"], shown["sensitivity"], shown["webLink"]) == (None, "private", None)
    assert shy.get(f"{HERS}/calendarView/delta", **MONDAY).status == 403


def test_times_are_told_in_the_zone_the_caller_likes(outlook: Program, visit: Service) -> None:
    book(visit, "09:00")
    prefer = {"prefer": 'outlook.timezone="W. Europe Standard Time"'}
    path = f"{HERS}/calendarView?startDateTime=2030-03-04T00:00:00&endDateTime=2030-03-04T23:00:00"
    (shown,) = outlook.ask("GET", path, **prefer).value
    assert shown["start"] == {"dateTime": "2030-03-04T10:00:00.0000000", "timeZone": "W. Europe Standard Time"}


def test_a_view_takes_its_two_ends_with_or_without_an_offset(outlook: Program, visit: Service) -> None:
    book(visit, "09:00")
    ends = "startDateTime=2030-03-04T10:00:00+01:00&endDateTime=2030-03-04T10:30:00%2B01:00"
    assert len(outlook.ask("GET", f"{HERS}/calendarView?{ends}").value) == 1
    missing = outlook.get(f"{HERS}/calendarView", startDateTime="2030-03-04T10:00:00Z")
    assert (missing.status, missing.json["error"]["target"]) == (400, "endDateTime")


def test_events_come_in_pages_that_lead_to_the_next(outlook: Program) -> None:
    for hour in range(8, 13):
        outlook.post(
            f"{HERS}/events", {"subject": f"{hour}", "start": utc(f"{hour:02}:00"), "end": utc(f"{hour:02}:30")}
        )
    path, seen = f"{HERS}/events?$top=2&$select=subject&$count=true", []
    while path:
        page = outlook.ask("GET", path).json
        assert page["@odata.count"] == 5
        assert set(page["value"][0]) == {"@odata.etag", "id", "subject"}
        seen += [one["subject"] for one in page["value"]]
        path = page.get("@odata.nextLink", "")
    assert seen == ["8", "9", "10", "11", "12"]
    late = outlook.get(
        f"{HERS}/events", **{"$filter": "start/dateTime ge '2030-03-04T11:00:00'", "$orderby": "start/dateTime desc"}
    )
    assert [one["subject"] for one in late.value] == ["12", "11"]
    assert outlook.get(f"{HERS}/events", **{"$filter": "contains(bodyPreview,'x')"}).status == 400


def test_what_a_program_puts_down_takes_the_time(outlook: Program, visit: Service) -> None:
    made = outlook.post(f"{HERS}/events", {**LUNCH, "body": {"contentType": "HTML", "content": "<b>Soup</b>"}})
    assert made.status == 201
    assert (made.json["subject"], made.json["bodyPreview"], made.json["isOrganizer"]) == ("Lunch", "Soup", True)
    assert made.json["body"]["contentType"] == "html"
    with pytest.raises(SlotTaken):
        book(visit, "12:00")
    assert book(visit, "13:00").pk


@pytest.mark.parametrize("shows", ["free", "WorkingElsewhere"])
def test_what_is_shown_as_free_leaves_the_time_open(outlook: Program, visit: Service, shows: str) -> None:
    outlook.post(f"{HERS}/events", {**LUNCH, "showAs": shows})
    assert book(visit, "12:00").pk


def test_an_event_handed_over_twice_is_put_down_once(outlook: Program) -> None:
    first, again = (outlook.post(f"{HERS}/events", {**LUNCH, "transactionId": "t-1"}) for _time in range(2))
    assert first.json["id"] == again.json["id"]
    assert DiaryEvent.objects.count() == BusyInterval.objects.count() == 1


def test_an_event_is_moved_and_its_time_with_it(outlook: Program, visit: Service) -> None:
    made = outlook.post(f"{HERS}/events", LUNCH).json
    moved = outlook.ask("PATCH", f"{HERS}/events/{made['id']}", {"start": utc("13:00"), "end": utc("14:00")})
    assert (moved.status, moved.json["subject"]) == (200, "Lunch")
    assert moved.json["@odata.etag"] != made["@odata.etag"]
    assert book(visit, "12:00").pk
    with pytest.raises(SlotTaken):
        book(visit, "13:00")


def test_whoever_saw_an_older_state_changes_nothing(outlook: Program) -> None:
    made = outlook.post(f"{HERS}/events", LUNCH).json
    at_it = f"{HERS}/events/{made['id']}"
    assert outlook.ask("PATCH", at_it, {"subject": "Brunch"}, if_match=made["@odata.etag"]).status == 200
    late = outlook.ask("PATCH", at_it, {"subject": "Dinner"}, if_match=made["@odata.etag"])
    assert late.status == 412
    assert outlook.ask("DELETE", at_it, if_match=made["@odata.etag"]).status == 412
    assert outlook.get(at_it).json["subject"] == "Brunch"
    assert outlook.ask("DELETE", at_it, if_match="*").status == 204


def test_a_deleted_event_gives_its_time_back(outlook: Program, visit: Service) -> None:
    made = outlook.post(f"{HERS}/events", LUNCH).json
    assert outlook.ask("DELETE", f"{HERS}/events/{made['id']}").status == 204
    assert outlook.get(f"{HERS}/events/{made['id']}").status == 404
    assert book(visit, "12:00").pk


def test_an_event_with_a_meeting_has_its_link_and_takes_it_along(outlook: Program) -> None:
    made = outlook.post(f"{HERS}/events", {**LUNCH, "isOnlineMeeting": True}).json
    assert "/visit?v=" in made["onlineMeeting"]["joinUrl"]
    outlook.ask("PATCH", f"{HERS}/events/{made['id']}", {"start": utc("15:00"), "end": utc("16:00")})
    assert Meeting.objects.get().starts_at == at("15:00")
    outlook.post(f"{HERS}/events/{made['id']}/cancel", {"Comment": "Not today"})
    assert Meeting.objects.get().state == Meeting.State.CANCELLED
    assert not DiaryEvent.objects.exists()


def test_appointments_and_time_off_are_not_changed_through_the_calendar(outlook: Program, visit: Service) -> None:
    booked = book(visit, "09:00")
    (shown,) = outlook.get(f"{HERS}/calendarView", **MONDAY).value
    at_it = f"{HERS}/events/{shown['id']}"
    assert outlook.ask("PATCH", at_it, {"subject": "Mine now"}).code == "ErrorAccessDenied"
    assert outlook.ask("DELETE", at_it).status == 403
    assert outlook.post(f"{at_it}/cancel", {"Comment": ""}).status == 400
    booked.refresh_from_db()
    assert (booked.status, booked.version) == (Appointment.Status.BOOKED, 0)


def test_a_whole_day_is_the_days_of_whoever_has_it(outlook: Program, ada: Provider) -> None:
    Provider.objects.filter(pk=ada.pk).update(timezone="America/Toronto")
    day = {"dateTime": "2030-03-04T00:00:00", "timeZone": "UTC"}, {"dateTime": "2030-03-05T00:00:00", "timeZone": "UTC"}
    made = outlook.post(f"{HERS}/events", {"subject": "Fair", "start": day[0], "end": day[1], "isAllDay": True}).json
    assert (made["isAllDay"], made["start"]["dateTime"][:16], made["end"]["dateTime"][:16]) == (
        True,
        "2030-03-04T00:00",
        "2030-03-05T00:00",
    )
    assert DiaryEvent.objects.get().start_minute == to_minute(datetime(2030, 3, 4, 5, tzinfo=UTC))
    odd = outlook.post(f"{HERS}/events", {**LUNCH, "isAllDay": True})
    assert odd.status == 400


def test_nobody_is_written_to_and_what_repeats_is_refused(outlook: Program) -> None:
    guest = {"emailAddress": {"address": "samantha@example.org", "name": "Samantha"}, "type": "Required"}
    made = outlook.post(f"{HERS}/events", {**LUNCH, "attendees": [guest]}).json
    assert made["attendees"][0]["status"]["response"] == "none"
    assert made["responseRequested"] is False
    pattern = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2030-03-04"}}
    assert outlook.post(f"{HERS}/events", {**LUNCH, "recurrence": pattern}).json["error"]["target"] == "recurrence"


# --- what has changed ---------------------------------------------------------------------------------------------


def delta(outlook: Program, link: str = "", *, size: int = 100) -> tuple[list[dict[str, Any]], str]:
    """Return what a program reads until there is no more, and the link to what comes after."""
    path, found = link or f"{HERS}/calendarView/delta?{urlencode(MONDAY)}", []
    while True:
        page = outlook.ask("GET", path, prefer=f"odata.maxpagesize={size}").json
        found += page["value"]
        if "@odata.deltaLink" in page:
            return found, page["@odata.deltaLink"]
        path = page["@odata.nextLink"]


def test_only_what_has_changed_is_told_afterwards(outlook: Program, visit: Service) -> None:
    lunch = outlook.post(f"{HERS}/events", LUNCH).json
    kept = outlook.post(f"{HERS}/events", {**LUNCH, "subject": "Tea", "start": utc("15:00"), "end": utc("15:30")}).json
    first, link = delta(outlook, size=1)
    assert [one["id"] for one in first] == [lunch["id"], kept["id"]]
    assert delta(outlook, link)[0] == []
    booked = book(visit, "09:00")
    outlook.ask("PATCH", f"{HERS}/events/{lunch['id']}", {"subject": "Brunch"})
    told, link = delta(outlook, link)
    assert [(one["id"], one["subject"]) for one in told] == [
        (booked.ref, f"First visit with {booked.name}"),
        (lunch["id"], "Brunch"),
    ]
    lifecycle.cancel(manager_of(visit.business), booked, reason="")
    outlook.ask("DELETE", f"{HERS}/events/{lunch['id']}")
    gone, _link = delta(outlook, link)
    assert {one["id"]: one["@removed"] for one in gone} == {
        booked.ref: {"reason": "deleted"},
        lunch["id"]: {"reason": "deleted"},
    }


def test_a_reading_that_is_too_old_is_begun_anew(outlook: Program) -> None:
    _found, link = delta(outlook)
    assert changes.purge() == 0
    clock.set_to(at("06:01") + timedelta(days=30))
    assert (changes.purge(), DiaryReading.objects.count()) == (1, 0)
    late = outlook.ask("GET", link)
    assert (late.status, late.code) == (410, "syncStateNotFound")
    assert outlook.ask("GET", f"{HERS}/calendarView/delta?$deltatoken=nonsense").status == 400


def test_calendars_of_another_business_are_not_there(outlook: Program) -> None:
    made = outlook.post(f"{HERS}/events", LUNCH).json
    _found, link = delta(outlook)
    stranger = program_of(make_business(name="Harbour Bank"))
    other = make_provider(business=stranger.business)
    Provider.objects.filter(pk=other.pk).update(email="otto@harbour.example")
    for path in (f"{HERS}/events/{made['id']}", f"/users/otto@harbour.example/events/{made['id']}", f"{HERS}/calendar"):
        assert stranger.get(path).status == 404
    assert stranger.ask("GET", link).status == 404
    theirs = link.replace("ada@lakeside.example", "otto@harbour.example")
    assert stranger.ask("GET", theirs).status == 410


def test_writing_takes_its_permission(ada: Provider) -> None:
    reader = program_of(ada.business, "Calendars.Read")
    assert reader.post(f"{HERS}/events", LUNCH).status == 403
    assert reader.get(f"{HERS}/calendar").json["owner"]["address"] == "ada@lakeside.example"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"),
        ("9999-12-30T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
@pytest.mark.parametrize("is_all_day", [False, True])
def test_what_no_zone_can_tell_the_time_of_is_not_put_down(
    outlook: Program, start: str, end: str, is_all_day: bool
) -> None:
    if is_all_day:
        start, end = (f"{one[:10]}T00:00:00" for one in (start, end))
    wish = {"isAllDay": is_all_day, "start": {"dateTime": start}, "end": {"dateTime": end}}
    assert outlook.post(f"{HERS}/events", wish).status == 400
    assert not DiaryEvent.objects.exists()


def test_a_filter_of_blanks_is_read_at_once(outlook: Program) -> None:
    began = time.process_time()
    assert outlook.get(f"{HERS}/events", **{"$filter": "a" + " " * 60_000 + "b"}).status == 400
    assert time.process_time() - began < 5, "read anew from each blank it takes twenty seconds, and nothing else runs"


def test_links_of_many_meetings_are_read_together(outlook: Program, django_assert_max_num_queries: Any) -> None:
    for minute in range(20):
        wish = LUNCH | {"subject": f"Call {minute}", "start": utc(f"12:{minute:02}"), "isOnlineMeeting": True}
        assert outlook.post(f"{HERS}/events", wish).status == 201
    with django_assert_max_num_queries(15):
        there = outlook.get(f"{HERS}/calendarView", **MONDAY).value
    assert len({one["onlineMeeting"]["joinUrl"] for one in there}) == 20
