"""The live pages' texts: one list for the script, one for translators, and what a page is given."""

import json
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from vestibule.web import call_words, desk_words, door_words, stage_words

ROOT = Path(__file__).parents[2]


def texts_of_the_script(name: str = "words") -> dict[str, str]:
    source = (ROOT / f"frontend/elements/{name}.ts").read_text("utf-8")
    found = re.findall(r'^  "([\w.-]+)": (".*"),$', source, re.MULTILINE)
    return {key: json.loads(text) for key, text in found}


def test_translators_see_every_text_of_the_script_word_for_word() -> None:
    assert texts_of_the_script() == call_words.WORDS
    assert texts_of_the_script("stage-words") == stage_words.WORDS
    assert texts_of_the_script("door-words") == door_words.WORDS
    lists = (call_words.WORDS, door_words.WORDS, stage_words.WORDS)
    assert len({key for words in lists for key in words}) == sum(map(len, lists)), "no key is in two lists"


def test_an_english_page_carries_no_texts_twice() -> None:
    with translation.override("en"):
        assert call_words.translated() == {}


def test_a_translated_page_carries_what_differs_safely(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = {"Leave": "Stumm </script><b>"}
    monkeypatch.setattr(call_words, "gettext", lambda text: foreign.get(text, text))
    page = Template("{% call_words %}").render(Context())
    assert page.startswith('<script id="words" type="application/json">')
    assert page.count("<") == 2, "markup in a translation stays text"
    inside = page.split(">", 1)[1].rsplit("<", 1)[0]
    assert json.loads(inside) == {"control.leave": "Stumm </script><b>"}


def test_the_desk_has_a_list_of_its_own_that_translators_see_word_for_word() -> None:
    source = (ROOT / "frontend/pages/desk/words.ts").read_text("utf-8")
    found = re.findall(r'^  "([\w.-]+)": (".*"),$', source, re.MULTILINE)
    assert {key: json.loads(text) for key, text in found} == desk_words.WORDS
