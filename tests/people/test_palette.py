"""A palette from any colour at all: everything that is read can be read, and what was moved is told."""

import random

import pytest

from vestibule.people import oklch
from vestibule.people.oklch import contrast
from vestibule.people.palette import DARK, GROUNDS, INK, LIGHT, MORE, TEXT, Palette, Tokens, palette

TOKENS = {"accent", "accent-strong", "accent-wash", "accent-line", "on-accent", "band", "on-band", "flare"}
ODD = [
    "#000000",
    "#ffffff",
    "#ffff00",
    "#ccff00",
    "#ff0000",
    "#00ff00",
    "#0000ff",
    "#ff00ff",
    "#00ffff",
    "#808080",
    "#010101",
]
_seeded = random.Random(20260302)
MANY = [*ODD, *(f"#{_seeded.randrange(0x1000000):06x}" for _ in range(400))]
MORE_GROUNDS = {LIGHT: ("#ffffff",), DARK: ("#000000", "#212a27")}


def too_faint(tokens: Tokens, grounds: tuple[str, ...], least: float) -> list[str]:
    read = [
        (text, tokens[text], on) for text in ("accent", "accent-strong") for on in (*grounds, tokens["accent-wash"])
    ]
    read += [("on-accent", tokens["on-accent"], tokens[face]) for face in ("accent", "accent-strong")]
    read += [("on-band", tokens["on-band"], tokens["band"])]
    return [f"{name} {one} on {other}" for name, one, other in read if contrast(one, other) < least]


def of_scheme(made: Palette, scheme: str) -> Tokens:
    return made.light if scheme == LIGHT else made.dark


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_whatever_the_colour_all_that_is_read_can_be_read(scheme: str) -> None:
    found = {colour: too_faint(of_scheme(palette(colour), scheme), GROUNDS[scheme], TEXT) for colour in MANY}
    assert {colour: pairs for colour, pairs in found.items() if pairs} == {}


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_who_asks_for_more_contrast_gets_seven_to_one(scheme: str) -> None:
    found = {colour: too_faint(palette(colour).more[scheme], MORE_GROUNDS[scheme], MORE) for colour in MANY}
    assert {colour: pairs for colour, pairs in found.items() if pairs} == {}


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_text_can_be_read_on_what_is_chosen_and_its_edge_is_seen_by_who_asks_for_it(scheme: str) -> None:
    for colour in MANY:
        made = palette(colour)
        assert contrast(INK[scheme], of_scheme(made, scheme)["accent-wash"]) >= TEXT
        assert contrast(made.more[scheme]["accent-line"], MORE_GROUNDS[scheme][0]) >= 3


def test_a_pressed_button_differs_from_one_that_is_not() -> None:
    for colour in MANY:
        made = palette(colour)
        for tokens in (made.light, made.dark, *made.more.values()):
            assert contrast(tokens["accent"], tokens["accent-strong"]) > 1.1, (colour, tokens)


def test_every_scheme_has_every_token() -> None:
    made = palette("#336699")
    assert {frozenset(one) for one in (made.light, made.dark, *made.more.values())} == {frozenset(TOKENS)}


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    made = palette("#003366")
    assert (made.light["accent"], made.light["band"], made.is_kept) == ("#003366", "#003366", True)


def test_what_was_mended_is_told_with_what_it_became() -> None:
    made = palette("#ffff00")
    [mend] = made.mends
    assert (mend.token, mend.scheme, mend.became) == ("accent", LIGHT, made.light["accent"])
    assert mend.ratio < 1.1
    assert (made.light["band"], made.light["on-band"]) == ("#ffff00", INK[LIGHT])


def test_a_header_on_which_neither_white_nor_ink_can_be_read_is_darkened_a_little() -> None:
    made = palette("#ff0000")
    assert [mend.token for mend in made.mends] == ["accent", "band"]
    assert made.light["on-band"] == "#ffffff"
    assert abs(oklch.read(made.light["band"]).lightness - oklch.read("#ff0000").lightness) < 0.06


def test_mending_keeps_the_hue() -> None:
    for colour in ("#ff6600", "#e4002b", "#1da1f2", "#ccff00"):
        before, after = oklch.read(colour), oklch.read(palette(colour).light["accent"])
        assert abs(before.hue - after.hue) < 4, colour


def test_a_colour_comes_back_as_it_was_written() -> None:
    assert [oklch.written(oklch.read(colour)) for colour in MANY] == MANY


@pytest.mark.parametrize(
    "wrong", ["", "red", "#fff", "#FFCC00", "ffcc00", "#ffcc0", "#ffcc001", "#gggggg", "#ffcc00;}", "url(x)"]
)
def test_nothing_but_a_colour_is_read(wrong: str) -> None:
    with pytest.raises(ValueError, match="rrggbb"):
        palette(wrong)
