"""The OpenAPI description: what ninja knows of the operations, and every refusal they may answer with."""

from typing import Any

from ninja import NinjaAPI

from vestibule.api.v1.problems import Problem
from vestibule.people.problems import CONTENT_TYPE, TITLES

PREFIX = "/api/v1/"
Codes = dict[int, tuple[str, ...]]
BOOKING: Codes = {
    409: ("slot_taken", "resource_taken"),
    422: (
        *("outside_hours", "off_grid", "too_soon", "too_far", "closed", "limit_reached", "provider_not_offered"),
        *("service_hidden", "hold_expired", "idempotency_mismatch", "invalid_contact", "invalid"),
    ),
    429: ("rate_limited",),
}
EVERY: Codes = {404: ("not_found",), 405: ("method_not_allowed",), 422: ("invalid",), 500: ("failed",)}
KEYED: Codes = {401: ("unauthorised",), 403: ("not_permitted",)}
WRITE: Codes = {
    400: ("malformed",),
    413: ("too_large",),
    422: ("invalid", "idempotency_mismatch"),
    429: ("rate_limited",),
}
CHANGE: Codes = KEYED | {409: ("already_cancelled", "wrong_status"), 422: ("too_late_to_change",)}
WAITING: Codes = {
    409: ("already_cancelled", "wrong_status"),
    422: ("service_hidden", "provider_not_offered", "invalid_contact", "too_late_to_change"),
}
BY_OPERATION: dict[tuple[str, str], list[Codes]] = {
    ("get", "/businesses/{business}/slots"): [{422: ("service_hidden", "provider_not_offered")}],
    ("get", "/businesses/{business}/slots/explain"): [{422: ("service_hidden", "provider_not_offered")}],
    ("post", "/businesses/{business}/holds"): [BOOKING, {401: KEYED[401], 429: ("too_many_holds",)}],
    ("post", "/businesses/{business}/appointments"): [BOOKING, {401: KEYED[401]}],
    ("get", "/appointments/{id}"): [KEYED],
    ("patch", "/appointments/{id}"): [CHANGE],
    ("post", "/appointments/{id}/cancel"): [CHANGE],
    ("post", "/appointments/{id}/cannot-come"): [CHANGE],
    ("post", "/appointments/{id}/reschedule"): [CHANGE, BOOKING],
    ("post", "/appointments/{id}/approve"): [CHANGE],
    ("post", "/appointments/{id}/decline"): [CHANGE],
    ("post", "/appointments/{id}/links"): [CHANGE, {422: ("invalid_contact",)}],
    ("post", "/businesses/{business}/waitlist"): [WAITING, {401: KEYED[401]}],
    ("get", "/waitlist"): [KEYED],
    ("get", "/waitlist/{id}"): [KEYED],
    ("post", "/waitlist/{id}/accept"): [KEYED, BOOKING, CHANGE],
    ("post", "/waitlist/{id}/decline"): [KEYED, {422: ("hold_expired",)}],
    ("post", "/waitlist/{id}/leave"): [KEYED],
    ("post", "/appointments/{id}/no-show"): [CHANGE],
    ("post", "/appointments/{id}/not-seen"): [CHANGE],
    ("post", "/appointments/{id}/complete"): [CHANGE],
    ("get", "/appointments"): [KEYED],
    ("get", "/customers"): [KEYED],
    ("get", "/survey-answers"): [KEYED],
}
OPTIONAL_KEY = {
    ("post", "/businesses/{business}/holds"),
    ("post", "/businesses/{business}/appointments"),
    ("post", "/businesses/{business}/waitlist"),
}


def described(api: NinjaAPI) -> dict[str, Any]:
    """Return the description of `api` with all refusals, keys and headers in it."""
    document: dict[str, Any] = {**api.get_openapi_schema(path_prefix=PREFIX)}
    components = document["components"]
    components["schemas"]["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"] |= components["schemas"]["Problem"].pop("$defs", {})
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key of one business, or the token of an appointment's link (22 characters).",
        }
    }
    document["servers"] = [{"url": "/"}]
    paths: dict[str, dict[str, Any]] = document["paths"]
    for address, operations in paths.items():
        for method, operation in operations.items():
            _complete(operation, method, "/" + address.removeprefix(PREFIX))
    return document


def _complete(operation: dict[str, Any], method: str, address: str) -> None:
    told = [EVERY, *([WRITE] if method != "get" else []), *BY_OPERATION.get((method, address), [])]
    if operation.get("tags") == ["Set-up"]:
        told.append(KEYED)
    codes: dict[int, dict[str, None]] = {}
    for group in told:
        for status, names in group.items():
            codes.setdefault(status, {}).update(dict.fromkeys(names))
    for status in sorted(codes):
        operation["responses"][str(status)] = _problem(status, list(codes[status]))
    if 401 in codes:
        operation["security"] = [{"bearer": []}, *([{}] if (method, address) in OPTIONAL_KEY else [])]
    if method == "post":
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)


def _problem(status: int, codes: list[str]) -> dict[str, Any]:
    schema = {
        "allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": {"code": {"enum": sorted(codes)}}}],
    }
    return {
        "description": f"{TITLES[status]}: {', '.join(f'`{code}`' for code in codes)}",
        "content": {CONTENT_TYPE: {"schema": schema}},
    }


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Fresh for each request, the same to repeat one; kept for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
