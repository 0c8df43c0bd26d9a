"""Who the business is: names, contact data and what is linked to."""

from typing import Any

from vestibule.booking.setup import businesses
from vestibule.experience.sections import Section
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


SECTION = Section("business", read, write)
