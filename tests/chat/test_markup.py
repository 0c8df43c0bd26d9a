"""HTML of programs: only what is harmless to show is kept, and our pages show what it says."""

import pytest

from vestibule.chat import markup


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>Hello <b>you</b></p>", "<p>Hello <b>you</b></p>"),
        ("a &lt; b & c", "a &lt; b &amp; c"),
        ("<p onclick='x()' style='color:red' class='y'>hi</p>", "<p>hi</p>"),
        ("<script>x()</script><style>p{}</style><iframe src=//e></iframe>", ""),
        ("<img src='https://example.org/spy.png' onerror=x() id='p1' alt='A dog'>", '<img id="p1" alt="A dog">'),
        ("<a href='javascript:x()'>go</a>", '<a rel="noopener noreferrer">go</a>'),
        ("<a href='https://example.org/'>go</a>", '<a href="https://example.org/" rel="noopener noreferrer">go</a>'),
        ("<form action=/x><input name=a>text</form>", "text"),
        ("<svg onload=x()><p>in</p></svg>", "<p>in</p>"),
        ("<p>never closed", "<p>never closed</p>"),
    ],
)
def test_only_what_is_harmless_is_kept(given: str, kept: str) -> None:
    assert markup.clean(given) == kept


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("<p>Hello <b>you</b></p><p>again</p>", "Hello you\nagain"),
        ("one<br>two<ul><li>a<li>b</ul>", "one\ntwo\na\nb"),
        ("a &lt; b &amp; c&nbsp;d", "a < b & c d"),
        ("<img alt='A dog' id=1>", "A dog"),
        ("<table><tr><td>a<td>b</table>", "a b"),
        ("", ""),
    ],
)
def test_html_says_its_text_in_lines(given: str, said: str) -> None:
    assert markup.plain(given) == said


def test_a_picture_has_its_place_after_what_was_written_with_it() -> None:
    shown = markup.of_picture("Look <here>\nnow", "abc", 'a "dog".png')
    assert shown.startswith("<p>Look &lt;here&gt;</p><p>now</p>")
    assert 'id="abc"' in markup.clean(shown)
    assert markup.plain(shown) == 'Look <here>\nnow\na "dog".png'
