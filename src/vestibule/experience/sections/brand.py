"""How the pages look: colour, letters, corners, density, scheme; logo and icon by reference."""

from typing import Any

from vestibule.experience.sections import Section
from vestibule.experience.sections.wanted import changed, under
from vestibule.people import brand
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

LOOK = ("accent", "colour", "font", "corners", "density", "scheme")
KEYS = (*LOOK, *brand.PICTURES)


def read(business: Business) -> dict[str, Any]:
    """Return the look of a business; a logo or favicon as its reference, "" for none."""
    held = brand.of(business)
    shown = {name: getattr(brand.picture(getattr(business, f"{name}_id")), "ref", "") for name in brand.PICTURES}
    return {**{key: getattr(held, key) for key in LOOK}, **shown}


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Change what differs. A picture has to be one that this business sent before."""
    with under(SECTION.name):
        changes = changed(wanted, was, KEYS)
        if changes:
            brand.change(actor, business, **changes)


SECTION = Section("brand", read, write)
