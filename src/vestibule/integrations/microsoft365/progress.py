"""How far a big mailbox was read when the time was up, so that the next look goes on from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from vestibule.calendars import tokens
from vestibule.calendars.ports import CalendarError, Trouble

MOST_EVENTS = 20_000
MOST_PAGES = 2_000
IN_PARTS = frozenset({0, 429, 500, 503, 504})
"""What may go wrong after some pages were read, for these to count; everything else is no matter of time."""
SAID_OF_SERIES = ("showAs", "isAllDay", "isCancelled", "responseStatus")
Json = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """Pages that were read: `delta` leads to what comes after all of them, else `next` to the page after these."""

    events: dict[str, Json]
    delta: str
    next: str
    pages: int


@dataclass(frozen=True)
class Progress:
    """What is remembered between parts: the page that comes next, by their short names the events that were read, and
    what was said of series.
    """

    next: str = ""
    seen: frozenset[str] = frozenset()
    series: Mapping[str, Json] = field(default_factory=dict)
    pages: int = 0

    @classmethod
    def read(cls, known: Json) -> Self | None:
        """Return what a token remembers; None where nothing was begun."""
        if not known.get("next"):
            return None
        return cls(str(known["next"]), frozenset(known["seen"]), known["series"], int(known["pages"]))

    def kept(self) -> Json:
        """Return it as a token holds it."""
        return {"next": self.next, "seen": sorted(self.seen), "series": dict(self.series), "pages": self.pages}

    def after(self, read: Read) -> "Progress":
        """Return how far it is after some more pages."""
        there = {ref for ref, event in read.events.items() if "@removed" not in event}
        gone = {tokens.short(ref) for ref in read.events.keys() - there}
        masters = {ref: event for ref, event in read.events.items() if event.get("type") == "seriesMaster"}
        series = {tokens.short(ref): _said(event) for ref, event in masters.items()}
        seen = (self.seen - gone) | {tokens.short(ref) for ref in there}
        return Progress(read.next, seen, {**self.series, **series}, self.pages + read.pages)

    def require_room(self, events: int, pages: int) -> None:
        """Let `events` and `pages` more be read. Raises CalendarError where that is too much in all."""
        if len(self.seen) + events > MOST_EVENTS or self.pages + pages > MOST_PAGES:
            words = f"the calendar is too big: more than {MOST_EVENTS} events"
            raise CalendarError(words, Trouble.TOO_BIG, permanent=True)


def _said(event: Json) -> Json:
    return {name: event[name] for name in SAID_OF_SERIES if name in event}
