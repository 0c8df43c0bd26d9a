"""The office's page for own words: by page and language, the built-in words in sight, and the way back to them."""

import re

from tests.web.manager.office import Office, url
from vestibule.experience import texts
from vestibule.people.permissions import Role


def test_the_built_in_words_of_the_language_stand_where_nothing_is_written(office: Office) -> None:
    page = office.manager.get(url("own-texts-in", "de")).content.decode()
    assert 'placeholder="Was möchten Sie buchen?"' in page or 'placeholder="Sie sind im Warteraum"' in page
    assert office.business.name in page
    assert "Booking page" in page


def test_that_nothing_has_to_be_written_is_said_once_for_all(office: Office) -> None:
    for address in (url("own-texts"), url("experience-step", "texts")):
        page = office.manager.get(address).content.decode()
        assert "(optional)" not in page
        assert re.search("Where you (write nothing|leave a line empty)", page)


def test_words_are_saved_for_one_language_and_taken_back(office: Office) -> None:
    answer = office.manager.post(url("own-texts-in", "de"), {"book_heading": "Womit fangen wir an?"}, follow=True)
    assert "The words were saved" in answer.content.decode()
    assert texts.stored(office.business) == {"de": {"book_heading": "Womit fangen wir an?"}}
    assert "Womit fangen wir an?" not in office.manager.get(url("own-texts")).content.decode()
    office.manager.post(url("own-texts-in", "de"), {"do": "reset"})
    assert texts.stored(office.business) == {}


def test_too_long_a_text_is_said_beside_its_field_and_stays(office: Office) -> None:
    answer = office.manager.post(url("own-texts"), {"book_heading": "x" * 121, "footer_line": "Kept"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Shorten it" in page
    assert "Kept" in page
    assert texts.stored(office.business) == {}


def test_there_is_no_page_for_a_language_nobody_ships(office: Office) -> None:
    assert office.manager.get(url("own-texts-in", "xx")).status_code == 404


def test_who_only_looks_changes_nothing(office: Office) -> None:
    viewer = office.as_(Role.VIEWER)
    assert viewer.post(url("own-texts"), {"footer_line": "x"}).status_code == 403
    assert texts.stored(office.business) == {}
