"""A scheduling policy of Bookings and our rules of booking, both ways. Pure.

Rules are by the names of `Service`'s fields, as a service has them or as its business does.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from vestibule.api.graph import values
from vestibule.api.graph.values import DAY, Json
from vestibule.booking.setup import Hours
from vestibule.people.errors import Invalid

GROUPS = ("grid", "notice", "window", "choice")
"""The groups of rules that a policy speaks of; what follows the business in all of them has no policy of its own."""
MOST_DAYS = 1100
HORIZON = MOST_DAYS * DAY
YEAR = 366 * DAY
KINDS = {"free": "bookWhenStaffAreFree", "closed": "notBookable", "hours": "customWeeklyHours"}
STEP = 30
"""Minutes between starts where a business has none of its own: each service steps by its length then."""
Rules = Mapping[str, Any]


def told(rules: Rules, availability: Mapping[str, Any], today: date) -> Json:
    """Return rules as a policy. What can be booked between two dates can be so many days ahead of `today`."""
    return {
        "timeSlotInterval": values.written_length(rules["interval_minutes"] or STEP),
        "minimumLeadTime": values.written_length(rules["notice_minutes"]),
        "maximumAdvance": values.written_length(_ahead(rules, today)),
        "sendConfirmationsToOwner": False,
        "allowStaffSelection": bool(rules["consumer_chooses_provider"]),
        "isMeetingInviteToCustomersEnabled": True,
        "generalAvailability": _availability(availability.get("general", "free"), availability.get("weekly", [])),
        "customAvailabilities": [_stretch(one) for one in availability.get("ranges", [])],
    }


def read(given: Json, now: Rules, today: date, field: str = "schedulingPolicy") -> dict[str, Any]:
    """Return the rules that a policy changes; those written as they are told stay what they are, exactly."""
    wanted: dict[str, Any] = {}
    if "timeSlotInterval" in given:
        step = values.length(given["timeSlotInterval"], f"{field}/timeSlotInterval", least=1, most=DAY)
        wanted |= {} if step == STEP and now["interval_minutes"] is None else {"interval_minutes": step}
    if "minimumLeadTime" in given:
        notice = values.length(given["minimumLeadTime"], f"{field}/minimumLeadTime", most=YEAR)
        wanted["notice_minutes"] = notice
    if "maximumAdvance" in given:
        ahead = values.length(given["maximumAdvance"], f"{field}/maximumAdvance", most=3 * YEAR)
        wanted |= _same_window(now) if ahead == _ahead(now, today) else _window(ahead)
    if "allowStaffSelection" in given:
        chooses = values.yes_or_no(given["allowStaffSelection"], f"{field}/allowStaffSelection")
        wanted["consumer_chooses_provider"] = chooses
    return wanted


def read_availability(given: Json, now: Mapping[str, Any], field: str = "schedulingPolicy") -> dict[str, Any] | None:
    """Return when a service can be booked at all, as `Service.availability` takes it; None if nothing is said of it."""
    if "generalAvailability" not in given and "customAvailabilities" not in given:
        return None
    wanted = {"general": "free", "weekly": [], "ranges": [], **now}
    if "generalAvailability" in given:
        place = f"{field}/generalAvailability"
        general = given["generalAvailability"]
        kind, weekly = _kind(values.an_object(general, place), place) if general is not None else ("free", [])
        wanted |= {"general": kind, "weekly": weekly}
    if "customAvailabilities" in given:
        place = f"{field}/customAvailabilities"
        ranges = values.objects(given["customAvailabilities"], place)
        wanted["ranges"] = [_range(one, f"{place}/{at}") for at, one in enumerate(ranges)]
    return wanted


def _ahead(rules: Rules, today: date) -> int:
    """Return for how many minutes ahead can be booked, as near as one length can say it."""
    kind = rules["window_type"]
    if kind == "rolling_minutes":
        return int(rules["window_minutes"])
    if kind == "range":
        return max(0, (rules["window_to"] - today).days) * DAY if rules["window_to"] else HORIZON
    return HORIZON if kind == "none" else int(rules["window_days"]) * DAY


def _window(ahead: int) -> dict[str, Any]:
    if ahead % DAY == 0 and ahead // DAY <= MOST_DAYS:
        return {"window_type": "rolling_days", "window_days": ahead // DAY, "window_business_days": False}
    return {"window_type": "rolling_minutes", "window_minutes": ahead}


def _same_window(now: Rules) -> dict[str, Any]:
    names = ("window_type", "window_days", "window_business_days", "window_minutes", "window_from", "window_to")
    return {name: now[name] for name in names}


def _availability(kind: str, weekly: Any) -> Json:
    hours = values.written_week(Hours(*one) for one in weekly) if kind == "hours" else []
    return {"availabilityType": KINDS[kind], "businessHours": hours}


def _stretch(one: Mapping[str, Any]) -> Json:
    return {
        "@odata.type": "#microsoft.graph.bookingsAvailabilityWindow",
        **_availability(one["kind"], one.get("weekly", [])),
        "startDate": one["from"],
        "endDate": one["to"],
    }


def _kind(given: Json, field: str) -> tuple[str, list[list[int]]]:
    written = values.choice(given.get("availabilityType"), tuple(KINDS.values()), f"{field}/availabilityType")
    kind = next((ours for ours, theirs in KINDS.items() if theirs == written), "free")
    if kind != "hours":
        return kind, []
    hours = values.week(given.get("businessHours"), f"{field}/businessHours")
    if not hours:
        raise Invalid("Custom weekly hours need at least one time slot.", field=f"{field}/businessHours")
    return kind, [[one.weekday, one.start, one.end] for one in hours]


def _range(given: Json, field: str) -> dict[str, Any]:
    kind, weekly = _kind(given, field)
    first, last = (values.day(given.get(name), f"{field}/{name}") for name in ("startDate", "endDate"))
    return {"from": first.isoformat(), "to": last.isoformat(), "kind": kind, "weekly": weekly}
