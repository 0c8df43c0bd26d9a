"""Choosing how pages look: the form, what it means for reading, and a sample of real components in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.people import brand
from vestibule.people.brand import Brand
from vestibule.people.errors import Invalid
from vestibule.people.palette import DARK, LIGHT, TEXT, Palette, palette
from vestibule.web import theme
from vestibule.web.manager import fields

ACCENTS = {
    "lake": gettext_lazy("Lake"),
    "harbour": gettext_lazy("Harbour"),
    "moss": gettext_lazy("Moss"),
    "plum": gettext_lazy("Plum"),
    "brick": gettext_lazy("Brick"),
    "ochre": gettext_lazy("Ochre"),
    "slate": gettext_lazy("Slate"),
    "rose": gettext_lazy("Rose"),
}
OWN = "own"
SYSTEM_FONT = (gettext_lazy("Your visitor’s own"), gettext_lazy("The letters of their device: nothing to load"))
PURPOSES = {
    "source": gettext_lazy("Plain and quiet, made for interfaces"),
    "figtree": gettext_lazy("Friendly and clear, a little geometric"),
    "nunito": gettext_lazy("Round and soft"),
    "legible": gettext_lazy("No two letters look alike, for low vision"),
    "serif": gettext_lazy("With serifs, like a printed letter"),
}
CORNERS = (("soft", gettext_lazy("Soft")), ("round", gettext_lazy("Round")), ("square", gettext_lazy("Square")))
DENSITIES = (("cosy", gettext_lazy("Roomy")), ("compact", gettext_lazy("Compact")))
SCHEMES = (
    ("auto", gettext_lazy("As each device is set")),
    ("light", gettext_lazy("Always light")),
    ("dark", gettext_lazy("Always dark")),
)
LOOK = ("font", "corners", "density", "scheme")


class BrandForm(fields.Form):
    """Colour, letters, corners, density and scheme."""

    accent = fields.one_of(
        gettext_lazy("Colour"), [*ACCENTS.items(), (OWN, gettext_lazy("Your own colour"))], radio=True
    )
    colour = fields.text(
        gettext_lazy("Your own colour"),
        most=9,
        required=False,
        hint=gettext_lazy("# and six digits or letters from a to f, such as #0b5fa5"),
        spellcheck="false",
        placeholder="#0b5fa5",
    )
    font = fields.one_of(
        gettext_lazy("Letters"),
        [("system", SYSTEM_FONT[0]), *((name, one.label) for name, one in theme.FONTS.items())],
        radio=True,
    )
    corners = fields.one_of(gettext_lazy("Corners"), list(CORNERS), radio=True)
    density = fields.one_of(gettext_lazy("Space"), list(DENSITIES), radio=True)
    scheme = fields.one_of(gettext_lazy("Light or dark"), list(SCHEMES), radio=True)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("accent") != OWN or "colour" not in given:
            return given
        try:
            given["colour"] = brand.clean_colour(given["colour"])
        except Invalid as refused:
            self.add_error("colour", refused.sentence)
            return given
        if not given["colour"]:
            self.add_error("colour", _("Write your colour here, or choose one of those above."))
        return given

    def shape(self) -> list[forms.BoundField]:
        """Return the questions about the shape of pages."""
        return [self[name] for name in ("corners", "density", "scheme")]

    def letters(self) -> Sequence[tuple[forms.boundfield.BoundWidget, str, fields.Words]]:
        """Return the options of `font` with the name of the family ("" for the device's) and what it is like."""
        likes = {name: (name, words) for name, words in PURPOSES.items()}
        return [(option, *likes.get(str(option.data["value"]), ("", SYSTEM_FONT[1]))) for option in self["font"]]


def initial_of(held: Brand) -> dict[str, str]:
    """Return what the form shows of a brand."""
    return {
        "accent": OWN if held.colour else held.accent,
        "colour": held.colour,
        **{name: getattr(held, name) for name in LOOK},
    }


def wanted_by(given: Mapping[str, str]) -> dict[str, str]:
    """Return what a valid form asks `people.brand` for."""
    look = {name: given[name] for name in LOOK}
    if given["accent"] == OWN:
        return {"colour": given["colour"], **look}
    return {"accent": given["accent"], "colour": "", **look}


@dataclass(frozen=True)
class Sample:
    """A brand as the page shows it beside the form: `verdicts` are sentences, the first says whether all is well."""

    accent: str
    sheet: str
    letters: str
    schemes: Sequence[str]
    colour: str
    made: Palette | None

    @property
    def is_kept(self) -> bool:
        """Nothing had to be moved."""
        return self.made is None or self.made.is_kept

    @property
    def verdicts(self) -> list[str]:
        """Say what can be read, and what was mended to what."""
        if self.made is None:
            return [_("Everything can be read: this colour was made for these pages.")]
        moved = {mend.token: mend for mend in self.made.mends}
        words = []
        if not moved:
            words.append(_("Everything can be read on it and in it, so it is used as it is."))
        if "accent" in moved:
            said = {"colour": self.colour, "ratio": f"{moved['accent'].ratio:.1f}", "least": TEXT}
            words.append(
                _("As text %(colour)s reaches a contrast of %(ratio)s to 1; people need %(least)s to 1 to read.") % said
            )
            words.append(
                _("Links and buttons show it darker, as %(became)s. The header keeps %(colour)s.")
                % {"became": moved["accent"].became, "colour": self.colour}
                if "band" not in moved
                else _("Links and buttons show it darker, as %(became)s, and the header as %(band)s.")
                % {"became": moved["accent"].became, "band": moved["band"].became}
            )
        words.append(_("On dark pages links and buttons show it as %(became)s.") % {"became": self.made.dark["accent"]})
        return words

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Return what the colour became, as word and token, for the patches."""
        return [(_("Header"), "band"), (_("Links and buttons"), "accent"), (_("Chosen"), "accent-wash")]


def sample_of(look: Mapping[str, str]) -> Sample:
    """Return the sample of what `wanted_by` gave."""
    colour = look["colour"]
    shown = Brand(accent=look.get("accent", brand.ACCENTS[0]), colour=colour, **{name: look[name] for name in LOOK})
    return Sample(
        accent=theme.SAMPLE if colour else shown.accent,
        sheet=theme.url_of(shown, is_sample=True),
        letters=shown.font,
        schemes=(LIGHT, DARK) if shown.scheme == "auto" else (shown.scheme,),
        colour=colour,
        made=palette(colour) if colour else None,
    )
