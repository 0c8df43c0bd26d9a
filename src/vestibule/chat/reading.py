"""What somebody in a thread reads there: messages and notices together, newest first, and how far others have read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from vestibule.chat import participants, speaking, threads
from vestibule.chat.models import Message, Notice, ReadMark, Thread
from vestibule.chat.participants import Person


@dataclass(frozen=True)
class Receipt:
    """How far somebody has read: the message's stamp, and when they did."""

    key: str
    stamp: int
    at: datetime


def of(business_id: int, ref: str, key: str, *, or_deleted: bool = False) -> tuple[Thread, Person]:
    """Return a thread and who reads it, removed ones too. Raises NotPermitted, also for a deleted thread."""
    thread = threads.found(business_id, ref)
    if thread.deleted_at is not None and not or_deleted:
        raise participants.refused()
    return thread, participants.reader(thread, key)


def timeline(
    thread: Thread, person: Person, *, before: int | None, since: int, limit: int
) -> tuple[Sequence[Message | Notice], bool]:
    """Return what `person` may read, newest first, and whether there is more.

    With stamps lower than `before` (None: all) and of `since` or later; at most `limit`.
    """
    shared = Message.objects.filter(thread=thread).select_related("attachment")
    said = _newest(shared.defer("attachment__content", "attachment__thumbnail"), person, before, since, limit)
    noted = _newest(Notice.objects.filter(thread=thread), person, before, since, limit)
    both: list[Message | Notice] = sorted([*said, *noted], key=lambda one: one.stamp, reverse=True)
    return both[:limit], len(both) > limit


def message(thread: Thread, person: Person, stamp: int) -> Message | Notice:
    """Return one message or notice that `person` may read. Raises NotFound."""
    found: Message | Notice | None = None
    if person.from_stamp <= stamp and (person.until_stamp is None or stamp <= person.until_stamp):
        rows = Message.objects.filter(thread=thread, stamp=stamp).select_related("attachment")
        found = rows.defer("attachment__content", "attachment__thumbnail").first()
        found = found or Notice.objects.filter(thread=thread, stamp=stamp).first()
    if found is None:
        raise speaking.unknown()
    return found


def receipts(thread: Thread, person: Person) -> list[Receipt]:
    """Return how far each who is in the thread has read of what `person` may read, the latest first.

    In threads of more than twenty: of nobody.
    """
    people = {one.key: one.key for one in participants.of(thread)} if person.until_stamp is None else {}
    if not people or len(people) > speaking.FEW:
        return []
    people |= {one.also: one.key for one in participants.of(thread) if one.also}
    marks = list(ReadMark.objects.filter(thread=thread, reader__in=people, seq__gt=0).order_by("-at", "-pk"))
    messages = Message.objects.filter(thread=thread, seq__in={mark.seq for mark in marks})
    stamps = dict(messages.filter(stamp__gte=person.from_stamp).values_list("seq", "stamp"))
    return [Receipt(people[mark.reader], stamps[mark.seq], mark.at) for mark in marks if mark.seq in stamps]


def _newest(
    rows: "QuerySet[Message] | QuerySet[Notice]", person: Person, before: int | None, since: int, limit: int
) -> list[Message | Notice]:
    rows = rows.filter(stamp__gte=max(since, person.from_stamp))
    if person.until_stamp is not None:
        rows = rows.filter(stamp__lte=person.until_stamp)
    if before is not None:
        rows = rows.filter(stamp__lt=before)
    return list(rows.order_by("-stamp")[: limit + 1])
