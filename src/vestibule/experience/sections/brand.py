"""How the pages look: colour, letters, corners, density, scheme; logo and icon by reference."""

from typing import Any

from vestibule.experience.sections import Carried, Pictures, Section
from vestibule.experience.sections.described import entry, one_of, picture, text
from vestibule.experience.sections.wanted import changed, under
from vestibule.people import brand
from vestibule.people.models import BrandImage, Business
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


def _find(business: Business, ref: str) -> Carried | None:
    found = brand.find(ref)
    if found is None or found.business_id != business.pk:
        return None
    return Carried(found.media_type, found.alternative, bytes(found.content))


def _keep(actor: Actor, business: Business, key: str, content: bytes, alternative: str) -> str:
    known = BrandImage.objects.filter(business=business, kind=key, alternative=alternative)
    same = next((one for one in known if bytes(one.content) == content), None)
    return str((same or brand.keep(actor, business, key, content, alternative)).ref)


SCHEMA = entry(
    "How the pages look.",
    {
        "accent": one_of("The colour, of those that come with Vestibule.", brand.ACCENTS),
        "colour": text("A colour of its own, which counts before that; or none.", 7, pattern=r"^(#[0-9a-f]{6})?$"),
        "font": one_of("The letters.", brand.FONTS),
        "corners": one_of("The corners of buttons and panels.", brand.CORNERS),
        "density": one_of("How much air there is.", brand.DENSITIES),
        "scheme": one_of("Light, dark, or as the reader's device is.", brand.SCHEMES),
        "logo": picture("The logo."),
        "favicon": picture("The icon of the browser's tab."),
    },
)
SECTION = Section("brand", read, write, SCHEMA, Pictures(brand.PICTURES, _find, _keep))
