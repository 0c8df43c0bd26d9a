"""Entries of calendars as Graph writes events."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Self
from zoneinfo import ZoneInfo

from vestibule.api.graph import reading_events, users, values
from vestibule.api.graph.asked import Asked
from vestibule.booking.own_calendar.entries import EVENT, Entry
from vestibule.chat import markup
from vestibule.people.models import Provider
from vestibule.store import clock

Json = dict[str, Any]
NEVER = "0001-01-01T00:00:00Z"
PREVIEW = 255
HOLDS = "teamsForBusiness"
"""What programs know meetings with a link of their own by."""


def of_calendar(provider: Provider) -> Json:
    """Return somebody's calendar."""
    return {
        "id": "calendar",
        "name": "Calendar",
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": True,
        "canEdit": True,
        "canShare": False,
        "canViewPrivateItems": True,
        "isRemovable": False,
        "isTallyingResponses": False,
        "allowedOnlineMeetingProviders": [HOLDS],
        "defaultOnlineMeetingProvider": HOLDS,
        "owner": users.person(provider)["emailAddress"],
    }


@dataclass(frozen=True)
class Shown:
    """How the caller wants events: times in `zone`, bodies as text, only what is in `fields` (all where empty)."""

    zone: str = "UTC"
    said_zone: str = "UTC"
    as_text: bool = False
    fields: frozenset[str] = frozenset()

    @classmethod
    def asked(cls, asked: Asked) -> Self:
        """Return what the headers and the query say; a zone nobody knows is UTC."""
        said = users.preferred(asked, users.ZONE)
        zone = values.known_zone(said) if said else ""
        named = {one.strip().casefold() for one in asked.query.get("$select", "").split(",") if one.strip()}
        as_text = users.TEXT_BODY.search(asked.call.headers.get("prefer", "")) is not None
        return cls(zone or "UTC", said if zone else "UTC", as_text, frozenset(named))

    def time(self, minute: int) -> Json:
        """Return an instant in the zone that is wanted."""
        return self._written(clock.from_minute(minute).astimezone(ZoneInfo(self.zone)))

    def event(self, entry: Entry, provider: Provider) -> Json:
        """Return one entry."""
        whole = self._whole(entry, provider)
        if not self.fields:
            return whole
        return {name: value for name, value in whole.items() if name.startswith("@") or self._is_wanted(name)}

    def _is_wanted(self, name: str) -> bool:
        return name == "id" or name.casefold() in self.fields

    def _written(self, local: datetime) -> Json:
        return {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": self.said_zone}

    def _whole(self, entry: Entry, provider: Provider) -> Json:
        is_own = entry.kind == EVENT
        return {
            "@odata.etag": f'W/"{entry.state}"',
            "id": entry.id,
            "changeKey": entry.state,
            "iCalUId": entry.uid,
            "transactionId": entry.transaction or None,
            "createdDateTime": values.written_moment(entry.created_at) if entry.created_at else None,
            "lastModifiedDateTime": values.written_moment(entry.changed_at) if entry.changed_at else None,
            "subject": entry.title or None,
            **self._text(entry),
            **self._times(entry, provider),
            "location": _location(entry.place),
            "locations": [_location(entry.place)] if entry.place else [],
            "attendees": [_attendee(one) for one in entry.attendees],
            "organizer": users.person(provider),
            "isOrganizer": is_own,
            "responseStatus": {"response": "organizer" if is_own else "none", "time": NEVER},
            "isOnlineMeeting": bool(entry.join_url),
            "onlineMeetingProvider": HOLDS if entry.join_url else "unknown",
            "onlineMeeting": {"joinUrl": entry.join_url} if entry.join_url else None,
            "webLink": entry.address or None,
            **_always(entry),
        }

    def _times(self, entry: Entry, provider: Provider) -> Json:
        times = {"start": self.time(entry.start), "end": self.time(entry.end)}
        if entry.is_all_day:
            first, last = reading_events.whole_days(entry, provider)
            times = {"start": self._written(first), "end": self._written(last)}
        return times | {"isAllDay": entry.is_all_day, "originalStartTimeZone": "UTC", "originalEndTimeZone": "UTC"}

    def _text(self, entry: Entry) -> Json:
        plain = markup.plain(entry.text) if entry.is_html else entry.text
        content = plain if self.as_text else entry.text if entry.is_html else escape(entry.text).replace("\n", "<br>")
        body = {"contentType": "text" if self.as_text else "html", "content": content}
        return {"bodyPreview": plain[:PREVIEW], "body": body}


def _location(place: str) -> Json:
    return {"displayName": place, "locationType": "default", "uniqueIdType": "unknown"}


def _attendee(told: Json) -> Json:
    return {
        "@odata.type": "#microsoft.graph.attendee",
        "type": told.get("type", "required"),
        "status": {"response": "none", "time": NEVER},
        "emailAddress": {"name": told.get("name") or told.get("address"), "address": told.get("address")},
    }


def _always(entry: Entry) -> Json:
    """Return what is the same of everything here: nothing repeats, and nobody is asked to answer."""
    return {
        "showAs": entry.shows,
        "sensitivity": "private" if entry.is_private else "normal",
        "type": "singleInstance",
        "importance": "normal",
        "isCancelled": False,
        "isDraft": False,
        "hasAttachments": False,
        "isReminderOn": False,
        "reminderMinutesBeforeStart": 0,
        "responseRequested": False,
        "allowNewTimeProposals": False,
        "hideAttendees": False,
        "categories": [],
        "recurrence": None,
        "seriesMasterId": None,
        "onlineMeetingUrl": None,
    }
