"""The live pages' texts: one list for the script, one for translators, and what a page is given."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from vestibule.web import (
    call_words,
    desk_words,
    door_words,
    elsewhere_host_words,
    elsewhere_words,
    outside_words,
    stage_words,
)

ROOT = Path(__file__).parents[2]


def texts_of_the_script(name: str = "words") -> dict[str, str]:
    source = (ROOT / f"frontend/elements/{name}.ts").read_text("utf-8")
    found = re.findall(r'^  "([\w.-]+)": (".*"),$', source, re.MULTILINE)
    return {key: json.loads(text) for key, text in found}


def test_translators_see_every_text_of_the_script_word_for_word() -> None:
    assert texts_of_the_script() == call_words.WORDS
    assert texts_of_the_script("stage-words") == stage_words.WORDS
    assert texts_of_the_script("door-words") == door_words.WORDS
    assert texts_of_the_script("elsewhere-words") == elsewhere_words.WORDS
    assert texts_of_the_script("elsewhere-host-words") == elsewhere_host_words.WORDS
    assert texts_of_the_script("outside-words") == outside_words.WORDS
    lists = (
        call_words.WORDS,
        door_words.WORDS,
        stage_words.WORDS,
        elsewhere_words.WORDS,
        elsewhere_host_words.WORDS,
        outside_words.WORDS,
    )
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


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES if code != "en"])
def test_the_page_of_a_visit_brings_little_and_fetches_the_rest_when_somebody_joins(
    client: Client, language: str
) -> None:
    with translation.override(language):
        page = Template('{% call_words "first" %}').render(Context())
        whole = call_words.translated()
    assert len(page.encode()) < 4_000
    brought = json.loads(page.split(">", 1)[1].rsplit("<", 1)[0])
    asked = re.search(r'<script data-rest="([^"]+)" id="words"', page)
    assert asked is not None
    fetched = client.get(asked[1])
    assert "immutable" in fetched["Cache-Control"]
    assert brought | fetched.json() == whole
    assert not brought.keys() & fetched.json().keys()


def test_words_of_a_language_nobody_ships_are_not_there(client: Client) -> None:
    assert client.get("/words/xx.json").status_code == 404


def test_the_desk_has_a_list_of_its_own_that_translators_see_word_for_word() -> None:
    source = (ROOT / "frontend/pages/desk/words.ts").read_text("utf-8")
    found = re.findall(r'^  "([\w.-]+)": (".*"),$', source, re.MULTILINE)
    assert {key: json.loads(text) for key, text in found} == desk_words.WORDS
