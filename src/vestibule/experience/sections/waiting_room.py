"""The waiting room for everybody: what is shown there, when it is open, and who is asked what."""

from typing import Any

from vestibule.experience.sections import Section
from vestibule.experience.sections.wanted import changed, under
from vestibule.meetings import areas
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

KEYS = (
    "content_title",
    "content_text",
    "support_phone",
    "hours",
    "takes_walk_ins",
    "walk_in_minutes",
    "shows_position",
    "shows_expected_wait",
    "identity_fields",
    "amber_minutes",
    "red_minutes",
)


def read(business: Business) -> dict[str, Any]:
    """Return the settings of the area for everybody."""
    area = areas.find(business.pk, "")
    return {key: getattr(area, key) for key in KEYS}


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Change what differs."""
    with under(SECTION.name):
        changes = changed(wanted, was, KEYS)
        if changes:
            areas.change(actor, areas.find(business.pk, "").slug, **changes)


SECTION = Section("waiting_room", read, write)
