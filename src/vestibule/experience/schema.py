"""The JSON Schema of `experience.json`, put together from what each part says of itself.

`vestibule export --schema` writes it; `docs/reference/experience.schema.json` holds it.
"""

import json
from functools import cache
from typing import Any

from vestibule.experience import document
from vestibule.experience.sections.described import entry, text

ADDRESS = "/experience.schema.json"
"""Where every server publishes it."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PICTURE_KEY = r"^sha256:[0-9a-f]{64}$"


class Undescribed(LookupError):
    """A part of the document has no schema."""


@cache
def schema() -> dict[str, Any]:
    """Return the schema of a whole document. Raises Undescribed naming the parts that describe themselves nowhere."""
    silent = [name for name, section in document.SECTIONS.items() if not section.schema]
    if silent:
        raise Undescribed(f"no schema is given in experience/sections for: {', '.join(silent)}")
    return {
        "$schema": DIALECT,
        "title": "An experience of Vestibule",
        "description": "What consumers of a business see and can do. A part or value that is missing stays as it is.",
        "type": "object",
        "properties": {
            "$schema": {"description": "Where this schema is, for editors.", "type": "string"},
            "format": {"description": "The version of this shape.", "const": document.FORMAT},
            **{name: section.schema for name, section in document.SECTIONS.items()},
            "pictures": _pictures(),
        },
        "required": ["format"],
        "additionalProperties": False,
    }


def written() -> str:
    """Return the schema as it is published: by two spaces, in the order of the document."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _pictures() -> dict[str, Any]:
    one = entry(
        "One picture or film: in the file itself (`base64`), or beside it (`file`).",
        {
            "type": text("What it is, such as image/png.", 40, pattern=r"^(image|video)/[a-z0-9.+-]+$"),
            "alternative": text("What is seen, for who does not see it.", 200),
            "base64": {"description": "What it holds.", "type": "string", "contentEncoding": "base64"},
            "file": text("Where it lies beside this file.", 120, pattern=r"^pictures/[0-9a-f]{64}\.[a-z0-9]{2,5}$"),
        },
        required=("type",),
    )
    return {
        "description": "The pictures that the parts name, each by what it holds.",
        "type": "object",
        "propertyNames": {"pattern": PICTURE_KEY},
        "additionalProperties": {**one, "oneOf": [{"required": ["base64"]}, {"required": ["file"]}]},
    }
