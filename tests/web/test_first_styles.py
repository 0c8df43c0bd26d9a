"""Pages of consumers begin with styles in the document itself, and with no others: nothing is waited for."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.booking.factories import make_service
from tests.web.consumer.pages import path_of, text_of
from vestibule.web import assets, first_styles

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not assets.is_built(first_styles.SHEET), reason="the front end is not built: script/bootstrap"),
]


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_the_first_styles_by_their_digest_and_no_other_style_inside_a_page(client: Client) -> None:
    answer = client.get(path_of(make_service()))
    styles = re.findall(r"<style>(.*?)</style>", text_of(answer), re.DOTALL)
    (said,) = re.findall(r"style-src ([^;]*)", answer.headers["Content-Security-Policy"])
    assert said.split() == ["'self'", *(digest(one) for one in styles)]
    assert len(styles) == 1
    assert ".masthead" in styles[0]


@pytest.mark.parametrize("path", ["/book/{}", "/book/{}/{}", "/test-call"])
def test_nothing_in_the_head_is_waited_for_before_the_header_shows(client: Client, path: str) -> None:
    service = make_service()
    page = text_of(client.get(path.format(service.business.slug, service.slug)))
    head, _body, rest = page.partition("<body")
    assert 'rel="stylesheet"' not in head
    assert not re.search(r"<script(?! type=\"module\")[^>]*src=", head)
    assert rest.index('class="masthead"') < rest.index('rel="stylesheet"') < rest.index("<h1")


def test_styles_built_anew_since_the_policy_was_made_come_as_a_sheet(tmp_path: Path) -> None:
    sheet = tmp_path / "first-1.css"
    sheet.write_text(".masthead{color:red}")
    assert first_styles.element(sheet, "/static/first-1.css", ("'self'",)) == (
        '<link rel="stylesheet" href="/static/first-1.css">'
    )
    policy = tuple(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["style-src"])
    assert first_styles.element(sheet, "/static/first-2.css", (*policy, digest(".masthead{color:red}"))) == (
        "<style>.masthead{color:red}</style>"
    )


def test_before_the_front_end_is_built_the_policy_allows_no_style_inside_pages(tmp_path: Path) -> None:
    assert first_styles.allowed(tmp_path) == []
    (tmp_path / "manifest.json").write_text('{"first.css": "first-gone.css"}')
    assert first_styles.allowed(tmp_path) == []
