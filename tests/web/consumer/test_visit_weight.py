"""The page of a visit weighs 60 KB in 8 answers at most before joining, however its business looks."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from tests.booking.factories import at, book, make_service
from tests.web.consumer.pages import text_of
from vestibule.booking import links
from vestibule.booking.models import Appointment
from vestibule.people import brand
from vestibule.people.models import Business
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.web import assets

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not assets.is_built("visit.js"), reason="the front end is not built: script/bootstrap"),
]

MOST_BYTES, MOST_ANSWERS = 60 * 1024, 8
HEAD = 700  # of an answer, with its policy of contents
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def appointment() -> Appointment:
    clock.set_to(at("09:50"))
    booked = book(make_service(), at("10:00"))
    clock.set_to(at("10:00"))
    return booked


def worst_picture() -> bytes:
    """Noise, which no format makes smaller."""
    out = BytesIO()
    Image.effect_noise((960, 288), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


def dressed(business: Business, font: str) -> None:
    """Give a business all that it can choose, as heavy as it gets."""
    brand.change(SYSTEM, business, colour="#7a1f5c", font=font, corners="round", density="compact", scheme="dark")
    for kind in brand.PICTURES:
        brand.put(SYSTEM, business, kind, worst_picture(), "Lakeside")


def addresses_on(page: str) -> list[str]:
    """What a browser fetches for a page: styles, scripts and their chunks, pictures, the sprite."""
    sheets = re.findall(r'<link rel="(?:stylesheet|modulepreload|icon)" href="([^"]+)"', page)
    found = [*sheets, *re.findall(r'\bsrc="([^"]+)"', page), *re.findall(r'<use href="([^"#]+)#', page)]
    return list(dict.fromkeys(found))


def sheets_on(page: str) -> list[str]:
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)


def text_at(client: Client, address: str) -> str:
    if address.startswith("/static/"):
        return (settings.STATIC_FOLDER / Path(address).name).read_text()
    return text_of(client.get(address))


def sizes(client: Client, addresses: list[str]) -> Iterator[int]:
    for address in addresses:
        built = settings.STATIC_FOLDER / f"{Path(address).name}.gz"
        yield HEAD + (built.stat().st_size if built.exists() else len(client.get(address, headers=GZIP).content))


@pytest.mark.parametrize("font", ["", *(name for name in brand.FONTS if name != "system")])
def test_before_joining_all_of_it_is_60_kb_in_8_answers(client: Client, appointment: Appointment, font: str) -> None:
    if font:
        dressed(appointment.business, font)
    link = links.addresses(appointment).visit
    assert client.get(link[link.index("/visit") :]).status_code == 302
    answer = client.get("/visit", headers=GZIP)
    page = text_of(client.get("/visit"))
    addresses = addresses_on(page)
    styles = "".join(text_at(client, one) for one in sheets_on(page))
    assert ".woff2" not in styles
    weights = [HEAD, HEAD + len(answer.content), *sizes(client, addresses)]
    assert sum(weights) <= MOST_BYTES, dict(zip(["link", "page", *addresses], weights, strict=True))
    assert len(weights) <= MOST_ANSWERS
    assert all(one.startswith("/") for one in addresses)


def test_letters_of_the_business_and_the_styles_of_the_call_come_with_joining(
    client: Client, appointment: Appointment
) -> None:
    dressed(appointment.business, "figtree")
    link = links.addresses(appointment).visit
    page = text_of(client.get(link[link.index("/visit") :], follow=True))
    later = re.findall(r'data-later-styles="([^"]+)"', page)[0].split(" ")
    brought = "".join(text_at(client, one) for one in later)
    assert "font-figtree-latin-" in brought
    assert ".call__stage" in brought
    assert ".call__stage" not in "".join(text_at(client, one) for one in sheets_on(page))
