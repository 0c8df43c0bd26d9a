"""Own words on consumers' pages, by language and place. Unlike other parts, what is left out is built in again."""

from typing import Any

from vestibule.experience import texts
from vestibule.experience.sections import Section
from vestibule.experience.sections.described import LANGUAGE, entry, text
from vestibule.experience.sections.wanted import under
from vestibule.people.models import Business
from vestibule.people.permissions import Actor


def read(business: Business) -> dict[str, dict[str, str]]:
    """Return own words by language and place."""
    return texts.stored(business)


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Let these be all own words."""
    with under(SECTION.name):
        texts.replace(actor, business, wanted)


SCHEMA = {
    "description": "Own words on consumers' pages, by language and place; where there are none, the built-in ones are.",
    "type": "object",
    "propertyNames": {"pattern": LANGUAGE},
    "additionalProperties": entry(
        "Own words in one language.",
        {
            place.key: text(f"{place.key.replace('_', ' ').capitalize()}.", place.most, least=1)
            for _page, places in texts.PAGES
            for place in places
        },
    ),
}
SECTION = Section("texts", read, write, SCHEMA)
