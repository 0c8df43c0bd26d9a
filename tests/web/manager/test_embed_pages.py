"""The pages of a business in other sites: who lets them in, what is copied, and that it works on our own page."""

import re
from html import unescape

import pytest

from tests.web.manager.office import Office, url
from vestibule.experience import embeds
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


def codes(page: str) -> dict[str, str]:
    """The code that can be copied, by the ids of its fields."""
    return {name: unescape(text) for name, text in re.findall(r'<textarea id="code-([a-z-]+)"[^>]*>([^<]*)<', page)}


def test_a_site_is_let_in_and_taken_out_again(office: Office) -> None:
    page = office.manager.post(url("embed"), {"origin": "https://Clinic.example/"}, follow=True).content.decode()
    assert "https://clinic.example may show your pages from now on." in page
    assert embeds.origins_of(office.business) == ["https://clinic.example"]
    gone = office.manager.post(url("embed-remove"), {"origin": "https://clinic.example"}, follow=True).content.decode()
    assert "https://clinic.example shows your pages no more." in gone
    assert embeds.origins_of(office.business) == []


def test_what_is_no_site_is_said_beside_the_field(office: Office) -> None:
    answer = office.manager.post(url("embed"), {"origin": "http://clinic.example"})
    assert answer.status_code == 422
    assert "The address has to begin with https://." in answer.content.decode()


def test_who_only_looks_changes_nothing(office: Office) -> None:
    viewer = office.as_(Role.VIEWER)
    assert viewer.post(url("embed"), {"origin": "https://clinic.example"}).status_code == 403
    assert viewer.post(url("embed-remove"), {"origin": "https://clinic.example"}).status_code == 403
    assert "Add the site" not in viewer.get(url("embed")).content.decode()


def test_the_code_is_made_for_this_business_and_the_service_that_was_chosen(office: Office) -> None:
    slug = office.visit.slug
    held = codes(office.manager.get(url("embed", show="button", service=slug)).content.decode())
    element = f'<vestibule-button business="{office.business.slug}" service="{slug}"'
    assert all(element in held[name] for name in ("html", "react", "wordpress-block"))
    assert all("http://testserver/embed.js" in held[name] for name in ("html", "react", "wordpress"))
    assert f'<a href="http://testserver/book/{office.business.slug}/{slug}">' in held["html"]
    assert 'link=""' in codes(office.manager.get(url("embed", show="visit")).content.decode())["html"]


@pytest.mark.parametrize(
    "query", [{"show": "<script>"}, {"service": '"><script>alert(1)</script>'}, {"show": "nothing"}]
)
def test_a_choice_that_is_none_gives_the_usual_code(office: Office, query: dict[str, str]) -> None:
    page = office.manager.get(url("embed", **query)).content.decode()
    assert "<script>alert" not in page
    assert f'<vestibule-book business="{office.business.slug}">' in codes(page)["html"]


def test_the_trial_shows_the_element_and_lets_it_frame_us(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestibule.web.assets.is_built", lambda _name: True)
    link = 'https://x.example/visit?v="><b>'
    answer = office.manager.post(url("embed-try"), {"show": "visit", "theme": "dark", "link": link})
    page = answer.content.decode()
    element = re.search(r"<vestibule-visit [^>]*>", page)
    assert element is not None
    assert 'theme="dark"' in element[0]
    assert '"><b>' not in page
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_a_link_in_the_address_of_the_trial_counts_for_nothing(office: Office) -> None:
    assert "secret" not in re.sub(
        r"<input[^>]*>", "", office.manager.get(url("embed-try", link="secret")).content.decode()
    )
