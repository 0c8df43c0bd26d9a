"""The promise of the tokens: whatever scheme a reader has and whatever accent a business picked, text can be read."""

import re

import pytest

from tests.web.styles import ACCENTS_CSS, COLOURS, HIGH_CONTRAST, STYLES, declarations, in_scheme
from vestibule.web import accents

SCHEMES = ("light", "dark")
TEXT = 4.5  # WCAG 2.2 AA, and what is asked of any text here, large or small
EDGE = 3.0  # of what must be seen but not read: borders of fields, the ring of focus

GROUNDS = ("canvas", "surface", "sunken", "raised")
READ = [
    *((text, ground) for text in ("ink", "ink-soft") for ground in GROUNDS),
    *(
        (tone, ground)
        for tone in ("info", "warning", "problem", "success")
        for ground in ("canvas", "surface", f"{tone}-wash")
    ),
    *((text, f"{tone}-wash") for text in ("ink", "ink-soft") for tone in ("info", "warning", "problem", "success")),
    ("on-problem", "problem"),
    ("on-problem", "problem-strong"),
    ("canvas", "ink"),
    ("on-stage", "stage"),
    ("on-stage", "stage-raised"),
    ("on-stage", "stage-line"),
    ("on-stage-soft", "stage"),
    ("on-stage-soft", "stage-raised"),
    ("on-hang-up", "hang-up"),
]
READ_IN_ACCENT = [
    *((text, ground) for text in ("accent", "accent-strong") for ground in (*GROUNDS, "accent-wash")),
    ("ink", "accent-wash"),
    ("ink-soft", "accent-wash"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-band", "band"),
]
SEEN = [
    *((line, ground) for line in ("line-strong", "focus-line") for ground in GROUNDS),
    ("focus-halo", "stage"),
    ("problem", "surface"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def accent_tokens(name: str) -> dict[str, str]:
    start = ":root, [data-theme], " if name == accents.DEFAULT else ""
    return declarations(ACCENTS_CSS, f'{start}[data-accent="{name}"], [data-accent="{name}"] [data-theme]')


def too_faint(tokens: dict[str, str], pairs: list[tuple[str, str]], least: float) -> list[str]:
    measured = [(text, ground, contrast(tokens[text], tokens[ground])) for text, ground in pairs]
    return [f"{text} on {ground}: {ratio:.2f}" for text, ground, ratio in measured if ratio < least]


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read_on_every_ground_it_stands_on(scheme: str) -> None:
    assert too_faint(in_scheme(COLOURS, scheme), READ, TEXT) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_borders_of_fields_and_focus_can_be_seen(scheme: str) -> None:
    assert too_faint(in_scheme(COLOURS, scheme), SEEN, EDGE) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("accent", list(accents.BANDS))
def test_every_accent_can_be_read(accent: str, scheme: str) -> None:
    tokens = in_scheme(COLOURS | accent_tokens(accent), scheme)
    assert too_faint(tokens, READ_IN_ACCENT, TEXT) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_readers_who_ask_for_more_contrast_get_at_least_seven_to_one(scheme: str) -> None:
    tokens = in_scheme(HIGH_CONTRAST, scheme)
    pairs = [(text, ground) for text in ("ink", "ink-soft", "line", "line-strong") for ground in GROUNDS[:3]]
    assert too_faint(tokens, pairs, 7.0) == []


def test_the_accents_a_business_may_choose_are_those_the_styles_know() -> None:
    assert set(re.findall(r'^\[data-accent="(\w+)"\]', ACCENTS_CSS, re.MULTILINE)) == set(accents.BANDS)


def test_the_browsers_frame_has_the_colour_of_the_header() -> None:
    bands = {name: in_scheme(accent_tokens(name), "light")["band"] for name in accents.BANDS}
    assert bands == accents.BANDS


def test_components_name_colours_only_by_token() -> None:
    """A colour written out in a component would not follow the theme. Two grounds are the same in every theme."""
    fixed = {"#14201c", "#ffe6a6", "#ffdf91", "#8c1d18"}  # ink on amber, amber, and hanging up
    strays = {
        f"{path.name}: {colour}"
        for path in [*STYLES.glob("components/*.css"), *STYLES.glob("layouts/*.css"), STYLES / "base.css"]
        for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text(encoding="utf-8"))
        if colour not in fixed
    }
    assert strays == set()
