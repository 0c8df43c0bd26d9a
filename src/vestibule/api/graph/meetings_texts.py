"""Text messages about an online meeting: that it is, was moved, is off, or is about to begin."""

from datetime import timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.api.graph import meetings, users, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.api.plain import Answer, Operations
from vestibule.meetings import online_door
from vestibule.meetings.models import Meeting
from vestibule.notifications import by_program, by_program_texts, choices, when
from vestibule.notifications.by_program_texts import Came, Recipient, Text
from vestibule.notifications.models import OutboxMessage
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.transactions import writing

Json = dict[str, Any]
SEND = frozenset({"VirtualAppointmentNotification.Send"})
KINDS = ("confirmation", "reschedule", "cancellation")
BEFORE = {"mins15": timedelta(minutes=15)}
MOST = 100
LONGEST_SENDER = 64

operations: Operations[Asked] = Operations()
on = users.of_users(operations)


@on(
    "POST",
    "/onlineMeetings/{meetingId}/sendVirtualAppointmentSms",
    permissions=SEND,
    operation="users.item.onlineMeetings.item.sendVirtualAppointmentSms.Post",
)
def send(asked: Asked) -> Answer:
    """Write that a meeting is, was moved or is off, in each reader's own time."""
    meeting, told = meetings.found(asked).meeting, asked.body()
    kind = values.choice(users.member(told, "messageType") or "", KINDS, "messageType")
    _write(asked, meeting, told, kind or "confirmation")
    return Answer(202)


@on(
    "POST",
    "/onlineMeetings/{meetingId}/sendVirtualAppointmentReminderSms",
    permissions=SEND,
    operation="users.item.onlineMeetings.item.sendVirtualAppointmentReminderSms.Post",
)
def remind(asked: Asked) -> Answer:
    """Write shortly before a meeting that it is about to begin; at once where that is sooner than said."""
    meeting, told = meetings.found(asked).meeting, asked.body()
    name = "remindBeforeTimeInMinutesType"
    before = values.choice(users.member(told, name) or "", tuple(BEFORE), name) or "mins15"
    if meeting.starts_at <= clock.now():
        raise Fault(400, "BadRequest", "The meeting has begun: there is nothing to be reminded of.")
    _write(asked, meeting, told, "reminder", before=BEFORE[before])
    return Answer(202)


def _write(asked: Asked, meeting: Meeting, told: Json, kind: str, before: timedelta | None = None) -> None:
    """Put a message to each reader into the outbox, or none: somebody whose number is none is named in the refusal."""
    readers = [_reader(one, number) for number, one in enumerate(values.objects(told.get("attendees"), "attendees"))]
    if not 0 < len(readers) <= MOST:
        raise Fault(400, "BadRequest", "Name 1 to 100 attendees with their phone numbers.", target="attendees")
    business = asked.business
    sender = _sender(business)
    with writing():  # whoever is refused tries again, and nobody is to read it twice
        for number, zone in readers:
            text = Text(
                sender=sender,
                body=_words(business, meeting, kind, zone),
                leaves_at=meeting.starts_at - before if before else None,
                not_after=meeting.ends_at,
            )
            (placed,) = by_program_texts.send(asked.actor, text, [Recipient(number)])
            if placed.came is Came.TOO_MANY:
                raise Fault(429, "activityLimitReached", placed.words, target="attendees")
            if placed.came is not Came.TAKEN:
                raise Fault(400, "BadRequest", placed.words, target="attendees")


def _reader(told: Json, number: int) -> tuple[str, str]:
    field = f"attendees/{number}"
    phone = values.text(told.get("phoneNumber"), f"{field}/phoneNumber", 40)
    if not by_program_texts.is_number(phone):
        words = "Write a telephone number with its country, such as +14255550100."
        raise Fault(400, "BadRequest", words, target=f"{field}/phoneNumber")
    zone = told.get("timeZone")
    return phone, values.zone(zone, f"{field}/timeZone") if zone else ""


def _sender(business: Business) -> str:
    way = by_program.way(business, OutboxMessage.Channel.SMS)
    return way.senders[0] if way.senders else business.name[:LONGEST_SENDER]


def _words(business: Business, meeting: Meeting, kind: str, zone: str) -> str:
    """Return what is written; a business that is discreet is not named."""
    home = zone or business.timezone
    with translation.override(business.language):
        is_discreet = choices.of(business).rules.is_discreet
        return online_door.text_message(
            kind,
            name=_("Appointments") if is_discreet else business.name,
            when=when.moment(meeting.starts_at, home, when.day_of_year),
            link=online_door.address_of(meeting),
        )
