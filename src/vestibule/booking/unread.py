"""Messages of conversations that nobody has read: what staff see of them, and telling whoever does not look.

One mail for each stretch of unread messages, a few minutes after its first; never what they say. While the visit is
going on nobody is written to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from vestibule.booking import announcements
from vestibule.booking.models import Appointment
from vestibule.chat.models import Message, ReadMark
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.talking import STAFF_KEY
from vestibule.notifications import outbox
from vestibule.notifications.outbox import Message as Letter
from vestibule.people.permissions import Actor
from vestibule.store import clock

TOLD_AFTER: Final = timedelta(minutes=3)
TOLD_UNTIL: Final = timedelta(days=1)
SHOWN_FOR: Final = timedelta(days=14)
MOST: Final = 5000
Kind = Participant.Kind


@dataclass(frozen=True)
class Unread:
    """What waits to be read in one conversation: how many messages, and the number and time of the first."""

    appointment: Appointment
    count: int
    first: int
    since: datetime


@dataclass(frozen=True)
class _Said:
    number: int
    author: str
    at: datetime


@dataclass(frozen=True)
class _Thread:
    """A conversation of the last days: what was said, by whom, and how far each has read."""

    said: Sequence[_Said]
    kinds: Mapping[str, str]
    marks: Mapping[str, int]

    def is_staff(self, key: str) -> bool:
        """Tell whether a key is of the business' side."""
        return key.startswith(STAFF_KEY) or self.kinds.get(key) == Kind.PROVIDER

    def unread(self, *, by_staff: bool) -> list[_Said]:
        """Return what the other side said and nobody of this side has read or answered."""
        consumers = {key for key, kind in self.kinds.items() if kind == Kind.CONSUMER}

        def is_ours(key: str) -> bool:
            return self.is_staff(key) if by_staff else key in consumers

        read = max((mark for key, mark in self.marks.items() if is_ours(key)), default=0)
        answered = max((one.number for one in self.said if is_ours(one.author)), default=0)
        return [one for one in self.said if one.number > max(read, answered) and not is_ours(one.author)]


def of_staff(actor: Actor) -> list[Unread]:
    """Return the conversations in which somebody waits for an answer, of visits `actor` may see, longest first."""
    rows = Appointment.objects.visible_to(actor).filter(meeting__isnull=False)
    found = [
        _shown(appointment, waiting)
        for appointment, thread in _recent(rows, clock.now() - SHOWN_FOR)
        if (waiting := thread.unread(by_staff=True))
    ]
    return sorted(found, key=lambda one: one.since)


def tell_due() -> int:
    """Write to whoever has not read a message for three minutes; return how many mails that are.

    Safe to run again and again: a stretch of unread messages is told once.
    """
    now = clock.now()
    rows = Appointment.objects.filter(meeting__isnull=False).exclude(meeting__state=Meeting.State.LIVE)
    messages: list[Letter] = []
    for appointment, thread in _recent(rows, now - TOLD_UNTIL):
        for by_staff in (False, True):
            waiting = thread.unread(by_staff=by_staff)
            if waiting and waiting[0].at <= now - TOLD_AFTER:
                messages += announcements.teller(appointment).unread(str(waiting[0].number), by_staff=by_staff)
    return outbox.enqueue_new(messages)


def _shown(appointment: Appointment, waiting: Sequence[_Said]) -> Unread:
    return Unread(appointment, len(waiting), waiting[0].number, waiting[0].at)


def _recent(rows: QuerySet[Appointment], since: datetime) -> Iterator[tuple[Appointment, _Thread]]:
    """Yield the appointments among `rows` in whose conversation something was said after `since`."""
    said: dict[int, list[_Said]] = {}
    messages = Message.objects.filter(at__gte=since, deleted_at__isnull=True, thread__meeting__appointment__in=rows)
    for thread, number, author, at in messages.order_by("seq").values_list("thread_id", "seq", "author", "at")[:MOST]:
        said.setdefault(thread, []).append(_Said(number, author, at))
    if not said:
        return
    kinds: dict[int, dict[str, str]] = {}
    seats = Participant.objects.filter(meeting__thread__in=said).values_list("meeting__thread_id", "ref", "kind")
    for thread, ref, kind in seats:
        kinds.setdefault(thread or 0, {})[ref] = kind
    marks: dict[int, dict[str, int]] = {}
    for thread, reader, number in ReadMark.objects.filter(thread__in=said).values_list("thread_id", "reader", "seq"):
        marks.setdefault(thread, {})[reader] = number
    wanted = rows.filter(meeting__thread__in=said).select_related(
        "business", "provider", "service__location", "consumer", "meeting"
    )
    for appointment in wanted:
        assert appointment.meeting is not None, "only appointments with a meeting are looked at"
        thread = appointment.meeting.thread_id
        yield appointment, _Thread(said[thread], kinds.get(thread, {}), marks.get(thread, {}))
