"""What the document of a page says about how it looks: accent, scheme, style sheet, browser's frame, logo, icon."""

from dataclasses import dataclass, replace
from typing import Any

from vestibule.people import brand
from vestibule.people.brand import Brand
from vestibule.people.models import Business
from vestibule.people.palette import DARK, LIGHT, palette
from vestibule.web import accents, theme

WORDMARK = 2.2
"""A logo at least so many times as wide as high has the name in it, which then need not stand beside it."""


@dataclass(frozen=True)
class Frame:
    """The colour a browser gives its own frame; `media` is when, "" always."""

    colour: str
    media: str = ""


@dataclass(frozen=True)
class Look:
    """How a page looks. `scheme` is fixed or ""; `sheet` is "" where nothing differs from what every page has.

    `later` is the sheet that brings letters of its own to a page that begins without them; "" where none follow.
    """

    accent: str
    scheme: str
    sheet: str
    frames: tuple[Frame, ...]
    icon: str
    later: str = ""

    @property
    def schemes(self) -> str:
        """The schemes the page comes in, as browsers are told."""
        return self.scheme or f"{LIGHT} {DARK}"


@dataclass(frozen=True)
class Logo:
    """The picture in the header; `has_name` says that it stands for the name of the business."""

    url: str
    alternative: str
    width: int
    height: int
    has_name: bool


def of(business: Any, *, asked: str = "", is_staff: bool = False, letters_later: bool = False) -> Look:
    """Return the look of a page of `business` (None: of nobody). `asked` is a scheme chosen for this page alone.

    Pages of staff take the colour only: they are dense already, and in the scheme of who works on them. With
    `letters_later` a page has the reader's own letters until a script asks for those of the business.
    """
    if not isinstance(business, Business):
        name = str(getattr(business, "accent", "") or accents.DEFAULT)
        return Look(name, asked, "", (Frame(_band(name)),), "")
    held = brand.of(business)
    if is_staff:
        held = Brand(accent=held.accent, colour=held.colour)
    first = replace(held, font=brand.FONTS[0]) if letters_later else held
    scheme = asked or ("" if held.scheme == brand.SCHEMES[0] else held.scheme)
    picture = brand.picture(business.favicon_id)
    return Look(
        accent=theme.OWN if held.colour else held.accent,
        scheme=scheme,
        sheet="" if first.is_plain else theme.url_of(first),
        frames=_frames(held, scheme),
        icon=url_of(picture.ref) if picture is not None else "",
        later="" if first == held else theme.url_of(held),
    )


def logo_of(business: Any) -> Logo | None:
    """Return the logo of a business, None without one."""
    picture = brand.picture(business.logo_id) if isinstance(business, Business) else None
    if picture is None:
        return None
    has_name = picture.width >= WORDMARK * picture.height
    words = picture.alternative or (business.name if has_name else "")
    return Logo(url_of(picture.ref), words, picture.width, picture.height, has_name)


def url_of(ref: str) -> str:
    """Return where the picture with a reference is."""
    return f"/brand/{ref}.png"


def _frames(held: Brand, scheme: str) -> tuple[Frame, ...]:
    if not held.colour:
        return (Frame(_band(held.accent)),)
    made = palette(held.colour)
    bands = {LIGHT: made.light["band"], DARK: made.dark["band"]}
    if scheme:
        return (Frame(bands[scheme]),)
    return tuple(Frame(colour, f"(prefers-color-scheme: {name})") for name, colour in bands.items())


def _band(accent: str) -> str:
    return accents.BANDS.get(accent, accents.BANDS[accents.DEFAULT])
