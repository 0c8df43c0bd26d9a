"""Days in words, as each language writes them."""

from datetime import date

import pytest
from django.utils import translation

from vestibule.notifications import when

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Monday 2 March"),
        ("de", "Montag, 2. März"),
        ("es", "lunes 2 de marzo"),
        ("fr", "lundi 2 mars"),
        ("pl", "poniedziałek, 2 marca"),
        ("pt", "segunda-feira, 2 de março"),
    ],
)
def test_a_date_is_said_as_its_language_writes_it(language: str, words: str) -> None:
    with translation.override(language):
        assert when.of_date(MONDAY) == words


def test_the_year_is_said_when_it_is_asked_for() -> None:
    assert when.of_date(MONDAY, with_year=True) == "Monday 2 March 2026"
