"""Own words: set, taken back and replaced by those who may, and a part of the experience."""

from typing import Any

import pytest

from tests.factories import make_business, manager_of
from vestibule.experience import drafts, texts
from vestibule.experience.models import OwnText
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Business
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


def fresh(business: Business) -> Business:
    return Business.objects.get(pk=business.pk)


def test_words_hold_in_their_language_and_the_varieties_of_it() -> None:
    business = make_business()
    texts.put(manager_of(business), business, "de", {"book_heading": "  Womit fangen wir an?  "})
    assert texts.said(fresh(business), "book_heading", "de") == "Womit fangen wir an?"
    assert texts.said(fresh(business), "book_heading", "de-ch") == "Womit fangen wir an?"
    assert texts.said(fresh(business), "book_heading", "en") == ""


def test_a_change_is_seen_at_once_and_written_down() -> None:
    business = make_business()
    owner, stamp = manager_of(business), business.experience_stamp
    texts.put(owner, business, "en", {"footer_line": "Made by the lake"})
    assert fresh(business).experience_stamp != stamp
    texts.put(owner, business, "en", {"footer_line": "Made on the hill"})
    assert texts.said(fresh(business), "footer_line", "en") == "Made on the hill"
    entry = AuditEntry.objects.filter(action="texts.changed").latest("id")
    assert entry.details["places"] == ["en.footer_line"]


def test_the_same_again_changes_nothing() -> None:
    business = make_business()
    owner = manager_of(business)
    texts.put(owner, business, "en", {"footer_line": "Made by the lake", "book_note": ""})
    stamp, entries = fresh(business).experience_stamp, AuditEntry.objects.count()
    texts.put(owner, business, "en", {"footer_line": "Made by the lake"})
    texts.reset(owner, business, "fr")
    assert (fresh(business).experience_stamp, AuditEntry.objects.count()) == (stamp, entries)


def test_an_empty_text_and_a_reset_bring_the_built_in_words_back() -> None:
    business = make_business()
    owner = manager_of(business)
    texts.put(owner, business, "en", {"footer_line": "One", "help_text": "Two"})
    texts.put(owner, business, "de", {"footer_line": "Eins"})
    texts.put(owner, business, "en", {"footer_line": " "})
    assert texts.stored(business) == {"en": {"help_text": "Two"}, "de": {"footer_line": "Eins"}}
    texts.reset(owner, business, "en")
    assert texts.stored(business) == {"de": {"footer_line": "Eins"}}


@pytest.mark.parametrize(
    ("language", "words", "field"),
    [
        ("en", {"nowhere": "x"}, "en.nowhere"),
        ("en", {"book_heading": "x" * 121}, "en.book_heading"),
        ("en", {"book_heading": "two\nlines"}, "en.book_heading"),
        ("en", {"book_introduction": "\u202eturned"}, "en.book_introduction"),
        ("en", {"book_heading": 7}, "en.book_heading"),
        ("xx", {"book_heading": "x"}, None),
        ("en", ["book_heading"], None),
    ],
)
def test_what_cannot_be_is_refused_and_named(language: str, words: Any, field: str | None) -> None:
    business = make_business()
    with pytest.raises(Invalid) as refused:
        texts.put(manager_of(business), business, language, words)
    assert refused.value.facts.get("field") == field
    assert not OwnText.objects.exists()


def test_only_who_sets_up_this_business_changes_them() -> None:
    business, other = make_business(), make_business()
    with pytest.raises(NotPermitted):
        texts.put(manager_of(business, role=Role.VIEWER), business, "en", {"footer_line": "x"})
    with pytest.raises(NotFound):
        texts.put(manager_of(other), business, "en", {"footer_line": "x"})


def test_they_are_a_part_of_the_experience_and_what_is_left_out_is_built_in_again() -> None:
    business = make_business()
    owner = manager_of(business)
    drafts.change(owner, business, {"texts": {"en": {"book_heading": "Where does it hurt?", "help_text": "Call"}}})
    drafts.publish(owner, business)
    drafts.change(owner, business, {"texts": {"en": {"book_heading": "Where does it hurt?"}}})
    drafts.publish(owner, business)
    assert texts.stored(business) == {"en": {"book_heading": "Where does it hurt?"}}
    drafts.roll_back(owner, business, 1)
    assert texts.stored(business)["en"]["help_text"] == "Call"


def test_words_tried_out_are_not_kept_in_memory() -> None:
    business = make_business()
    assert texts.said(business, "footer_line", "en") == ""
    drafts.change(manager_of(business), business, {"texts": {"en": {"footer_line": "Only tried"}}})
    assert texts.said(business, "footer_line", "en") == ""


def test_every_place_fits_its_column() -> None:
    longest = OwnText._meta.get_field("text").max_length or 0
    assert all(place.most <= longest and len(place.key) <= 40 for place in texts.PLACES.values())
    assert len(texts.PLACES) == sum(len(places) for _page, places in texts.PAGES)
