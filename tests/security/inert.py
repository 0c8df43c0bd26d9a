"""What is wrong with a document if a text is more than words in it: pages, mails, calendars, tables, papers.

Each function returns sentences, none if all is well. Pages are read by a parser, and every rule is about what it found:
an element, an attribute or an address that holds the number of a payload, or that no page of ours has.
"""

import base64
import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import icalendar
from django.conf import settings
from pypdf import PdfReader

from tests.security.payloads import numbers_in

ADDRESSES = frozenset(
    {"href", "src", "action", "formaction", "poster", "data", "srcset", "xlink:href", "cite", "background", "ping"}
    | {"manifest", "srcdoc", "icon", "code", "codebase", "longdesc", "usemap", "profile", "dynsrc", "lowsrc"}
)
WORDS = frozenset({"alt", "title", "aria-label", "aria-description", "value", "placeholder", "label", "content"})
"""Attributes that are read to people; `data-…` is read by our own scripts, as words too (which a browser proves)."""
SCHEMES = frozenset({"", "http", "https", "mailto", "tel", "sms", "webcal"})
DATA = frozenset({"application/json", "application/ld+json"})
HEADERS = frozenset(
    {"from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"}
    | {"content-transfer-encoding", "content-disposition", "list-unsubscribe", "list-unsubscribe-post"}
)
Shape = Counter[tuple[str, ...]]


class Read(HTMLParser):
    """The elements of a page with their attributes, its words, and what stands in its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.comments: list[str] = []
        self.raw: list[tuple[str, dict[str, str], str]] = []
        self._inside: tuple[str, dict[str, str]] | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self._inside = (tag, given) if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self.raw.append((*self._inside, data))
        else:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.comments.append("" if decl.lower() == "doctype html" else decl)

    def unknown_decl(self, data: str) -> None:
        self.comments.append(data)

    def handle_pi(self, data: str) -> None:
        self.comments.append(data)

    @property
    def shape(self) -> Shape:
        """How many elements there are of each kind, by their attributes' names; a line of a text is no element."""
        return Counter((tag, *sorted(given)) for tag, given in self.elements if tag != "br")

    @property
    def said(self) -> Iterator[str]:
        """Every text that is read to people or by our scripts."""
        yield "".join(self.words)
        for _tag, given in self.elements:
            yield from (value for name, value in given.items() if name not in ADDRESSES)
        for _tag, given, text in self.raw:
            if given.get("type") in DATA:
                yield from strings_in(json.loads(text))


def strings_in(value: Any) -> Iterator[str]:
    """Yield every text of JSON, names too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield name
            yield from strings_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings_in(one)


def page(html: str, *, is_mail: bool = False) -> list[str]:
    """Return what is wrong with a page, or with the HTML of a mail, which has its styles in it."""
    read = Read(html)
    found = [wrong for tag, given in read.elements for wrong in _element(tag, given, is_mail=is_mail)]
    found += [f"a comment holds {one!r}" for one in read.comments if numbers_in(one)]
    for tag, given, text in read.raw:
        if tag == "style" and (numbers_in(text) or not (is_mail or _is_allowed(text))):
            found.append(f"a style is written in the page: {text[:80]!r}")
        if tag == "script":
            found += _script(given, text)
    return found


def _is_allowed(style: str) -> bool:
    """Tell whether a style is one of ours: the policy of the pages names those by what they hold."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    directives: Any = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return f"'sha256-{digest}'" in directives["style-src"]


def _element(tag: str, given: Mapping[str, str], *, is_mail: bool) -> Iterator[str]:
    if numbers_in(tag):
        yield f"there is an element {tag!r}"
    for name, value in given.items():
        at = f"{tag} {name}={value[:120]!r}"
        if numbers_in(name) or name.startswith("on"):
            yield f"there is an attribute: {at}"
        elif name in ADDRESSES:
            yield from (f"{wrong}: {at}" for wrong in _address(value))
        elif name == "style" and not is_mail:
            yield f"a style is written in the page: {at}"
        elif numbers_in(value) and (
            (name not in WORDS and not name.startswith("data-")) or "http-equiv" in given or tag == "base"
        ):
            yield f"a text is more than words: {at}"


def _address(value: str) -> Iterator[str]:
    """An address may carry words in its query, as a link to a calendar does, and nowhere else."""
    parts = urlsplit(value.strip())
    if value.lower().startswith("data:image/"):
        return
    if parts.scheme.lower() not in SCHEMES:
        yield "an address of a kind that no page of ours has"
    if numbers_in(unquote(parts.netloc + parts.path + parts.fragment)):
        yield "a text leads somewhere"
    for name, _words in parse_qsl(parts.query, keep_blank_values=True):
        if parts.scheme == "mailto" and name not in ("subject", "body"):
            yield "a text is more than words in an address"


def _script(given: Mapping[str, str], text: str) -> Iterator[str]:
    if given.get("type") not in DATA:
        yield f"a script is written in the page: {text[:80]!r}"
    elif any(sign in text for sign in "<>&"):
        yield f"data that a page could end: {text[:200]!r}"


def whole(texts: Iterator[str], starts: Mapping[int, str]) -> list[str]:
    """Return which payloads are not said as they were written; `starts` has what stands before each number."""
    found = []
    for text in texts:
        plain = _as_compared(text)
        for number in numbers_in(plain):
            before = _as_compared(starts.get(number, ""))
            mark = f"zq{number:04d}x"
            ways = (before + mark, f"{before} {mark}", json.dumps(before, ensure_ascii=False)[1:-1] + mark)
            if not any(one in plain for one in ways):
                at = plain.find(mark)
                found.append(f"{before + mark!r} became {plain[max(at - 60, 0) : at + 10]!r}")
    return found


def _as_compared(text: str) -> str:
    """Return a text without letter case and lines, and without what turns it around, which is taken out in places."""
    return " ".join(text.lower().translate({0x202E: None, 0x2066: None}).split())


def mail(wire: bytes) -> list[str]:
    """Return what is wrong with a mail as it travels."""
    read = message_from_bytes(wire, policy=policy.default)
    assert isinstance(read, EmailMessage)
    found = [f"there is a header {one}" for part in read.walk() for one in part if one.lower() not in HEADERS]
    found += [f"a header twice: {one}" for one, times in Counter(map(str.lower, read.keys())).items() if times > 1]
    for name in ("to", "from", "reply-to"):
        for one in read.get_all(name, []):
            found += [f"{name} is {each.addr_spec}" for each in one.addresses if numbers_in(each.addr_spec)]
            found += [f"{name} names several"] if len(one.addresses) != 1 else []
    found += [f"a line of {len(line)} letters" for line in wire.split(b"\r\n") if len(line) > 998]
    for part in read.walk():
        if part.get_content_type() == "text/html":
            found += page(part.get_content(), is_mail=True)
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            found += calendar(content if isinstance(content, bytes) else b"")
        if part.get_content_type() == "text/plain":
            found += _plain(part.get_content())
    return found


def text_message(body: str) -> list[str]:
    """Return what is wrong with a text message: of signs that cannot be seen it has line breaks alone."""
    return _plain(body)


def _plain(text: str) -> list[str]:
    return [f"a sign that cannot be seen: {one!r}" for one in set(text) if ord(one) < 32 and one not in "\r\n\t"]


def calendar(content: bytes) -> list[str]:
    """Return what is wrong with a calendar: its lines are ours, and so is whom and what they name."""
    found = []
    text = content.decode()
    if text.replace("\r\n", "").count("\n") or text.replace("\r\n", "").count("\r"):
        found.append("a line ends otherwise")
    lines = text.replace("\r\n ", "").replace("\r\n\t", "").rstrip().split("\r\n")
    for line in lines:
        name = _name_of(line)
        if numbers_in(name) or name in ("ATTACH", "X-ALT-DESC") or not name.replace("-", "").isalnum():
            found.append(f"a line of its own: {line[:100]!r}")
    read = icalendar.Calendar.from_ical(content)
    for part in read.walk():
        for name, value in part.property_items(recursive=False):
            for one in value if isinstance(value, list) else [value]:
                if name in ("ATTENDEE", "ORGANIZER", "URL", "UID") and numbers_in(str(one)):
                    found.append(f"{name} is {one}")
                found += [f"{name};{key}" for key in getattr(one, "params", {}) if numbers_in(key)]
    return found


def kinds_in(content: bytes) -> Counter[str]:
    """Return how many lines of each name a calendar has."""
    lines = content.decode().replace("\r\n ", "").rstrip().split("\r\n")
    return Counter(
        line if line.startswith(("BEGIN:", "END:")) else line.replace(";", ":").split(":")[0] for line in lines
    )


def _name_of(line: str) -> str:
    return line.replace(";", ":").partition(":")[0]


def table(content: bytes) -> list[str]:
    """Return what is wrong with a CSV file: a cell that a spreadsheet reckons, a line that has another width."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    found = [f"a cell is reckoned: {cell[:60]!r}" for row in rows for cell in row if cell.startswith(_RECKONED)]
    widths = {len(row) for row in rows if row}
    return found + ([f"lines have {widths} cells"] if len(widths) > 1 else [])


_RECKONED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def paper(content: bytes) -> list[str]:
    """Return what is wrong with a PDF: it leads nowhere and does nothing."""
    read = PdfReader(io.BytesIO(content))
    root: Any = read.trailer["/Root"]
    found = [f"the file has {one}" for one in ("/AA", "/AcroForm", "/Names") if one in root]
    found += [] if isinstance(root.get("/OpenAction", []), list) else ["something happens when it is opened"]
    return found + ["a page has something to press" for one in read.pages if "/Annots" in one]
