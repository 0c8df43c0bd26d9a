"""Each industry template as consumers see it: nothing for axe to find, in light, in dark and with more contrast.

Every page of the way is looked at in every template, and in each light in some: in all of them it would take minutes.
"""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from tests.booking.factories import open_on_weekdays
from tests.e2e.accessible import look_at
from tests.factories import make_business, make_membership, make_provider, make_user, manager_of
from vestibule.experience import drafts, industries
from vestibule.experience.preview import State
from vestibule.people.models import Business
from vestibule.people.permissions import Role

BUILT = settings.STATIC_FOLDER / "manifest.json"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.browser,
    pytest.mark.skipif(not BUILT.exists(), reason="the front end is not built: script/bootstrap"),
]
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".woff2": "font/woff2"}
FORCED = "forced colours"
LIGHTS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "contrast": "no-preference", "forced_colors": "none"},
    "more contrast": {"color_scheme": "light", "contrast": "more", "forced_colors": "none"},
    "more contrast in the dark": {"color_scheme": "dark", "contrast": "more", "forced_colors": "none"},
    FORCED: {"color_scheme": "dark", "contrast": "more", "forced_colors": "active"},
}
WAY = {
    State.SERVICE: "#month-name",
    State.DETAILS: "input[name=name]",
    State.CONFIRMED: "h1",
    State.MAIL: "body table, body p",
    State.CHECK: "device-check button",
    State.WAITING: "waiting-status h1",
    State.SURVEY: "form[data-survey], .survey",
}
"""Each page after the first, and what is there once it is whole."""
PAGES_HAVE = ("landmark-one-main", "region")
"""A mail is shown within the page of a mail program, which has these itself."""
SITE = "http://industry.test"
TURNS = [(place, name) for place, name in enumerate(industries.names())]


def told(client: Client, addresses: Iterable[str]) -> dict[str, tuple[int, bytes, str]]:
    """Ask the product for pages, and for what it makes for them: a browser asks from a thread that sees no data."""
    found = dict[str, tuple[int, bytes, str]]()
    waiting = list(addresses)
    while waiting:
        address = waiting.pop()
        said = client.get(address)
        found[address] = (said.status_code, said.content, said.headers["Content-Type"])
        made = re.findall(r'"(/(?:theme|words|brand)/[^"]+)"', said.content.decode("utf-8", "replace"))
        waiting += [one for one in map(unescape, made) if one not in found]
    return found


def answer(known: dict[str, tuple[int, bytes, str]], route: Route) -> None:
    """Answer a browser's request with what the product said before, or with a file of its own."""
    address = urlsplit(route.request.url)
    file = settings.STATIC_FOLDER / address.path.removeprefix("/static/")
    asked = f"{address.path}?{address.query}" if address.query else address.path
    if asked in known:
        status, body, kind = known[asked]
        route.fulfill(status=status, body=body, content_type=kind)
    elif file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "application/octet-stream"))
    else:
        route.fulfill(status=404)


def preview(state: State, light: str) -> str:
    """The address of a page of the way, as the builder shows it."""
    return f"{reverse('manage-experience-preview', args=[state.value])}?theme={LIGHTS[light]['color_scheme']}"


def out_of_place(state: State, light: str) -> list[str]:
    """The rules that do not hold for a page: contrast is the system's own where it chooses the colours, and axe reads
    those that the page asked for.
    """
    return [*(PAGES_HAVE if state is State.MAIL else ()), *(["color-contrast"] if light == FORCED else ())]


def begun_as(name: str) -> Business:
    """A business that was published as it stands in a template."""
    business = make_business(slug=name)
    make_provider(business=business)
    open_on_weekdays(business)
    owner = manager_of(business)
    drafts.load(owner, business, industries.document_for(name, "en"), template=name)
    drafts.publish(owner, business)
    return business


@pytest.mark.parametrize(("turn", "name"), TURNS, ids=[name for _turn, name in TURNS])
def test_a_template_is_accessible_all_the_way_in_some_light(client: Client, page: Page, turn: int, name: str) -> None:
    business = begun_as(name)
    client.force_login(make_membership(business=business, user=make_user(), role=Role.MANAGER).user)
    book, words = f"/book/{name}", list(LIGHTS)
    seen = [(state, words[(turn + place) % len(words)]) for place, state in enumerate(WAY)]
    known = told(client, [book, *(preview(state, said) for state, said in seen)])
    page.route("**/*", lambda route: answer(known, route))
    page.goto(f"{SITE}{book}")
    assert page.locator(".picks > li").count() == len(industries.read(name)["document"]["services"])
    for said, light in LIGHTS.items():
        page.emulate_media(**light)
        look_at(page, f"{name}: book, {said}")
    for state, said in seen:
        page.emulate_media(**LIGHTS[said])
        page.goto(f"{SITE}{preview(state, said)}")
        expect(page.locator(WAY[state]).first).to_be_visible()
        look_at(page, f"{name}: {state.value}, {said}", without=out_of_place(state, said))
