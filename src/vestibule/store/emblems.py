"""Logos and icons: drawn anew, small, as PNG, on a ground of their own where they would not be seen on another's.

A page puts them on light and on dark. What has transparent parts gets white below it, or ink if it is light itself.
"""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from vestibule.store import pictures

LOGO_WIDTH, LOGO_HEIGHT = 480, 144
"""Three times the size it is shown in, for screens with fine pixels."""
ICON_SIDE = 180
LOGO_BYTES, ICON_BYTES = 6 * 1024, 2 * 1024
"""What either may weigh: the page of a visit has 60 KB for everything, and most pictures need less."""
_COLOURS = (256, 128, 64)
_SMALLER = (1.0, 0.75, 0.5, 0.35)
_LIGHT = 165.0  # of 255: paler than this, on the average, is not seen on white
_INK = (20, 32, 28)


@dataclass(frozen=True)
class Emblem:
    """A PNG of ours, its size in pixels."""

    content: bytes
    width: int
    height: int


def logo(content: bytes) -> Emblem:
    """Return the picture within 480 by 144 pixels and 6 KB: in fewer colours, then pixels, where it would be more.

    Raises pictures.NotAPicture, pictures.TooManyPixels.
    """
    drawn = _opened(content)
    drawn.thumbnail((LOGO_WIDTH, LOGO_HEIGHT), Image.Resampling.LANCZOS)
    return _as_png(_grounded(drawn, margin=drawn.height // 12), LOGO_BYTES)


def icon(content: bytes) -> Emblem:
    """Return the picture in the middle of a square of 180 pixels or less, of 2 KB at most. Raises as `logo`."""
    drawn = _opened(content)
    drawn.thumbnail((ICON_SIDE, ICON_SIDE), Image.Resampling.LANCZOS)
    drawn = drawn.convert("RGBA")
    square = Image.new("RGBA", (ICON_SIDE, ICON_SIDE), (*_INK, 255) if _is_pale(drawn) else (0, 0, 0, 0))
    square.alpha_composite(drawn, ((ICON_SIDE - drawn.width) // 2, (ICON_SIDE - drawn.height) // 2))
    return _as_png(square, ICON_BYTES)


def _opened(content: bytes) -> Image.Image:
    """Return the picture as we drew it ourselves, so that nothing here reads what came from outside."""
    return Image.open(BytesIO(pictures.draw_anew(content, side=LOGO_WIDTH * 2).content))


def _grounded(drawn: Image.Image, *, margin: int) -> Image.Image:
    if drawn.mode != "RGBA" or drawn.getchannel("A").getextrema()[0] == 255:
        return drawn.convert("RGB")
    size = (drawn.width + 2 * margin, drawn.height + 2 * margin)
    ground = Image.new("RGB", size, _INK if _is_pale(drawn) else "white")
    ground.paste(drawn, (margin, margin), mask=drawn.getchannel("A"))
    return ground


def _is_pale(drawn: Image.Image) -> bool:
    """Tell whether what is seen of a picture with transparent parts would be lost on white."""
    seen = drawn.getchannel("A").histogram()
    if not sum(seen[128:]) or seen[255] == drawn.width * drawn.height:
        return False
    mask = drawn.getchannel("A").point(lambda part: 255 if part >= 128 else 0)
    counts = drawn.convert("L").histogram(mask)
    return sum(level * count for level, count in enumerate(counts)) / sum(counts) > _LIGHT


def _as_png(drawn: Image.Image, most: int) -> Emblem:
    """Return the first way to draw it that stays within `most` bytes, the best before; the smallest if none does."""
    for part in _SMALLER:
        size = (max(1, round(drawn.width * part)), max(1, round(drawn.height * part)))
        smaller = drawn if part == 1.0 else drawn.resize(size, Image.Resampling.LANCZOS)
        emblem = _png(smaller)
        for colours in _COLOURS:
            if len(emblem.content) <= most:
                return emblem
            emblem = _png(_in_colours(smaller, colours))
        if len(emblem.content) <= most:
            return emblem
    return _png(_in_colours(smaller, 16))


def _in_colours(drawn: Image.Image, most: int) -> Image.Image:
    kind = Image.Quantize.MEDIANCUT if drawn.mode == "RGB" else Image.Quantize.FASTOCTREE  # the one that knows alpha
    return drawn.quantize(most, kind, dither=Image.Dither.NONE)


def _png(drawn: Image.Image) -> Emblem:
    out = BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return Emblem(out.getvalue(), drawn.width, drawn.height)
