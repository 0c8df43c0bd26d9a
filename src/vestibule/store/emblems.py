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
_LIGHT = 165.0  # of 255: paler than this, on the average, is not seen on white
_INK = (20, 32, 28)


@dataclass(frozen=True)
class Emblem:
    """A PNG of ours, its size in pixels."""

    content: bytes
    width: int
    height: int


def logo(content: bytes) -> Emblem:
    """Return the picture within 480 by 144 pixels. Raises pictures.NotAPicture, pictures.TooManyPixels."""
    drawn = _opened(content)
    drawn.thumbnail((LOGO_WIDTH, LOGO_HEIGHT), Image.Resampling.LANCZOS)
    return _as_png(_grounded(drawn, margin=drawn.height // 12))


def icon(content: bytes) -> Emblem:
    """Return the picture in the middle of a square of 180 pixels. Raises as `logo`."""
    drawn = _opened(content)
    drawn.thumbnail((ICON_SIDE, ICON_SIDE), Image.Resampling.LANCZOS)
    drawn = drawn.convert("RGBA")
    square = Image.new("RGBA", (ICON_SIDE, ICON_SIDE), (*_INK, 255) if _is_pale(drawn) else (0, 0, 0, 0))
    square.alpha_composite(drawn, ((ICON_SIDE - drawn.width) // 2, (ICON_SIDE - drawn.height) // 2))
    return _as_png(square)


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


def _as_png(drawn: Image.Image) -> Emblem:
    out = BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return Emblem(out.getvalue(), drawn.width, drawn.height)
