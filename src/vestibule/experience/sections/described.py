"""Small pieces of JSON Schema (2020-12) in which the parts of an experience describe themselves."""

from collections.abc import Sequence
from typing import Any

Schema = dict[str, Any]
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
PICTURE = r"^(sha256:[0-9a-f]{64}|[0-9a-z]{16,32})?$"
"""A picture by what it holds, as in a file, or by its reference, as on the server that has it; "" for none."""


def text(words: str, most: int, *, least: int = 0, **more: Any) -> Schema:
    """Return the schema of a text of `least` to `most` characters."""
    return {
        "description": words,
        "type": "string",
        "maxLength": most,
        **({"minLength": least} if least else {}),
        **more,
    }


def number(words: str, least: int, most: int) -> Schema:
    """Return the schema of a whole number."""
    return {"description": words, "type": "integer", "minimum": least, "maximum": most}


def maybe(schema: Schema) -> Schema:
    """Return the schema of the same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def flag(words: str) -> Schema:
    """Return the schema of yes or no."""
    return {"description": words, "type": "boolean"}


def one_of(words: str, options: Sequence[str]) -> Schema:
    """Return the schema of one word of a list."""
    return {"description": words, "type": "string", "enum": list(options)}


def address(words: str, most: int = 200) -> Schema:
    """Return the schema of a web address, or ""."""
    return text(words, most, pattern=r"^(https?://\S+)?$")


def picture(words: str) -> Schema:
    """Return the schema of a picture that is named."""
    return {"description": words, "type": "string", "pattern": PICTURE}


def many(words: str, items: Schema, most: int, **more: Any) -> Schema:
    """Return the schema of a list."""
    return {"description": words, "type": "array", "items": items, "maxItems": most, **more}


def some_of(words: str, options: Sequence[str]) -> Schema:
    """Return the schema of a list of different words."""
    return many(words, {"type": "string", "enum": list(options)}, len(options), uniqueItems=True)


def entry(words: str, properties: dict[str, Schema], *, required: Sequence[str] = ()) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    shape: Schema = {"description": words, "type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": list(required)} if required else shape


def by_language(words: str, most: int) -> Schema:
    """Return the schema of a text in several languages."""
    return {
        "description": words,
        "type": "object",
        "propertyNames": {"pattern": LANGUAGE},
        "additionalProperties": {"type": "string", "maxLength": most},
    }
