"""What programs say of events and of lists of them, as the verbs of calendars take it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from vestibule.api.graph import values
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.narrowing import CHOICE, FLAG, INSTANT, TEXT, Member, Members
from vestibule.booking.models import DiaryEvent
from vestibule.booking.own_calendar.entries import EVENT, Entry
from vestibule.booking.own_calendar.events import LONGEST_TEXT, Wish
from vestibule.people.models import Provider
from vestibule.store import clock

Json = dict[str, Any]
SHOWS = (*DiaryEvent.Shows.values, "unknown")
SENSITIVITIES = ("normal", "personal", "private", "confidential")
BODY_TYPES = ("text", "html")
KINDS = ("singleInstance", "occurrence", "exception", "seriesMaster")
TYPES = ("required", "optional", "resource")
MEMBERS: Members[Entry] = {
    "subject": Member(TEXT, lambda one: one.title or None),
    "start/dateTime": Member(INSTANT, lambda one: clock.from_minute(one.start)),
    "end/dateTime": Member(INSTANT, lambda one: clock.from_minute(one.end)),
    "createdDateTime": Member(INSTANT, lambda one: one.created_at),
    "lastModifiedDateTime": Member(INSTANT, lambda one: one.changed_at),
    "showAs": Member(CHOICE, lambda one: one.shows, SHOWS),
    "sensitivity": Member(CHOICE, lambda one: "private" if one.is_private else "normal", SENSITIVITIES),
    "type": Member(CHOICE, lambda _one: "singleInstance", KINDS),
    "isAllDay": Member(FLAG, lambda one: one.is_all_day),
    "isCancelled": Member(FLAG, lambda _one: False),
    "isOnlineMeeting": Member(FLAG, lambda one: bool(one.join_url)),
    "isOrganizer": Member(FLAG, lambda one: one.kind == EVENT),
    "location/displayName": Member(TEXT, lambda one: one.place),
    "iCalUId": Member(TEXT, lambda one: one.uid),
    "transactionId": Member(TEXT, lambda one: one.transaction or None),
    "id": Member(TEXT, lambda one: one.id),
}
"""What calendars are asked by, as `writing_events` tells it. What is cancelled is gone, and nothing repeats."""


def wish(told: Json, provider: Provider, *, before: Entry | None = None) -> Wish:
    """Return what a program wants an event to be; `before` is what it is. Raises Invalid, Fault."""
    if told.get("recurrence"):
        words = "Events here do not repeat: put each of them down by itself."
        raise Fault(400, "ErrorInvalidRequest", words, target="recurrence")
    whole_days = _flag(told, "isAllDay")
    is_all_day = whole_days if whole_days is not None else before is not None and before.is_all_day
    text, is_html = _body(told)
    return Wish(
        title=values.text(told["subject"], "subject", 255) if "subject" in told else None,
        text=text,
        is_html=is_html,
        place=_place(told),
        shows=_shows(told),
        start=_time(told, "start", provider, is_all_day=is_all_day),
        end=_time(told, "end", provider, is_all_day=is_all_day),
        is_all_day=whole_days,
        is_private=_private(told),
        attendees=_attendees(told),
        has_meeting=_flag(told, "isOnlineMeeting"),
    )


def _time(told: Json, name: str, provider: Provider, *, is_all_day: bool) -> datetime | None:
    """Return an instant; of a whole day, when that day begins where its owner is."""
    if told.get(name) is None:
        return None
    given = values.an_object(told[name], name)
    if not is_all_day:
        return values.instant(given, name)
    text = str(given.get("dateTime", ""))
    day = values.day(text[:10], f"{name}/dateTime")
    if text[10:].strip("T0:.Z"):
        words = "An event of whole days begins and ends at midnight."
        raise Fault(400, "ErrorInvalidRequest", words, target=f"{name}/dateTime")
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(provider.zone))


def _body(told: Json) -> tuple[str | None, bool | None]:
    given = told.get("body")
    if given is None:
        return ("", None) if "body" in told else (None, None)
    body = values.an_object(given, "body")
    kind = values.choice(body["contentType"], BODY_TYPES, "body/contentType") if body.get("contentType") else None
    return values.text(body.get("content"), "body/content", LONGEST_TEXT, lines=True), kind != "text"


def _place(told: Json) -> str | None:
    if "location" not in told:
        return None
    given = told["location"]
    return (
        ""
        if given is None
        else values.text(values.an_object(given, "location").get("displayName"), "location/displayName", 255)
    )


def _shows(told: Json) -> str | None:
    if told.get("showAs") is None:
        return None
    found = values.choice(told["showAs"], SHOWS, "showAs")
    return DiaryEvent.Shows.BUSY if found == "unknown" else found


def _private(told: Json) -> bool | None:
    if told.get("sensitivity") is None:
        return None
    found = values.choice(told["sensitivity"], SENSITIVITIES, "sensitivity")
    return None if found is None else found != "normal"


def _attendees(told: Json) -> tuple[Json, ...] | None:
    if told.get("attendees") is None:
        return () if "attendees" in told else None
    found = []
    for number, one in enumerate(values.objects(told["attendees"], "attendees")):
        field = f"attendees/{number}"
        email = values.an_object(one.get("emailAddress"), f"{field}/emailAddress")
        kind = values.choice(one["type"], TYPES, f"{field}/type") if one.get("type") else None
        found.append(
            {
                "address": values.text(email.get("address"), f"{field}/emailAddress/address", 254),
                "name": values.text(email.get("name"), f"{field}/emailAddress/name", 120),
                "type": kind or "required",
            }
        )
    return tuple(found)


def _flag(told: Json, name: str) -> bool | None:
    return values.yes_or_no(told[name], name) if told.get(name) is not None else None


def whole_days(entry: Entry, provider: Provider) -> tuple[datetime, datetime]:
    """Return the local midnights between which an event of whole days is."""
    home = ZoneInfo(provider.zone)
    first = clock.from_minute(entry.start).astimezone(home).date()
    last = (clock.from_minute(entry.end) - timedelta(minutes=1)).astimezone(home).date() + timedelta(days=1)
    return datetime(first.year, first.month, first.day), datetime(last.year, last.month, last.day)
