"""Choosing how pages look: what can be read is said before anything is saved; nothing else reaches a style sheet."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.people.harm import HARM
from tests.pictures import picture
from tests.web.manager.office import Office, url
from vestibule.people import brand
from vestibule.people.brand import Brand
from vestibule.people.permissions import Role

LOOK = {
    "accent": "own",
    "colour": "#ffff00",
    "font": "figtree",
    "corners": "round",
    "density": "compact",
    "scheme": "auto",
}


def held(office: Office) -> Brand:
    office.business.refresh_from_db()
    return brand.of(office.business)


def drawn(office: Office, **changes: str) -> str:
    answer = office.manager.post(url("brand", draw=1), LOOK | changes)
    assert answer.status_code == 200
    return str(answer.content.decode())


def sent(name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture((300, 60), "PNG"), "image/png")


def test_a_look_is_saved_and_shown_as_saved(office: Office) -> None:
    answer = office.manager.post(url("brand"), LOOK, follow=True)
    assert "The look was saved" in answer.content.decode()
    assert held(office) == Brand("lake", "#ffff00", "figtree", "round", "compact", "auto")
    assert 'value="#ffff00"' in answer.content.decode()


def test_a_colour_that_comes_with_vestibule_takes_the_place_of_an_own_one(office: Office) -> None:
    office.manager.post(url("brand"), LOOK)
    office.manager.post(url("brand"), LOOK | {"accent": "plum"})
    assert (held(office).accent, held(office).colour) == ("plum", "")


def test_what_was_mended_is_said_before_it_is_saved(office: Office) -> None:
    shown = drawn(office)
    assert "people need 4.5 to 1 to read" in shown
    assert "Links and buttons show it darker, as #6f6f00. The header keeps #ffff00." in shown
    assert shown.count('class="sample"') == 2, "light and dark"
    assert "/theme/sample/ffff00-figtree-round-compact.css" in shown
    assert held(office) == Brand()


def test_a_colour_that_can_be_read_is_used_as_it_is(office: Office) -> None:
    assert "it is used as it is" in drawn(office, colour="#003366")


def test_a_fixed_scheme_shows_that_one_alone(office: Office) -> None:
    shown = drawn(office, scheme="dark")
    assert 'data-theme="dark"' in shown
    assert 'data-theme="light"' not in shown


@pytest.mark.parametrize("harm", HARM)
def test_what_is_no_colour_is_refused_at_its_field(office: Office, harm: str) -> None:
    for query in ({}, {"draw": 1}):
        answer = office.manager.post(url("brand", **query), LOOK | {"colour": harm.rstrip("\n") + "x"})
        assert answer.status_code == 422
        assert "</style>" not in answer.content.decode()
        assert "<script>alert" not in answer.content.decode()
    assert held(office) == Brand()


def test_who_only_looks_changes_nothing(office: Office) -> None:
    viewer = office.as_(Role.VIEWER)
    assert "may look at this" in viewer.get(url("brand")).content.decode()
    assert viewer.post(url("brand"), LOOK).status_code == 403
    assert viewer.post(url("brand-logo"), {"logo-file": sent()}).status_code == 403


def test_a_logo_is_sent_described_and_taken_down(office: Office) -> None:
    office.manager.post(url("brand-logo"), {"logo-file": sent(), "logo-alternative": "A lake"})
    office.business.refresh_from_db()
    first = office.business.logo
    assert first is not None
    assert f'src="/brand/{first.ref}.png" alt="A lake"' in office.manager.get(url("brand")).content.decode()
    office.manager.post(url("brand-logo"), {"logo-alternative": "A lake at dawn"})
    office.business.refresh_from_db()
    assert office.business.logo is not None
    assert office.business.logo.alternative == "A lake at dawn"
    office.manager.post(url("brand-logo"), {"remove": "1"})
    office.business.refresh_from_db()
    assert office.business.logo is None


def test_a_drawing_with_a_program_in_it_is_refused_with_a_way_on(office: Office) -> None:
    svg = SimpleUploadedFile("logo.svg", b"<svg onload='alert(1)'/>", "image/png")
    answer = office.manager.post(url("brand-logo"), {"logo-file": svg})
    assert answer.status_code == 422
    assert "save yours as a PNG" in answer.content.decode()


def test_without_a_file_it_is_asked_for(office: Office) -> None:
    answer = office.manager.post(url("brand-favicon"), {})
    assert answer.status_code == 422
    assert "Choose a file first" in answer.content.decode()


def test_it_is_found_by_what_people_call_it(office: Office) -> None:
    for words in ("logo", "colour", "font", "dark", "white label"):
        assert url("brand") in office.manager.get(url("setup", q=words)).content.decode(), words
