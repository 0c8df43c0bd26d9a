"""Colours as eyes see them: lightness, chroma and hue (OKLab by Björn Ottosson), and WCAG's contrast of two."""

import math
import re
from dataclasses import dataclass, replace

HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Oklch:
    """A colour: `lightness` 0 to 1, `chroma` from 0 (grey) to about 0.37, `hue` in degrees."""

    lightness: float
    chroma: float
    hue: float

    def at(self, lightness: float, *, most_chroma: float | None = None) -> "Oklch":
        """Return the same hue at another lightness, no more colourful than `most_chroma`."""
        chroma = self.chroma if most_chroma is None else min(self.chroma, most_chroma)
        return replace(self, lightness=min(max(lightness, 0.0), 1.0), chroma=chroma)


def read(colour: str) -> Oklch:
    """Return "#rrggbb" as lightness, chroma and hue. Raises ValueError for anything else."""
    if not HEX.fullmatch(colour):
        raise ValueError(f"a colour is written #rrggbb in small letters, not {colour[:20]!r}")
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    chroma = math.hypot(a, b)
    grey = chroma < 0.0005
    return Oklch(lightness, 0.0 if grey else chroma, 0.0 if grey else math.degrees(math.atan2(b, a)) % 360)


def written(colour: Oklch) -> str:
    """Return a colour as "#rrggbb"; one no screen shows loses chroma, never lightness or hue."""
    if not _is_shown(_mixed(colour)):
        least, most = 0.0, colour.chroma
        for _step in range(16):
            middle = (least + most) / 2
            least, most = (middle, most) if _is_shown(_mixed(replace(colour, chroma=middle))) else (least, middle)
        colour = replace(colour, chroma=least)
    return "#" + "".join(f"{_byte(part):02x}" for part in _mixed(colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours "#rrggbb" as WCAG 2.2 measures it: 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _straight(red), _straight(green), _straight(blue)


def _straight(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _mixed(colour: Oklch) -> tuple[float, float, float]:
    """Return linear red, green and blue; outside 0 to 1 where no screen shows the colour."""
    turn = math.radians(colour.hue)
    a, b = colour.chroma * math.cos(turn), colour.chroma * math.sin(turn)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _is_shown(parts: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= part <= 1.0005 for part in parts)


def _byte(part: float) -> int:
    part = min(max(part, 0.0), 1.0)
    curved = part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(curved * 255)
