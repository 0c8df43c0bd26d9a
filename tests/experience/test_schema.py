"""The schema of `experience.json` is made of what each part says of itself, and every document keeps to it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.test import Client

from tests.booking.factories import make_service
from tests.factories import make_business, make_provider, manager_of
from tests.pictures import picture
from vestibule.experience import document, files, schema
from vestibule.experience.sections import Section
from vestibule.meetings import area_pictures
from vestibule.people.models import Business

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference" / "experience.schema.json"
QUESTIONS: list[dict[str, Any]] = [
    {"id": "why", "type": "choice", "label": "Why?", "choices": ["New", "Again"]},
    {"id": "terms", "type": "consent", "label": "I agree", "required": True, "text": "All of it", "version": "2"},
]


def full_business() -> Business:
    """A business that has something in every part that may be empty."""
    business = make_business()
    make_provider(business=business)
    service = make_service(business=business, slug="first", name="First", window_days=365)
    service.questions = QUESTIONS
    service.save()
    area_pictures.show(manager_of(business), "", picture(), "A blue square")
    return Business.objects.get(pk=business.pk)


def faults(wanted: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema.schema())
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in validator.iter_errors(wanted)]


def undescribed(shape: dict[str, Any], path: str) -> Iterator[str]:
    """Places of a schema without a description, or where anything at all may be."""
    if "description" not in shape and path.count(".") > 0 and not path.endswith("[]"):
        yield f"{path} says nothing of itself"
    if shape.get("type") == "object":
        if shape.get("additionalProperties", True) is True:
            yield f"{path} takes any key"
        for name, one in shape.get("properties", {}).items():
            yield from undescribed(one, f"{path}.{name}")
    if shape.get("type") == "array":
        yield from undescribed(shape["items"], f"{path}[]")


def test_the_schema_is_one_and_published_as_it_is_made(client: Client) -> None:
    jsonschema.Draft202012Validator.check_schema(schema.schema())
    again = "vestibule export --schema --out docs/reference/experience.schema.json"
    assert PUBLISHED.read_text("utf-8") == schema.written(), again
    answer = client.get(schema.ADDRESS)
    assert answer.content.decode() == schema.written()
    assert (answer["Content-Type"], answer["Access-Control-Allow-Origin"]) == (
        "application/schema+json; charset=utf-8",
        "*",
    )


def test_every_part_and_every_key_says_what_it_is() -> None:
    found = [list(undescribed(section.schema or {}, name)) for name, section in document.SECTIONS.items()]
    assert [one for several in found for one in several] == []


def test_a_part_that_does_not_describe_itself_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Section("silent", lambda business: {}, lambda actor, business, wanted, was: None)
    monkeypatch.setitem(document.SECTIONS, "silent", silent)
    schema.schema.cache_clear()
    try:
        with pytest.raises(schema.Undescribed, match=r"sections for: silent"):
            schema.schema()
    finally:
        schema.schema.cache_clear()


@pytest.mark.django_db
def test_what_holds_keeps_to_the_schema_and_has_every_key_of_it() -> None:
    held = document.read(full_business())
    assert faults(held) == []
    for name, section in document.SECTIONS.items():
        shape = section.schema["items"] if section.schema["type"] == "array" else section.schema
        told = held[name][0] if isinstance(held[name], list) else held[name]
        if "properties" in shape:
            assert list(shape["properties"]) == list(told), name


@pytest.mark.django_db
def test_a_file_keeps_to_the_schema_with_its_pictures_in_it_or_beside_it() -> None:
    business = full_business()
    for apart in (False, True):
        packed = files.pack(manager_of(business), business, apart=apart)
        assert faults(json.loads(packed.text)) == []
        assert packed.document["waiting_room"]["media"] in packed.document["pictures"]


@pytest.mark.django_db
def test_the_schema_refuses_what_the_server_refuses() -> None:
    held = document.read(full_business())
    for part, key, value in (
        ("business", "colour", "red"),
        ("call", "captions", "sometimes"),
        ("call", "end_hint_minutes", 999),
        ("waiting_room", "hours", [{"day": 8, "start": 0, "end": 10}]),
        ("waiting_room", "media", "https://example.org/a.png"),
        ("reminders", "list", [{"side": "before"}]),
    ):
        wanted = deepcopy(held)
        wanted[part][key] = value
        assert faults(wanted), (part, key)
    assert faults({"business": {}}) == [": 'format' is a required property"]
