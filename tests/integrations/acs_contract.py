"""The published descriptions of Communication Services, as the shared contracts hold them: which request is one."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

SHARED = Path(os.environ.get("VESTIBULE_SHARED") or Path(__file__).resolve().parents[3] / "shared")
HOME = SHARED / "contracts" / "acs"
PLANE = HOME / "specification" / "communication" / "data-plane"
SERVICES = {
    "identities": PLANE / "Identity/stable/2025-06-30/CommunicationIdentity.json",
    "rooms": PLANE / "Rooms/stable/2025-03-13/communicationservicesrooms.json",
    "chat": PLANE / "Chat/stable/2025-03-15/communicationserviceschat.json",
    "sms": PLANE / "Sms/stable/2026-01-23/communicationservicessms.json",
    "emails": PLANE / "Email/stable/2025-09-01/CommunicationServicesEmail.json",
}
VERSIONS = {"identities": {"2023-10-01"}, "rooms": {"2025-03-13"}, "chat": {"2024-03-07"}}
"""What the official packages say they speak (contract, section "what the official SDKs really send")."""
CONTINUES = {"after"}
"""What the stand-in adds to the address of a further page, as the service adds its own."""
Json = Any


def require_descriptions() -> None:
    """Skip, loudly, where the contracts are not beside the project."""
    if not HOME.exists():
        pytest.skip("NOT CHECKED against the descriptions of Communication Services: the shared contracts are not here")


def example(name: str, status: int) -> Json:
    """Return the body of an official example's answer."""
    require_descriptions()
    body: Json = json.loads((HOME / "examples" / name).read_text("utf-8"))["responses"][str(status)]["body"]
    return body


def request_of(name: str, parameter: str) -> Json:
    """Return what an official example sends as its parameter of that name."""
    require_descriptions()
    body: Json = json.loads((HOME / "examples" / name).read_text("utf-8"))["parameters"][parameter]
    return body


def faults(method: str, address: str, headers: dict[str, str], body: Json) -> list[str]:
    """Return in which ways a request is not one that the service is described to take; none for one that is."""
    parts = urlsplit(address)
    service = parts.path.split("/")[1]
    path, operation = _operation(service, method, parts.path)
    if operation is None:
        return [f"there is no {method} {parts.path}"]
    query, found = parse_qs(parts.query), []
    if not set(query.pop("api-version", [])) <= VERSIONS[service]:
        found.append("the api-version is another one")
    for ref in [*path.get("parameters", []), *operation.get("parameters", [])]:
        one = _resolved(service, ref)
        if one["in"] == "query":
            query.pop(one["name"], None)
        if one["in"] == "header" and one.get("required") and one["name"].lower() not in headers:
            found.append(f"{one['name']} is missing")
        if one["in"] == "body" and body is not None:
            found += _wrong(service, one["schema"], _without_nulls(body))
    return found + [f"there is no parameter {name}" for name in set(query) - CONTINUES]


def answer_faults(service: str, definition: str, body: Json) -> list[str]:
    """Return in which ways an answer is not what the description says."""
    return _wrong(service, {"$ref": f"#/definitions/{definition}"}, body)


def faults_of_answer(method: str, path: str, status: int, body: Json) -> list[str]:
    """Return in which ways an answer is not what is described for `method` at `path` with that status.

    Values that cannot be used (400) and what is not there (404) are told in the shape of every other error.
    """
    service = path.split("/")[1]
    _path, operation = _operation(service, method, path)
    if operation is None:
        return [f"there is no {method} {path}"]
    said = operation["responses"].get(str(status))
    if said is None and status not in (400, 404):
        return [f"{method} {path} is never answered by {status}"]
    if status >= 400:
        return answer_faults(service, "CommunicationErrorResponse", body)
    schema = (said or {}).get("schema")
    if schema is None:
        return [] if body in (None, {}) else ["there is a body where none is described"]
    return _wrong(service, schema, body)


def _operation(service: str, method: str, path: str) -> tuple[Json, Json]:
    for template, item in _description(service)["paths"].items():
        if _pattern(template).fullmatch(unquote(path)) and method.lower() in item:
            return item, item[method.lower()]
    return {}, None


def _without_nulls(body: Json) -> Json:
    """Take out what the packages send as null: unset, and participants who are removed."""
    if isinstance(body, dict):
        return {name: _without_nulls(one) for name, one in body.items() if one is not None}
    return body


def _wrong(service: str, schema: Json, body: Json) -> list[str]:
    require_descriptions()
    whole = SERVICES[service].as_uri()
    there = json.loads(json.dumps(schema).replace('"$ref": "#', f'"$ref": "{whole}#'))
    errors = jsonschema.Draft4Validator(there, registry=_registry()).iter_errors(body)
    return [f"{'/'.join(map(str, one.path))}: {one.message[:200]}" for one in errors]


def _resolved(service: str, one: Json) -> Json:
    if "$ref" not in one:
        return one
    found = _registry().resolver(SERVICES[service].as_uri()).lookup(one["$ref"])
    return found.contents


@cache
def _registry() -> Any:
    def read(address: str) -> Any:
        text = Path(unquote(urlsplit(address).path)).read_text("utf-8")
        return Resource.from_contents(json.loads(text), default_specification=DRAFT4)

    return Registry(retrieve=read)  # type: ignore[call-arg]  # attrs names it so


@cache
def _description(service: str) -> Json:
    require_descriptions()
    return json.loads(SERVICES[service].read_text("utf-8"))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(r"[^/]+".join(map(re.escape, re.split(r"\{[^}]+\}", template))))
