"""Each resource of the templates for Azure is as Microsoft's schemas for its type and version want it.

What those schemas say of the resources we use is in `azure_shapes`. Where a checkout of the schemas themselves is at
hand (AZURE_SCHEMAS names its folder: github.com/Azure/azure-resource-manager-schemas) the templates are held against
them too.
"""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.deploy.arm import FOLDER, PAIRS, Template
from tests.deploy.azure_shapes import SHAPES

OFFICIAL = Path(os.environ.get("AZURE_SCHEMAS", "no-such-folder")) / "schemas"
NOT_OF_THE_RESOURCE = ("dependsOn", "scope", "comments")


@pytest.fixture(params=PAIRS)
def template(request: pytest.FixtureRequest) -> Template:
    return Template.read(FOLDER / f"{request.param}.json")


def test_every_resource_is_as_its_type_and_version_want_it(template: Template) -> None:
    for one in template.content["resources"]:
        asked = {name: template.value(part) for name, part in one.items() if name not in NOT_OF_THE_RESOURCE}
        jsonschema.validate(asked, SHAPES[f"{one['type']}@{one['apiVersion']}"], jsonschema.Draft7Validator)


def test_nothing_is_written_down_that_no_template_uses() -> None:
    used = set[str]()
    for pair in PAIRS:
        resources = Template.read(FOLDER / f"{pair}.json").content["resources"]
        used |= {f"{one['type']}@{one['apiVersion']}" for one in resources}
    assert used == set(SHAPES)


def test_what_no_schema_knows_is_found() -> None:
    template = Template.read(FOLDER / "new.json")
    server = next(one for one in template.content["resources"] if one["type"].endswith("/flexibleServers"))
    shape = SHAPES[f"{server['type']}@{server['apiVersion']}"]
    asked = {name: template.value(part) for name, part in server.items() if name not in NOT_OF_THE_RESOURCE}
    for wrong in ({"verson": "17"}, {"version": "9"}, {"storage": {"storageSizeGB": "32"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**asked, "properties": {**asked["properties"], **wrong}}, shape)


def official(schemas: Path, kind: str, version: str) -> dict[str, Any]:
    """Return Microsoft's schema of a type of resource, which takes nothing but what it names. Raises LookupError."""
    for path in sorted((schemas / version).glob(f"{kind.partition('/')[0]}*.json")):
        content = json.loads(path.read_text("utf-8"))
        for group in ("resourceDefinitions", "unknown_resourceDefinitions", "extension_resourceDefinitions"):
            for one in content.get(group, {}).values():
                if kind in one["properties"]["type"]["enum"]:
                    return {**_closed(one), "definitions": _closed(content["definitions"])}
    raise LookupError(f"{kind} of {version} is not there")


def _closed(part: Any) -> Any:
    """Their schemas let through what they do not name; a slip of the pen is such a thing."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    if str(part.get("$ref", "")).endswith("/definitions/expression"):
        return {"type": "string", "pattern": r"^\[.*\]$"}
    found = {name: _closed(one) for name, one in part.items()}
    is_object = isinstance(part.get("properties"), dict) and part.get("type") == "object"
    return {"additionalProperties": False, **found} if is_object else found


def holds(schemas: Path, template: Template) -> None:
    for one in template.content["resources"]:
        asked = {name: part for name, part in one.items() if name not in NOT_OF_THE_RESOURCE}
        jsonschema.validate(asked, official(schemas, one["type"], one["apiVersion"]), jsonschema.Draft4Validator)


@pytest.mark.skipif(
    not OFFICIAL.is_dir(),
    reason="NOT CHECKED against Microsoft's own schemas: AZURE_SCHEMAS names no azure-resource-manager-schemas",
)
def test_the_template_is_as_microsofts_own_schemas_want_it(template: Template) -> None:
    holds(OFFICIAL, template)


def test_schemas_laid_out_as_microsofts_are_read_to_the_letter(tmp_path: Path) -> None:
    expression = {"$ref": "https://schema.example.org/common/definitions.json#/definitions/expression"}
    fixed = {"type": {"enum": ["Example.Rooms/rooms"]}, "apiVersion": {"enum": ["2025-01-01"]}, "name": {}}
    size = {"type": "object", "properties": {"seats": {"oneOf": [{"type": "integer"}, expression]}}}
    room = {"type": "object", "properties": {**fixed, "properties": {"$ref": "#/definitions/Size"}}}
    (tmp_path / "2025-01-01").mkdir()
    file = {"resourceDefinitions": {"rooms": room}, "definitions": {"Size": size}}
    (tmp_path / "2025-01-01" / "Example.Rooms.json").write_text(json.dumps(file))
    asked = {"type": "Example.Rooms/rooms", "apiVersion": "2025-01-01", "name": "blue"}
    for seats in (4, "[parameters('seats')]"):
        holds(tmp_path, Template({"resources": [{**asked, "dependsOn": [], "properties": {"seats": seats}}]}))
    for wrong in ({"seats": "four"}, {"chairs": 4}):
        with pytest.raises(jsonschema.ValidationError):
            holds(tmp_path, Template({"resources": [{**asked, "properties": wrong}]}))
    with pytest.raises(LookupError):
        holds(tmp_path, Template({"resources": [{**asked, "apiVersion": "2024-01-01", "properties": {}}]}))
