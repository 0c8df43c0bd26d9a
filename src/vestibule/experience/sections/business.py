"""Who the business is: names, contact data and what is linked to."""

from typing import Any

from vestibule.booking.setup import businesses
from vestibule.experience.sections import Section
from vestibule.experience.sections.described import LANGUAGE, address, entry, many, text
from vestibule.experience.sections.wanted import changed, under
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

KEYS = (
    "name",
    "tagline",
    "industry",
    "language",
    "languages",
    "timezone",
    "email",
    "phone",
    "privacy_url",
    "terms_url",
)


def read(business: Business) -> dict[str, Any]:
    """Return the facts of a business."""
    return {key: getattr(business, key) for key in KEYS}


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Change what differs."""
    with under(SECTION.name):
        changes = changed(wanted, was, KEYS)
        if changes:
            businesses.change_business(actor, business, **changes)


SCHEMA = entry(
    "Who the business is. Its name in addresses is no part of it.",
    {
        "name": text("As consumers read it.", 120, least=1),
        "tagline": text("One line below the name.", 200),
        "industry": text("What it does, such as health.", 40, least=1),
        "language": text("The language of its own words.", 12, pattern=LANGUAGE),
        "languages": many(
            "Those offered to consumers; none: all that are shipped.",
            {"type": "string", "pattern": LANGUAGE},
            100,
            uniqueItems=True,
        ),
        "timezone": text("Where its hours count, such as Europe/London.", 64, least=1),
        "email": text("Where consumers can write to.", 254),
        "phone": text("Where consumers can call, with its country: +442079460018.", 40),
        "privacy_url": address("What it does with what it is told."),
        "terms_url": address("Its terms."),
    },
)
SECTION = Section("business", read, write, SCHEMA)
