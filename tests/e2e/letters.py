"""Reading what arrived: the letters of one person, their links, and the calendar file in them."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any, TypeVar

import icalendar
import vobject

Found = TypeVar("Found")


def soon(look: Callable[[], Found | None], what: str, within: float = 30.0) -> Found:
    """Return what `look` finds as soon as it finds something; fail with `what` was expected after `within` seconds."""
    until = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {within:.0f} s")
        time.sleep(0.1)


@dataclass(frozen=True)
class Entry:
    """An appointment in a calendar, as two parsers that know nothing of each other both read it."""

    uid: str
    method: str
    start: datetime
    end: datetime
    summary: str
    link: str
    sequence: int


def letter_to(inbox: Sequence[EmailMessage], address: str, subject: str) -> EmailMessage:
    """Wait for a letter to `address` whose subject holds `subject`; the newest one counts."""

    def look() -> EmailMessage | None:
        fitting = [one for one in inbox if address in str(one["To"]) and subject.lower() in str(one["Subject"]).lower()]
        return fitting[-1] if fitting else None

    return soon(look, f"a letter to {address} about {subject!r}")


def text_of(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    part = letter.get_body(("plain",))
    assert part is not None, "every letter can be read as plain text"
    return str(part.get_content())


def link_in(text: str, page: str) -> str:
    """The one address of `page` (such as `visit`) in a message."""
    links = set(re.findall(rf"https?://\S+/{page}\?v=[A-Za-z0-9_-]{{22}}", text))
    assert len(links) == 1, f"one link to /{page}: {links}"
    return str(links.pop())


def calendar_of(letter: EmailMessage) -> Entry:
    """The calendar entry that comes with a letter."""
    files = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    assert files, "the letter brings a calendar entry"
    contents = {_text(part) for part in files}
    assert len(contents) == 1, "the entry to answer and the file to keep are the same"
    return read_calendar(contents.pop())


def read_calendar(text: str) -> Entry:
    """Read an entry with both parsers and check that they read the same."""
    calendar = icalendar.Calendar.from_ical(text)
    [event] = calendar.walk("VEVENT")
    other: Any = vobject.readOne(text).vevent
    entry = Entry(
        uid=str(event["uid"]),
        method=str(calendar.get("method", "")),
        start=event.decoded("dtstart"),
        end=event.decoded("dtend"),
        summary=str(event["summary"]),
        link=str(event.get("url", "")),
        sequence=int(event.decoded("sequence")),
    )
    assert (entry.uid, entry.start, entry.end) == (other.uid.value, other.dtstart.value, other.dtend.value)
    assert (entry.summary, entry.sequence) == (other.summary.value, int(other.sequence.value))
    return entry


def _text(part: Any) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode("utf-8")
