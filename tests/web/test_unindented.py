"""Templates lose what only their writers see, and nothing that anybody reads."""

import re

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import Client

from vestibule.web.unindented import unindented


def test_lines_begin_with_their_first_sign_and_stay_as_many() -> None:
    assert unindented("  <ul>\n    <li>one\n\n\t<li>a  b\n</ul>\n") == "<ul>\n<li>one\n\n<li>a  b\n</ul>\n"


@pytest.mark.parametrize(
    "kept",
    [
        "<pre class='x'>\n  one\n    two</pre>",
        "<textarea>\n  one\n</textarea>",
        "{% blocktranslate with a=b %}\n    Dear {{ a }},\n    welcome.\n{% endblocktranslate %}",
        "{% blocktranslate trimmed %}\n  one\n{% plural %}\n  many\n{% endblocktranslate %}",
        "<p>one {{ a }}  {{ b }}</p>",
    ],
)
def test_where_spaces_count_all_stays_as_written(kept: str) -> None:
    assert unindented(f"    {kept}   and\n    more") == f"{kept}   and\nmore"


def test_text_templates_stay_as_written() -> None:
    folder = settings.STATIC_FOLDER.parent
    path = next(one for one in sorted(folder.rglob("templates/**/*.txt")) if "/static/" not in str(one))
    template = get_template(str(path).rpartition("/templates/")[2]).template  # type: ignore[attr-defined]
    assert template.source == path.read_text()


@pytest.mark.django_db
def test_pages_are_made_of_such_templates(client: Client) -> None:
    page = client.get("/signin").content.decode()
    assert not re.search(r"\n +<(?:div|p|form|meta|link)\b", page)
