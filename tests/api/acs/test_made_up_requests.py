"""Requests that Schemathesis makes up from the descriptions: whatever comes, the answer is a described one."""

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

from tests.api.acs.sdk import VERSIONS, Emulator, running_emulator, signature
from tests.integrations.acs_contract import PLANE, answer_faults, require_descriptions

pytestmark = pytest.mark.slow

FILES = {
    "identity": "Identity/stable/2025-06-30/CommunicationIdentity.json",
    "rooms": "Rooms/stable/2025-03-13/communicationservicesrooms.json",
    "chat": "Chat/stable/2025-03-15/communicationserviceschat.json",
    "sms": "Sms/stable/2026-01-23/communicationservicessms.json",
    "email": "Email/stable/2025-09-01/CommunicationServicesEmail.json",
}
LEFT_OUT = {400, 404, 413}
"""What the description of Chat says of no operation, and the service answers nevertheless, as its own samples show."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 15
"""Of each operation; they are the same in each run, so that a run fails for its change alone."""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    require_descriptions()
    with running_emulator(tmp_path_factory.mktemp("made-up")) as running:
        yield running


@pytest.fixture(scope="module")
def token(emulator: Emulator) -> str:
    version, scopes = VERSIONS["identities"], ["chat", "voip"]
    asked = emulator.resource.ask("POST", f"/identities?api-version={version}", {"createTokenWithScopes": scopes})
    made: str = asked.json()["accessToken"]["token"]
    return made


@cache
def described(service: str) -> Any:
    return schemathesis.openapi.from_path(str(PLANE / FILES[service]))


@pytest.mark.parametrize("service", FILES)
def test_no_request_gets_an_answer_that_is_not_described(emulator: Emulator, token: str, service: str) -> None:
    session, one = requests.Session(), emulator.resource
    session.verify = str(one.authority)

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
        for found in described(service).get_all_operations():
            case = data.draw(found.ok().as_strategy())
            case.query = {
                **(case.query or {}),
                "api-version": FILES[service].split("/")[2],
            }  # others are 400, tested apart
            kwargs = case.as_transport_kwargs(base_url=one.endpoint)
            case.headers = kwargs["headers"]
            prepared = session.prepare_request(requests.Request(**{**kwargs, "cookies": None}))
            raw = prepared.body or b""
            body = raw.encode() if isinstance(raw, str) else raw
            assert isinstance(body, bytes)
            if service == "chat":
                prepared.headers["Authorization"] = f"Bearer {token}"
            else:
                signed = signature(one.endpoint, one.key, str(prepared.method), prepared.path_url, body)
                prepared.headers.update(signed)
            answer = session.send(prepared, timeout=60)
            if service == "chat" and answer.status_code in LEFT_OUT:
                assert answer_faults("chat", "CommunicationErrorResponse", answer.json()) == []
            else:
                case.validate_response(answer, checks=CHECKS)

    ask()
