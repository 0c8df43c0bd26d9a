"""Each industry template as consumers see it: nothing for axe to find, in light, in dark and with more contrast."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Route

from tests.booking.factories import open_on_weekdays
from tests.e2e.accessible import look_at
from tests.factories import make_business, make_provider, manager_of
from vestibule.experience import drafts, industries

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".woff2": "font/woff2"}
SEEN: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light", "contrast": "no-preference"},
    {"color_scheme": "dark", "contrast": "no-preference"},
    {"color_scheme": "light", "contrast": "more"},
    {"color_scheme": "dark", "contrast": "more"},
)


def answer(known: dict[str, Any], route: Route) -> None:
    """Answer a browser's request with what the product said before, or with a file of its own."""
    path = urlsplit(route.request.url).path
    file = settings.STATIC_FOLDER / path.removeprefix("/static/")
    if path in known:
        route.fulfill(body=known[path].getvalue(), content_type=known[path].headers["Content-Type"])
    elif file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "application/octet-stream"))
    else:
        route.fulfill(status=404)


@pytest.mark.parametrize("name", industries.names())
def test_a_template_is_accessible_in_every_light(client: Client, page: Page, name: str) -> None:
    business = make_business(slug=name)
    make_provider(business=business)
    open_on_weekdays(business)
    owner = manager_of(business)
    drafts.load(owner, business, industries.document_for(name, "en"), template=name)
    drafts.publish(owner, business)
    address = f"/book/{name}"
    booking = client.get(address)
    (sheet,) = re.findall(r'href="(/theme/[^"?]+)', booking.content.decode())
    known: dict[str, Any] = {address: booking, sheet: client.get(sheet)}
    page.route("**/*", lambda route: answer(known, route))
    page.goto(f"http://industry.test{address}")
    assert page.locator(".picks > li").count() == len(industries.read(name)["document"]["services"])
    for light in SEEN:
        page.emulate_media(**light)
        look_at(page, f"{name} {light}")
