"""A business' day as the desk shows it: appointments with who is at the door. Runs in threads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vestibule.booking.models import Appointment
from vestibule.meetings import call_requests
from vestibule.meetings.models import CallRequest, Participant
from vestibule.store import clock
from vestibule.web.live import snapshots
from vestibule.web.live.rooms import door_person

Json = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One appointment of a day. `facts` is the protocol's entry, but for `mine` and how people are connected."""

    ref: str
    meeting: str
    start_minute: int
    providers: frozenset[int]
    facts: Json

    def shown_to(self, provider_id: int | None, links: dict[str, str]) -> Json:
        """Return the entry for one reader; `links` says how the people of its meeting are connected."""
        people = [{**row, "connection": links.get(row["id"], "gone")} for row in self.facts["people"]]
        return {**self.facts, "mine": provider_id in self.providers, "people": people}


def today(zone: str) -> date:
    """Return the local date now."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


def of_day(business_id: int, first: int, end: int) -> list[Entry]:
    """Return the entries that start in UTC minutes [first, end), by start."""
    rows = Appointment.objects.filter(business_id=business_id, start_minute__gte=first, start_minute__lt=end)
    return _read(rows)


def of_meeting(meeting_ref: str) -> Entry | None:
    """Return the entry of one meeting, whatever its day; None for a meeting without an appointment."""
    found = _read(Appointment.objects.filter(meeting__ref=meeting_ref))
    return found[0] if found else None


def _read(rows: Any) -> list[Entry]:
    ordered = rows.select_related("service", "provider", "meeting").order_by("start_minute", "pk")
    appointments: list[Appointment] = list(ordered.prefetch_related("meeting__participants"))
    meetings = [one.meeting_id for one in appointments if one.meeting_id is not None]
    said, asked = snapshots.said_in(meetings), call_requests.open_in(meetings)
    return [_entry(appointment, said, asked) for appointment in appointments]


def _entry(appointment: Appointment, said: dict[int, list[str]], asked: dict[int, CallRequest]) -> Entry:
    meeting = appointment.meeting
    seats: list[Participant] = list(meeting.participants.all()) if meeting is not None else []
    people = snapshots.people(seats, said, asked).values()
    waits = [seat.waiting_since for seat in seats if seat.state == Participant.State.WAITING]
    facts: Json = {
        "id": appointment.ref,
        "appointment": appointment.ref,
        "meeting": meeting.ref if meeting is not None else None,
        "start": snapshots.stamp(appointment.start),
        "end": snapshots.stamp(appointment.end),
        "status": str(appointment.status),
        "consumer": appointment.name,
        "service": {"slug": appointment.service.slug, "name": appointment.service.name},
        "provider": {"slug": appointment.provider.slug, "name": appointment.provider.name},
        "meeting_state": str(meeting.state) if meeting is not None else None,
        "waiting_since": _earliest(waits),
        "people": [door_person(person, "gone") for person in people if not person.staff],
    }
    hosts = {seat.provider_id for seat in seats if seat.provider_id is not None} | {appointment.provider_id}
    return Entry(
        appointment.ref,
        meeting.ref if meeting is not None else "",
        appointment.start_minute,
        frozenset(hosts),
        facts,
    )


def _earliest(waits: Iterable[datetime | None]) -> str | None:
    known = [wait for wait in waits if wait is not None]
    return snapshots.stamp(min(known)) if known else None
