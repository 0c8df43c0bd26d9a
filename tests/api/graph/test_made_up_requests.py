"""Requests that Schemathesis makes up from the description of Graph: whatever comes, the answer is a described one."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integrations.graph_contract import DESCRIPTION, require_description
from tests.servers import RunningServer, running_server
from vestibule.api.graph import routes

pytestmark = pytest.mark.slow

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
WITHOUT_BODY = CHECKS[:2]
"""The description speaks of success as a whole; the documentation says of which that it has no body."""
EXAMPLES = 6
"""Of each operation; they are the same in each run, so that a run fails for its change alone."""
FAMILIES = ("/solutions/", "/users/", "/subscriptions")
NAMES = {"bookingBusiness-id": "lakeside-clinic@localhost", "user-id": "provider@lakeside-clinic.example"}
"""What stands in these places half of the time, so that not everything is only 404."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    require_description()
    with running_server(tmp_path_factory.mktemp("made-up")) as running:
        yield running


@cache
def described() -> Any:
    """Return the description. Its times of day are by its own pattern: JSON Schema's `time` wants an offset besides."""
    lines = DESCRIPTION.read_text("utf-8").splitlines()
    return schemathesis.openapi.from_file("\n".join(line for line in lines if line.strip() != "format: time"))


@pytest.mark.parametrize("family", FAMILIES)
def test_no_request_gets_an_answer_that_is_not_described(server: RunningServer, family: str) -> None:
    facts = json.loads((server.data / "demo.json").read_text("utf-8"))
    people = [one["email"] for one in facts["accounts"] if one["role"] == "provider"]
    names = NAMES | {"user-id": people[0]}
    answered = {one.facts["operation"] for one in routes.operations()}
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {facts['graph']['token']}"
    names |= _there(session, facts["graph"]["base_url"])

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        for found in described().get_all_operations():
            operation = found.ok()
            if not operation.path.startswith(family) or operation.definition.raw["operationId"] not in answered:
                continue
            case = data.draw(operation.as_strategy())
            if data.draw(st.booleans()):
                case.path_parameters = {**(case.path_parameters or {})}
                case.path_parameters |= {name: one for name, one in names.items() if name in case.path_parameters}
            kwargs = case.as_transport_kwargs(base_url=facts["graph"]["base_url"])
            kwargs["headers"].pop("Authorization", None)
            answer = session.request(**{**kwargs, "cookies": None, "timeout": 60})
            case.validate_response(answer, checks=WITHOUT_BODY if answer.status_code == 204 else CHECKS)

    ask()


def _there(session: requests.Session, base_url: str) -> dict[str, str]:
    """Return ids of what the demonstration's clinic has, by the names of their places."""
    clinic = f"{base_url}/solutions/bookingBusinesses/{NAMES['bookingBusiness-id']}"
    places = {"services": "bookingService-id", "staffMembers": "bookingStaffMemberBase-id"}
    places |= {"customQuestions": "bookingCustomQuestion-id", "appointments": "bookingAppointment-id"}
    found = {name: session.get(f"{clinic}/{part}", timeout=60).json()["value"] for part, name in places.items()}
    return {name: str(rows[-1]["id"]) for name, rows in found.items() if rows}
