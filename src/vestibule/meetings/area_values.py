"""The settings of a waiting area as they may be stored, and its hours."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vestibule.people.characters import without_harm
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider

IDENTITY_FIELDS = ("name", "birth_date", "phone", "postcode", "reference")
"""What somebody can be asked before they are let in, to be recognised."""
TEXTS = {"name": (1, 120), "content_title": (0, 120), "content_text": (0, 4000), "support_phone": (0, 32)}
NUMBERS = {"position": (0, 10_000), "walk_in_minutes": (5, 240), "amber_minutes": (0, 240), "red_minutes": (0, 240)}
FLAGS = ("takes_walk_ins", "shows_position", "shows_expected_wait")
FIELDS = (*TEXTS, *NUMBERS, *FLAGS, "hours", "identity_fields", "providers")
DAY_MINUTES = 24 * 60
_DIALLED = re.compile(r"\+?[0-9 ()./-]{3,39}")
Hours = list[dict[str, int]]


def require_dialled(number: str, field: str) -> None:
    """Raise Invalid unless `number` is what can be dialled: pages make an address of it that telephones call."""
    if not _DIALLED.fullmatch(number):
        raise Invalid(_("This is not a phone number. Enter it as people should dial it."), field=field)


def clean(business_id: int, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Provider] | None]:
    """Return fields as stored, and the providers if they are named. Raises Invalid naming the first wrong field."""
    stray = [name for name in values if name not in FIELDS]
    if stray:
        raise Invalid(_("There is no such setting of a waiting area."), field=stray[0])
    fields: dict[str, Any] = {}
    for name, value in values.items():
        if name in TEXTS:
            least, most = TEXTS[name]
            fields[name] = plain(value, name, most, least)
        elif name in NUMBERS:
            fields[name] = _number(value, name)
        elif name in FLAGS:
            fields[name] = _flag(value, name)
    if "hours" in values:
        fields["hours"] = clean_hours(values["hours"])
    if "identity_fields" in values:
        fields["identity_fields"] = _identity(values["identity_fields"])
    if fields.get("support_phone"):
        require_dialled(fields["support_phone"], "support_phone")
    return fields, _providers(business_id, values["providers"]) if values.get("providers") is not None else None


def plain(value: Any, field: str, most: int, least: int = 0) -> str:
    """Return a text without harmful characters. Raises Invalid naming `field`."""
    if not isinstance(value, str):
        raise Invalid(_("This has to be a text."), field=field)
    text = without_harm(value).strip()
    if len(text) < least:
        raise Invalid(_("Something is missing here. Fill it in."), field=field)
    if len(text) > most:
        raise Invalid(_("This text is longer than %(most)s characters. Shorten it.") % {"most": most}, field=field)
    return text


def clean_hours(given: Any) -> Hours:
    """Return hours as stored, by day and start, those that touch joined. Raises Invalid naming `hours`."""
    words = _("These hours cannot be. Each needs a day, a start, and an end after it.")
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > 50:
        raise Invalid(words, field="hours")
    parts = []
    for part in given:
        if not isinstance(part, Mapping) or set(part) != {"day", "start", "end"}:
            raise Invalid(words, field="hours")
        day, start, end = part["day"], part["start"], part["end"]
        if any(type(number) is not int for number in (day, start, end)):
            raise Invalid(words, field="hours")
        if not (0 <= day <= 6 and 0 <= start < end <= DAY_MINUTES):
            raise Invalid(words, field="hours")
        parts.append((day, start, end))
    return _joined(sorted(parts))


def next_open(hours: Sequence[Mapping[str, int]], zone: str, at: datetime) -> datetime | None:
    """Return the first instant from `at` on within `hours` of `zone`: `at` itself if it is; None if there is none.

    No hours mean always.
    """
    if not hours:
        return at
    local = at.astimezone(ZoneInfo(zone))
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        for part in sorted((one for one in hours if one["day"] == day.weekday()), key=lambda one: one["start"]):
            start, end = (_instant(day.isoformat(), part[edge], zone) for edge in ("start", "end"))
            if at < end:
                return max(at, start)
    return None


def _instant(day: str, minute: int, zone: str) -> datetime:
    """Return a local minute of a day as an instant; 24:00 is the next midnight, and a skipped time is when it ends."""
    midnight = datetime.fromisoformat(day) + timedelta(days=minute // DAY_MINUTES)
    wall = midnight + timedelta(minutes=minute % DAY_MINUTES)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _joined(parts: list[tuple[int, int, int]]) -> Hours:
    hours: Hours = []
    for day, start, end in parts:
        if hours and hours[-1]["day"] == day and start <= hours[-1]["end"]:
            hours[-1]["end"] = max(hours[-1]["end"], end)
        else:
            hours.append({"day": day, "start": start, "end": end})
    return hours


def _number(value: Any, name: str) -> int:
    least, most = NUMBERS[name]
    if type(value) is not int or not least <= value <= most:
        words = _("Enter a whole number from %(least)s to %(most)s.")
        raise Invalid(words % {"least": least, "most": most}, field=name)
    return value


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid(_("Say yes or no here."), field=name)
    return value


def _identity(value: Any) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str) or any(one not in IDENTITY_FIELDS for one in value):
        words = _("People can be asked for name, date of birth, phone, postcode and a reference.")
        raise Invalid(words, field="identity_fields")
    return [field for field in IDENTITY_FIELDS if field in value]


def _providers(business_id: int, given: Any) -> list[Provider]:
    is_list = isinstance(given, Sequence) and not isinstance(given, str)
    if not is_list or not all(isinstance(one, str) for one in given):
        raise Invalid(_("Name people by their short names."), field="providers")
    found = list(Provider.objects.filter(business_id=business_id, is_active=True, slug__in=set(given)))
    if len(found) < len(set(given)):
        raise Invalid(_("One of these people does not work here. Load the page again."), field="providers")
    return found
