"""Pictures as they are sent to us, real and made up."""

import struct
import zlib
from io import BytesIO

from PIL import Image


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header announces `width` times `height` pixels, and whose data is a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, comment=b"taken at home")
    return out.getvalue()
