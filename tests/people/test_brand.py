"""The look of a business: words of lists, a colour of six digits, pictures drawn anew, and nothing else."""

from io import BytesIO

import pytest
from PIL import Image

from tests.factories import make_business, manager_of
from tests.people.harm import HARM
from tests.pictures import picture, png_of
from vestibule.people import brand
from vestibule.people.brand import Brand
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, BrandImage, Business
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


def fresh(business: Business) -> Business:
    return Business.objects.get(pk=business.pk)


def drawing(size: tuple[int, int], colour: tuple[int, ...], *, on: tuple[int, ...] = (0, 0, 0, 0)) -> bytes:
    """A PNG with a band of `colour` through the middle of `on`, transparent unless told otherwise."""
    out = BytesIO()
    made = Image.new("RGBA", size, on)
    made.paste(colour, (0, size[1] // 3, size[0], 2 * size[1] // 3))
    made.save(out, "PNG")
    return out.getvalue()


def opened(kept: BrandImage) -> Image.Image:
    return Image.open(BytesIO(bytes(kept.content)))


def test_a_business_looks_as_it_comes_until_somebody_chooses() -> None:
    assert brand.of(make_business()) == Brand("lake", "", "system", "soft", "cosy", "auto")
    assert brand.of(make_business()).is_plain


def test_what_is_chosen_holds_is_told_and_renews_what_others_kept() -> None:
    business = make_business()
    stamp = business.experience_stamp
    brand.change(manager_of(business), business, colour="#FFCC00", font="figtree", corners="round", scheme="dark")
    held = fresh(business)
    assert brand.of(held) == Brand("lake", "#ffcc00", "figtree", "round", "cosy", "dark")
    assert held.tone == "#ffcc00"
    assert held.experience_stamp != stamp
    entry = AuditEntry.objects.get(business=business, action="brand.changed")
    assert entry.details["colour"] == ["", "#ffcc00"]


def test_choosing_what_holds_changes_nothing() -> None:
    business = make_business()
    brand.change(manager_of(business), business, corners="soft", accent="lake")
    assert fresh(business).experience_stamp == business.experience_stamp
    assert not AuditEntry.objects.filter(business=business).exists()


def test_without_a_colour_of_its_own_it_has_the_accent() -> None:
    business = make_business()
    owner = manager_of(business)
    brand.change(owner, business, colour="0b5fa5", accent="plum")
    brand.change(owner, business, colour="")
    assert (brand.of(fresh(business)).colour, fresh(business).tone) == ("", "plum")


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("name", ["colour", "accent", "font", "corners", "density", "scheme", "logo", "favicon"])
def test_nothing_that_could_become_style_or_markup_is_taken(name: str, harm: str) -> None:
    business = make_business()
    with pytest.raises(Invalid) as refused:
        brand.change(manager_of(business), business, **{name: harm})
    assert refused.value.facts["field"] == name
    assert fresh(business).brand == {}


@pytest.mark.parametrize("value", [None, 5, ["soft"], {"a": 1}, True])
def test_nothing_but_words_is_taken(value: object) -> None:
    business = make_business()
    for name in ("colour", "font", "logo"):
        with pytest.raises(Invalid):
            brand.change(manager_of(business), business, **{name: value})


def test_what_was_stored_past_the_verbs_does_not_reach_a_page_either() -> None:
    business = make_business()
    Business.objects.filter(pk=business.pk).update(
        accent="teal", brand={"colour": "</style>", "font": "@import", "corners": 7, "density": None}
    )
    assert brand.of(fresh(business)) == Brand()


def test_only_who_runs_the_set_up_changes_it_and_only_their_own() -> None:
    business, other = make_business(), make_business()
    for actor, refusal in ((manager_of(business, role=Role.VIEWER), NotPermitted), (manager_of(other), NotFound)):
        with pytest.raises(refusal):
            brand.change(actor, business, font="serif")
        with pytest.raises(refusal):
            brand.put(actor, business, "logo", picture())
        with pytest.raises(refusal):
            brand.take_down(actor, business, "logo")
        with pytest.raises(refusal):
            brand.describe(actor, business, "logo", "A lake")


class TestPictures:
    def test_a_logo_is_drawn_anew_as_png_without_what_a_camera_noted(self) -> None:
        business = make_business()
        made = brand.put(manager_of(business), business, "logo", picture((1800, 600)), "A lake at dawn")
        assert fresh(business).logo == made
        assert (made.media_type, made.width, made.height, made.alternative) == ("image/png", 432, 144, "A lake at dawn")
        assert b"taken at home" not in bytes(made.content)
        assert opened(made).format == "PNG"

    def test_a_dark_logo_with_holes_gets_white_below_it_and_a_light_one_ink(self) -> None:
        business = make_business()
        owner = manager_of(business)
        dark = opened(brand.keep(owner, business, "logo", drawing((300, 90), (0, 40, 80, 255))))
        light = opened(brand.keep(owner, business, "logo", drawing((300, 90), (255, 255, 255, 255))))
        assert (dark.getpixel((2, 2)), light.getpixel((2, 2))) == ((255, 255, 255), (20, 32, 28))
        assert dark.mode == light.mode == "RGB"

    def test_a_logo_with_a_ground_of_its_own_keeps_it(self) -> None:
        business = make_business()
        sent = drawing((300, 90), (0, 40, 80, 255), on=(200, 30, 30, 255))
        made = brand.keep(manager_of(business), business, "logo", sent)
        assert (made.width, made.height) == (300, 90)
        assert opened(made).convert("RGB").getpixel((2, 2)) == (200, 30, 30)

    def test_an_icon_becomes_a_square_of_180_pixels_with_the_picture_in_the_middle(self) -> None:
        business = make_business()
        made = brand.put(manager_of(business), business, "favicon", drawing((400, 200), (0, 40, 80, 255)))
        shown = opened(made).convert("RGBA")
        assert shown.size == (180, 180)
        assert shown.getpixel((90, 2))[3] == 0  # type: ignore[index]  # of RGBA it is a tuple
        assert shown.getpixel((90, 90)) == (0, 40, 80, 255)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "Drawings (SVG) can hold programs"),
            (b"%PDF-1.7", "not a PNG"),
            (b"", "not a PNG"),
            (b"\x89PNG\r\n\x1a\nnothing", "damaged"),
            (png_of(20_000, 20_000), "too many pixels"),
            (b"\x89PNG\r\n\x1a\n" + b"0" * brand.MOST_BYTES, "larger than 5 MB"),
        ],
    )
    def test_what_is_no_picture_is_refused_with_a_way_on(self, content: bytes, words: str) -> None:
        business = make_business()
        with pytest.raises(Invalid, match=r"[.]$") as refused:
            brand.put(manager_of(business), business, "logo", content)
        assert words in refused.value.sentence
        assert refused.value.facts["field"] == "logo"
        assert not BrandImage.objects.exists()

    def test_words_for_who_does_not_see_it_are_changed_on_a_copy(self) -> None:
        business = make_business()
        owner = manager_of(business)
        first = brand.put(owner, business, "logo", picture(), "A lake")
        second = brand.describe(owner, business, "logo", "A lake \x00 at   dawn")
        assert second is not None
        assert (second.ref != first.ref, second.alternative) == (True, "A lake at dawn")
        assert fresh(business).logo == second
        assert bytes(second.content) == bytes(first.content)
        with pytest.raises(Invalid):
            brand.describe(owner, business, "logo", "a" * 201)

    def test_taking_down_twice_is_once_and_keeps_what_earlier_versions_show(self) -> None:
        business = make_business()
        owner = manager_of(business)
        made = brand.put(owner, business, "favicon", picture())
        brand.take_down(owner, business, "favicon")
        brand.take_down(owner, business, "favicon")
        assert fresh(business).favicon is None
        assert brand.find(made.ref) == made

    def test_a_picture_of_another_business_or_kind_is_none_of_ours(self) -> None:
        business, other = make_business(), make_business()
        foreign = brand.keep(manager_of(other), other, "logo", picture())
        icon = brand.keep(manager_of(business), business, "favicon", picture())
        for ref in (foreign.ref, icon.ref, "nothing"):
            with pytest.raises(Invalid) as refused:
                brand.change(manager_of(business), business, logo=ref)
            assert refused.value.facts["field"] == "logo"
        assert fresh(business).logo is None


@pytest.mark.parametrize(("kind", "most"), [("logo", 6 * 1024), ("favicon", 2 * 1024)])
def test_a_picture_weighs_little_however_much_is_in_it(kind: str, most: int) -> None:
    business, out = make_business(), BytesIO()
    Image.effect_noise((1200, 360), 90).convert("RGB").save(out, "PNG")
    kept = brand.put(manager_of(business), business, kind, out.getvalue(), "Noise")
    assert len(bytes(kept.content)) <= most
    assert opened(kept).size == (kept.width, kept.height)


def test_a_plain_picture_keeps_its_size_and_its_colours() -> None:
    business = make_business()
    kept = brand.put(manager_of(business), business, "logo", drawing((480, 144), (30, 60, 120, 255), on=(255,) * 4))
    assert opened(kept).size == (480, 144)
    assert opened(kept).convert("RGB").getpixel((240, 72)) == (30, 60, 120)
