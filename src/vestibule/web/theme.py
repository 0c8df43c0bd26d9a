"""The style sheet of a brand: a function of its address, which holds a few checked words and nothing else.

`/theme/ffcc00-figtree-round-cosy.css` sets tokens (frontend/styles/tokens.css, accents.css) and nothing but tokens;
`/theme/sample/…` sets them below `.sample` alone, so that a page can show a brand that is not its own. Whatever differs
from such an address by one sign is not there.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vestibule.people import brand
from vestibule.people.brand import Brand
from vestibule.people.palette import DARK, LIGHT, Palette, palette
from vestibule.web import assets

PRESET = "preset"
"""In place of a colour: the accent that the page names, whose tokens every page has already."""
OWN, SAMPLE = "own", "sample"
SANS = '-apple-system, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", "Liberation Sans", system-ui, sans-serif'
SERIF = 'Georgia, "Noto Serif", "Liberation Serif", "Times New Roman", serif'


@dataclass(frozen=True)
class Font:
    """A bundled family: its name, the range of its weights, and what shows until it is there."""

    label: str
    weights: str
    others: str


FONTS: Mapping[str, Font] = {
    "source": Font("Source Sans", "200 900", SANS),
    "figtree": Font("Figtree", "300 900", SANS),
    "nunito": Font("Nunito", "200 1000", SANS),
    "legible": Font("Atkinson Hyperlegible", "200 800", SANS),
    "serif": Font("Source Serif", "200 900", SERIF),
}
"""By the names of `brand.FONTS`, without the letters of the reader's own system."""
SUBSETS: Mapping[str, str] = {
    "latin-ext": "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,"
    "U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}
"""Which letters each file of a family holds, as its maker cut them; other scripts show in the reader's own."""
SHAPES: Mapping[str, Mapping[str, str]] = {
    "soft": {},
    "round": {"radius-s": "0.75rem", "radius": "1.375rem", "radius-l": "1.75rem"},
    "square": {"radius-s": "0", "radius": "0", "radius-l": "0"},
    "cosy": {},
    "compact": {
        "s3": "0.625rem",
        "s4": "0.875rem",
        "s5": "1.125rem",
        "s6": "1.5rem",
        "s7": "2.25rem",
        "s8": "3rem",
        "leading": "1.4",
        "text-2xl": "1.75rem",
        "text-3xl": "2.0625rem",
    },
}
_NAME = re.compile(
    rf"([0-9a-f]{{6}}|{PRESET})-({'|'.join(brand.FONTS)})-({'|'.join(brand.CORNERS)})-({'|'.join(brand.DENSITIES)})",
    re.ASCII,
)
_YEAR = 365 * 24 * 3600


def name_of(look: Brand) -> str:
    """Return the words of a brand in the address of its style sheet."""
    return "-".join((look.colour.removeprefix("#") or PRESET, look.font, look.corners, look.density))


def url_of(look: Brand, *, is_sample: bool = False) -> str:
    """Return the address of a brand's style sheet; it changes with the release that writes it otherwise."""
    return f"/theme/{'sample/' if is_sample else ''}{name_of(look)}.css?v={stamp()}"


@require_safe
def sheet(request: HttpRequest, name: str, *, is_sample: bool = False) -> HttpResponse:
    """Give the style sheet of an address, for ever if it is of this release."""
    words = _NAME.fullmatch(name)
    if words is None:
        raise Http404
    return _answer(request, css(*words.groups(), is_sample=is_sample))


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Give every family, for the page that shows each in itself."""
    families = "".join(f'{_faces(name)}[data-letters="{name}"]{{font-family:{_stack(name)}}}\n' for name in FONTS)
    return _answer(request, families)


@lru_cache(maxsize=256)
def css(colour: str, font: str, corners: str, density: str, *, is_sample: bool = False) -> str:
    """Return the style sheet for words that were checked: six hexadecimal digits or `PRESET`, and one of each list."""
    root, accent = (".sample", SAMPLE) if is_sample else (":root", OWN)
    tokens = {**SHAPES[corners], **SHAPES[density]}
    if font in FONTS:
        tokens["font"] = _stack(font)
    parts = [_faces(font) if font in FONTS else "", _rule(root, tokens)]
    if colour != PRESET:
        parts.append(_colours(palette(f"#{colour}"), accent))
    return "".join(parts)


@lru_cache(maxsize=1)
def stamp() -> str:
    """Return what changes whenever the same address would give another style sheet."""
    written = "".join(css("0b5fa5", font, "round", "compact") for font in brand.FONTS)
    return hashlib.sha256(written.encode()).hexdigest()[:8]


def _answer(request: HttpRequest, text: str) -> HttpResponse:
    is_current = request.GET.get("v") == stamp()
    kept = f"public, max-age={_YEAR}, immutable" if is_current else "public, no-cache"
    headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type="text/css; charset=utf-8", headers=headers)


def _colours(made: Palette, accent: str) -> str:
    # Whatever else names an accent or a scheme further inside has the last word
    where = f'[data-accent="{accent}"],[data-accent="{accent}"] :where([data-theme])'
    if accent == SAMPLE:
        where = f'[data-accent="{accent}"],[data-accent="{accent}"] [data-theme]'
    more = _rule(where, _both(made.more[LIGHT], made.more[DARK]))
    return f"{_rule(where, _both(made.light, made.dark))}@media (prefers-contrast:more){{\n{more}}}\n"


def _both(light: Mapping[str, str], dark: Mapping[str, str]) -> dict[str, str]:
    return {name: f"var(--if-light, {light[name]}) var(--if-dark, {dark[name]})" for name in light}


def _rule(where: str, tokens: Mapping[str, str]) -> str:
    return f"{where}{{{''.join(f'--{name}:{value};' for name, value in tokens.items())}}}\n" if tokens else ""


def _stack(font: str) -> str:
    return f'"{_family(font)}", {FONTS[font].others}'


def _family(font: str) -> str:
    return f"Vestibule {FONTS[font].label}"


def _faces(font: str) -> str:
    """Return where the browser finds a family; it fetches a file only if the page has one of its letters."""
    return "".join(
        f'@font-face{{font-family:"{_family(font)}";font-weight:{FONTS[font].weights};font-display:swap;'
        f'src:url("{assets.url(f"font-{font}-{subset}.woff2")}") format("woff2");unicode-range:{letters_}}}\n'
        for subset, letters_ in SUBSETS.items()
    )
