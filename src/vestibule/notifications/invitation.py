"""The calendar invitation (RFC 5545, 5546) that goes with a mail: one stable entry that moves and is cancelled."""

from datetime import UTC, date, datetime
from functools import lru_cache

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from vestibule.notifications import when
from vestibule.notifications.facts import AppointmentFacts, Audience

PRODUCT = "-//Vestibule//Appointments//EN"


def method(facts: AppointmentFacts) -> str:
    """Return what a calendar is asked to do: REQUEST keeps or moves the entry, CANCEL takes it out."""
    return "CANCEL" if facts.status == "cancelled" else "REQUEST"


def invitation(
    facts: AppointmentFacts, *, host: str, zone: str, to: str, to_name: str, organiser: str, link: str, now: datetime
) -> str:
    """Return an appointment as iCalendar text for one reader.

    `host` makes the UID unique among installations, `zone` is the IANA zone the times are given in, `organiser` the
    address used where the business has none, `link` where the reader joins or sees the appointment (may be empty).
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method(facts))
    start, end = _times(facts, zone)
    if start.tzinfo is not UTC:
        calendar.add_component(_rules(when.zone(zone).key, start.year))
    event = Event()
    event.add("uid", f"{facts.appointment}@{host}")
    event.add("sequence", facts.version)
    event.add("dtstamp", now)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", _summary(facts))
    event.add("description", _description(facts, link))
    event.add("location", _location(facts, link))
    if link:
        event.add("url", link)
    event.add("status", "CANCELLED" if method(facts) == "CANCEL" else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    event.add("organizer", _person(facts.organiser_email or organiser, facts.business_name))
    event.add("attendee", _attendee(to, to_name))
    calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")


def _times(facts: AppointmentFacts, zone: str) -> tuple[datetime, datetime]:
    """Return start and end in `zone`, or in UTC where the zone cannot say them.

    A local time that occurs twice means its first occurrence in a calendar file (RFC 5545, 3.3.5).
    """
    start, end = when.local(facts.start_minute, zone), when.local(facts.end_minute, zone)
    if start.fold or end.fold or when.zone(zone).key in {"UTC", "Etc/UTC"}:
        return start.astimezone(UTC), end.astimezone(UTC)
    return start, end


@lru_cache(maxsize=256)
def _rules(zone: str, year: int) -> Timezone:
    """Return what `zone` does from the year before until the year after, which holds every time of the entry."""
    made: Timezone = Timezone.from_tzid(zone, first_date=date(year - 1, 1, 1), last_date=date(year + 2, 1, 1))
    made.pop("COMMENT", None)
    return made


def _summary(facts: AppointmentFacts) -> str:
    other = facts.consumer if facts.audience == Audience.PROVIDER else facts.provider
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
    return facts.location_text or (_("By telephone") if facts.location_kind == "phone" else facts.business_name)


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


def _parameter(text: str) -> str:
    """Return `text` without what a parameter cannot hold: quotes and control characters."""
    return " ".join("".join(sign if sign.isprintable() and sign != '"' else " " for sign in text).split())
