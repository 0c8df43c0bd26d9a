"""Lists as programs want them: some of what there is, in an order, page by page and counted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.api.graph.bookings import books, clinic, home, in_view
from tests.api.graph.program import Program, program_of
from tests.booking.factories import at, book, make_service
from vestibule.booking.models import Service
from vestibule.people.models import Business, Consumer, Provider
from vestibule.store import clock

HERS = "/users/ada@lakeside.example"
DAY = {"startDateTime": "2030-03-04T00:00:00Z", "endDateTime": "2030-03-05T00:00:00Z"}


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("06:00"))
    yield
    clock.reset()


@pytest.fixture
def there() -> tuple[Business, Provider, Service]:
    return clinic()


@pytest.fixture
def program(there: tuple[Business, Provider, Service]) -> Program:
    return books(there[0], "BookingsAppointment.ReadWrite.All", "Bookings.ReadWrite.All")


@pytest.fixture
def outlook(there: tuple[Business, Provider, Service]) -> Program:
    program = program_of(there[0])
    for subject, hour, more in (
        ("Lunch", 12, {}),
        ("Team meeting", 9, {"showAs": "tentative", "isOnlineMeeting": True}),
        ("Lunch with Otto", 13, {"showAs": "oof", "sensitivity": "private"}),
        ("", 15, {"showAs": "free"}),
    ):
        times = {
            name: {"dateTime": f"2030-03-04T{hour + add:02}:00:00", "timeZone": "UTC"}
            for name, add in (("start", 0), ("end", 1))
        }
        assert program.post(f"{HERS}/events", {"subject": subject, **times, **more}).status == 201
    return program


def subjects(program: Program, given: str, order: str = "", *, of: str = "calendarView", **more: str) -> list[str]:
    """Return the subjects of what a program finds in a calendar."""
    asked = more | ({"$filter": given} if given else {}) | ({"$orderby": order} if order else {})
    return [one["subject"] for one in program.get(f"{HERS}/{of}", **DAY, **asked).value]


@pytest.mark.parametrize("of", ["calendarView", "calendar/calendarView", "events", "calendar/events"])
@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("subject eq 'lunch'", ["Lunch"]),
        ("startsWith(subject,'Lunch')", ["Lunch", "Lunch with Otto"]),
        ("contains(subject,'meeting')", ["Team meeting"]),
        ("isCancelled eq false and showAs ne 'free'", ["Team meeting", "Lunch", "Lunch with Otto"]),
        ("isCancelled eq true", []),
        ("showAs eq 'oof' or isOnlineMeeting eq true", ["Team meeting", "Lunch with Otto"]),
        ("start/dateTime ge '2030-03-04T12:00:00' and end/dateTime le '2030-03-04T13:00'", ["Lunch"]),
        ("start/dateTime ge '2030-03-04T14:00:00+01:00' and not (showAs eq 'free')", ["Lunch with Otto"]),
        ("sensitivity eq 'private' and isOrganizer eq true and isAllDay eq false", ["Lunch with Otto"]),
        ("type eq 'singleInstance' and start/dateTime lt '2030-03-04T10:00:00.0000000'", ["Team meeting"]),
    ],
)
def test_a_calendar_is_filtered(outlook: Program, of: str, given: str, found: list[str]) -> None:
    assert subjects(outlook, given, of=of) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("start/dateTime", ["Team meeting", "Lunch", "Lunch with Otto"]),
        ("start/DateTime desc", ["Lunch with Otto", "Lunch", "Team meeting"]),
        ("end/dateTime desc", ["Lunch with Otto", "Lunch", "Team meeting"]),
        ("subject", ["Lunch", "Lunch with Otto", "Team meeting"]),
        ("showAs, subject desc", ["Lunch", "Lunch with Otto", "Team meeting"]),
        ("createdDateTime,start/dateTime", ["Lunch", "Team meeting", "Lunch with Otto"]),
    ],
)
def test_a_calendar_is_ordered(outlook: Program, order: str, found: list[str]) -> None:
    assert subjects(outlook, "showAs ne 'free'", order) == found
    as_some_write_it = outlook.get(f"{HERS}/calendarView", **DAY, **{"$filter": "showAs ne 'free'", "$orderBy": order})
    assert [one["subject"] for one in as_some_write_it.value] == found


def test_pages_of_a_filtered_calendar_go_on_in_its_order(outlook: Program) -> None:
    asked = {"$filter": "startswith(subject,'L') or isOnlineMeeting eq true", "$orderby": "start/dateTime desc"}
    page = outlook.get(f"{HERS}/calendarView", **DAY, **asked, **{"$top": "1", "$count": "true", "$select": "subject"})
    found = []
    while True:
        assert page.json["@odata.count"] == 3
        assert [set(one) - {"@odata.etag", "id"} for one in page.value] == [{"subject"}]
        found += [one["subject"] for one in page.value]
        if "@odata.nextLink" not in page.json:
            break
        page = outlook.ask("GET", page.json["@odata.nextLink"])
    assert found == ["Lunch with Otto", "Lunch", "Team meeting"]
    assert subjects(outlook, "", "subject desc", **{"$skip": "1", "$top": "2"}) == ["Lunch with Otto", "Lunch"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("$filter", "singleValueExtendedProperties/Any(ep: ep/id eq 'x')"),
        ("$filter", "attendees/any(a: a/emailAddress/address eq 'x')"),
        ("$filter", "start ge '2030-03-04'"),
        ("$orderby", "start"),
        ("$search", '"lunch"'),
    ],
)
def test_what_a_calendar_is_not_asked_by_is_refused(outlook: Program, name: str, given: str) -> None:
    refused = outlook.get(f"{HERS}/calendarView", **DAY, **{name: given})
    assert (refused.status, refused.json["error"]["target"]) == (400, name)


def test_who_may_read_times_alone_finds_nothing_out_by_filters(
    outlook: Program, there: tuple[Business, Provider, Service]
) -> None:
    shy = program_of(there[0], "Calendars.ReadBasic")
    for hidden in ("contains(subject,'Otto')", "sensitivity eq 'normal'", "isOnlineMeeting eq true"):
        assert shy.get(f"{HERS}/calendarView", **DAY, **{"$filter": hidden}).value == []
    assert len(shy.get(f"{HERS}/calendarView", **DAY, **{"$filter": "showAs eq 'oof'"}).value) == 1


# --- Bookings -----------------------------------------------------------------------------------------------------


def names(program: Program, part: str, **asked: str) -> list[Any]:
    return [one["displayName"] for one in program.get(f"{home(program.business)}/{part}", **asked).value]


def test_businesses_are_found_by_their_name(program: Program) -> None:
    path = "/solutions/bookingBusinesses"
    there = {"$filter": "displayName eq 'Lakeside Clinic'"}
    assert [one["displayName"] for one in program.get(path, **there).value] == ["Lakeside Clinic"]
    assert program.get(path, **{"$filter": "startswith(displayName,'Harbour')"}).value == []
    assert program.get(f"{path}/$count", **there).body == b"1"
    assert len(program.get(path, query="lake", **{"$orderby": "displayName desc"}).value) == 1


def test_services_staff_and_questions_are_narrowed(program: Program, there: tuple[Business, Provider, Service]) -> None:
    make_service(business=there[0], providers=[there[1]], name="Checkup", duration_minutes=15)
    hidden = make_service(business=there[0], providers=[there[1]], name="Review")
    Service.objects.filter(pk=hidden.pk).update(visibility=Service.Visibility.HIDDEN, price_minor=9000, currency="EUR")
    assert names(program, "services", **{"$orderby": "displayName"}) == ["Checkup", "First visit", "Review"]
    shown = {"$filter": "isHiddenFromCustomers eq false", "$orderby": "displayName desc"}
    assert names(program, "services", **shown) == ["First visit", "Checkup"]
    assert names(program, "services", **{"$filter": "defaultPriceType eq 'fixedPrice' and defaultPrice ge 90"}) == [
        "Review"
    ]
    counted = program.get(f"{home(program.business)}/services/$count", **{"$filter": "startswith(displayName,'r')"})
    assert counted.body == b"1"
    assert names(program, "staffMembers", **{"$filter": "emailAddress eq 'ADA@lakeside.example'"}) == [there[1].name]
    assert names(program, "staffMembers", **{"$filter": "role eq 'administrator'"}) == []
    program.post(f"{home(program.business)}/customQuestions", {"displayName": "Where does it hurt?"})
    assert names(program, "customQuestions", **{"$filter": "contains(displayName,'hurt')"}) == ["Where does it hurt?"]


def test_customers_are_found_and_ordered_page_by_page(program: Program) -> None:
    for name in ("Cleo", "Anna", "Bela", "Abel"):
        told = {"displayName": name, "emailAddress": f"{name}@example.org"}
        assert program.post(f"{home(program.business)}/customers", told).status == 201
    assert names(program, "customers", **{"$filter": "emailAddress eq 'CLEO@example.org'"}) == ["Cleo"]
    assert names(program, "customers", **{"$filter": "startswith(displayName,'a') and not (id eq 'x')"}) == [
        "Anna",
        "Abel",
    ]
    assert names(program, "customers", **{"$filter": "displayName in ('Bela','Cleo')", "$orderby": "displayName"}) == [
        "Bela",
        "Cleo",
    ]
    path, found = f"{home(program.business)}/customers", []
    asked = {"$top": "2", "$count": "true", "$filter": "contains(displayName,'l')", "$orderby": "displayName desc"}
    page = program.get(path, **asked)
    while True:
        assert page.json["@odata.count"] == 3
        found += [one["displayName"] for one in page.value]
        if "@odata.nextLink" not in page.json:
            break
        page = program.ask("GET", page.json["@odata.nextLink"])
    assert found == ["Cleo", "Bela", "Abel"]
    assert program.get(f"{path}/$count", **{"$filter": "displayName ne 'Anna'"}).body == b"3"
    Consumer.objects.filter(name="Anna").update(email="")
    assert names(program, "customers", **{"$filter": "emailAddress eq null"}) == ["Anna"]
    first = program.get(path, **{"$top": "1", "$orderby": "createdDateTime desc"})
    second = program.ask("GET", first.json["@odata.nextLink"])
    assert [one["displayName"] for one in (*first.value, *second.value)][:2] == ["Abel", "Bela"]
    for wrong in ("displayName gt 'A'", "phones eq 'x'", "createdDateTime ge 'soon'"):
        assert program.get(path, **{"$filter": wrong}).json["error"]["target"] == "$filter"
    assert program.get(path, **{"$orderby": "displayName,id"}).json["error"]["target"] == "$orderby"
    usual = program.get(path, **{"$top": "1"}).json["@odata.nextLink"]
    for order in ("displayName", "createdDateTime"):
        assert program.ask("GET", f"{usual}&$orderby={order}").json["error"]["target"] == "$skiptoken"


@pytest.mark.parametrize(
    ("given", "times"),
    [
        ("startDateTime/dateTime ge '2030-03-04T09:30:00Z'", ["09:30", "10:00"]),
        ("startDateTime/dateTime gt '2030-03-04T09:30:00Z'", ["10:00"]),
        ("startDateTime/dateTime gt '2030-03-04T09:29:59Z'", ["09:30", "10:00"]),
        ("startDateTime/dateTime le '2030-03-04T09:30:30Z'", ["09:00", "09:30"]),
        ("startDateTime/dateTime lt '2030-03-04T09:30:30Z'", ["09:00", "09:30"]),
        ("startDateTime/dateTime eq '2030-03-04T09:30:00Z'", ["09:30"]),
        ("startDateTime/dateTime eq '2030-03-04T09:30:30Z'", []),
        ("endDateTime/dateTime lt '2030-03-04T10:30:00Z' and serviceName eq 'First visit'", ["09:00", "09:30"]),
        ("serviceId eq 'nothing'", []),
        ("startDateTime/dateTime ne '2030-03-04T09:30:00Z'", ["09:00", "10:00"]),
    ],
)
def test_appointments_are_narrowed_by_time_and_service(
    program: Program, there: tuple[Business, Provider, Service], given: str, times: list[str]
) -> None:
    for time in ("09:00", "09:30", "10:00"):
        book(there[2], at(time))
    found = program.get(f"{home(program.business)}/appointments", **{"$filter": given})
    assert [one["startDateTime"]["dateTime"][11:16] for one in found.value] == times
    view = in_view(program, "2030-03-04T00:00:00Z", "2030-03-05T00:00:00Z", **{"$filter": given})
    assert [one["id"] for one in view.value] == [one["id"] for one in found.value]


def test_the_latest_appointments_come_first_page_by_page(
    program: Program, there: tuple[Business, Provider, Service]
) -> None:
    for day in range(5):
        book(there[2], at("09:00") + timedelta(days=day))
    page = in_view(
        program,
        "2030-03-04T00:00:00Z",
        "2030-03-31T00:00:00Z",
        **{"$top": "2", "$orderby": "startDateTime/dateTime desc", "$filter": "startDateTime/dateTime lt '2030-03-08'"},
    )
    assert page.status == 400, "a day alone is no instant"
    page = in_view(
        program,
        "2030-03-04T00:00:00Z",
        "2030-03-31T00:00:00Z",
        **{
            "$top": "2",
            "$count": "true",
            "$orderby": "startDateTime/dateTime desc",
            "$filter": "startDateTime/dateTime lt '2030-03-08T00:00'",
        },
    )
    found = []
    while True:
        assert page.json["@odata.count"] == 4
        found += [one["startDateTime"]["dateTime"][8:10] for one in page.value]
        if "@odata.nextLink" not in page.json:
            break
        page = program.ask("GET", page.json["@odata.nextLink"])
    assert found == ["07", "06", "05", "04"]
