"""What cannot be seen is the same everywhere: what a form refuses, a text and a name come without."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vestibule.people.characters import is_plain, one_line, without_harm, without_unseen

TYPED = some.text(
    some.one_of(some.characters(), some.sampled_from("\n\r\t\0\x85\u00ad\u200b\u200d\u202e\u2066\ufeffaن"))
)


@given(TYPED)
def test_what_is_left_of_a_text_is_plain_and_what_was_plain_is_left(text: str) -> None:
    assert is_plain(without_harm(text), lines=True)
    assert not is_plain(text) or without_harm(text) == text


@given(TYPED)
def test_a_plain_text_holds_no_control_and_nothing_that_turns_what_stands_around_it(text: str) -> None:
    kinds = {unicodedata.category(one) for one in text} | {unicodedata.bidirectional(one) for one in text}
    assert is_plain(text) == (not kinds & {"Cc", "Cs", "LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"})


@given(TYPED)
def test_a_name_holds_no_more_than_a_text_and_stays_as_it_was_made(name: str) -> None:
    shown = without_unseen(name)
    assert is_plain(shown)
    assert without_unseen(shown) == shown
    assert shown == shown.strip()


@pytest.mark.parametrize(
    ("typed", "shown"), [("Jo\u00adhn\u200b", "John"), ("A\u200dda", "Ada"), ("می\u200cخواهم", "می\u200cخواهم")]
)
def test_a_joiner_stays_in_a_name_where_it_is_spelling(typed: str, shown: str) -> None:
    assert without_unseen(typed) == shown


@given(TYPED)
def test_one_line_ends_nowhere_and_hides_nothing_but_joiners(text: str) -> None:
    line = one_line(text)
    assert line.translate({0x200C: None, 0x200D: None}).isprintable()
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d⚕\ufe0f", "👩\u200d⚕\ufe0f"),
        ("Do\u00adnau", "Donau"),
    ],
)
def test_joiners_stay_in_one_line_and_what_hides_goes(typed: str, line: str) -> None:
    assert one_line(typed) == line
