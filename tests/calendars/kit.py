"""Calendars as text, and what they come to."""

from datetime import UTC, datetime
from typing import Any

from vestibule.calendars.ports import Reading
from vestibule.calendars.reading import read
from vestibule.store.clock import from_minute, to_minute

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
LAST = datetime(2027, 4, 1, tzinfo=UTC)


def reading(zone: str = "Europe/London", **values: Any) -> Reading:
    """A reading of March 2026 and the thirteen months from there."""
    given = {"first": to_minute(FIRST), "last": to_minute(LAST), "zone": zone, "host": "clinic.example"}
    return Reading(**{**given, **values})


def calendar(*components: str) -> bytes:
    """A calendar of these components."""
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *components, "END:VCALENDAR", ""]
    ).encode()


def event(*lines: str, uid: str = "one@elsewhere") -> str:
    """An event of these lines."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


def busy(*components: str, first: str = "", last: str = "", **values: Any) -> list[str]:
    """When a calendar of these components makes busy, in UTC: "03-02 09:00 to 10:00"."""
    found = read(calendar(*components), reading(**values)).busy
    return [said(start, end) for start, end in found]


def said(start: int, end: int) -> str:
    """A stretch as the tests write it."""
    began, ended = from_minute(start), from_minute(end)
    shown = f"{ended:%H:%M}" if began.date() == ended.date() else f"{ended:%m-%d %H:%M}"
    return f"{began:%m-%d %H:%M} to {shown}"
