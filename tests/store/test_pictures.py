"""Pictures from outside are drawn anew: what hides in them goes, what would burst is refused before it is unpacked."""

import time
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.pictures import png_of
from vestibule.store import pictures
from vestibule.store.pictures import NotAPicture, Picture, TooManyPixels, draw_anew

SECRET = b"hidden-by-the-sender"
UPRIGHT_FROM_RIGHT = 6  # the camera was turned by a quarter


def made(kind: str = "JPEG", size: tuple[int, int] = (400, 300), colour: Any = "red", **options: Any) -> bytes:
    out = BytesIO()
    mode = options.pop("mode", "RGB")
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def photograph() -> bytes:
    """A photograph with place, owner, comment and orientation, as a telephone makes it."""
    exif = Image.Exif()
    exif[0x0112] = UPRIGHT_FROM_RIGHT
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (47.0, 22.0, 1.5)
    return made(exif=exif, comment=SECRET)


def opened(picture: Picture) -> Image.Image:
    return Image.open(BytesIO(picture.content))


def test_place_owner_and_comment_are_gone_and_the_picture_stands_upright() -> None:
    before = photograph()
    assert SECRET in before
    assert Image.open(BytesIO(before)).getexif().get_ifd(0x8825)
    picture = draw_anew(before)
    assert (picture.width, picture.height) == (300, 400)
    shown = opened(picture)
    assert not shown.getexif()
    assert not {"comment", "exif", "icc_profile", "xmp"} & set(shown.info)
    assert SECRET not in picture.content + picture.thumbnail


def test_what_is_appended_or_noted_in_any_format_is_gone() -> None:
    page = b"<script>alert(1)</script>PK\x03\x04"
    for kind in ("PNG", "GIF", "WEBP", "JPEG"):
        assert page not in draw_anew(made(kind) + page).content


@pytest.mark.parametrize(
    "content", [png_of(30_000, 30_000), png_of(40_000, 10), made("GIF")[:6] + b"\xff" * 4 + made("GIF")[10:]]
)
def test_a_bomb_is_refused_by_its_header(content: bytes) -> None:
    began = time.process_time()
    with pytest.raises(TooManyPixels):
        draw_anew(content)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff<html>",
        made()[:300],
        png_of(100, 100),
        b"BM" + b"\0" * 99,
    ],
)
def test_what_cannot_be_drawn_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        draw_anew(content)


def test_a_film_becomes_its_first_picture() -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("blue", "red", "red")]
    for kind in ("GIF", "WEBP", "PNG"):
        out = BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
        shown = opened(draw_anew(out.getvalue()))
        assert getattr(shown, "n_frames", 1) == 1
        red, _green, blue = shown.convert("RGB").getpixel((30, 20))  # type: ignore[misc]  # of RGB it is three numbers
        assert blue > 200 > red


def test_a_large_picture_is_made_smaller_and_its_thumbnail_fits_the_panel() -> None:
    picture = draw_anew(made(size=(6000, 3000)))
    assert (picture.width, picture.height) == (2560, 1280)
    assert Image.open(BytesIO(picture.thumbnail)).size == (640, 320)
    assert len(picture.thumbnail) < 100_000


def test_holes_stay_holes_in_the_picture_and_are_white_in_the_thumbnail() -> None:
    picture = draw_anew(made("PNG", mode="RGBA", colour=(0, 0, 0, 0)))
    assert opened(picture).getpixel((5, 5)) == (0, 0, 0, 0)
    assert Image.open(BytesIO(picture.thumbnail)).getpixel((5, 5)) == (255, 255, 255)


def test_what_is_not_drawn_small_without_loss_becomes_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LOSSLESS_BYTES", 40_000)
    noise = BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(noise, "PNG")
    picture = draw_anew(noise.getvalue())
    assert picture.media_type == "image/jpeg"
    assert len(picture.content) < len(noise.getvalue())
