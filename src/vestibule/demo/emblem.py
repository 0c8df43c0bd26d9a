"""The logo of a demonstration business, drawn here: no picture travels with the product for it."""

from io import BytesIO

from PIL import Image, ImageDraw

SIDE = 256
LINE = 20


def anchor(colour: str) -> bytes:
    """Return a white anchor on a plate of `colour` (#rrggbb), as PNG."""
    picture = Image.new("RGB", (SIDE, SIDE), colour)
    draw = ImageDraw.Draw(picture)
    middle = SIDE // 2
    draw.ellipse((middle - 30, 28, middle + 30, 88), outline="white", width=LINE)
    draw.line((middle, 84, middle, 220), fill="white", width=LINE)
    draw.line((middle - 48, 112, middle + 48, 112), fill="white", width=LINE)
    draw.arc((44, 62, SIDE - 44, 228), 20, 160, fill="white", width=LINE)
    for tip, way in ((48, 1), (SIDE - 48, -1)):
        draw.polygon(((tip - 22 * way, 176), (tip + 34 * way, 168), (tip, 132)), fill="white")
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
