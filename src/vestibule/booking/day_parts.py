"""Morning, afternoon and evening: the parts of a day people choose by, and wait for. One place says where they begin.

Hours are local ones of whoever reads: a part of the day means nothing without a zone.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.people.errors import Invalid

NOON, EVENING_BEGINS = 12, 17


class DayPart(StrEnum):
    """A part of the day, by the name it is stored under."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


NAMES: dict[DayPart, str | Promise] = {
    DayPart.MORNING: gettext_lazy("Morning"),
    DayPart.AFTERNOON: gettext_lazy("Afternoon"),
    DayPart.EVENING: gettext_lazy("Evening"),
}


def part_of(at: datetime, zone: str) -> DayPart:
    """Return the part of the day in which the aware instant `at` falls in `zone` (an IANA name that is known)."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    if hour < NOON:
        return DayPart.MORNING
    return DayPart.AFTERNOON if hour < EVENING_BEGINS else DayPart.EVENING


def clean_parts(given: Iterable[str], field: str = "day_parts") -> list[str]:
    """Return the parts named in `given`, each once, in the order of the day. Raises Invalid for any other word."""
    wanted = set(given)
    if not wanted <= set(DayPart):
        raise Invalid(_("Choose from morning, afternoon and evening."), field=field)
    return [part.value for part in DayPart if part in wanted]
