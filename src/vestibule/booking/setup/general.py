"""When a service can be booked at all, on top of its staff's hours: free, closed or weekly hours, and date ranges.

Stored on `Service.availability`; see the model for its shape. All of it is local to the business' zone.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking.setup import values
from vestibule.people.errors import Invalid

KINDS = ("free", "closed", "hours")
MOST_RANGES = 50
MOST_WINDOWS = 70
DAY = 24 * 60


def clean_availability(given: Any, field: str = "availability") -> dict[str, Any]:
    """Return the availability of a service as stored; `{}` is "bookable whenever staff are free".

    Takes `{"general": "free"|"closed"|"hours", "weekly": [[weekday, start, end], …], "ranges": [{"from", "to",
    "kind", "weekly"}, …]}`. Dates are ISO texts or dates, both included; the last range that holds counts.
    Raises Invalid naming `availability.<part>`.
    """
    if not isinstance(given, Mapping) or not set(given) <= {"general", "weekly", "ranges"}:
        raise Invalid(_("This availability cannot be read. Enter it again."), field=field)
    kind = values.choice(list(KINDS))(given.get("general", "free"), f"{field}.general")
    stretches = given.get("ranges", [])
    if not isinstance(stretches, list) or len(stretches) > MOST_RANGES:
        raise Invalid(_("A service has at most 50 date ranges. Leave some out."), field=f"{field}.ranges")
    weekly = _weekly(given.get("weekly", []), kind, f"{field}.weekly")
    ranges = [_range(one, f"{field}.ranges.{at}") for at, one in enumerate(stretches)]
    if kind == "free" and not ranges:
        return {}
    return {"general": kind, "weekly": weekly, "ranges": ranges}


def _range(given: Any, field: str) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not set(given) <= {"from", "to", "kind", "weekly"}:
        raise Invalid(_("This date range cannot be read. Enter it again."), field=field)
    first, last = (values.written_day(given.get(side), f"{field}.{side}") for side in ("from", "to"))
    if last < first:
        raise Invalid(_("The last date is before the first."), field=f"{field}.to")
    kind = values.choice(list(KINDS))(given.get("kind"), f"{field}.kind")
    weekly = _weekly(given.get("weekly", []), kind, f"{field}.weekly")
    return {"from": first.isoformat(), "to": last.isoformat(), "kind": kind, "weekly": weekly}


def _weekly(given: Any, kind: str, field: str) -> list[list[int]]:
    if kind != "hours":
        return []
    if not isinstance(given, list) or len(given) > MOST_WINDOWS:
        raise Invalid(_("These weekly hours cannot be read. Enter them again."), field=field)
    windows = sorted(_window(one, field) for one in given)
    if not windows:
        raise Invalid(_("Enter at least one window of the week, or choose “cannot be booked”."), field=field)
    return windows


def _window(given: Any, field: str) -> list[int]:
    if not isinstance(given, list | tuple) or len(given) != 3 or not all(type(part) is int for part in given):
        raise Invalid(_("A window is a weekday and two times."), field=field)
    weekday, start, end = given
    if not (0 <= weekday <= 6 and 0 <= start < DAY and 0 <= end <= DAY and start != end):
        raise Invalid(_("A window is a weekday from 0 (Monday) to 6 and two times from 00:00 to 24:00."), field=field)
    return [weekday, start, end]


def covers(stretch: Mapping[str, Any], on: date) -> bool:
    """Tell whether a stored range holds on a local date."""
    return date.fromisoformat(stretch["from"]) <= on <= date.fromisoformat(stretch["to"])
