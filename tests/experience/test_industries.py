"""Industry templates: each holds as it is written, in every language, and says where a file is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_business, make_provider, manager_of
from vestibule.booking.models import Service
from vestibule.experience import document, drafts, industries
from vestibule.experience.industries import LANGUAGES, Unusable
from vestibule.experience.models import Version
from vestibule.people.errors import NotFound
from vestibule.people.models import Business

EIGHT = {
    "bank-loan",
    "education",
    "insurance",
    "legal",
    "primary-care",
    "product-support",
    "public-office",
    "therapy",
}
PLACEHOLDERS = ("TODO", "TBD", "lorem", "Lorem", "xxx", "example.", "{", "}", "<", "[")


def texts_in(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of a file, with its place."""
    if isinstance(value, dict) and "en" in value:
        yield path, value
    elif isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts_in(one, f"{path}.{key}")


def holds(wanted: Any, held: Any, path: str = "") -> None:
    """Whatever is wanted is there; defaults may be besides."""
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            assert key in held, f"{path}.{key}"
            holds(value, held[key], f"{path}.{key}")
    elif isinstance(wanted, list):
        assert len(wanted) == len(held), path
        for number, value in enumerate(wanted):
            holds(value, held[number], f"{path}.{number}")
    else:
        assert held == wanted, path


def test_the_eight_industries_are_there() -> None:
    assert set(industries.names()) >= EIGHT


@pytest.mark.parametrize("name", industries.names())
def test_every_text_is_there_in_every_language_and_none_is_left_to_fill_in(name: str) -> None:
    found = list(texts_in(industries.read(name)))
    assert len(found) > 25
    for path, text in found:
        assert set(text) == set(LANGUAGES), path
        for tag, words in text.items():
            assert words == words.strip(), f"{path}.{tag}"
            assert not any(one in words for one in PLACEHOLDERS), f"{path}.{tag}: {words}"
        arabic = sum("\u0600" <= sign <= "\u06ff" for sign in text["ar"])
        assert arabic * 2 > len(text["ar"].replace(" ", "")) or len(text["ar"]) < 8, f"{path}.ar is in another script"


@pytest.mark.parametrize("name", industries.names())
def test_long_texts_are_translated_and_not_copied(name: str) -> None:
    for path, text in texts_in(industries.read(name)):
        if len(text["en"]) > 25:
            assert len(set(text.values())) == len(LANGUAGES), path


@pytest.mark.parametrize("name", industries.names())
def test_a_template_is_complete(name: str) -> None:
    parts = industries.read(name)["document"]
    assert {"business", "services", "call", "waiting_room", "reminders", "survey", "brand", "texts"} <= set(parts)
    assert 3 <= len(parts["services"]) <= 5
    assert len(parts["texts"]) >= 4
    assert parts["survey"]["consumer"]
    assert parts["survey"]["provider"]
    for service in industries.document_for(name, "en")["services"]:
        consents = [one for one in service["questions"] if one["type"] == "consent"]
        assert all(one["text"] and one["version"] and one["required"] for one in consents)
        assert consents, service["slug"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", industries.names())
def test_a_template_holds_as_it_is_written(name: str, language: str) -> None:
    wanted = industries.document_for(name, language)
    business, published = begun_as(wanted, name, language)
    held = document.read(business)
    holds({part: value for part, value in wanted.items() if part != "format"}, held)
    assert (published.template, published.document) == (name, held)
    assert Service.objects.filter(business=business, offers__isnull=False).distinct().count() == len(wanted["services"])


@pytest.mark.django_db
@pytest.mark.parametrize("name", industries.names())
def test_a_template_taken_a_second_time_changes_nothing(name: str) -> None:
    wanted = industries.document_for(name, "en")
    business, _published = begun_as(wanted, name, "en")
    drafts.load(manager_of(business), business, wanted, template=name)
    assert drafts.pending(manager_of(business), business) == []


def begun_as(wanted: dict[str, Any], name: str, language: str) -> tuple[Business, Version]:
    """An empty business of that language, in which a template holds."""
    business = make_business()
    Business.objects.filter(pk=business.pk).update(language=language)
    make_provider(business=business)
    drafts.load(manager_of(business), Business.objects.get(pk=business.pk), wanted, template=name)
    published = drafts.publish(manager_of(business), Business.objects.get(pk=business.pk))
    return Business.objects.get(pk=business.pk), published


def test_an_industry_is_listed_in_the_readers_language() -> None:
    found = {one.name: one for one in industries.listed("de-CH")}
    assert found["bank-loan"].title == "Bank und Kredite"
    assert [one.name for one in industries.listed("xx")] == [one.name for one in industries.listed("en")]


def test_a_language_that_is_not_shipped_reads_english() -> None:
    assert industries.document_for("legal", "fi") == industries.document_for("legal", "en")


def test_own_words_and_the_survey_come_in_all_languages_services_in_one() -> None:
    found = industries.document_for("therapy", "de")
    assert found["services"][0]["name"] == "Erstgespräch"
    assert set(found["texts"]) == set(LANGUAGES)
    question = found["survey"]["consumer"][0]
    assert question["text"].startswith("Haben Sie")
    assert set(question["texts"]) == set(LANGUAGES) - {"de"}


def test_there_is_no_industry_of_another_name() -> None:
    for name in ("nothing", "../settings", ""):
        with pytest.raises(NotFound):
            industries.read(name)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("format",), 2, "format has to be 1"),
        (("title", "pl"), "", "title.pl is missing"),
        (("title", "xx"), "Title", "title.xx is nothing"),
        (("text",), "For doctors", "text is read by people"),
        (("more",), 1, "more is nothing"),
        (("questions",), None, "questions has to be"),
        (("document", "prices"), {}, "document.prices is nothing"),
        (("document", "services", 0, "name"), "Visit", "document.services.0.name is read by people"),
        (("document", "services", 0, "questions", 0), "nothing", "document.services.0.questions.0 names no question"),
        (("questions", "reason", "choices"), ["Yes"], "questions.reason.choices.0 is read by people"),
        (("questions", "spare"), {"type": "text"}, "questions.spare is asked by no service"),
        (("document", "survey", "consumer", 0, "text"), None, "document.survey.consumer.0 has no text"),
        (("document", "texts", "somewhere"), {}, "document.texts.somewhere is nothing"),
        (("document", "texts", "help_text"), "Call us", "document.texts.help_text has to be given"),
        (("document", "texts", "book_introduction", "fr"), "x" * 601, "document.texts.book_introduction.fr is longer"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[Any, ...], value: Any, where: str
) -> None:
    held = json.loads((industries.FOLDER / "primary-care.json").read_text("utf-8"))
    place = held
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(Unusable, match=f"mine.json: {where}"):
        read_as_mine(json.dumps(held), tmp_path, monkeypatch)


def test_a_file_that_is_no_json_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unusable, match="the file is no JSON"):
        read_as_mine("{", tmp_path, monkeypatch)


def read_as_mine(content: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a file of somebody's own."""
    monkeypatch.setattr(industries, "FOLDER", folder)
    (folder / "mine.json").write_text(content, "utf-8")
    industries.read("mine")
