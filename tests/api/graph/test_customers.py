"""Customers of Bookings: our consumers, with what programs say of them kept beside."""

import base64
import json
from collections.abc import Iterator

import pytest

from tests.api.graph.bookings import READS, booked, books, cleo, clinic, home
from tests.api.graph.program import Program
from tests.booking.factories import at, book
from tests.integrations import graph_contract
from vestibule.booking.models import Service
from vestibule.people.models import Business, Consumer, Provider
from vestibule.store import clock

JONI = {
    "@odata.type": "#microsoft.graph.bookingCustomer",
    "displayName": "Joni Sherman",
    "emailAddress": "jonis@relecloud.com",
    "addresses": [{"street": "4567 Main Street", "city": "Buffalo", "postOfficeBox": "", "type": "home"}],
    "phones": [{"number": "206-555-0100", "type": "home"}, {"number": "206-555-0200", "type": "Mobile"}],
}


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


def path_of(program: Program, id: str = "") -> str:
    return f"{home(program.business)}/customers{f'/{id}' if id else ''}"


def test_a_customer_comes_back_as_written(program: Program) -> None:
    Business.objects.filter(pk=program.business.pk).update(phone="+12065550000")
    made = program.post(path_of(program), JONI)
    assert made.status == 201
    told = made.json
    assert told["@odata.type"] == "#microsoft.graph.bookingCustomer"
    assert (told["displayName"], told["emailAddress"]) == ("Joni Sherman", "jonis@relecloud.com")
    assert told["addresses"] == JONI["addresses"]
    assert [one["type"] for one in told["phones"]] == ["home", "mobile"]
    assert graph_contract.answer_faults("microsoft.graph.bookingCustomer", told) == []
    row = Consumer.objects.get()
    assert (row.ref, row.phone) == (told["id"], "+12065550200")
    again = program.get(path_of(program, told["id"].upper())).json
    assert again.pop("@odata.context").endswith("/customers/$entity")
    assert again == {name: value for name, value in told.items() if name != "@odata.context"}
    assert [one["id"] for one in program.get(path_of(program)).value] == [told["id"]]
    assert program.get(f"{path_of(program)}/$count").body == b"1"


def test_an_address_that_is_known_is_the_same_customer_under_the_name_they_have(
    program: Program, there: tuple[Business, Provider, Service]
) -> None:
    row = book(there[2], at("09:00")).consumer
    made = program.post(path_of(program), {"displayName": "C. B.", "emailAddress": "CLEO@example.org"})
    assert (made.status, made.json["id"], made.json["displayName"]) == (201, row.ref, "Cleo Baumann")
    nameless = {"displayName": "Walk In"}
    first, second = (program.post(path_of(program), nameless).json["id"] for _ in range(2))
    assert first != second


def test_a_patch_changes_what_it_names(program: Program) -> None:
    id = program.post(path_of(program), JONI).json["id"]
    clock.set_to(at("08:00"))
    changed = program.ask("PATCH", path_of(program, id), {"displayName": "Joni S.", "addresses": []})
    assert (changed.status, changed.json["displayName"], changed.json["addresses"]) == (200, "Joni S.", [])
    assert len(changed.json["phones"]) == 2
    assert changed.json["lastUpdatedDateTime"] >= "2030-03-04T08:00:00" > changed.json["createdDateTime"]
    other = program.post(path_of(program), {"displayName": "Ann", "emailAddress": "ann@example.org"}).json["id"]
    taken = program.ask("PATCH", path_of(program, other), {"emailAddress": "jonis@relecloud.com"})
    assert (taken.status, taken.json["error"]["innerError"]["code"]) == (409, "address_taken")


def test_who_had_appointments_is_not_forgotten(program: Program, there: tuple[Business, Provider, Service]) -> None:
    kept = book(there[2], at("09:00")).consumer.ref
    refused = program.ask("DELETE", path_of(program, kept))
    assert (refused.status, refused.json["error"]["innerError"]["code"]) == (409, "has_appointments")
    gone = program.post(path_of(program), JONI).json["id"]
    assert program.ask("DELETE", path_of(program, gone)).status == 204
    assert program.get(path_of(program, gone)).status == 404


def test_a_long_list_goes_on_at_its_next_link(program: Program) -> None:
    for number in range(5):
        program.post(path_of(program), {"displayName": f"Person {number}"})
    first = program.get(path_of(program), **{"$top": "2", "$count": "true", "$select": "id,displayName"})
    assert first.json["@odata.count"] == 5
    assert sorted(first.value[0]) == ["@odata.type", "displayName", "id"]
    second = program.ask("GET", first.json["@odata.nextLink"])
    third = program.ask("GET", second.json["@odata.nextLink"])
    names = [one["displayName"] for page in (first, second, third) for one in page.value]
    assert names == [f"Person {number}" for number in range(5)]
    assert "@odata.nextLink" not in third.json
    assert program.get(path_of(program), **{"$skiptoken": "bm8"}).status == 400
    assert program.get(path_of(program), **{"$filter": "phones eq '1'"}).status == 400


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2030-03-04", ""])
def test_a_token_of_a_time_that_cannot_be_is_refused(program: Program, moment: str) -> None:
    token = base64.urlsafe_b64encode(json.dumps([moment, 1]).encode()).decode().rstrip("=")
    refused = program.get(path_of(program), **{"$orderby": "createdDateTime", "$skiptoken": token})
    assert (refused.status, refused.json["error"]["target"]) == (400, "$skiptoken")


def test_who_skips_further_than_is_gone_is_told_so(program: Program) -> None:
    assert program.get(path_of(program), **{"$skip": "100000"}).value == []
    refused = program.get(path_of(program), **{"$skip": "100001"})
    assert (refused.status, refused.json["error"]["target"]) == (400, "$skip")


def test_customers_of_others_are_not_there(program: Program) -> None:
    _business, _bob, service = clinic()
    theirs = book(service, at("09:00")).consumer.ref
    for method in ("GET", "PATCH", "DELETE"):
        assert program.ask(method, path_of(program, theirs), {} if method == "PATCH" else None).status == 404
    assert program.get(path_of(program)).value == []


def test_who_only_reads_adds_nobody(program: Program) -> None:
    reader = books(program.business, READS)
    assert reader.post(path_of(program), JONI).status == 403
    assert reader.get(path_of(program)).status == 200


def test_an_appointment_goes_by_the_id_of_a_customer(
    program: Program, there: tuple[Business, Provider, Service]
) -> None:
    id = program.post(path_of(program), JONI).json["id"]
    told = booked(program, there[2], at("09:00"), customers=[{"customerId": id}])
    assert told["customers"][0]["name"] == "Joni Sherman"
    unknown = cleo(customerId="7ed53fa5-9ef2-4f2f-975b-27447440bc09")
    assert booked(program, there[2], at("10:00"), customers=[unknown])["customerName"] == "Cleo Baumann"
