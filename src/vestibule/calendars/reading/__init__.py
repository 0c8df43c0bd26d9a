"""Understanding iCalendar text (RFC 5545) that anybody may have written: when does it make its owner busy?

Plain Python without a framework. What it costs is bounded by the size of the text and by the days that are looked at,
never by what the text says: see docs/adr for why nothing of it is left to a library.
"""

from vestibule.calendars.reading.events import read

__all__ = ["read"]
