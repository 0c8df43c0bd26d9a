"""By what each row of a business' set-up is done: by us, or by Microsoft 365 and Azure. Read here; chosen above.

A way says what a business wants. Whether it can work now (an account, a licence, an add-on) is said by
`experience.presets`, which is also where ways are chosen.
"""

from collections.abc import Mapping
from enum import StrEnum

from django.db import connection

from vestibule.people.models import BusinessWays


class Scheduler(StrEnum):
    """Who keeps availability, rules and appointments."""

    OWN = "own"
    BOOKINGS = "bookings"


class Diary(StrEnum):
    """Where providers look after what is coming."""

    DESK = "desk"
    OUTLOOK = "outlook"


class Place(StrEnum):
    """Where a visit is held, and so how providers join it."""

    OWN = "own"
    TEAMS = "teams"
    ACS_ROOMS = "acs_rooms"


class Page(StrEnum):
    """Where consumers choose a time."""

    OWN = "own"
    EMBEDDED = "bookings_embedded"
    BOOKINGS = "bookings"


class Reminders(StrEnum):
    """Who writes to consumers."""

    OWN = "own"
    BOOKINGS = "bookings"
    ACS = "acs"


class Join(StrEnum):
    """How consumers come in: our call, Teams on the web behind our waiting page, or ACS Calling on our page."""

    OWN = "own"
    TEAMS_WEB = "teams_web"
    ACS_CALLING = "acs_calling"


ROWS: Mapping[str, type[StrEnum]] = {
    "scheduler": Scheduler,
    "diary": Diary,
    "place": Place,
    "page": Page,
    "reminders": Reminders,
    "join": Join,
}
"""The rows, in the order of the matrix, and what each may be."""


def of(business_id: int) -> BusinessWays:
    """Return the ways of a business; one without a row has ours throughout."""
    found: BusinessWays | None = BusinessWays.objects.filter(business_id=business_id).first()
    return found or BusinessWays(business_id=business_id)


def place_of(business_id: int) -> Place:
    """Return where visits of a business are held. Each booking asks: by one plain statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT place FROM people_businessways WHERE business_id = %s", [business_id])
        row = cursor.fetchone()
    return Place(row[0]) if row is not None else Place.OWN
