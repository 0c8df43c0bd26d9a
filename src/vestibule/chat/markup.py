"""HTML that programs send in messages: made harmless before it is stored, and turned into plain text for our pages.

What programs may use is what shows as text, and the place of a picture sent along (`<img id=…>`): nothing that runs,
styles the page around it or fetches from elsewhere.
"""

from html import escape
from html.parser import HTMLParser
from typing import Final

_TEXT: Final = "a b blockquote br code del div em h1 h2 h3 h4 h5 h6 hr i ins li ol p pre s span strike strong sub sup"
_TABLES: Final = "caption table tbody td tfoot th thead tr u ul img"
_TAGS: Final = frozenset(f"{_TEXT} {_TABLES}".split())
_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "img": {"id", "alt", "width", "height", "itemscope"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_SILENT: Final = frozenset({"script", "style", "title", "template"})
_LINES: Final = frozenset(
    ["blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"]
)


def clean(text: str) -> str:
    """Return HTML without anything that is not harmless to show; what is left may be nothing."""
    import nh3  # 2 MB in memory, and most businesses have no program that writes HTML

    attributes = {tag: set(names) for tag, names in _ATTRIBUTES.items()}
    return nh3.clean(text, tags=set(_TAGS), attributes=attributes, url_schemes=_SCHEMES)


def plain(text: str) -> str:
    """Return what HTML says, its paragraphs as lines and without marks; a picture is its description."""
    reader = _Words()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.said).split("\n"))
    return "\n".join(line for line in lines if line)


def of_picture(text: str, ref: str, name: str) -> str:
    """Return plain `text` as HTML with the place of the picture `ref` after it."""
    words = "".join(f"<p>{escape(line, quote=False)}</p>" for line in text.split("\n") if line.strip())
    return f'{words}<p><img alt="{escape(name)}" src="" itemscope="png" id="{escape(ref)}"></p>'


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LINES:
            self.said.append("\n")
        elif tag in ("td", "th"):
            self.said.append(" ")
        elif tag == "img":
            self.said.append(dict(attrs).get("alt") or "")
        self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag in _LINES:
            self.said.append("\n")
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)
