"""The description of API v1 is valid and says every refusal."""

from typing import Any

import pytest
from django.test import Client
from openapi_spec_validator import validate

from tests.api.conftest import Caller

CODES = (
    *("slot_taken", "outside_hours", "off_grid", "too_soon", "too_far", "closed", "limit_reached", "resource_taken"),
    *("provider_not_offered", "service_hidden", "hold_expired", "idempotency_mismatch", "invalid_contact"),
)


@pytest.fixture
def described() -> dict[str, Any]:
    told: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    return told


NOTHING = dict.fromkeys(("business", "id", "service", "provider", "resource", "ref", "area"), "nothing") | {
    "day": "2030-01-01"
}


def codes_of(operation: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            found |= set(
                answer["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]
            )
    return found


def test_it_is_a_valid_description(described: dict[str, Any]) -> None:
    validate(described)


def test_booking_declares_every_refusal(described: dict[str, Any]) -> None:
    operation = described["paths"]["/api/v1/businesses/{business}/appointments"]["post"]
    assert set(CODES) <= codes_of(operation)
    assert {"400", "401", "404", "409", "413", "422", "429"} <= set(operation["responses"])


def test_changing_declares_what_only_changes_meet(described: dict[str, Any]) -> None:
    operation = described["paths"]["/api/v1/appointments/{id}/cancel"]["post"]
    assert {"already_cancelled", "too_late_to_change", "not_permitted", "unauthorised"} <= codes_of(operation)


def test_every_post_takes_an_idempotency_key(described: dict[str, Any]) -> None:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            names = {one["name"] for one in operation.get("parameters", [])}
            assert ("Idempotency-Key" in names) == (method == "post"), path


def test_what_is_described_is_there(described: dict[str, Any], public: Caller) -> None:
    for path, operations in described["paths"].items():
        for method in operations:
            address = path.removeprefix("/api/v1").format_map(NOTHING)
            answer = public.send(method.upper(), address)
            assert answer.status_code in (401, 404, 422), (method, path, answer.status_code)
