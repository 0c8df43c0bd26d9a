"""The calendar invitation (RFC 5545, 5546) that goes with a mail: one stable entry that moves and is cancelled.

Loaded with the first of them, as the library that writes it takes 2 MB.
"""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from vestibule.notifications import when
from vestibule.notifications.facts import AppointmentFacts, Audience
from vestibule.people.characters import one_line

UNSEEN = frozenset({"Cc", "Cs"})
"""Control characters, and halves of signs."""
PRODUCT = "-//Vestibule//Appointments//EN"


def method(facts: AppointmentFacts) -> str:
    """Return what a calendar is asked to do: REQUEST keeps or moves the entry, CANCEL takes it out.

    What is only asked for, and a series (a request is of one entry), is published: a reader may take it in.
    """
    if facts.status == "cancelled":
        return "CANCEL"
    return "PUBLISH" if facts.status == "requested" or facts.series else "REQUEST"


def invitation(
    facts: AppointmentFacts, *, host: str, zone: str, to: str, to_name: str, organiser: str, link: str, now: datetime
) -> str:
    """Return an appointment as iCalendar text for one reader.

    `host` makes the UID unique among installations, `zone` is the IANA zone the times are given in, `organiser` the
    address used where the business has none, `link` where the reader joins or sees the appointment (may be empty).
    """
    times = _times(facts, zone)
    event = _event(facts, times, host=host, organiser=organiser, link=link, now=now)
    if method(facts) != "PUBLISH":
        event.add("attendee", _attendee(to, to_name))
    return _whole(method(facts), [event], [times[0]], zone)


def invitations(
    each: Sequence[tuple[AppointmentFacts, str]], *, host: str, zone: str, organiser: str, now: datetime
) -> str:
    """Return several appointments and their links as one published calendar, each an entry of its own.

    What is published names nobody who is to come (RFC 5546, 3.2.1).
    """
    times = [_times(facts, zone) for facts, _link in each]
    events = [
        _event(facts, span, host=host, organiser=organiser, link=link, now=now)
        for (facts, link), span in zip(each, times, strict=True)
    ]
    return _whole("PUBLISH", events, [start for start, _end in times], zone)


def _whole(method: str, events: Sequence[Event], starts: Sequence[datetime], zone: str) -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    local = [start for start in starts if start.tzinfo is not UTC]
    if local:
        calendar.add_component(_rules(when.zone(zone).key, min(local).year, max(local).year))
    for event in events:
        calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")


def _event(
    facts: AppointmentFacts,
    times: tuple[datetime, datetime],
    *,
    host: str,
    organiser: str,
    link: str,
    now: datetime,
) -> Event:
    start, end = times
    event = Event()
    event.add("uid", f"{facts.appointment}@{host}")
    event.add("sequence", facts.version)
    event.add("dtstamp", now)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", _words(_summary(facts)))
    event.add("description", _words(_description(facts, link)))
    if where := _location(facts, link):
        event.add("location", _words(where))
    if link:
        event.add("url", link)
    event.add("status", {"cancelled": "CANCELLED", "requested": "TENTATIVE"}.get(facts.status, "CONFIRMED"))
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    event.add("organizer", _person(facts.organiser_email or organiser, facts.business_name))
    return event


def _times(facts: AppointmentFacts, zone: str) -> tuple[datetime, datetime]:
    """Return start and end in `zone`, or in UTC where the zone cannot say them.

    A local time that occurs twice means its first occurrence in a calendar file (RFC 5545, 3.3.5).
    """
    start, end = when.local(facts.start_minute, zone), when.local(facts.end_minute, zone)
    if start.fold or end.fold or when.zone(zone).key in {"UTC", "Etc/UTC"}:
        return start.astimezone(UTC), end.astimezone(UTC)
    return start, end


@lru_cache(maxsize=256)
def _rules(zone: str, first: int, last: int) -> Timezone:
    """Return what `zone` does from the year before `first` until the year after `last`: every time is in it."""
    made: Timezone = Timezone.from_tzid(zone, first_date=date(first - 1, 1, 1), last_date=date(last + 2, 1, 1))
    made.pop("COMMENT", None)
    return made


def _summary(facts: AppointmentFacts) -> str:
    other = facts.consumer if facts.audience in (Audience.PROVIDER, Audience.HELPER) else facts.provider
    return _("%(service)s with %(name)s") % {"service": facts.service, "name": other}


def _description(facts: AppointmentFacts, link: str) -> str:
    lines = [_summary(facts), facts.business_name]
    if link:
        lines.append(_("Join here: %(url)s") % {"url": link} if facts.location_kind == "online" else link)
    if facts.business_phone:
        lines.append(_("Questions? Call %(phone)s.") % {"phone": facts.business_phone})
    if facts.reason:
        lines.append(_("Reason: %(reason)s") % {"reason": facts.reason})
    return "\n".join(lines)


def _location(facts: AppointmentFacts, link: str) -> str:
    if facts.location_kind == "online":
        return link or _("Online")
    otherwise = {"phone": _("By telephone"), "place": facts.business_name}
    return facts.location_text or otherwise.get(facts.location_kind, "")


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params["CN"] = vText(_parameter(name or address))
    return person


def _attendee(address: str, name: str) -> vCalAddress:
    person = _person(address, name)
    person.params.update(
        {
            "CUTYPE": vText("INDIVIDUAL"),
            "ROLE": vText("REQ-PARTICIPANT"),
            "PARTSTAT": vText("ACCEPTED"),
            "RSVP": vText("FALSE"),
        }
    )
    return person


def _words(text: str) -> str:
    """Return `text` with one kind of line end, which is escaped, and without signs that no calendar may hold."""
    whole = "\n".join(text.splitlines())
    return "".join(sign for sign in whole if sign in "\n\t" or unicodedata.category(sign) not in UNSEEN)


def _parameter(text: str) -> str:
    """Return `text` without what a parameter cannot hold: quotes and control characters."""
    return one_line(text.replace('"', " "))
