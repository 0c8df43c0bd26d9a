"""A palette from one colour: every accent token for light and dark pages, and for readers who ask for more contrast.

The tokens are those of the presets in frontend/styles/accents.css. The header shows the colour as it was chosen where
something can be read on it; links and buttons get its lightness moved until they can be read on every ground. Whatever
the colour, every pair passes: 4.5:1 for what is read, 7:1 for readers who ask for more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vestibule.people.oklch import Oklch, contrast, read, written

LIGHT, DARK = "light", "dark"
TEXT = 4.5
MORE = 7.0
GROUNDS: Mapping[str, tuple[str, ...]] = {
    LIGHT: ("#f5f6f3", "#ffffff", "#ecede9"),
    DARK: ("#111614", "#19201d", "#0c110f", "#212a27"),
}
"""What text in the accent stands on, as in frontend/styles/tokens.css: canvas, surface, sunken, raised."""
GROUNDS_OF_MORE: Mapping[str, tuple[str, ...]] = {LIGHT: ("#ffffff",), DARK: ("#000000", "#212a27")}
INK: Mapping[str, str] = {LIGHT: "#14201c", DARK: "#eaf0ee"}
WHITE, BLACK = "#ffffff", "#000000"
_AMBER, _APRICOT = "#f3bd5c", "#ffb578"
_STEP = 0.004
Tokens = Mapping[str, str]


@dataclass(frozen=True)
class Mend:
    """What was moved: `token` in `scheme` would have had `ratio` with the colour as chosen, and became `became`."""

    token: str
    scheme: str
    ratio: float
    became: str


@dataclass(frozen=True)
class Palette:
    """The tokens by scheme, "accent" to "flare"; `more` are those for readers who ask for more contrast.

    `mends` tell where the colour as chosen could not be read on light pages; on dark ones links are always lighter.
    """

    colour: str
    light: Tokens
    dark: Tokens
    more: Mapping[str, Tokens]
    mends: tuple[Mend, ...]

    @property
    def is_kept(self) -> bool:
        """Header, links and buttons of light pages have the very colour that was chosen."""
        return not self.mends


@lru_cache(maxsize=512)
def palette(colour: str) -> Palette:
    """Return the palette of "#rrggbb" (small letters). Raises ValueError for anything else."""
    base = read(colour)
    light, dark = _light(base), _dark(base)
    more = {LIGHT: _more_light(base, light), DARK: _more_dark(base)}
    return Palette(colour, light, dark, more, tuple(_mends(colour, light)))


def _light(base: Oklch) -> Tokens:
    wash = written(base.at(0.955, most_chroma=0.022))
    accent = _moved(base, -1, _reads((*GROUNDS[LIGHT], wash), TEXT))
    band, on_band = _header(base, TEXT, WHITE, INK[LIGHT])
    return {
        "accent": written(accent),
        "accent-strong": written(accent.at(accent.lightness + (-0.11 if accent.lightness >= 0.24 else 0.2))),
        "accent-wash": wash,
        "accent-line": written(base.at(0.82, most_chroma=0.065)),
        "on-accent": WHITE,
        "band": band,
        "on-band": on_band,
        "flare": _flare(base),
    }


def _dark(base: Oklch) -> Tokens:
    wash = written(base.at(0.285, most_chroma=0.055))
    accent = _moved(base.at(max(base.lightness, 0.78)), 1, _reads((*GROUNDS[DARK], wash), TEXT))
    return {
        "accent": written(accent),
        "accent-strong": written(accent.at(accent.lightness + (0.07 if accent.lightness <= 0.9 else -0.08))),
        "accent-wash": wash,
        "accent-line": written(base.at(0.45, most_chroma=0.08)),
        "on-accent": written(base.at(0.2, most_chroma=0.05)),
        "band": written(base.at(0.27, most_chroma=0.075)),
        "on-band": written(base.at(0.95, most_chroma=0.012)),
        "flare": _flare(base),
    }


def _more_light(base: Oklch, light: Tokens) -> Tokens:
    wash = written(base.at(0.97, most_chroma=0.016))
    accent = _moved(base, -1, _reads((*GROUNDS_OF_MORE[LIGHT], wash), MORE))
    shown = written(accent)
    band, on_band = _header(base, MORE, WHITE if light["on-band"] == WHITE else BLACK)
    return {
        "accent": shown,
        "accent-strong": written(accent.at(accent.lightness + (-0.1 if accent.lightness >= 0.22 else 0.2))),
        "accent-wash": wash,
        "accent-line": shown,
        "on-accent": WHITE,
        "band": band,
        "on-band": on_band,
        "flare": light["flare"],
    }


def _more_dark(base: Oklch) -> Tokens:
    wash = written(base.at(0.22, most_chroma=0.04))
    accent = _moved(base.at(max(base.lightness, 0.82)), 1, _reads((*GROUNDS_OF_MORE[DARK], wash), MORE))
    shown = written(accent)
    return {
        "accent": shown,
        "accent-strong": written(accent.at(accent.lightness + (0.07 if accent.lightness <= 0.9 else -0.05))),
        "accent-wash": wash,
        "accent-line": shown,
        "on-accent": BLACK,
        "band": written(base.at(0.2, most_chroma=0.05)),
        "on-band": WHITE,
        "flare": _flare(base),
    }


def _header(base: Oklch, least: float, *texts: str) -> tuple[str, str]:
    """Return ground and text of the header: the colour if one of `texts` reads on it, else moved for the first."""
    shown = written(base)
    for text in texts:
        if contrast(shown, text) >= least:
            return shown, text
    return written(_moved(base, -1 if texts[0] == WHITE else 1, _reads(texts[:1], least))), texts[0]


def _moved(colour: Oklch, towards: int, passes: Callable[[str], bool]) -> Oklch:
    """Return the colour with its lightness moved by small steps, up (1) or down (-1), until it passes."""
    lightness = colour.lightness
    while not passes(written(colour.at(lightness))) and 0 < lightness < 1 + _STEP:
        lightness += towards * _STEP
    return colour.at(lightness)


def _reads(grounds: Sequence[str], least: float) -> Callable[[str], bool]:
    return lambda shown: all(contrast(shown, ground) >= least for ground in grounds)


def _flare(base: Oklch) -> str:
    """Return the spark of a second colour: amber, or apricot beside what is amber itself."""
    return _APRICOT if base.chroma > 0.04 and 48 < base.hue < 115 else _AMBER


def _mends(colour: str, light: Tokens) -> list[Mend]:
    found = []
    if light["accent"] != colour:
        ratio = min(contrast(colour, ground) for ground in (*GROUNDS[LIGHT], light["accent-wash"]))
        found.append(Mend("accent", LIGHT, ratio, light["accent"]))
    if light["band"] != colour:
        ratio = max(contrast(colour, text) for text in (WHITE, INK[LIGHT]))
        found.append(Mend("band", LIGHT, ratio, light["band"]))
    return found
