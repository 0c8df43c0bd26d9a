"""The published examples of customers and appointments, sent as they are but for ids, which are each server's own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.graph.bookings import books, clinic, home
from tests.api.graph.program import Program
from tests.booking.factories import make_service
from tests.integrations import graph_contract
from vestibule.api.graph import values
from vestibule.booking.models import Appointment, Service
from vestibule.people.models import Business, Provider
from vestibule.store import clock

OURS = frozenset({"id", "serviceLocation", "joinWebUrl", "anonymousJoinWebUrl", "staffMemberIds", "@odata.context"})
"""What every server says for itself."""


@pytest.fixture(autouse=True)
def _spring(db: None) -> Iterator[None]:
    clock.set_to(datetime(2018, 4, 27, 9, tzinfo=UTC))
    yield
    clock.reset()


@pytest.fixture
def there() -> tuple[Business, Provider, Service]:
    business, ada, _service = clinic()
    Business.objects.filter(pk=business.pk).update(phone="+12065550000")
    age = {"id": "age", "type": "text", "label": "What is your age?", "required": True, "help": "", "choices": []}
    service = make_service(
        providers=[ada],
        name="Catered bento",
        seats=5,
        price_minor=1000,
        currency="USD",
        buffer_before_minutes=5,
        buffer_after_minutes=10,
        questions=[age],
    )
    return business, ada, service


@pytest.fixture
def program(there: tuple[Business, Provider, Service]) -> Program:
    return books(there[0], "Bookings.ReadWrite.All")


def example(id: str) -> dict[str, Any]:
    graph_contract.require_description()
    path = graph_contract.SHARED / "contracts" / "graph" / "examples.json"
    found: dict[str, Any] = next(one for one in json.loads(path.read_text("utf-8")) if one["id"] == id)
    return found


def known(program: Program, asked: dict[str, Any]) -> str:
    """The customer of an example, made known as its business knows them; their id here."""
    customer = {"displayName": asked["name"], "emailAddress": asked["emailAddress"]}
    return str(program.post(f"{home(program.business)}/customers", customer).json["id"])


def test_a_customer_is_made_as_in_the_example(program: Program) -> None:
    given = example("customer-create")
    made = program.post(f"{home(program.business)}/customers", given["request_body"])
    assert made.status == given["status"]
    wanted = {name: value for name, value in given["response_body"].items() if name not in OURS}
    assert {name: made.json[name] for name in wanted} == wanted


def test_an_appointment_is_booked_and_cancelled_as_in_the_examples(
    program: Program, there: tuple[Business, Provider, Service]
) -> None:
    given = example("appointment-create")
    asked, wanted = given["request_body"], given["response_body"]
    service = f"{home(program.business)}/services/{there[2].ref}"
    assert program.ask("PATCH", service, {"defaultReminders": asked["reminders"]}).status == 204
    customer = known(program, asked["customers"][0])
    sent = {**asked, "serviceId": there[2].ref, "customers": [{**asked["customers"][0], "customerId": customer}]}
    made = program.post(f"{home(program.business)}/appointments", sent)
    assert made.status == given["status"], made.json
    told = made.json
    by_offset = {one["offset"]: one for one in told["reminders"]}
    assert by_offset == {one["offset"]: one for one in wanted["reminders"]}
    person, example_person = told["customers"][0], values.without_notes(wanted["customers"][0])
    assert person["@odata.type"] == "#microsoft.graph.bookingCustomerInformation"
    for name in ("name", "emailAddress", "phone", "notes", "location", "timeZone"):
        assert person[name] == example_person[name], name
    answered, example_answer = person["customQuestionAnswers"][0], example_person["customQuestionAnswers"][0]
    assert answered["questionId"] != example_answer["questionId"]
    assert {**answered, "questionId": ""} == {**example_answer, "questionId": ""}
    for name in wanted.keys() - OURS - {"customers", "serviceId", "reminders"}:
        assert told[name] == wanted[name], name
    cancel = example("appointment-cancel")
    path = f"{home(program.business)}/appointments/{told['id']}"
    assert program.post(f"{path}/cancel", cancel["request_body"]).status == cancel["status"]
    assert Appointment.objects.get().cancel_reason == cancel["request_body"]["cancellationMessage"]
    assert program.post(f"{path}/cancel", cancel["request_body"]).status == 404
