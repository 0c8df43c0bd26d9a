"""The published examples of meetings, calendars and mail: asked of somebody here, each is answered as described."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.graph.program import Program, program_of
from tests.booking.factories import at
from tests.factories import make_provider
from tests.integrations.graph_contract import DESCRIPTION, require_description
from vestibule.people.applications import GRANTS
from vestibule.people.models import Provider
from vestibule.store import clock

PEOPLE = ("adelev@contoso.onmicrosoft.com", "meganb@contoso.onmicrosoft.com")
OF_USERS = ("onlinemeeting-create-passcode", "getschedule", "event-create", "sendmail", "sendmail-mime-bad")


def example(name: str) -> Any:
    require_description()
    told = json.loads((DESCRIPTION.parent / "examples.json").read_text("utf-8"))
    return next(one for one in (told if isinstance(told, list) else told["examples"]) if one["id"] == name)


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "http://testserver"
    clock.set_to(at("06:00"))
    yield
    clock.reset()


@pytest.fixture
def program() -> Program:
    adele = make_provider(name="Adele Vance")
    megan = make_provider(business=adele.business, name="Megan Bowen")
    for one, address in zip((adele, megan), PEOPLE, strict=True):
        Provider.objects.filter(pk=one.pk).update(email=address)
    return program_of(adele.business, *GRANTS)


def ask(program: Program, told: Any, user: str) -> Any:
    path = told["path"].removeprefix("/v1.0").replace("/me/", f"{user}/")
    body = told["request_body"]
    if told["headers"].get("Content-Type") == "text/plain":
        return program.ask(told["method"], path, str(body).encode(), content_type="text/plain")
    more = {"prefer": told["headers"]["Prefer"]} if "Prefer" in told["headers"] else {}
    return program.ask(told["method"], path, body, **more)


@pytest.mark.parametrize("name", OF_USERS)
def test_an_example_is_answered_for_somebody_and_for_nobody_is_refused(program: Program, name: str) -> None:
    told = example(name)
    assert ask(program, told, f"/users/{PEOPLE[0]}").status == told["status"]
    refused = ask(program, told, "/me")
    assert (refused.status, refused.code) == (400, "BadRequest")


def test_what_the_examples_say_is_in_the_answers(program: Program) -> None:
    event = ask(program, example("event-create"), f"/users/{PEOPLE[0]}").json
    assert event["start"] == {"dateTime": "2017-04-15T12:00:00.0000000", "timeZone": "Pacific Standard Time"}
    assert (event["location"]["displayName"], event["attendees"][0]["type"]) == ("Harry's Bar", "required")
    meeting = ask(program, example("onlinemeeting-create-passcode"), f"/users/{PEOPLE[0]}").json
    assert (meeting["subject"], meeting["startDateTime"][:16]) == ("User meeting", "2019-07-12T21:30")
    first, second = ask(program, example("getschedule"), f"/users/{PEOPLE[0]}").value
    assert (first["availabilityView"], second["scheduleId"]) == ("000000000", PEOPLE[1])


def test_the_errors_of_the_examples_are_ours(program: Program) -> None:
    told = example("sendmail-mime-bad")
    assert ask(program, told, f"/users/{PEOPLE[0]}").code == told["response_body"]["error"]["code"]


def test_mailboxes_that_are_not_here_are_not_subscribed_to(program: Program) -> None:
    wish = example("subscription-create")["request_body"]
    assert program.post("/subscriptions", wish).status == 400
    assert program.post("/subscriptions", wish | {"resource": f"users/{PEOPLE[0]}/messages"}).status == 400
