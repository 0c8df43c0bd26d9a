"""Where consumers' pages may stand inside other sites."""

from typing import Any

from vestibule.experience import embeds
from vestibule.experience.sections import Section
from vestibule.experience.sections.described import entry, many, text
from vestibule.experience.sections.wanted import changed, under
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

KEYS = ("origins",)


def read(business: Business) -> dict[str, Any]:
    """Return the sites that may show the pages."""
    return {"origins": embeds.origins_of(business)}


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Change what differs."""
    with under(SECTION.name):
        changes = changed(wanted, was, KEYS)
        if "origins" in changes:
            embeds.put(actor, business, changes["origins"])


SCHEMA = entry(
    "Where consumers' pages may stand inside other sites.",
    {
        "origins": many(
            "The sites, each as https://clinic.example; http:// on localhost alone.",
            text("A site without anything after its name.", embeds.LONGEST, least=1, pattern=r"^https?://[^/*\s]+/?$"),
            embeds.MOST,
        ),
    },
)
SECTION = Section("embed", read, write, SCHEMA)
