"""The page that shows every component, and what holds for all templates."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory
from playwright.sync_api import Page, Route

from tests.e2e.accessible import look_at
from vestibule.web.components import components

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "src/vestibule/web/templates").rglob("*.html"))
ORIGIN = "http://components.test"
TOUCHED = (
    ".button, .slot, .day, .pick, .choice, .tick, .control, .tabs > a, .month td > a, .foot a, .field select,"
    ".field input:not([type=checkbox], [type=radio])"
)
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}


def html_of(query: str = "") -> str:
    return components(RequestFactory().get(f"/dev/components?{query}")).content.decode()


def answer(route: Route) -> None:
    """Stand in for the server: the page itself, and built files; anything else would be a request too many."""
    path, _, query = route.request.url.removeprefix(ORIGIN).partition("?")
    if path == "/dev/components":
        route.fulfill(body=html_of(query), content_type="text/html")
        return
    file = settings.STATIC_FOLDER / path.removeprefix("/static/")
    assert file.is_file(), f"the page asks for {route.request.url}, which is not built"
    route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])


@pytest.fixture
def gallery(page: Page) -> Page:
    page.route("**/*", answer)
    return page


def test_an_unknown_accent_shows_as_the_first() -> None:
    assert 'data-accent="lake"' in html_of('accent="><script>')


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.name))
def test_no_template_needs_what_the_security_policy_forbids(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", source) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.name))
def test_every_icon_named_in_a_template_is_in_the_sprite(template: Path) -> None:
    lines = (ROOT / "frontend/icons.txt").read_text(encoding="utf-8").splitlines()
    known = {line.partition("=")[0].strip() for line in lines if line and not line.startswith("#")}
    named = set(re.findall(r"""{% icon ["']([\w-]+)["']""", template.read_text(encoding="utf-8")))
    assert named <= known


@pytest.mark.browser
@pytest.mark.parametrize("query", ["theme=light", "theme=dark&accent=harbour", "theme=light&dir=rtl&accent=brick"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(gallery: Page, width: int, query: str) -> None:
    gallery.set_viewport_size({"width": width, "height": 844})
    gallery.goto(f"{ORIGIN}/dev/components?{query}")
    look_at(gallery, query)


@pytest.mark.browser
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_makes_the_page_scroll_sideways(gallery: Page, width: int, direction: str) -> None:
    gallery.set_viewport_size({"width": width, "height": 844})
    gallery.goto(f"{ORIGIN}/dev/components?dir={direction}")
    assert gallery.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.browser
def test_what_is_touched_is_at_least_44_pixels_high(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 390, "height": 844})
    gallery.goto(f"{ORIGIN}/dev/components")
    small = gallery.evaluate(
        """(touched) => [...document.querySelectorAll(touched)]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
            .map((one) => `${one.className} ${one.textContent.trim()}`)""",
        TOUCHED,
    )
    assert small == []


@pytest.mark.browser
def test_focus_shows_on_every_kind_of_control(gallery: Page) -> None:
    gallery.goto(f"{ORIGIN}/dev/components")
    unseen = gallery.evaluate(
        """() => {
            const rings = (one) => {
                const style = one ? getComputedStyle(one) : { outlineStyle: "none" };
                return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
            };
            const isUnseen = (one) => {
                if (!one.checkVisibility() || one.disabled) return false;
                one.focus({ focusVisible: true });
                if (document.activeElement !== one) return false;
                return ![one, one.closest("label"), one.querySelector(":scope > .icon")].some(rings);
            };
            const controls = "main :is(a, button, input, select, textarea, summary)";
            return [...document.querySelectorAll(controls)].filter(isUnseen).map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    assert unseen == []
