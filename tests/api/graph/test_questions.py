"""Custom questions by the Graph-shaped API: one list of the business, over what each service asks."""

from typing import Any

import pytest

from tests.api.graph.bookings import READS, books, clinic, home
from tests.api.graph.program import Program
from tests.booking.factories import MONDAY, make_service
from tests.factories import manager_of
from tests.integrations import graph_contract
from vestibule.booking import setup
from vestibule.booking.models import Service, SharedQuestion
from vestibule.people.models import Business
from vestibule.store import clock

WRITES = "Bookings.ReadWrite.All"
REASON = {"id": "reason", "type": "text", "label": "Why do you come?", "required": True}
CONSENT = {"id": "consent", "type": "consent", "label": "I agree", "required": True, "text": "To all of it."}


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    clock.set_to(MONDAY)


@pytest.fixture
def business() -> Business:
    return clinic()[0]


@pytest.fixture
def program(business: Business) -> Program:
    return books(business, WRITES)


@pytest.fixture
def service(business: Business) -> Service:
    found: Service = Service.objects.get(business=business)
    return found


def questions(program: Program) -> str:
    return f"{home(program.business)}/customQuestions"


def asks(program: Program, service: Service, *asked: Any) -> None:
    """Let staff write what a service asks."""
    setup.change_service(manager_of(program.business), service, questions=list(asked))


def asked_by(program: Program, service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.get(f"{home(program.business)}/services/{service.ref}").json[
        "customQuestions"
    ]
    return found


def let_ask(program: Program, service: Service, *wanted: tuple[str, bool]) -> None:
    """Let a program say what a service asks: ids of questions, and whether they are required."""
    named = [{"questionId": id, "isRequired": required} for id, required in wanted]
    reply = program.ask("PATCH", f"{home(program.business)}/services/{service.ref}", {"customQuestions": named})
    assert reply.status == 204, reply.json
    service.refresh_from_db()


def made(program: Program, label: str = "What is your age?", *options: str) -> str:
    body = {"displayName": label, "answerInputType": "radioButton" if options else "text", "answerOptions": [*options]}
    return str(program.post(questions(program), body).json["id"])


def test_the_example_of_the_reference_page_comes_back_as_it_went(program: Program) -> None:
    example = graph_contract.example("customquestion-create")
    reply = program.post(questions(program), example["request_body"])
    assert reply.status == example["status"]
    for name in example["response_body"].keys() - {"id"}:
        assert reply.json[name] == example["response_body"][name]
    assert program.get(f"{questions(program)}/{reply.json['id'].upper()}").json == reply.json


def test_a_question_no_service_asks_is_kept_until_one_does(program: Program, service: Service) -> None:
    id = made(program)
    assert [one["id"] for one in program.get(questions(program)).value] == [id]
    let_ask(program, service, (id, True))
    assert asked_by(program, service) == [{"questionId": id, "isRequired": True}]
    assert (service.questions[0]["label"], service.questions[0]["required"]) == ("What is your age?", True)


def test_what_staff_wrote_at_services_is_told_once_where_it_is_the_same(program: Program, service: Service) -> None:
    other = make_service(business=program.business, name="Zweitbesuch")
    asks(program, service, REASON)
    asks(program, other, REASON | {"required": False})
    (told,) = program.get(questions(program)).value
    assert (told["displayName"], told["answerInputType"], told["answerOptions"]) == ("Why do you come?", "text", [])
    assert asked_by(program, service) == [{"questionId": told["id"], "isRequired": True}]
    assert asked_by(program, other) == [{"questionId": told["id"], "isRequired": False}]


def test_what_staff_wrote_differently_is_told_apart(program: Program, service: Service) -> None:
    other = make_service(business=program.business, name="Zweitbesuch")
    asks(program, service, REASON)
    asks(program, other, REASON | {"label": "What has changed?"})
    told = program.get(questions(program)).value
    assert sorted(one["displayName"] for one in told) == ["What has changed?", "Why do you come?"]
    assert len({one["id"] for one in told}) == 2
    assert program.get(f"{questions(program)}/$count").body == b"2"


def test_a_change_is_made_wherever_it_is_asked(program: Program, service: Service) -> None:
    other = make_service(business=program.business, name="Zweitbesuch")
    id = made(program)
    for one in (service, other):
        let_ask(program, one, (id, True))
    reply = program.ask(
        "PATCH",
        f"{questions(program)}/{id}",
        {"displayName": "How old?", "answerInputType": "RadioButton", "answerOptions": ["Under 18", "18 or more"]},
    )
    assert (reply.status, reply.json["id"], reply.json["answerInputType"]) == (200, id, "radioButton")
    for one in (service, other):
        one.refresh_from_db()
        asked = one.questions[0]
        assert (asked["label"], asked["type"], asked["required"]) == ("How old?", "choice", True)
        assert asked["choices"] == ["Under 18", "18 or more"]


def test_what_staff_recognise_people_by_stays_with_a_question(program: Program, service: Service) -> None:
    asks(
        program,
        service,
        {**REASON, "id": "born", "type": "date", "label": "Born", "confirms": "birth_date", "help": "Day"},
    )
    (told,) = program.get(questions(program)).value
    assert program.ask("PATCH", f"{questions(program)}/{told['id']}", {"displayName": "Your birthday"}).status == 200
    service.refresh_from_db()
    asked = service.questions[0]
    assert (asked["label"], asked["type"], asked["confirms"], asked["help"]) == (
        "Your birthday",
        "date",
        "birth_date",
        "Day",
    )


def test_a_consent_is_nothing_a_program_takes_away(program: Program, service: Service) -> None:
    asks(program, service, CONSENT, REASON)
    (told,) = program.get(questions(program)).value
    let_ask(program, service)
    assert [one["id"] for one in service.questions] == ["consent"]
    let_ask(program, service, (made(program), False))
    assert [one["type"] for one in service.questions] == ["text", "consent"]
    assert told["displayName"] == "Why do you come?"


def test_what_is_taken_away_is_asked_nowhere(program: Program, service: Service) -> None:
    id = made(program)
    let_ask(program, service, (id, True))
    assert program.ask("DELETE", f"{questions(program)}/{id}").status == 204
    service.refresh_from_db()
    assert service.questions == []
    assert not SharedQuestion.objects.exists()
    assert program.get(f"{questions(program)}/{id}").code == "ErrorItemNotFound"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({}, "displayName"),
        ({"displayName": " "}, "displayName"),
        ({"displayName": "x" * 201}, "displayName"),
        ({"displayName": "Which?", "answerInputType": "slider"}, "answerInputType"),
        ({"displayName": "Which?", "answerInputType": "radioButton"}, "answerOptions"),
        ({"displayName": "Which?", "answerInputType": "radioButton", "answerOptions": [1]}, "answerOptions"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(program: Program, body: Any, target: str) -> None:
    reply = program.post(questions(program), body)
    assert (reply.status, reply.json["error"]["target"]) == (400, target)


def test_a_question_is_asked_once_by_a_service(program: Program, service: Service) -> None:
    id = made(program)
    named = [{"questionId": id, "isRequired": True}] * 2
    reply = program.ask("PATCH", f"{home(program.business)}/services/{service.ref}", {"customQuestions": named})
    assert (reply.status, reply.json["error"]["target"]) == (400, "customQuestions")


def test_questions_of_another_business_are_not_there(program: Program) -> None:
    other, _provider, service = clinic(name="Harbour Bank")
    theirs = books(other, WRITES)
    id = made(theirs)
    for method in ("GET", "PATCH", "DELETE"):
        assert program.ask(method, f"{questions(program)}/{id}", {"displayName": "Mine"}).status == 404
    assert theirs.get(f"{questions(theirs)}/{id}").json["displayName"] == "What is your age?"
    assert service.questions == []


def test_reading_does_not_allow_writing(business: Business) -> None:
    reads = books(business, READS)
    assert reads.get(questions(reads)).status == 200
    assert reads.post(questions(reads), {"displayName": "Why?"}).status == 403
