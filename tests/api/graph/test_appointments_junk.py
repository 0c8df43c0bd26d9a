"""Whatever stands in a member of an appointment or a customer: the answer is a described one, and nothing breaks."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.graph.bookings import booked, books, cleo, clinic, home, visit
from tests.api.graph.program import Program
from tests.booking.factories import at
from vestibule.booking.models import Service
from vestibule.store import clock

JUNK: list[Any] = [
    None, "", "x", "x" * 5000,
    0, -1, 1e300, 2**60, "a\u200bb\u202e", True, [], [None], [[]], ["x"], [{}], {}, {"dateTime": 5},
    {"dateTime": "2030-03-04T25:00:00Z"},
    {"dateTime": "0001-01-01T00:00:00+14:00"}, {"dateTime": "9999-12-31T23:59:59Z", "timeZone": []},
    [{"questionId": 5, "answer": [], "selectedOptions": "x"}], [{"type": 7, "number": {}}], {"address": "x"},
]  # fmt: skip
MEMBERS = (
    "serviceId", "startDateTime", "endDateTime", "staffMemberIds", "customers", "customerTimeZone", "customerName",
    "customerEmailAddress", "customerPhone", "customerNotes", "optOutOfCustomerEmail", "smsNotificationsEnabled",
    "appointmentLabel", "serviceNotes", "additionalInformation", "serviceLocation", "price", "duration", "reminders",
)  # fmt: skip
OF_CUSTOMERS = ("customerId", "name", "emailAddress", "phone", "notes", "timeZone", "location", "customQuestionAnswers")
DONE = (201, 204, 400, 409)


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def service() -> Service:
    return clinic()[2]


@pytest.fixture
def program(service: Service) -> Program:
    return books(service.business)


def some(number: int) -> list[Any]:
    """A few of what might stand in a member, others for each: together they are met by every kind of member."""
    return [JUNK[(number * 4 + at) % len(JUNK)] for at in range(4)]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_no_value_of_a_member_breaks_anything(program: Program, service: Service, method: str) -> None:
    path = f"{home(program.business)}/appointments"
    if method == "PATCH":
        path += f"/{booked(program, service, at('09:00'))['id']}"
    for number, name in enumerate((*MEMBERS, *(f"customers/{one}" for one in OF_CUSTOMERS))):
        for value in some(number):
            outer, _slash, inner = name.partition("/")
            said = {"customers": [cleo(**{inner: value})]} if inner else {outer: value}
            body = visit(service, at("10:00")) | said if method == "POST" else said
            reply = program.ask(method, path, body)
            assert reply.status in DONE, (name, value, reply.json)
            if reply.status == 201:
                program.ask("DELETE", f"{path}/{reply.json['id']}")


def test_no_value_breaks_a_customer(program: Program) -> None:
    path = f"{home(program.business)}/customers"
    known = program.post(path, {"displayName": "Joni"}).json["id"]
    for name in ("displayName", "emailAddress", "phones", "addresses"):
        for value in JUNK:
            made = program.post(path, {"displayName": "Ann"} | {name: value})
            assert made.status in DONE, (name, value)
            assert program.ask("PATCH", f"{path}/{known}", {name: value}).status in (200, *DONE), (name, value)


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"null", b'{"a": 1e308}'])
def test_a_body_that_is_no_object_is_refused(program: Program, service: Service, body: bytes) -> None:
    told = booked(program, service, at("09:00"))
    for method, path in (
        ("POST", "/appointments"),
        ("POST", "/customers"),
        ("PATCH", f"/appointments/{told['id']}"),
        ("POST", "/getStaffAvailability"),
    ):
        assert program.ask(method, home(program.business) + path, body).status in (204, 400), (method, path)
