"""The published description of Graph, as far as it is in the shared contracts: which request is one it would take."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema
import pytest
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SHARED = Path(os.environ.get("VESTIBULE_SHARED") or Path(__file__).resolve().parents[3] / "shared")
DESCRIPTION = SHARED / "contracts" / "graph" / "graph-subset.openapi.yaml"
HOME = "urn:graph"
Json = Any


def require_description() -> None:
    """Skip, loudly, where the contracts are not beside the project."""
    if not DESCRIPTION.exists():
        pytest.skip("NOT CHECKED against the description of Graph: the shared contracts are not here")


def faults(method: str, address: str, body: Json) -> list[str]:
    """Return in which ways a request is not one that Graph is described to take; none for one that is."""
    parts = urlsplit(address)
    operation = _operation(method, parts.path.removeprefix("/v1.0"))
    if operation is None:
        return [f"there is no {method} {parts.path}"]
    path_item, own = operation
    named = {one["name"] for one in map(_resolved, [*path_item.get("parameters", []), *own.get("parameters", [])])}
    needed = {
        one["name"] for one in map(_resolved, own.get("parameters", [])) if one["in"] == "query" and one.get("required")
    }
    given = {name for name, _value in parse_qsl(parts.query)} - {"$skiptoken", "$deltatoken", "$skip"}
    found = [f"there is no parameter {name}" for name in given - named]
    if not {"$deltatoken", "$skiptoken"} & {name for name, _value in parse_qsl(parts.query)}:
        found += [f"{name} is missing" for name in needed - given]
    content = own.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if content is not None and body is not None:
        errors = _validator().evolve(schema=_plain(content)).iter_errors(body)
        found += [f"{'/'.join(map(str, one.path))}: {one.message[:200]}" for one in errors]
    return found


def answer_faults(schema: str, body: Json) -> list[str]:
    """Return in which ways an answer is not what the named schema says."""
    there = _plain({"$ref": f"#/components/schemas/{schema}"})
    return [one.message[:200] for one in _validator().evolve(schema=there).iter_errors(body)]


def example(id: str) -> Json:
    """Return one of the public examples: what is sent, what is answered. Yours to change."""
    require_description()
    found: list[Json] = json.loads((DESCRIPTION.parent / "examples.json").read_text("utf-8"))
    return next(one for one in found if one["id"] == id)


def _operation(method: str, path: str) -> tuple[Json, Json] | None:
    for template, item in _description()["paths"].items():
        if _pattern(template).fullmatch(unquote(path)) and method.lower() in item:
            return item, item[method.lower()]
    return None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile(r"[^/]+".join(map(re.escape, parts)).replace(r"\(\)", r"(?:\(\))?"), re.IGNORECASE)


@cache
def _description() -> Json:
    require_description()
    return yaml.load(DESCRIPTION.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def _validator() -> Any:
    schemas = {name: _plain(one) for name, one in _description()["components"]["schemas"].items()}
    whole = DRAFT202012.create_resource({"components": {"schemas": schemas}})
    return jsonschema.Draft202012Validator({}, registry=Registry().with_resource(HOME, whole))


def _resolved(one: Json) -> Json:
    while "$ref" in one:
        found = _description()
        for part in one["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        one = found
    return one


def _plain(schema: Json) -> Json:
    """Return an OpenAPI 3.0 schema as JSON Schema: `nullable` is a type of its own there."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _plain(one) for name, one in schema.items() if name not in ("nullable", "discriminator", "format")}
    if "$ref" in found:
        found["$ref"] = HOME + found["$ref"]
    if schema.get("nullable") and isinstance(schema.get("type"), str):
        found["type"] = [schema["type"], "null"]
        if "enum" in schema:
            found["enum"] = [*schema["enum"], None] if None not in schema["enum"] else schema["enum"]
    return found


def answered_faults(method: str, path: str, status: int, body: bytes) -> list[str]:
    """Return in which ways an answer is not one that is described, or documented, for an operation."""
    operation = _operation(method, path)
    if operation is None:
        return [] if status in (404, 405) else [f"there is no {method} {path}"]
    own = operation[1]
    answers = own["responses"]
    documented = own.get("x-documented-status", [])
    if 200 <= status < 300 and documented and status not in documented and str(status) not in answers:
        return [f"{status} is not one of {documented}"]
    answer = _resolved(answers.get(str(status)) or answers.get(f"{status // 100}XX") or {})
    content = answer.get("content", {}).get("application/json", {}).get("schema")
    if "text/plain" in answer.get("content", {}):
        return [] if body.isdigit() else ["not a number alone"]
    if content is None or not body:
        return [] if not body else ["a body that is not described"]
    errors = _validator().evolve(schema=_plain(content)).iter_errors(json.loads(body))
    return [f"{'/'.join(map(str, one.path))}: {one.message[:200]}" for one in errors]
