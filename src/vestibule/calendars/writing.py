"""Appointments as iCalendar text: alone, as they are stored in a calendar, and many, as a feed of ours shows them.

Nothing of it depends on when it is written, so that the same appointments always make the same text.
"""

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from vestibule.calendars.ports import Entry
from vestibule.store.clock import from_minute

PRODUCT = "-//Vestibule//Appointments//EN"
LOOK_AGAIN = timedelta(minutes=15)


def single(entry: Entry) -> bytes:
    """Return one appointment as a calendar of its own."""
    calendar = _calendar()
    calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def feed(name: str, entries: Iterable[Entry]) -> bytes:
    """Return appointments as a calendar to subscribe to, called `name`."""
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", from_minute(entry.stamp))
    event.add("dtstart", from_minute(entry.start))
    event.add("dtend", from_minute(entry.end))
    event.add("summary", entry.title)
    for name, text in (("description", entry.text), ("location", entry.place), ("url", entry.url)):
        if text:
            event.add(name, text)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event
