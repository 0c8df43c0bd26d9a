"""The XML that CalDAV servers are asked with and answer with."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from vestibule.calendars.ports import CalendarError, Trouble

DAV, CAL, CS = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
_SPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/"'
_STATUS = re.compile(r"\s(\d{3})(?:\s|$)")
Element = ElementTree.Element
MOST_ELEMENTS = 200_000
_AT_ONCE = 32 * 1024


@dataclass(frozen=True)
class Response:
    """One thing an answer speaks of: its path, its status if it has one as a whole, and its properties."""

    path: str
    status: int
    properties: dict[str, Element]

    def text(self, name: str) -> str:
        """Return the text of a property, "" if there is none."""
        found = self.properties.get(name)
        return (found.text or "").strip() if found is not None else ""

    def hrefs(self, name: str) -> list[str]:
        """Return the addresses within a property."""
        found = self.properties.get(name)
        return [(one.text or "").strip() for one in found.iter(f"{DAV}href")] if found is not None else []

    def names(self, name: str) -> set[str]:
        """Return the names of all elements within a property."""
        found = self.properties.get(name)
        return {one.tag for one in found.iter()} if found is not None else set()


def parsed(body: bytes) -> Element:
    """Return a document. Raises CalendarError for none, for one with entities of its own, and for one too full."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body:
        raise _malformed()
    reader: ElementTree.XMLPullParser[Element] = ElementTree.XMLPullParser(("start",))
    root: Element | None = None
    number = 0
    try:
        for first in range(0, len(body), _AT_ONCE):
            reader.feed(body[first : first + _AT_ONCE])
            for event in reader.read_events():
                root = cast("tuple[str, Element]", event)[1] if root is None else root
                number += 1
            if number > MOST_ELEMENTS:
                raise CalendarError("the server says more than can be read", Trouble.TOO_BIG, permanent=True)
        reader.close()
    except ElementTree.ParseError as wrong:
        raise _malformed() from wrong
    if root is None:
        raise _malformed()
    return root


def responses(document: Element) -> Iterator[Response]:
    """Yield what a multistatus answer speaks of, with the properties that were found."""
    for one in document.iter(f"{DAV}response"):
        path = path_of(one.findtext(f"{DAV}href", ""))
        found: dict[str, Element] = {}
        for part in one.findall(f"{DAV}propstat"):
            if _status(part) in (200, 0):
                found |= {element.tag: element for element in part.iterfind(f"{DAV}prop/*")}
        yield Response(path, _status(one), found)


def path_of(address: str) -> str:
    """Return the path of an address, in one way of writing, so that paths can be compared."""
    return unquote(urlsplit(address.strip()).path)


def propfind(*names: str) -> bytes:
    """Return the question for properties, given as `d:getetag`."""
    return _document("d:propfind", f"<d:prop>{''.join(f'<{name}/>' for name in names)}</d:prop>")


def sync_collection(token: str) -> bytes:
    """Return the question for what changed since `token`."""
    text = f"<d:sync-token>{escape(token)}</d:sync-token><d:sync-level>1</d:sync-level>"
    return _document("d:sync-collection", f"{text}<d:prop><d:getetag/></d:prop>")


def multiget(hrefs: Iterable[str]) -> bytes:
    """Return the question for these entries."""
    wanted = "".join(f"<d:href>{escape(href)}</d:href>" for href in hrefs)
    return _document("c:calendar-multiget", f"<d:prop><d:getetag/><c:calendar-data/></d:prop>{wanted}")


def query(first: int, last: int) -> bytes:
    """Return the question for events between two UTC minutes."""
    start, end = (f"{datetime.fromtimestamp(at * 60, UTC):%Y%m%dT%H%M%SZ}" for at in (first, last))
    return _document(
        "c:calendar-query",
        "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
        '<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
        f'<c:time-range start="{start}" end="{end}"/></c:comp-filter></c:comp-filter></c:filter>',
    )


def _document(name: str, inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><{name} {_SPACES}>{inside}</{name}>'.encode()


def _status(element: Element) -> int:
    found = _STATUS.search(element.findtext(f"{DAV}status", ""))
    return int(found[1]) if found else 0


def _malformed() -> CalendarError:
    return CalendarError("the server does not answer as a CalDAV server does", Trouble.MALFORMED, permanent=True)
