"""The style sheet of a brand is a function of its address, and of nothing anybody wrote."""

import random
import re
import string

import pytest
from django.test import Client

from tests.factories import make_business, manager_of
from tests.pictures import picture
from tests.web.styles import COLOURS, HIGH_CONTRAST, declarations, in_scheme, without_media
from vestibule.people import brand
from vestibule.people.brand import CORNERS, DENSITIES, FONTS, Brand
from vestibule.people.models import Business
from vestibule.people.palette import GROUNDS, GROUNDS_OF_MORE, INK, palette
from vestibule.web import accents, assets, theme

ONE = "/theme/ffcc00-figtree-round-compact.css"
WRONG = [
    "/theme/FFCC00-figtree-round-cosy.css",
    "/theme/fc0-figtree-round-cosy.css",
    "/theme/ffcc00-comic-round-cosy.css",
    "/theme/ffcc00-figtree-round.css",
    "/theme/ffcc00-figtree-round-cosy-.css",
    "/theme/ffcc00-figtree-round-cosy.css/",
    "/theme/ffcc00-figtree-round-cosy",
    "/theme/ffcc00-figtree-round-cosy%0a.css",
    "/theme/ffcc00-figtree-round-cosy;}*{color:red.css",
    "/theme/%3C/style%3E.css",
    "/theme/@import.css",
    "/theme/url(x)-figtree-round-cosy.css",
    "/theme/٣٣٣٣٣٣-figtree-round-cosy.css",
    "/theme/.css",
    "/theme/../theme/ffcc00.css",
    "/theme/sample/lake-figtree-round-cosy.css",
]


def got(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize("path", WRONG)
def test_an_address_that_differs_by_one_sign_is_not_there(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_made_up_address_gives_a_style_sheet(client: Client, db: None) -> None:
    seeded = random.Random(42)
    signs = string.ascii_letters + string.digits + "-_;{}()@:/\\ <>'\"*%"
    for _turn in range(300):
        at, sign = seeded.randrange(len("ffcc00-figtree-round-compact")), seeded.choice(signs)
        name = "ffcc00-figtree-round-compact"
        name = f"{name[:at]}{sign}{name[at + 1 :]}"
        expected = 200 if theme._NAME.fullmatch(name) else 404
        assert expected == 404 or sign in "0123456789abcdef" or name == "ffcc00-figtree-round-compact"
        assert client.get("/theme/" + name.replace("%", "%25").replace("?", "%3f") + ".css").status_code == expected


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("corners", CORNERS)
@pytest.mark.parametrize("density", DENSITIES)
def test_it_sets_tokens_and_nothing_else(font: str, corners: str, density: str) -> None:
    written = theme.css("ffcc00", font, corners, density)
    without_faces = re.sub(r"@font-face\{[^}]*\}", "", written)
    names = re.findall(r"[{;]\s*([\w-]+)\s*:", without_media(without_faces) + without_faces)
    assert {name for name in names if not name.startswith("--")} <= {"prefers-contrast"}
    assert "//" not in written, "nothing of another server"
    assert set(re.findall(r"@([\w-]+)", written)) <= {"font-face", "media"}


def test_it_is_kept_for_ever_and_asks_nothing_of_who_asks(client: Client) -> None:
    answer = client.get(f"{ONE}?v={theme.stamp()}")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert (answer.cookies, answer.get("Vary")) == ({}, "Accept-Encoding")
    assert "immutable" not in client.get(f"{ONE}?v=older")["Cache-Control"], "a page of another release asks again"


def test_it_says_what_the_palette_says(client: Client) -> None:
    tokens = declarations(
        without_media(got(client, ONE)), '[data-accent="own"],[data-accent="own"] :where([data-theme])'
    )
    made = palette("#ffcc00")
    assert in_scheme(tokens, "light") == dict(made.light)
    assert in_scheme(tokens, "dark") == dict(made.dark)
    assert "prefers-contrast:more" in got(client, ONE)


def test_grounds_and_ink_are_those_of_the_pages() -> None:
    for scheme, grounds in GROUNDS.items():
        shown = in_scheme(COLOURS, scheme)
        assert set(grounds) == {shown[name] for name in ("canvas", "surface", "sunken", "raised")}
        assert INK[scheme] == shown["ink"]
        more = in_scheme(HIGH_CONTRAST, scheme)
        assert set(GROUNDS_OF_MORE[scheme]) == {more[name] for name in ("canvas", "surface", "sunken", "raised")}


def test_only_a_chosen_family_is_named_and_its_files_are_there() -> None:
    assert "@font-face" not in theme.css("ffcc00", "system", "soft", "cosy")
    if not assets.is_built("font-figtree-latin.woff2"):
        pytest.skip("the front end is not built: script/bootstrap")
    for name in theme.FONTS:
        found = re.findall(r'url\("(/static/[^"]+)"\)', theme.css("preset", name, "soft", "cosy"))
        assert len(found) == 2
        for url in found:
            assert (assets.path(f"font-{name}-latin.woff2") or "").name.split("-")[1] == name  # type: ignore[union-attr]
            assert re.fullmatch(rf"/static/font-{name}-latin(-ext)?-[0-9A-F]{{8}}\.woff2", url)


def test_a_sample_reaches_no_further_than_itself() -> None:
    written = theme.css("ffcc00", "figtree", "round", "compact", is_sample=True)
    assert ":root" not in written
    assert '"own"' not in written


class TestPages:
    @pytest.fixture
    def business(self, db: None) -> Business:
        return make_business(slug="lakeside")

    def page(self, client: Client) -> str:
        return got(client, "/book/lakeside")

    def test_a_business_that_chose_nothing_costs_no_request_more(self, client: Client, business: Business) -> None:
        shown = self.page(client)
        assert "/theme/" not in shown
        assert 'data-accent="lake"' in shown
        assert '<meta name="theme-color" content="#014244">' in shown
        assert 'data-theme="' not in shown.split("<body")[0]

    def test_an_own_colour_brings_its_sheet_and_the_browsers_frame(self, client: Client, business: Business) -> None:
        brand.change(manager_of(business), business, colour="#ffff00", font="nunito")
        head = self.page(client).split("<body")[0]
        assert 'data-accent="own"' in head
        assert f'<link rel="stylesheet" href="/theme/ffff00-nunito-soft-cosy.css?v={theme.stamp()}">' in head
        assert '<meta name="theme-color" content="#ffff00" media="(prefers-color-scheme: light)">' in head
        assert f'content="{palette("#ffff00").dark["band"]}" media="(prefers-color-scheme: dark)"' in head

    def test_a_fixed_scheme_is_fixed_for_the_browser_too(self, client: Client, business: Business) -> None:
        brand.change(manager_of(business), business, scheme="dark", accent="plum")
        head = self.page(client).split("<body")[0]
        assert 'data-theme="dark"' in head
        assert '<meta name="color-scheme" content="dark">' in head
        assert "/theme/" not in head

    def test_a_wide_logo_stands_for_the_name_and_a_square_one_beside_it(
        self, client: Client, business: Business
    ) -> None:
        owner = manager_of(business)
        wide = brand.put(owner, business, "logo", picture((300, 60)))
        shown = self.page(client).split("</header>")[0]
        assert f'src="/brand/{wide.ref}.png" alt="Lakeside Clinic" width="300" height="60"' in shown
        assert "<span>Lakeside Clinic</span>" not in shown
        brand.put(owner, business, "logo", picture((80, 80)))
        shown = self.page(client).split("</header>")[0]
        assert 'alt=""' in shown
        assert "<span>Lakeside Clinic</span>" in shown

    def test_the_icon_of_the_tab_is_the_own_one(self, client: Client, business: Business) -> None:
        made = brand.put(manager_of(business), business, "favicon", picture())
        assert f'<link rel="icon" href="/brand/{made.ref}.png" type="image/png" sizes="180x180">' in self.page(client)

    def test_words_for_the_logo_are_inert(self, client: Client, business: Business) -> None:
        brand.put(manager_of(business), business, "logo", picture(), '"><script>alert(1)</script>')
        assert "<script>alert" not in self.page(client)


class TestPictureDoor:
    def test_a_picture_is_handed_out_as_nothing_but_a_picture(self, client: Client, db: None) -> None:
        business = make_business()
        made = brand.put(manager_of(business), business, "logo", picture())
        answer = client.get(f"/brand/{made.ref}.png")
        assert (answer.content, answer["Content-Type"]) == (bytes(made.content), "image/png")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer.cookies == {}

    @pytest.mark.parametrize("ref", ["nothing", "a" * 40, "1"])
    def test_whoever_guesses_finds_nothing(self, client: Client, db: None, ref: str) -> None:
        assert client.get(f"/brand/{ref}.png").status_code == 404


def test_every_word_of_a_brand_has_its_meaning_on_the_pages() -> None:
    assert ["system", *theme.FONTS] == list(FONTS)
    assert set(theme.SHAPES) == {*CORNERS, *DENSITIES}
    assert list(accents.BANDS) == list(brand.ACCENTS)


def test_the_address_of_a_brand_is_read_back_as_the_same_words() -> None:
    for look in (Brand(), Brand(colour="#0b5fa5", font="legible", corners="square", density="compact")):
        words = theme._NAME.fullmatch(theme.name_of(look))
        assert words is not None
        assert words.groups() == (look.colour[1:] or "preset", look.font, look.corners, look.density)
