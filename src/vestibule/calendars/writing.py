"""Appointments as iCalendar text (RFC 5545): alone, as they are stored in a calendar, and many, as a feed of ours.

Nothing of it depends on when it is written, so that the same appointments always make the same text. Times are UTC.
"""

from collections.abc import Iterable, Iterator

from vestibule.calendars.ports import Entry
from vestibule.people.characters import JOINERS
from vestibule.store.clock import from_minute

PRODUCT = "-//Vestibule//Appointments//EN"
LONGEST_LINE = 75


def single(entry: Entry) -> bytes:
    """Return one appointment as a calendar of its own."""
    return _calendar([], [entry])


def feed(name: str, entries: Iterable[Entry], *, colour: str = "") -> bytes:
    """Return appointments as a calendar to subscribe to, called `name`; programs are asked to look every 15 minutes.

    `colour` ("#rrggbb") is what programs that know such a thing paint it in.
    """
    head = [
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
        *([f"X-APPLE-CALENDAR-COLOR:{colour.upper()}"] if colour else []),
    ]
    return _calendar(head, entries)


def _calendar(head: list[str], entries: Iterable[Entry]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", *head]
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return "".join(folded(line) for line in lines).encode()


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{_instant(entry.stamp)}"
    yield f"DTSTART:{_instant(entry.start)}"
    yield f"DTEND:{_instant(entry.end)}"
    for name, text in (("SUMMARY", entry.title), ("DESCRIPTION", entry.text), ("LOCATION", entry.place)):
        if text:
            yield f"{name}:{_escaped(text)}"
    if entry.url:
        yield f"URL:{entry.url}"
    yield "STATUS:CONFIRMED"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _instant(minute: int) -> str:
    return f"{from_minute(minute):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Return text as a value may hold it: signs that mean something are marked, what else cannot be seen left out."""
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(sign, written)
    return "".join(sign for sign in text if sign.isprintable() or sign in f"\t{JOINERS}")


def folded(line: str) -> str:
    """Return a line in pieces of at most 75 octets, none of them cut within a sign, with its end."""
    if len(line) * 4 <= LONGEST_LINE or len(line.encode()) <= LONGEST_LINE:
        return f"{line}\r\n"
    pieces, room, piece = [], LONGEST_LINE, ""
    for sign in line:
        size = len(sign.encode())
        if size > room:
            pieces.append(piece)
            piece, room = " ", LONGEST_LINE - 1
        piece += sign
        room -= size
    return "\r\n".join([*pieces, piece]) + "\r\n"
