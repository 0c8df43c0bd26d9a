"""Pictures from outside, drawn anew: nothing of the sender's bytes is kept, so nothing hides in what is shown.

What a camera noted about place, time and owner goes, the orientation is applied, films become their first picture, and
what is too large to be a photograph is refused by its header, before anything is unpacked. The library that draws is
loaded with the first picture.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 30_000_000
MOST_JPEG_PIXELS = 120_000_000
"""JPEG can be unpacked at a fraction of its size; other formats cannot."""
MOST_SIDE = 30_000
SHOWN_SIDE = 2560
THUMBNAIL_SIDE = 640
LOSSLESS_BYTES = 4 * 1024 * 1024
KINDS = frozenset({"png", "jpg", "webp", "gif"})
"""What `draw_anew` reads, as `file_kinds.kind_of` names it."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class NotAPicture(Exception):
    """The bytes are damaged, or not of a kind that is drawn."""


class TooManyPixels(Exception):
    """The header announces more pixels than are unpacked."""


@dataclass(frozen=True)
class Picture:
    """A picture of ours: its bytes, and its size in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int
    thumbnail: bytes
    """The same within 640 pixels, always JPEG; transparent parts are white."""


def draw_anew(content: bytes, *, side: int = SHOWN_SIDE) -> Picture:
    """Return the picture in `content`, upright, without metadata, within `side` pixels each way, and a thumbnail.

    JPEG stays JPEG; others become PNG, or JPEG where that would be larger than 4 MB. Raises TooManyPixels before
    anything is unpacked, NotAPicture for whatever cannot be drawn.
    """
    opened = _opened(content)
    _require_drawable(opened)
    is_jpeg = opened.format == "JPEG"
    try:
        drawn = _drawn(opened, side)
    except Exception as broken:
        raise NotAPicture from broken
    bytes_, media_type = _encoded(drawn, is_jpeg)
    small = _on_white(drawn)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Picture(bytes_, media_type, drawn.width, drawn.height, _jpeg(small, 80))


def has_drawable_size(content: bytes) -> bool:
    """Tell by the header alone whether `draw_anew` would not refuse the picture for its pixels."""
    try:
        _require_drawable(_opened(content))
    except TooManyPixels:
        return False
    except NotAPicture:
        return True
    return True


def _opened(content: bytes) -> "Image.Image":
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_JPEG_PIXELS
    try:
        return Image.open(BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError as bomb:
        raise TooManyPixels from bomb
    except Exception as broken:  # decoders fail in many ways
        raise NotAPicture from broken


def _require_drawable(opened: "Image.Image") -> None:
    width, height = opened.size
    most = MOST_JPEG_PIXELS if opened.format == "JPEG" else MOST_PIXELS
    if width * height > most or max(width, height) > MOST_SIDE:
        raise TooManyPixels
    if not width or not height:
        raise NotAPicture


def _drawn(opened: "Image.Image", side: int) -> "Image.Image":
    from PIL import ImageOps

    opened.draft("RGB", (side, side))  # does nothing but for JPEG
    opened.seek(0)
    opened.load()
    upright = ImageOps.exif_transpose(opened)
    has_holes = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    drawn = upright.convert("RGBA" if has_holes else "RGB")
    drawn.thumbnail((side, side))
    drawn.info = {}  # comments and profiles would be written again
    return drawn


def _encoded(drawn: "Image.Image", is_jpeg: bool) -> tuple[bytes, str]:
    if not is_jpeg:
        out = BytesIO()
        drawn.save(out, "PNG", compress_level=3)
        if out.tell() <= LOSSLESS_BYTES:
            return out.getvalue(), "image/png"
    return _jpeg(_on_white(drawn), 87), "image/jpeg"


def _on_white(drawn: "Image.Image") -> "Image.Image":
    if drawn.mode == "RGB":
        return drawn.copy()
    from PIL import Image

    white = Image.new("RGB", drawn.size, "white")
    white.paste(drawn, mask=drawn.getchannel("A"))
    return white


def _jpeg(drawn: "Image.Image", quality: int) -> bytes:
    out = BytesIO()
    drawn.save(out, "JPEG", quality=quality, progressive=True)
    return out.getvalue()
