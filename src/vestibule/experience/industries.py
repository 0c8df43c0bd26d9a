"""Industry templates: whole experiences to begin with, one file each in `industries/`, in every language shipped.

A file is `{"format", "title", "text", "document", "questions"}`. `document` is an experience in which whatever people
read is `{"en": …, "de": …}`; services name their questions, which `questions` holds by their ids. The guide is in
docs/how-to/add-an-industry-template.md.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vestibule.experience import document, texts
from vestibule.experience.document import Document
from vestibule.people.errors import NotFound
from vestibule.people.languages import spoken

FOLDER = Path(__file__).parent / "industries"
FORMAT = 1
KEYS = frozenset({"format", "title", "text", "document", "questions"})
READ_BY_PEOPLE = frozenset(
    {"title", "text", "tagline", "name", "description", "label", "help", "content_title", "content_text", "words"}
    | {"mail_footer", "choices"}
)
"""Keys whose texts have to be there in every language."""
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
Text = Mapping[str, str]


class Unusable(Exception):
    """A file of an industry cannot be used: says which one, where in it, and why."""

    def __init__(self, name: str, path: str, why: str) -> None:
        super().__init__(f"{FOLDER.name}/{name}.json: {path or 'the file'} {why}")


@dataclass(frozen=True)
class Industry:
    """An industry to begin with, in the words of one language."""

    name: str
    title: str
    text: str


def names() -> tuple[str, ...]:
    """Return the names of all industries: those of their files."""
    return tuple(sorted(one.stem for one in FOLDER.glob("*.json")))


def listed(language: str | None = None) -> list[Industry]:
    """Return all industries in a language (None: that of the page), by title."""
    tag = _shipped(language or get_language() or "")
    found = [Industry(name, read(name)["title"][tag], read(name)["text"][tag]) for name in names()]
    return sorted(found, key=lambda one: one.title.casefold())


@cache
def read(name: str) -> dict[str, Any]:
    """Return the file of an industry, checked; do not change it. Raises NotFound, and Unusable naming the place."""
    if name not in names():
        raise NotFound(_("There is no such template. Choose one of: %(names)s.") % {"names": ", ".join(names())})
    try:
        held = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    except ValueError as error:
        raise Unusable(name, "", f"is no JSON: {error}") from error
    _check(name, held)
    checked: dict[str, Any] = held
    return checked


def document_for(name: str, language: str) -> Document:
    """Return the experience of an industry for a business that speaks `language`. Raises as `read`.

    Texts are in that language, or in the first one shipped; own words and the survey are in all of them.
    """
    held, tag = read(name), _shipped(language)
    parts = held["document"]
    found = {part: _said(value, tag) for part, value in parts.items() if part not in ("services", "survey", "texts")}
    if "services" in parts:
        found["services"] = [_service(one, held["questions"], tag) for one in parts["services"]]
    if "survey" in parts:
        found["survey"] = _survey(parts["survey"], tag)
    if "texts" in parts:
        found["texts"] = {one: {key: text[one] for key, text in parts["texts"].items()} for one in LANGUAGES}
    return {"format": document.FORMAT, **{part: found[part] for part in parts}}


def _shipped(language: str) -> str:
    return spoken(language).partition("-")[0]


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and not set(value).isdisjoint(LANGUAGES)


def _said(value: Any, tag: str) -> Any:
    """Return a value with each text in one language."""
    if _is_text(value):
        return value[tag]
    if isinstance(value, Mapping):
        return {key: _said(one, tag) for key, one in value.items()}
    return [_said(one, tag) for one in value] if isinstance(value, list) else value


def _service(service: Mapping[str, Any], questions: Mapping[str, Any], tag: str) -> dict[str, Any]:
    asked = [{"id": one, **_said(questions[one], tag)} for one in service.get("questions", ())]
    return {**_said(service, tag), "questions": asked}


def _survey(survey: Mapping[str, Any], tag: str) -> dict[str, Any]:
    return {
        part: [_asked(one, tag) for one in value] if isinstance(value, list) else value
        for part, value in survey.items()
    }


def _asked(question: Mapping[str, Any], tag: str) -> dict[str, Any]:
    """Return a question, or a choice of one, with `text` in one language and `texts` in the others."""
    others = {one: text for one, text in question["text"].items() if one != tag}
    found = {**question, "text": question["text"][tag], "texts": others}
    if "choices" in question:
        found["choices"] = [_asked(one, tag) for one in question["choices"]]
    return found


# --- checking a file ---------------------------------------------------------------------------------------------


def _check(name: str, held: Any) -> None:
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise Unusable(name, "format", f"has to be {FORMAT}")
    _known(name, "", held, KEYS)
    for key in KEYS - held.keys():
        raise Unusable(name, key, "is missing")
    for key in ("document", "questions"):
        if not isinstance(held[key], dict):
            raise Unusable(name, key, "has to be an object with named values")
    _known(name, "document", held["document"], document.SECTIONS)
    for key, value in held.items():
        _check_texts(name, key, key, value)
    _check_services(name, held)
    _check_survey(name, held["document"].get("survey", {}))
    _check_own_texts(name, held["document"].get("texts", {}))


def _known(name: str, path: str, held: Mapping[str, Any], keys: Any) -> None:
    for key in held:
        if key not in keys:
            raise Unusable(name, f"{path}.{key}".lstrip("."), "is nothing a template can have")


def _check_texts(name: str, path: str, key: str, value: Any) -> None:
    """Go through a value: each text has to be there in every language, and in no other way."""
    if _is_text(value):
        _check_text(name, path, value)
    elif key in READ_BY_PEOPLE and isinstance(value, str):
        raise Unusable(name, path, "is read by people, so it has to be given in every language")
    elif isinstance(value, Mapping):
        for inner, one in value.items():
            _check_texts(name, f"{path}.{inner}", inner, one)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            _check_texts(name, f"{path}.{number}", key, one)


def _check_text(name: str, path: str, text: Text) -> None:
    for tag in LANGUAGES:
        if not isinstance(text.get(tag), str) or not text[tag].strip():
            raise Unusable(name, f"{path}.{tag}", "is missing")
    _known(name, path, text, LANGUAGES)


def _check_services(name: str, held: Mapping[str, Any]) -> None:
    asked = set()
    for number, service in enumerate(held["document"].get("services", ())):
        if not isinstance(service, Mapping):
            raise Unusable(name, f"document.services.{number}", "has to be an object with named values")
        for place, one in enumerate(service.get("questions", ())):
            if not isinstance(one, str) or one not in held["questions"]:
                raise Unusable(name, f"document.services.{number}.questions.{place}", "names no question of this file")
            asked.add(one)
    for one in held["questions"].keys() - asked:
        raise Unusable(name, f"questions.{one}", "is asked by no service")


def _check_survey(name: str, survey: Any) -> None:
    if not isinstance(survey, Mapping):
        raise Unusable(name, "document.survey", "has to be an object with named values")
    for part, asked in survey.items():
        for number, one in enumerate(asked if isinstance(asked, list) else ()):
            _check_asked(name, f"document.survey.{part}.{number}", one)


def _check_asked(name: str, path: str, asked: Any) -> None:
    if not isinstance(asked, Mapping) or not _is_text(asked.get("text")):
        raise Unusable(name, path, "has no text in every language")
    for number, one in enumerate(asked.get("choices", ())):
        _check_asked(name, f"{path}.choices.{number}", one)


def _check_own_texts(name: str, own: Any) -> None:
    if not isinstance(own, Mapping):
        raise Unusable(name, "document.texts", "has to be an object with named values")
    _known(name, "document.texts", own, texts.PLACES)
    for key, text in own.items():
        if not _is_text(text):
            raise Unusable(name, f"document.texts.{key}", "has to be given in every language")
        most = texts.PLACES[key].most
        for tag in LANGUAGES:
            if len(text[tag]) > most:
                raise Unusable(name, f"document.texts.{key}.{tag}", f"is longer than {most} characters")
