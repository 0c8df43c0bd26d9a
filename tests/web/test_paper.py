"""PDFs as another program reads them: words in every script we have letters for, title, language, no holes."""

import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from tests.booking.factories import at
from vestibule.web import assets, paper

pytestmark = pytest.mark.skipif(
    not assets.is_built("letters.ttf"), reason="the front end is not built: script/bootstrap"
)
LETTER = paper.Letter(
    brand="Lakeside Clinic",
    title="After your visit",
    language="de-CH",
    at=at("10:00"),
    text="Take the tablets twice a day.\n\nCome back in a week.",
    facts=(("From", "Dr Bo Lund"),),
    lists=(("Files", ("plan.pdf",)),),
    foot="Lakeside Clinic · +41 44 555 01 00",
)


def read(letter: paper.Letter) -> PdfReader:
    return PdfReader(io.BytesIO(paper.as_pdf(letter)), strict=True)


def root_of(made: PdfReader) -> Any:
    return made.trailer["/Root"]


def words(letter: paper.Letter) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(letter).pages).split())


def test_it_holds_everything_that_was_given() -> None:
    shown = words(LETTER)
    for part in ("Lakeside Clinic", "After your visit", "From: Dr Bo Lund", "twice a day. Come back", "plan.pdf"):
        assert part in shown
    assert "+41 44 555 01 00 · Page 1 of 1" in shown


def test_the_name_above_it_has_the_colour_of_the_business() -> None:
    drawn = read(replace(LETTER, colour="#6f6f00")).pages[0].get_contents()
    assert drawn is not None
    assert drawn.get_data().count(b"0.4353 0.4353 0 rg") == 1, "the name"
    assert drawn.get_data().count(b"0.4353 0.4353 0 RG") == 1, "the line below it"


def test_it_says_its_title_its_language_and_who_wrote_it() -> None:
    made = read(replace(LETTER, author="Dr Bo Lund"))
    assert made.metadata is not None
    assert (made.metadata.title, made.metadata.author) == ("After your visit · Lakeside Clinic", "Dr Bo Lund")
    assert root_of(made)["/Lang"] == "de-CH"
    assert root_of(made)["/ViewerPreferences"]["/DisplayDocTitle"]


def test_nothing_in_it_leads_anywhere_or_runs() -> None:
    made = read(replace(LETTER, text="See https://example.org and write to bo@example.org"))
    assert all("/Annots" not in page for page in made.pages)
    root = root_of(made)
    assert not {"/AA", "/AcroForm", "/Names"} & set(root)
    assert isinstance(root["/OpenAction"], list), "a place on the first page, and no action"


@pytest.mark.parametrize("text", ["Łódź, Straße, Çelik", "Καλημέρα", "Добрый день", "Բարև", "გამარჯობა"])
def test_letters_beyond_latin_are_shown(text: str) -> None:
    assert text in words(replace(LETTER, text=text))


@pytest.mark.parametrize("text", ["שלום", "مرحبا"])
def test_scripts_that_run_from_right_to_left_start_at_the_right(text: str) -> None:
    assert text in words(replace(LETTER, text=text))
    starts: dict[str, float] = {}

    def note(part: str, _cm: object, matrix: list[float], *_font: object) -> None:
        starts.setdefault(part.strip(), matrix[4])

    read(replace(LETTER, text=f"{text}\nHello")).pages[0].extract_text(visitor_text=note)
    assert max(starts.values()) > 400 > starts.get("Hello", 0)


def test_a_text_with_letters_we_do_not_have_is_refused_rather_than_shown_with_holes() -> None:
    with pytest.raises(paper.LettersMissing) as refused:
        paper.as_pdf(replace(LETTER, text="今日は"))
    assert "今" in refused.value.sentence
    assert refused.value.facts["letters"] == ["は", "今", "日"]


def test_what_is_never_seen_is_left_out_and_stops_nothing() -> None:
    assert "a b c" in words(replace(LETTER, text="a\tb\u200d\ufe0f\x07 c\u202e"))


def test_a_long_text_goes_over_as_many_pages_as_it_needs() -> None:
    made = read(replace(LETTER, text="A line of the plan.\n" * 1000))
    assert len(made.pages) > 10
    assert f"Page {len(made.pages)} of {len(made.pages)}" in made.pages[-1].extract_text()


def test_without_the_letters_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "path", lambda _name: None)
    paper._known.cache_clear()
    with pytest.raises(paper.NotMade):
        paper.as_pdf(LETTER)
